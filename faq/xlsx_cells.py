"""The cells of a workbook of entries, with the row and column that an admin sees.

What the values mean is left to the entry's model; writing files to `xlsx`.
"""

import difflib
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from warnings import catch_warnings, simplefilter
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from faq.entries import Entry
from faq.problems import FaqError, Problem
from faq.writing import Way, empty_value, fields, name_of

#: Header -> way to the field, in the order of the schema.
COLUMNS: dict[str, Way] = {name_of(way[-1]): way for way in fields()}
#: The sheet with instructions, and with the file that each sheet stands for.
GUIDE = "说明"
_ENGLISH = {name_of(way[-1], chinese=False): name for name, way in COLUMNS.items()}
_LEAST = ("编号", "问题", "答复")
_HEADER_WITHIN = 10
_ESCAPED = re.compile(r"\\(\\|n)")
#: How Excel on Windows keeps a carriage return.
_RETURN = re.compile(r"_x000D_|\r(?=\n)")
_BROKEN = (
    BadZipFile,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True)
class _Mark:
    """A row takes the part of a YAML node: problems find their line in it."""

    line: int


@dataclass(frozen=True)
class Row:
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

    def problem(self, name: str, message: str, advice: str = "") -> Problem:
        """A problem in one cell."""
        return self.at_column(Problem(self.place, self.number, name, message, advice=advice))


@dataclass(frozen=True)
class Sheet:
    """One sheet, the file that it stands for, and the columns that it lacks."""

    title: str
    place: str
    file: str
    rows: list[Row]
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


def read_workbook(path: Path) -> tuple[list[Sheet], list[Problem]]:
    """All sheets that hold entries, and what should be known. Raises FaqError if unreadable."""
    problems: list[Problem] = []
    grids = _grids(path)
    files = _files(grids.pop(GUIDE, []))
    sheets = []
    for title, lines in grids.items():
        place = f"{path.name}·{title}"
        if lines:
            file = _safe(place, files.get(title, f"{title}.yaml"))
            sheets.append(_sheet(title, place, file, lines, problems))
    if not sheets:
        problems.append(Problem(path.name, 0, "", "表格里一条也没有", advice="先导出一份照着填"))
        raise FaqError(problems)
    return sheets, problems


#: (row number as shown in the spreadsheet, cells)
_Line = tuple[int, list[Any]]


def _grids(path: Path) -> dict[str, list[_Line]]:
    try:
        with catch_warnings():
            simplefilter("ignore")  # openpyxl tells of styles that it does not read
            book = load_workbook(path, read_only=True, data_only=False)
            found = {sheet.title: list(_lines(sheet)) for sheet in book.worksheets}
            book.close()
            return found
    except FileNotFoundError as error:
        raise FaqError([Problem(str(path), 0, "", "没有这个文件")]) from error
    except _BROKEN as error:
        message, advice = "这个表格读不了", "用 WPS 或 Excel 打开，去掉密码，另存为 .xlsx"
        raise FaqError([Problem(str(path), 0, "", message, advice=advice)]) from error


def _lines(sheet: Any) -> Iterator[_Line]:
    sheet.reset_dimensions()  # WPS may write too small a range
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _text(cell: Any) -> str:
    """A cell as it was meant; a formula is the text of the formula."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return _RETURN.sub("", str(getattr(cell, "text", cell))).strip()


def _files(guide: Iterable[_Line]) -> dict[str, str]:
    """Which file each sheet stands for, as the export noted it."""
    pairs = [(cells[0], cells[1]) for _, cells in guide if len(cells) > 1]
    heads = [number for number, pair in enumerate(pairs) if pair == ("表", "文件")]
    return dict(pairs[heads[0] + 1 :]) if heads else {}


def _safe(place: str, file: str) -> str:
    """A workbook must not choose a place outside the FAQ."""
    path = PurePosixPath(file)
    hidden = any(part.startswith((".", "~")) for part in path.parts)
    if path.is_absolute() or hidden or re.search(r"[\\:*?\"<>|]", file):
        message = f"文件名「{file}」不能用"
        raise FaqError([Problem(place, 0, "", message, advice="在「说明」表里写成 名称.yaml")])
    return file if path.suffix.lower() in {".yaml", ".yml"} else f"{file}.yaml"


def _sheet(
    title: str, place: str, file: str, lines: Sequence[_Line], problems: list[Problem]
) -> Sheet:
    head = next((n for n, line in enumerate(lines[:_HEADER_WITHIN]) if _is_header(line)), None)
    if head is None:
        message = "没有表头"
        problems.append(Problem(place, 1, "", message, advice="第一行写 " + " ".join(COLUMNS)))
        return Sheet(title, place, file, [], ())
    number, cells = lines[head]
    names = [_name(cell) for cell in cells]
    problems += _header_problems(place, number, names)
    letters = {name: get_column_letter(i) for i, name in enumerate(names, 1)}
    rows = [Row(place, n, _value(names, line), letters) for n, line in lines[head + 1 :]]
    if not rows:
        advice = "整张不要了，就删掉这张表和它的文件"
        problems.append(Problem(place, number, "", "表头下面一条也没有", advice=advice))
    absent = tuple(way for name, way in COLUMNS.items() if name not in names)
    return Sheet(title, place, file, rows, absent)


def _is_header(line: _Line) -> bool:
    return len({_name(cell) for cell in line[1]} & set(_LEAST)) >= 2


def _name(cell: str) -> str:
    bare = "".join(cell.split())
    return _ENGLISH.get(bare, bare)


def _header_problems(place: str, number: int, names: Sequence[str]) -> Iterator[Problem]:
    for name in _LEAST:
        if name not in names:
            yield Problem(place, number, name, "表头缺少这一列", advice="照导出的表头补上")
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield Problem(place, number, name, "这一列出现了两次", advice="留一列")
    for name in names:
        if name and name not in COLUMNS:
            yield _unknown(place, number, name)


def _unknown(place: str, number: int, name: str) -> Problem:
    near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.5)
    if near:
        return Problem(place, number, name, "没有这一列", advice=f"是不是「{near[0]}」？")
    return Problem(place, number, name, "这一列不导入", "warning", advice="只是备注就不用管")


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
