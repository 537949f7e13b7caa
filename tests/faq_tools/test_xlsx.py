"""The spreadsheet: everything comes back, and a wrong row changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from faq.entries import load_entries
from faq.xlsx import Imported, export, import_
from files.problem import FileError
from tests.faq_tools.conftest import SOUND, Write

FULL = """
- id: full
  question: "=1+1 等于几"
  answer: |-
    第一行
      缩进的一行 \\ 反斜杠
  alternatives: ["一行\\n又一行", "@三长 几", "2026-01-31"]
  must: [等于]
  not: [不等于]
  long_answer: "#N/A"
  scope: 石屏村
  channels: 私
  valid_from: 2026-01-01
  source: 国发〔2014〕8号
  tests: {should: [一加一], should_not: ["二加二"]}
"""


def _entries(path: Path):
    return [located.entry for located in load_entries(path)]


def _sheet(path: Path, rows: Sequence[Sequence[object]], title: str = "路灯") -> Path:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def edited(write: Write, tmp_path: Path):
    """Export SOUND, change one cell, import it again."""

    def edited(cell: str, value: Any, *, dry_run: bool = False) -> Imported:
        folder = write(SOUND)
        export(folder, tmp_path / "a.xlsx")
        book = load_workbook(tmp_path / "a.xlsx")
        book["a"][cell] = value
        book.save(tmp_path / "a.xlsx")
        return import_(tmp_path / "a.xlsx", folder, dry_run)

    return edited


def test_nothing_is_lost_on_the_way_out_and_back(write: Write, tmp_path: Path):
    write(SOUND)
    folder = write(FULL, "entries/北片/b.yaml")

    export(folder, tmp_path / "a.xlsx")
    outcome = import_(tmp_path / "a.xlsx", tmp_path / "new")

    assert outcome.ok
    assert _entries(tmp_path / "new") == _entries(folder)
    assert (tmp_path / "new" / "北片" / "b.yaml").is_file()


def test_an_unchanged_workbook_changes_no_file(write: Write, tmp_path: Path):
    folder = write("# 说明\n" + FULL)
    before = (folder / "entries/a.yaml").read_bytes()
    export(folder, tmp_path / "a.xlsx")

    outcome = import_(tmp_path / "a.xlsx", folder)

    assert outcome == Imported()
    assert (folder / "entries/a.yaml").read_bytes() == before


def test_texts_that_look_like_formulas_are_texts(write: Write, tmp_path: Path):
    export(write(FULL), tmp_path / "a.xlsx")

    row = next(load_workbook(tmp_path / "a.xlsx")["a"].iter_rows(min_row=2))

    assert {cell.data_type for cell in row if cell.value is not None} == {"s"}


def test_a_formula_is_taken_as_the_text_that_was_typed(edited, tmp_path: Path):
    edited("B2", "=SUM(A1)")

    assert _entries(tmp_path / "faq")[0].question == "=SUM(A1)"


def test_a_change_is_told_by_field_and_leaves_the_old_file_beside(edited, tmp_path: Path):
    outcome = edited("C2", "路灯归谁管")

    assert [str(c) for c in outcome.changes] == ["a.yaml: 修改 lamp 路灯归谁管（答复）"]
    assert (tmp_path / "faq/entries/a.yaml.bak").read_text("utf-8") == SOUND.lstrip("\n")


def test_a_dry_run_tells_and_writes_nothing(edited, tmp_path: Path):
    outcome = edited("C2", "镇里管", dry_run=True)

    assert (len(outcome.changes), outcome.written) == (1, ())
    assert _entries(tmp_path / "faq")[0].answer == "路灯归村里管。"


def test_dates_that_excel_made_its_own_are_dates(edited, tmp_path: Path):
    outcome = edited("N2", datetime(2027, 5, 1, 0, 0))  # noqa: DTZ001 - as Excel has it

    assert outcome.ok
    assert str(_entries(tmp_path / "faq")[0].review_on) == "2027-05-01"


def test_a_wrong_row_is_told_with_row_and_column_and_nothing_is_written(edited, tmp_path: Path):
    outcome = edited("N2", "待定")

    (problem,) = outcome.problems
    assert str(problem) == ("a.xlsx·a:2: 「N 列 复核」「待定」不是日期，写成 2026-01-31 的样子")
    assert _entries(tmp_path / "faq")[0].answer == "路灯归村里管。"


def test_all_wrong_rows_are_told_at_once(tmp_path: Path):
    rows = [["编号", "问题", "答复", "渠道"], ["a", "", "答"], ["b", "问", "答", "电话"]]

    outcome = import_(_sheet(tmp_path / "a.xlsx", rows), tmp_path / "new")

    assert [(p.line, p.field) for p in outcome.problems] == [(2, "B 列 问题"), (3, "D 列 渠道")]
    assert not (tmp_path / "new").exists()


def test_a_new_sheet_is_a_new_file(tmp_path: Path):
    rows = [["编号", "问题", "答复", "渠道", "相似问"], ["a", "问", "答", "群、私", "甲\n\n乙"]]

    outcome = import_(_sheet(tmp_path / "a.xlsx", rows), tmp_path / "new")

    assert [str(c) for c in outcome.changes] == ["路灯.yaml: 新增 a 问"]
    (entry,) = _entries(tmp_path / "new")
    assert (entry.channels, entry.alternatives) == (("群", "私"), ("甲", "乙"))


def test_a_column_left_out_takes_nothing_away(write: Write, tmp_path: Path):
    folder = write(FULL, "entries/路灯.yaml")
    before = _entries(folder)
    rows = [["编号", "问题", "答复"], ["full", before[0].question, before[0].answer]]

    import_(_sheet(tmp_path / "a.xlsx", rows), folder)

    assert _entries(folder) == before


def test_a_row_left_out_is_told_as_deleted(write: Write, tmp_path: Path):
    folder = write(SOUND + SOUND.replace("lamp", "well"), "entries/路灯.yaml")
    rows = [["编号", "问题", "答复"], ["lamp", "路灯归谁管", "路灯归村里管。"]]

    outcome = import_(_sheet(tmp_path / "a.xlsx", rows), folder, dry_run=True)

    assert [str(c) for c in outcome.changes] == ["路灯.yaml: 删除 well 路灯归谁管"]


def test_an_id_of_another_file_is_refused(write: Write, tmp_path: Path):
    folder = write(SOUND)
    rows = [["编号", "问题", "答复"], ["lamp", "问", "答"]]

    (problem,) = import_(_sheet(tmp_path / "a.xlsx", rows), folder).problems

    assert problem.field == "A 列 编号"
    assert "a.yaml:1 已经用了" in problem.what


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["编号", "问题"], "表头缺少这一列"),
        (["编号", "问题", "答复", "相视问"], "没有这一列（是不是「相似问」？）"),
        (["编号", "问题", "答复", "答复"], "这一列出现了两次"),
        (["随便", "写写"], "没有表头"),
    ],
)
def test_a_wrong_header_is_explained(tmp_path: Path, header: list[str], said: str):
    outcome = import_(_sheet(tmp_path / "a.xlsx", [header, ["a", "问", "答", "b"]]), tmp_path / "x")

    assert not outcome.ok
    assert any(said in str(problem) for problem in outcome.problems)


def test_a_column_of_notes_is_no_mistake(tmp_path: Path):
    rows = [["编号", "问题", "答复", "办公室批注"], ["a", "问", "答", "好"]]

    outcome = import_(_sheet(tmp_path / "a.xlsx", rows), tmp_path / "new")

    assert [(p.field, p.severity) for p in outcome.problems] == [("办公室批注", "warning")]
    assert outcome.written


@pytest.mark.parametrize("file", ["../out.yaml", "/etc/out.yaml", ".hidden.yaml", "a\\b.yaml"])
def test_a_workbook_cannot_write_outside_the_faq(write: Write, tmp_path: Path, file: str):
    folder = write(SOUND)
    export(folder, tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    book["说明"].cell(book["说明"].max_row, 2).value = file
    book.save(tmp_path / "a.xlsx")

    (problem,) = import_(tmp_path / "a.xlsx", folder).problems

    assert "不能用" in problem.what


def test_what_is_no_workbook_is_refused_in_words(tmp_path: Path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 half a file")

    (problem,) = import_(tmp_path / "a.xlsx", tmp_path / "new").problems

    assert problem.what == "这个 .xlsx 文件读不了"


def test_a_text_too_long_for_a_cell_is_not_cut_in_silence(write: Write, tmp_path: Path):
    folder = write(SOUND.replace("路灯归村里管", "长" * 33_000))

    with pytest.raises(FileError, match="一格放不下"):
        export(folder, tmp_path / "a.xlsx")


def test_several_sheets_do_not_fit_into_one_file(write: Write, tmp_path: Path):
    write(SOUND)
    export(write(FULL, "entries/b.yaml"), tmp_path / "a.xlsx")

    (problem,) = import_(tmp_path / "a.xlsx", tmp_path / "one.yaml").problems

    assert "有 2 张表（a、b），一个文件放不下" in problem.what


def test_the_comment_at_the_head_stays_and_others_are_told(edited, write: Write, tmp_path: Path):
    folder = write("# 村里的灯\n" + SOUND + "# 还没核对\n- {编号: b, 问题: 井盖, 答复: 村里}\n")
    export(folder, tmp_path / "b.xlsx")
    book = load_workbook(tmp_path / "b.xlsx")
    book["a"]["C2"] = "镇里管"
    book.save(tmp_path / "b.xlsx")

    outcome = import_(tmp_path / "b.xlsx", folder)

    assert [p.severity for p in outcome.problems] == ["info"]
    assert (folder / "entries/a.yaml").read_text("utf-8").startswith("# 村里的灯\n\n- 编号: lamp")
