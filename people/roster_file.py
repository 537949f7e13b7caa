"""The header, the columns and the rows of a roster file; its cells come from `files.sheets`.

What the cells mean is left to roster_row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from files.problem import FileError, Problem
from files.sheets import SheetRow, column_problems, header_at, read_table
from people.roster_row import COLUMNS, DATES, squeeze

_KNOWN = COLUMNS | DATES


@dataclass(frozen=True)
class RosterSheet:
    """The rows below the header as {field: cell}, and what the admin should know about the file."""

    file: str
    rows: list[tuple[int, dict[str, str]]]
    warnings: tuple[Problem, ...]


def read_roster_sheet(path: Path) -> RosterSheet:
    """All rows that are not blank, of the first sheet that has the header, else of the first one.

    Raises FileError if the file or its header is no use.
    """
    sheets = read_table(path)
    found = (sheet for sheet in sheets if header_at(sheet.rows, _is_header) is not None)
    return _below_header(path.name, next(found, sheets[0]).rows)


def _below_header(file: str, lines: Sequence[SheetRow]) -> RosterSheet:
    if not lines:
        raise FileError([Problem(file, 0, "", "文件是空的", "第一行写 " + ",".join(COLUMNS))])
    # Without a header the first row is taken for it, so that it is told which columns are missing.
    at = header_at(lines, _is_header) or 0
    number, names = lines[at][0], [squeeze(cell) for cell in lines[at][1]]
    places = _places(file, number, names)
    rows = list(_rows(places, lines[at + 1 :]))
    if not rows:
        raise FileError([Problem(file, 0, "", "表头下面一行也没有", "填好人员再导入")])
    return RosterSheet(file, rows, (*_titles(file, lines[:at]), *_extra(file, number, names)))


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
    places: dict[str, int], lines: Sequence[SheetRow]
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
