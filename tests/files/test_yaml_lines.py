"""YAML as people leave it: broken, half saved, typed with a Chinese keyboard."""

import pytest

from files.problem import FileError
from files.yaml_lines import read_items, read_lists, read_mapping


def told(call, path, *given, **more):
    """The problems without the path, which all of them name."""
    with pytest.raises(FileError) as caught:
        call(path, *given, **more)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        ("", 1, "没有内容"),
        ("# 只有注释\n", 1, "没有内容"),
        ("编号: a\n", 1, "要是列表"),
        ("- 编号: a\n\t问题: b\n", 2, "制表符"),
        ("- 编号: a\n  问题: b\n  答复: 价格: 5元\n", 3, "冒号"),
        ('- 编号: a\n  问题: "没写完\n', 2, "引号"),
        ("- 编号: a\n  问题：b\n  答复: c\n", 2, "中文冒号"),
        ("- 编号：a\n  问题: b\n  答复: c\n", 1, "中文冒号"),
        ("- 编号: a\n  问题:b\n  答复: c\n", 2, "少了空格"),
        ("-编号: a\n  问题: b\n  答复: c\n", 1, "少了空格"),
        ("－ 编号: a\n  问题: b\n  答复: c\n", 1, "中文的横线"),
        ("- 编号: a\n\u3000问题: b\n  答复: c\n", 2, "中文空格"),
        ("- 编号: a\n  问题: b\n   答复: c\n", 3, "缩进没有对齐"),
        ("- 编号: a\n  问题: b\n  答复: *重要* 先带证件\n", 3, "* 或 &"),
        ("- 编号: a\n  问题: b\n  答复: !注意 先带证件\n", 3, "!"),
        ("- 编号: a\n  问题: b\n  答复: !x 先带证件\n", 3, "!"),
        ("- 编号: a\n  答复: c\n  答复: d\n", 3, "写了两次，第 2 行已经写过"),
        ("- &a {编号: a, 问题: b, 答复: c}\n- *a\n", 1, "引用"),
        ("- &a [*a]\n", 1, "引用"),
        ("[" * 5000, 2, "括号"),
        ("- a\n".encode("gb18030") + "问".encode("gb18030"), 2, "GB18030"),
        ("- 编号: a\n".encode("utf-16"), 1, "UTF-16"),
        ("- 编号: a\n- 问".encode()[:-1], 2, "断了"),
    ],
)
def test_it_says_where_and_what_is_wrong(write, data, line, words):
    (first, *_) = told(read_items, write(data))
    assert first.startswith(f":{line}:")
    assert words in first


def test_every_scalar_is_the_text_that_was_written(write):
    (item,) = read_items(write("- [007, yes, 12345, 2026-01-01, ~, '~']\n"))
    assert item.value == ["007", "yes", "12345", "2026-01-01", None, "~"]


def test_a_file_with_a_mark_and_windows_line_ends_is_fine(write):
    assert [item.value for item in read_items(write(b"\xef\xbb\xbf- a\r\n- b\r\n"))] == ["a", "b"]


def test_what_was_read_before_is_not_read_again(tmp_path):
    assert [item.value for item in read_items(tmp_path / "gone.yaml", b"- a\n")] == ["a"]


NESTED = "- 编号: a\n  测试:\n    应中:\n      - 甲\n      - 乙\n"


@pytest.mark.parametrize(
    ("path", "line", "line_of_name"),
    [
        (("编号",), 1, 1),
        (("测试",), 3, 2),
        (("测试", "应中"), 4, 3),
        (("测试", "应中", 1), 5, 5),
        (("测试", "不应中"), 3, 3),
        (("没有",), 1, 1),
    ],
)
def test_every_value_and_name_has_its_line_and_what_is_missing_that_of_its_parent(
    write, path, line, line_of_name
):
    (item,) = read_items(write(NESTED))
    assert (item.line_of(path), item.line_of_name(path)) == (line, line_of_name)


def test_a_problem_of_a_value_has_the_name_that_leads_to_it(write):
    (item,) = read_items(write(NESTED))
    problem = item.problem(("测试", "应中", 1), "重复", "删掉一句", severity="warning")
    assert (problem.line, problem.field, problem.severity) == (5, "应中", "warning")


# --- one mapping, lists of words ---


def test_a_mapping_is_one_item(write):
    item = read_mapping(write("甲: [一, 二]\n乙: 三\n"))
    assert item.value == {"甲": ["一", "二"], "乙": "三"}


@pytest.mark.parametrize("text", ["", "- a\n", "只是一句话", "a: 1\n---\nb: 2\n"])
def test_what_is_no_mapping_is_told_with_where_the_names_are_found(write, text):
    assert told(read_mapping, write(text), remedy="照样子写") == [
        ":1: 这里要写成「名称: 内容」的形式（照样子写）"
    ]


def test_lists_of_words_are_no_words_alone_and_under_no_other_name(write):
    path = write("甲: 一\n乙: [二]\n丙: [三]\n")
    assert told(read_lists, path, ("甲", "乙")) == [
        ":1: 「甲」要写成 [说法, 说法, …]（只有一个也要加方括号）",
        ":3: 「丙」没有这一类（可写的有：甲、乙）",
    ]
