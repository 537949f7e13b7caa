"""The cells of a spreadsheet as text, read or put: XLSX, or CSV as Excel and WPS write it.

Row numbers are those that the admin sees. What the columns and cells mean is left to the rooms.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from files.decode import decode_table, read_bytes
from files.problem import FileError, Problem

#: Characters in one cell, a limit of Excel.
MOST_IN_CELL = 32_767
#: A spreadsheet would take these for a formula or an error, or a CSV made of it would.
RISKY = ("=", "+", "-", "@", "#", "'", "＝", "＋", "－", "＠")
#: A title and a note may stand above the header: rows that hold anything.
_HEADER_WITHIN = 10
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
#: What openpyxl raises for files that are no workbook, or only half of one.
_BROKEN = (
    AttributeError,  # a chart sheet without a drawing
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
#: How Excel on Windows keeps a carriage return.
_RETURN = re.compile(r"_x000D_|\r(?=\n)")
#: Cells that were made one, as the sheet's own file says it.
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^>]*\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
)

#: (row number as shown in the spreadsheet, from 1; cells, "" for an empty one)
SheetRow = tuple[int, list[str]]


class Merged(NamedTuple):
    """Which rows (from 1, both included) and which column (from 0) are one cell."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Sheet:
    """One sheet with its rows that hold anything; a CSV is one sheet without a title."""

    title: str
    rows: list[SheetRow]
    #: not shown to who opens the workbook
    hidden: bool = False
    #: cells that were made one over several rows (合并单元格): the first holds what all of them say
    merged: tuple["Merged", ...] = ()


def read_table(path: Path) -> list[Sheet]:
    """All sheets of a workbook, with the results of its formulas, or the one of a CSV.

    Either may be compressed with gzip. Raises FileError, naming the file without its folder.
    """
    data = _bytes(path)
    if data.startswith((_ZIP, _OLD_EXCEL)):
        return read_workbook(path, data)
    return [Sheet("", _csv_rows(data, path.name))]


def read_workbook(path: Path, data: bytes | None = None, *, formulas: bool = False) -> list[Sheet]:
    """All sheets of a workbook; with ``formulas`` a formula is the text that was typed, else the
    result that was saved with it. Raises FileError, naming the file without its folder."""
    data = _bytes(path) if data is None else data
    if data.startswith(_OLD_EXCEL):
        what = "是旧版 .xls/.et 格式，或者加了密码"
        raise _unusable(path, what, "去掉密码，另存为 .xlsx 或 CSV")
    try:
        with catch_warnings():
            simplefilter("ignore")  # openpyxl tells of styles and validations that it does not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=not formulas)
            with ZipFile(io.BytesIO(data)) as parts:
                sheets = [_sheet(one, parts) for one in book.worksheets]
            book.close()
    except _BROKEN as error:
        raise _unusable(path, "这个 .xlsx 文件读不了", "用 WPS 或 Excel 打开，重新保存") from error
    if not sheets:
        raise _unusable(path, "里面没有工作表", "用 WPS 或 Excel 打开，重新保存")
    return sheets


def put_text(cell: Any, text: str) -> None:
    """Always text: neither =1+1 nor #N/A nor 2026-01-31 becomes anything else."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(RISKY)


def header_at(rows: Sequence[SheetRow], is_header: Callable[[list[str]], bool]) -> int | None:
    """Which of the rows is the header, counted from 0; None if none of the first ones is."""
    found = (n for n, (_, cells) in enumerate(rows[:_HEADER_WITHIN]) if is_header(cells))
    return next(found, None)


def column_problems(
    file: str,
    line: int,
    names: Sequence[str],
    *,
    needed: Collection[str],
    known: Collection[str],
    remedy: str,
) -> list[Problem]:
    """Columns that a header lacks (``remedy`` tells what it should have) or has twice."""
    return [
        Problem(file, line, name, "表头缺少这一列", remedy) for name in needed if name not in names
    ] + [
        Problem(file, line, name, "这一列出现了两次", "留一列，另一列改名或删掉")
        for name in known
        if names.count(name) > 1
    ]


def _bytes(path: Path) -> bytes:
    data = read_bytes(path, path.name)
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise _unusable(path, "打不开这个文件", "像是不全，请重新拷一份") from error


def _sheet(sheet: Any, parts: ZipFile) -> Sheet:
    rows = list(_rows(sheet))
    # openpyxl leaves merged cells out of a sheet that it reads row by row; its path is given
    # relative to the workbook or to the root.
    part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    merged = tuple(_merged(parts.read(part))) if part in parts.namelist() else ()
    return Sheet(sheet.title, rows, sheet.sheet_state != "visible", merged)


def _merged(part: bytes) -> Iterator[Merged]:
    for left, top, right, bottom in _MERGED.findall(part):
        columns = range(_column(left), _column(right) + 1)
        if int(bottom) > int(top):
            yield from (Merged(column, int(top), int(bottom)) for column in columns)


def _column(letters: bytes) -> int:
    return column_index_from_string(letters.decode()) - 1


def filled_down(sheet: Sheet) -> list[SheetRow]:
    """The rows with what a merged cell says in each row that it covers; its columns to the right
    of the first stay empty."""
    rows = {number: list(cells) for number, cells in sheet.rows}
    for column, first, last in sheet.merged:
        said = rows.get(first, [])[column : column + 1]
        for number in range(first + 1, last + 1) if said and said[0] else ():
            cells = rows.get(number)
            if cells is None:
                continue
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = cells[column] or said[0]
    return list(rows.items())


def _rows(sheet: Any) -> Iterator[SheetRow]:
    sheet.reset_dimensions()  # WPS may write too small a range
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _text(cell: Any) -> str:
    """A cell as it was meant: 1001.0 is 1001, a day has no hour; a formula is its text."""
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


def _csv_rows(data: bytes, file: str) -> list[SheetRow]:
    text = decode_table(data, file)
    head = "".join(text.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN])
    delimiter = max((",", "\t", ";"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[SheetRow] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cells):
                rows.append((number, cells))
    except csv.Error as error:
        remedy = "检查这一行里的英文引号，删掉或补齐"
        raise FileError([Problem(file, number + 1, "", "引号没有成对", remedy)]) from error
    return rows


def _unusable(path: Path, what: str, remedy: str) -> FileError:
    return FileError([Problem(path.name, 0, "", what, remedy)])
