"""The cells of a roster file: CSV in the encodings that Excel and WPS write, or XLSX.

What the cells mean is left to roster_row; this finds the header, the columns and the row numbers
that the admin sees in the spreadsheet.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from people.roster_row import COLUMNS, DATES, Problem, RosterError, squeeze

#: A title and a note may stand above the header.
_HEADER_WITHIN = 10
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
#: What openpyxl raises for files that are no workbook, or only half of one.
_BROKEN_XLSX = (
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
_SAVE_AS_UTF8 = "在 WPS 或 Excel 里另存为「CSV UTF-8」或 .xlsx"
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}

#: (row number as shown in the spreadsheet, cells)
Line = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """The rows below the header as {field: cell}, and what the admin should know about the file."""

    file: str
    rows: list[tuple[int, dict[str, str]]]
    warnings: tuple[Problem, ...]


def read_sheet(path: Path) -> Sheet:
    """All rows that are not blank. Raises RosterError if the file or its header is no use."""
    content = _bytes(path)
    if content.startswith(_OLD_EXCEL):
        raise _unusable(path, "是旧版 .xls/.et 格式，或者加了密码", "去掉密码，另存为 .xlsx 或 CSV")
    lines = _xlsx_lines(path, content) if content.startswith(_ZIP) else _csv_lines(path, content)
    return _sheet(path.name, lines)


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        reason = "没有这个文件" if isinstance(error, FileNotFoundError) else "打不开这个文件"
        raise _unusable(path, reason, "检查文件名和路径") from error


def _csv_lines(path: Path, content: bytes) -> Iterator[Line]:
    text = _decode(path, content)
    head = "".join(text.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN])
    delimiter = max((",", "\t", ";"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error as error:
        problem = Problem(
            path.name, number + 1, "", "引号没有成对", "检查这一行里的英文引号，删掉或补齐"
        )
        raise RosterError([problem]) from error


def _decode(path: Path, content: bytes) -> str:
    """Never with replacement characters: half a name is worse than an error."""
    marked = [encoding for bom, encoding in _BOMS.items() if content.startswith(bom)]
    first_bad = 0
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            first_bad = first_bad or error.object.count(b"\n", 0, error.start) + 1
    raise RosterError([Problem(path.name, first_bad, "", "文字编码认不出来", _SAVE_AS_UTF8)])


def _xlsx_lines(path: Path, content: bytes) -> Iterator[Line]:
    try:
        with catch_warnings():
            simplefilter("ignore")  # openpyxl tells of styles and validations that it does not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return iter(_sheet_lines(book.worksheets))
    except _BROKEN_XLSX as error:
        raise _unusable(path, "这个 .xlsx 文件读不了", "用 WPS 或 Excel 打开，重新保存") from error


def _sheet_lines(sheets: list[Any]) -> list[Line]:
    """The first worksheet that has the header, else the first; blank rows left out."""
    for sheet in sheets:
        sheet.reset_dimensions()  # WPS may write too small a range
    chosen = next((sheet for sheet in sheets if _has_header(sheet)), sheets[0])
    return [
        (number, [_cell_text(cell) for cell in cells])
        for number, cells in enumerate(chosen.iter_rows(values_only=True), 1)
        if any(cell is not None for cell in cells)
    ]


def _has_header(sheet: Any) -> bool:
    top = islice(sheet.iter_rows(values_only=True), _HEADER_WITHIN)
    return any(_is_header([_cell_text(cell) for cell in cells]) for cells in top)


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _sheet(file: str, lines: Iterable[Line]) -> Sheet:
    lines = (line for line in lines if any(line[1]))
    above, header = _header(file, lines)
    places = _places(file, header)
    rows = list(_rows(places, lines))
    if not rows:
        raise RosterError([Problem(file, 0, "", "表头下面一行也没有", "填好人员再导入")])
    return Sheet(file, rows, _ignored(file, header, above))


def _header(file: str, lines: Iterator[Line]) -> tuple[list[int], Line]:
    """The header row, and the numbers of the filled rows above it (a title, a note)."""
    above: list[int] = []
    first: Line | None = None
    for number, cells in islice(lines, _HEADER_WITHIN):
        if _is_header(cells):
            return above, (number, [squeeze(cell) for cell in cells])
        first = first or (number, [squeeze(cell) for cell in cells])
        above.append(number)
    if first is None:
        raise RosterError([Problem(file, 0, "", "文件是空的", "第一行写 " + ",".join(COLUMNS))])
    return [], first


def _is_header(cells: list[str]) -> bool:
    return len(COLUMNS.keys() & {squeeze(cell) for cell in cells}) >= 3


def _places(file: str, header: Line) -> dict[str, int]:
    """Where each field stands. Raises RosterError for missing and for doubled columns."""
    number, names = header
    missing = [column for column in COLUMNS if column not in names]
    doubled = [column for column in COLUMNS | DATES if names.count(column) > 1]
    problems = [
        Problem(file, number, column, "表头缺少这一列", "第一行要有 " + ",".join(COLUMNS))
        for column in missing
    ] + [
        Problem(file, number, column, "这一列出现了两次", "留一列，另一列改名或删掉")
        for column in doubled
    ]
    if problems:
        raise RosterError(problems)
    known = COLUMNS | DATES
    return {field: names.index(column) for column, field in known.items() if column in names}


def _rows(places: dict[str, int], lines: Iterator[Line]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in lines:
        row = {field: cells[i] if i < len(cells) else "" for field, i in places.items()}
        if any(cell and squeeze(cell) for cell in row.values()):
            yield number, row


def _ignored(file: str, header: Line, above: list[int]) -> tuple[Problem, ...]:
    number, names = header
    titles = [
        Problem(file, row, "", "表头上面的这一行没有导入", severity="warning") for row in above
    ]
    extra = [
        Problem(file, number, name, "这一列不导入", severity="warning")
        for name in names
        if name and name not in COLUMNS | DATES
    ]
    return tuple(titles + extra)


def _unusable(path: Path, message: str, advice: str) -> RosterError:
    return RosterError([Problem(path.name, 0, "", message, advice)])
