"""A workbook of entries: which sheet is which file, which column which field.

The cells come from `files.sheets`; what the values mean is left to the entry's model, writing files
to `xlsx`.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from openpyxl.utils import get_column_letter

from faq.entries import Entry
from faq.writing import Way, empty_value, fields, name_of
from files.problem import FileError, Problem
from files.sheets import SheetRow, column_problems, header_at, read_workbook

#: Header -> way to the field, in the order of the schema.
COLUMNS: dict[str, Way] = {name_of(way[-1]): way for way in fields()}
#: The sheet with instructions, and with the file that each sheet stands for.
GUIDE = "说明"
_ENGLISH = {name_of(way[-1], chinese=False): name for name, way in COLUMNS.items()}
_LEAST = ("编号", "问题", "答复")
_ESCAPED = re.compile(r"\\(\\|n)")


@dataclass(frozen=True)
class _Mark:
    """A row takes the part of a YAML node: problems find their line in it."""

    line: int


@dataclass(frozen=True)
class EntryRow:
    """One entry as it stands in the sheet."""

    place: str
    number: int
    value: dict[str, Any]
    letters: dict[str, str]
    start_mark: _Mark = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start_mark", _Mark(self.number - 1))

    def at_column(self, problem: Problem) -> Problem:
        """The problem with the column's letter instead of the way to the field."""
        steps = [step for step in problem.field.split(".") if step in self.letters]
        name = steps[-1] if steps else problem.field
        letter = f"{self.letters[name]} 列 " if name in self.letters else ""
        return replace(problem, field=f"{letter}{name}")

    def problem(self, name: str, what: str, remedy: str = "") -> Problem:
        """A problem in one cell."""
        return self.at_column(Problem(self.place, self.number, name, what, remedy))


@dataclass(frozen=True)
class EntrySheet:
    """One sheet, the file that it stands for, and the columns that it lacks."""

    title: str
    place: str
    file: str
    rows: list[EntryRow]
    absent: tuple[Way, ...]


def is_list(way: Way) -> bool:
    """Whether a cell of that column holds one phrase a line."""
    return isinstance(empty_value(way), tuple)


def join(value: Any) -> str:
    """A field's value as the text of a cell."""
    if value is None or value == "":
        return ""
    if isinstance(value, tuple):
        return "\n".join(str(v).replace("\\", "\\\\").replace("\n", "\\n") for v in value)
    return str(value)


def read_entry_sheets(path: Path) -> tuple[list[EntrySheet], list[Problem]]:
    """All sheets that hold entries, and what should be known. Raises FileError if unreadable."""
    problems: list[Problem] = []
    grids = {sheet.title: sheet.rows for sheet in read_workbook(path, formulas=True)}
    files = _files(grids.pop(GUIDE, []))
    sheets = []
    for title, lines in grids.items():
        place = f"{path.name}·{title}"
        if lines:
            file = _safe(place, files.get(title, f"{title}.yaml"))
            sheets.append(_sheet(title, place, file, lines, problems))
    if not sheets:
        raise FileError([Problem(path.name, 0, "", "表格里一条也没有", "先导出一份照着填")])
    return sheets, problems


def _files(guide: Iterable[SheetRow]) -> dict[str, str]:
    """Which file each sheet stands for, as the export noted it."""
    pairs = [(cells[0], cells[1]) for _, cells in guide if len(cells) > 1]
    heads = [number for number, pair in enumerate(pairs) if pair == ("表", "文件")]
    return dict(pairs[heads[0] + 1 :]) if heads else {}


def _safe(place: str, file: str) -> str:
    """A workbook must not choose a place outside the FAQ."""
    path = PurePosixPath(file)
    hidden = any(part.startswith((".", "~")) for part in path.parts)
    if path.is_absolute() or hidden or re.search(r"[\\:*?\"<>|]", file):
        what = f"文件名「{file}」不能用"
        raise FileError([Problem(place, 0, "", what, "在「说明」表里写成 名称.yaml")])
    return file if path.suffix.lower() in {".yaml", ".yml"} else f"{file}.yaml"


def _sheet(
    title: str, place: str, file: str, lines: Sequence[SheetRow], problems: list[Problem]
) -> EntrySheet:
    head = header_at(lines, _is_header)
    if head is None:
        problems.append(Problem(place, 1, "", "没有表头", "第一行写 " + " ".join(COLUMNS)))
        return EntrySheet(title, place, file, [], ())
    number, cells = lines[head]
    names = [_name(cell) for cell in cells]
    problems += _header_problems(place, number, names)
    letters = {name: get_column_letter(i) for i, name in enumerate(names, 1)}
    rows = [EntryRow(place, n, _value(names, line), letters) for n, line in lines[head + 1 :]]
    if not rows:
        remedy = "整张不要了，就删掉这张表和它的文件"
        problems.append(Problem(place, number, "", "表头下面一条也没有", remedy))
    absent = tuple(way for name, way in COLUMNS.items() if name not in names)
    return EntrySheet(title, place, file, rows, absent)


def _is_header(cells: list[str]) -> bool:
    return len({_name(cell) for cell in cells} & set(_LEAST)) >= 2


def _name(cell: str) -> str:
    bare = "".join(cell.split())
    return _ENGLISH.get(bare, bare)


def _header_problems(place: str, number: int, names: Sequence[str]) -> Iterator[Problem]:
    remedy = "照导出的表头补上"
    yield from column_problems(place, number, names, needed=_LEAST, known=COLUMNS, remedy=remedy)
    for name in names:
        if name and name not in COLUMNS:
            yield _unknown(place, number, name)


def _unknown(place: str, number: int, name: str) -> Problem:
    near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.5)
    if near:
        return Problem(place, number, name, "没有这一列", f"是不是「{near[0]}」？")
    return Problem(place, number, name, "这一列不导入", "只是备注就不用管", severity="warning")


def _value(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """The row as a YAML file would have it."""
    value: dict[str, Any] = {}
    for name, text in zip(names, cells, strict=False):
        way = COLUMNS.get(name)
        if way is None or not text:
            continue
        target = value
        for step in way[:-1]:
            target = target.setdefault(Entry.chinese(step), {})
        target[name] = _parts(way, text) if is_list(way) else text
    return value


def _parts(way: Way, text: str) -> list[str]:
    lines = (line.strip() for line in text.split("\n"))
    return [_ESCAPED.sub(_unescaped, line) for line in lines if line]


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found.group(1) == "n" else "\\"
