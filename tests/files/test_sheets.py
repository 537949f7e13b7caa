"""Spreadsheets as WPS, Excel and other programs leave them: cells as text, rows as numbered."""

import gzip
from datetime import date, datetime, time
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart

from files.problem import FileError
from files.sheets import Sheet, column_problems, header_at, put_text, read_table, read_workbook


@pytest.fixture
def workbook(tmp_path):
    """Writes {title: rows} as a workbook and gives its path."""

    def _write(**sheets):
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"

    return _write


def told(call, path):
    with pytest.raises(FileError) as caught:
        call(path)
    return str(caught.value)


# --- workbooks ---


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1001.0, "1001"),
        (13800001234, "13800001234"),
        (2.5, "2.5"),
        (True, "是"),
        (False, "否"),
        (datetime(2026, 1, 31, 8, 30), "2026-01-31"),  # noqa: DTZ001 - as Excel has it
        (date(2026, 1, 31), "2026-01-31"),
        (time(8, 30), "08:30:00"),
        (" 张三 ", "张三"),
        ("一行_x000D_\n又一行", "一行\n又一行"),
        (None, ""),
    ],
)
def test_a_cell_is_the_text_that_was_meant(workbook, cell, text):
    (sheet,) = read_workbook(workbook(s=[["x", cell, "y"]]))
    assert sheet.rows == [(1, ["x", text, "y"])]


def test_a_workbook_has_all_its_sheets_in_order_also_an_empty_one(workbook):
    sheets = read_workbook(workbook(甲=[["a"]], 乙=[], 丙=[["c"]]))
    assert sheets == [Sheet("甲", [(1, ["a"])]), Sheet("乙", []), Sheet("丙", [(1, ["c"])])]


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers(workbook):
    (sheet,) = read_workbook(workbook(s=[["a"], [], [" "], ["b"]]))
    assert [number for number, _ in sheet.rows] == [1, 4]


@pytest.fixture
def summed(workbook, tmp_path):
    """A workbook with a formula and the result that Excel saved with it."""
    whole = workbook(s=[["=1+1"]])
    with ZipFile(whole) as book, ZipFile(tmp_path / "b.xlsx", "w") as other:
        for name in book.namelist():
            other.writestr(name, book.read(name).replace(b"<v />", b"<v>2</v>"))
    return tmp_path / "b.xlsx"


@pytest.mark.parametrize(("formulas", "text"), [(True, "=1+1"), (False, "2")])
def test_of_a_formula_the_reader_chooses_text_or_result(summed, formulas, text):
    (sheet,) = read_workbook(summed, formulas=formulas)
    assert sheet.rows == [(1, [text])]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 half a file", "a.xlsx: 这个 .xlsx 文件读不了（用 WPS 或 Excel 打开，"),
        (b"just words", "a.xlsx: 这个 .xlsx 文件读不了"),
        (b"\xd0\xcf\x11\xe0 old", "a.xlsx: 是旧版 .xls/.et 格式，或者加了密码（去掉密码，"),
        (b"\x1f\x8b half", "a.xlsx: 打不开这个文件（像是不全，请重新拷一份）"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(write, data, said):
    assert told(read_workbook, write(data, "a.xlsx")).startswith(said)


@pytest.mark.parametrize(
    ("drawn", "said"), [(True, "里面没有工作表"), (False, "这个 .xlsx 文件读不了")]
)
def test_a_workbook_with_nothing_but_a_chart_is_refused(tmp_path, drawn, said):
    book = Workbook()
    sheet = book.create_chartsheet()
    if drawn:
        sheet.add_chart(BarChart())
    book.remove(book.worksheets[0])
    book.save(tmp_path / "a.xlsx")
    assert told(read_workbook, tmp_path / "a.xlsx").startswith(f"a.xlsx: {said}")


# --- tables of either kind ---


def test_a_workbook_is_known_by_what_is_in_it_and_not_by_its_name(workbook):
    path = workbook(s=[["a"]]).rename(workbook(s=[["a"]]).with_name("a.csv"))
    assert read_table(path) == [Sheet("s", [(1, ["a"])])]


@pytest.mark.parametrize("between", [",", "\t", ";"])
def test_the_sign_between_the_cells_is_found_out(write, between):
    assert read_table(write(f"a{between}b\n")) == [Sheet("", [(1, ["a", "b"])])]


def test_a_file_may_be_compressed(write):
    assert read_table(write(gzip.compress("张三,李四\n".encode()))) == [
        Sheet("", [(1, ["张三", "李四"])])
    ]


def test_a_line_break_inside_quotes_keeps_the_numbers_of_the_spreadsheet(write):
    (sheet,) = read_table(write('"张\n三",a\n\n李四,b\n'))
    assert sheet.rows == [(1, ["张\n三", "a"]), (3, ["李四", "b"])]


def test_a_quote_that_is_never_closed_is_told_with_its_row(write):
    assert told(read_table, write('a,b\n"c,d\n', "a.csv")) == (
        "a.csv:2: 引号没有成对（检查这一行里的英文引号，删掉或补齐）"
    )


# --- headers ---


def test_the_header_may_stand_below_a_title_and_nowhere_far_down():
    rows = [(number, ["标题"]) for number in range(1, 10)]
    header = (10, ["姓名"])
    assert header_at([*rows, header], lambda cells: cells == ["姓名"]) == 9
    assert header_at([*rows, *rows, header], lambda cells: cells == ["姓名"]) is None


def test_missing_and_doubled_columns_are_all_told_and_notes_may_repeat():
    names, known = ["户", "备注", "户", "备注"], ["姓名", "户"]
    problems = column_problems("a", 1, names, needed=["姓名"], known=known, remedy="补上")
    assert [str(problem) for problem in problems] == [
        "a:1: 「姓名」表头缺少这一列（补上）",
        "a:1: 「户」这一列出现了两次（留一列，另一列改名或删掉）",
    ]


# --- putting ---


@pytest.mark.parametrize("text", ["=1+1", "＋8", "#N/A", "2026-01-31", "'x", "路灯"])
def test_what_is_put_as_text_comes_back_as_text(tmp_path, text):
    book = Workbook()
    put_text(book.worksheets[0]["A1"], text)
    book.save(tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx").worksheets[0]["A1"]
    assert (cell.data_type, cell.value) == ("s", text)
