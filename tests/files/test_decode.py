"""The encodings of Notepad, WPS and Excel, and files that are in none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.decode import decode, decode_table, guessed, read_bytes, read_text
from files.problem import FileError

TEXT = "第一行\n路灯,张三\n"


def told(call, *given):
    with pytest.raises(FileError) as caught:
        call(*given)
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_text_may_have_a_mark_or_none(encoding):
    assert decode(TEXT.encode(encoding), "a") == TEXT


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TEXT.encode("gb18030"), "a:1: 文件编码不是 UTF-8（看起来是 GB18030/ANSI）"),
        (b"x\n" + TEXT.encode("gb18030"), "a:2: 文件编码不是 UTF-8（看起来是 GB18030/ANSI）"),
        (TEXT.encode("utf-16"), "a:1: 文件编码不是 UTF-8（看起来是 UTF-16）"),
        (b"\xef\xbb\xbf\n\n\xff\xff", "a:3: 文件编码不是 UTF-8（看起来是未知编码）"),
        (TEXT.encode()[:-3], "a:2: 文件在一个字的中间断了"),
    ],
)
def test_a_text_in_another_encoding_is_told_with_its_line_and_never_guessed(data, said):
    assert told(decode, data, "a").startswith(said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_may_be_in_what_excel_writes(encoding):
    assert decode_table(TEXT.encode(encoding), "a.csv") == TEXT


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_table_in_no_encoding_is_told_with_its_row_and_the_way_out(mark):
    assert told(decode_table, mark + TEXT.encode() + b"\xff\xe5", "a.csv") == (
        "a.csv:3: 文字编码认不出来（在 WPS 或 Excel 里另存为「CSV UTF-8」或 .xlsx）"
    )


@given(st.binary(max_size=40))
def test_a_guess_never_replaces_a_character(data):
    text = guessed(data)
    assert text is None or any(
        data in (text.encode(name, "surrogatepass"), mark + text.encode(name, "surrogatepass"))
        for name, mark in (
            ("utf-8", b""),
            ("utf-8", b"\xef\xbb\xbf"),
            ("gb18030", b""),
            ("utf-16-le", b"\xff\xfe"),
            ("utf-16-be", b"\xfe\xff"),
        )
    )


def test_a_file_that_is_not_there_and_a_folder_are_told(tmp_path):
    missing = tmp_path / "no.yaml"
    assert told(read_text, missing) == f"{missing}: 没有这个文件（检查文件名和路径）"
    assert told(read_text, tmp_path).startswith(f"{tmp_path}: 打不开这个文件")


def test_the_file_is_named_as_the_reader_shows_it(tmp_path):
    assert told(read_bytes, tmp_path / "no.csv", "no.csv").startswith("no.csv: 没有这个文件")
