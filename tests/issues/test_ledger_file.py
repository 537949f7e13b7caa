"""The spreadsheet: text stays text, dates are dates, and every page says who made it."""

from datetime import datetime

import pytest
from openpyxl import load_workbook

from files.sheets import MOST_IN_CELL
from issues.ledger_file import CUT, write

MARK = "韶山市 三单式台账 李某 2026-06-30 09:00 导出 含个人信息"
COLUMNS = {"编号": 19, "内容": 44, "时间": 17, "次数": 9}
WHEN = datetime.fromisoformat("2026-06-01 09:00")


@pytest.fixture
def sheet(tmp_path):
    """What one gets to see of rows with these contents: sheet("=1+1", …)."""

    def _sheet(*contents):
        rows = [["SZ-20260601-0001", content, WHEN, 2] for content in contents]
        assert write(tmp_path / "a.xlsx", COLUMNS, rows, mark=MARK, red=True) == len(contents)
        return load_workbook(tmp_path / "a.xlsx").worksheets[0]

    return _sheet


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+86 138",
        "-5",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "#N/A",
        "＝1+1",
        "'=1",
        "42",
        "=",
        "",
    ],
)
def test_whatever_is_written_stays_text(sheet, text):
    cell = sheet(text)["B3"]
    assert (cell.value or "", cell.data_type in ("s", "n", "inlineStr")) == (text, True)
    assert cell.data_type != "f"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a"])
def test_a_risky_text_keeps_its_apostrophe_when_it_is_edited(sheet, text):
    assert sheet(text)["B3"].quotePrefix


def test_a_tab_before_a_formula_does_not_hide_it(sheet):
    cell = sheet("\t=1+1")["B3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_dates_are_dates_and_counts_numbers(sheet):
    found = sheet("路灯不亮")
    assert (found["C3"].value, found["C3"].is_date, found["D3"].value) == (WHEN, True, 2)
    assert found["C3"].number_format == "yyyy-mm-dd hh:mm"


def test_it_says_who_made_it_in_the_first_row_and_on_every_page(sheet):
    found = sheet("路灯不亮")
    assert found["A1"].value == MARK
    assert found["A1"].font.b
    assert MARK in (found.oddHeader.center.text, found.oddFooter.center.text[: len(MARK)])
    assert found.print_title_rows == "$1:$2"


def test_the_header_stays_and_columns_are_as_wide_as_asked(sheet):
    found = sheet("路灯不亮", "门口积水")
    assert [cell.value for cell in found[2]] == list(COLUMNS)
    assert (found.freeze_panes, found.auto_filter.ref) == ("B3", "A2:D4")
    assert found.column_dimensions["B"].width == 44


def test_control_characters_and_half_characters_do_not_break_the_file(sheet):
    assert sheet("路灯\x00\x0b不亮\ud83d\r\n第二行")["B3"].value == "路灯不亮\n第二行"


def test_what_is_too_long_for_a_cell_says_so(sheet):
    text = sheet("长" * (MOST_IN_CELL + 1))["B3"].value
    assert (len(text), text.endswith(CUT)) == (MOST_IN_CELL, True)
