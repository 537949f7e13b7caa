"""The header, the columns and the rows of a roster file; its cells come from `files.sheets`.

What the cells mean is left to roster_row.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from files.problem import FileError, Problem
from files.sheets import (
    Sheet,
    SheetRow,
    column_problems,
    filled_down,
    header_at,
    read_table,
)
from people.roster_row import COLUMNS, DATES, squeeze

_KNOWN = COLUMNS | DATES
#: What every row of a person has.
_WHOSE = ("userid", "role", "unit")
#: How the lines below a table of an office begin.
_NOTE = re.compile(
    r"[(（]?(注[:：意]|备注|说明|合计|小计|总计|共计|总共|共\d|以上|填表|制表|填报|报送|审核|审批"
    r"|负责人|联系人|联系电话|日期|截止|截至|更新|\d{4}年)"
)


@dataclass(frozen=True)
class RosterSheet:
    """The rows below the header as {field: cell}, and what the admin should know about the file."""

    file: str
    rows: list[tuple[int, dict[str, str]]]
    warnings: tuple[Problem, ...]


def read_roster_sheets(path: Path) -> list[RosterSheet]:
    """Every sheet that has the header and is shown, with all its rows that are not blank.

    Raises FileError if the file or a header is no use, with all that is wrong.
    """
    sheets = read_table(path)
    has_header = [header_at(sheet.rows, _is_header) is not None for sheet in sheets]
    taken = [s for s, has in zip(sheets, has_header, strict=True) if has and not s.hidden]
    # Without a header the first one is taken, so that it is told which columns are missing.
    taken = taken or [next((s for s in sheets if not s.hidden), sheets[0])]
    found, problems = [], list[Problem]()
    for sheet in taken:
        file = f"{path.name}〔{sheet.title}〕" if len(taken) > 1 else path.name
        try:
            found.append(_below_header(file, sheet))
        except FileError as error:
            problems += error.problems
    if problems:
        raise FileError(problems)
    unread = [s for s in sheets if s not in taken and (s.rows or s.hidden)]
    told = tuple(_not_read(path.name, sheet) for sheet in unread)
    return [*found[:-1], replace(found[-1], warnings=(*found[-1].warnings, *told))]


def _not_read(file: str, sheet: Sheet) -> Problem:
    """Last year's list is often kept in a sheet that is hidden: it is never read unseen."""
    if sheet.hidden:
        what, remedy = "是隐藏的，没有读", "要导入就取消隐藏；不要了就删掉"
    else:
        what, remedy = "没有表头，没有读", "要导入就在上面加一行 " + ",".join(COLUMNS)
    return Problem(file, 0, f"工作表 {sheet.title}", what, remedy, severity="warning")


def _below_header(file: str, sheet: Sheet) -> RosterSheet:
    if not sheet.rows:
        raise FileError([Problem(file, 0, "", "文件是空的", "第一行写 " + ",".join(COLUMNS))])
    at = header_at(sheet.rows, _is_header) or 0
    number, names = sheet.rows[at][0], [squeeze(cell) for cell in sheet.rows[at][1]]
    places = _places(file, number, names)
    # What is merged above the header is a title.
    below = replace(sheet, merged=tuple(m for m in sheet.merged if m.first > number))
    lines = filled_down(below)[at + 1 :] if below.merged else sheet.rows[at + 1 :]
    notes = [line for line in lines if _is_note(places, line[1])]
    said = {number for number, _ in notes}
    rows = list(_rows(places, (line for line in lines if line[0] not in said)))
    if not rows:
        raise FileError([Problem(file, 0, "", "表头下面一行也没有", "填好人员再导入")])
    titles = _titles(file, sheet.rows[:at])
    extra = _extra(file, number, names)
    return RosterSheet(file, rows, (*titles, *extra, *_notes(file, notes)))


def _is_note(places: Mapping[str, int], cells: list[str]) -> bool:
    """A header again at the head of a page, or words about the table below it: a row of nobody."""
    if _is_header(cells):
        return True
    row = {field: cells[at] if at < len(cells) else "" for field, at in places.items()}
    if any(squeeze(row[field]) for field in _WHOSE) or not _may_be_note(row["name"]):
        return False
    return any(_NOTE.match(squeeze(cell)) for cell in cells)


def _may_be_note(name: str) -> bool:
    """Somebody with a name is somebody, whatever else his row lacks."""
    return not squeeze(name) or bool(_NOTE.match(squeeze(name)))


def _notes(file: str, notes: Sequence[SheetRow]) -> Iterator[Problem]:
    for number, cells in notes:
        what = "又是一行表头，没有导入" if _is_header(cells) else "看起来是说明，没有导入"
        yield Problem(file, number, "", what, severity="warning")


def _is_header(cells: list[str]) -> bool:
    return len(COLUMNS.keys() & {squeeze(cell) for cell in cells}) >= 3


def _places(file: str, number: int, names: Sequence[str]) -> dict[str, int]:
    """Where each field stands. Raises FileError for missing and for doubled columns."""
    remedy = "第一行要有 " + ",".join(COLUMNS)
    problems = column_problems(file, number, names, needed=COLUMNS, known=_KNOWN, remedy=remedy)
    if problems:
        raise FileError(problems)
    return {field: names.index(column) for column, field in _KNOWN.items() if column in names}


def _rows(
    places: dict[str, int], lines: Iterable[SheetRow]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in lines:
        row = {field: cells[i] if i < len(cells) else "" for field, i in places.items()}
        if any(cell and squeeze(cell) for cell in row.values()):
            yield number, row


def _titles(file: str, above: Sequence[SheetRow]) -> Iterator[Problem]:
    for number, _ in above:
        yield Problem(file, number, "", "表头上面的这一行没有导入", severity="warning")


def _extra(file: str, number: int, names: Sequence[str]) -> Iterator[Problem]:
    for name in names:
        if name and name not in _KNOWN:
            yield Problem(file, number, name, "这一列不导入", severity="warning")
