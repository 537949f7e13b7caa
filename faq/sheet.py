"""The FAQ as an Excel workbook, for those who will not touch YAML: out, and in again.

Every row is one entry; lists stand one item a line in their cell. Where the file lands is the
caller's choice: nothing is overwritten here but what was named.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from pydantic import ValidationError

from faq.entries import Entry, Tests, message_of
from faq.problems import FaqError, Problem

_FIELDS = [name for name in Entry.model_fields if name != "tests"]
_LISTS = {"alternatives", "must", "any", "not_words", "scope", "channels", "should", "should_not"}
_COLUMNS = [(name, Entry.chinese(name)) for name in _FIELDS]
_COLUMNS += [(name, Tests.chinese(name)) for name in Tests.model_fields]
_WIDE = {"question", "answer", "alternatives", "long_answer", "should", "should_not"}
_NEEDED = ("id", "question", "answer")


def export(entries: Iterable[Entry], file: str | Path) -> int:
    """Write the entries to a workbook; returns how many."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "常见问题"
    sheet.append([chinese for _, chinese in _COLUMNS])
    count = 0
    for entry in entries:
        sheet.append([_cell(entry, name) for name, _ in _COLUMNS])
        count += 1
    _dress(sheet)
    book.save(str(file))
    return count


def _cell(entry: Entry, name: str) -> str | date | None:
    value = getattr(entry.tests if name in Tests.model_fields else entry, name)
    if name in _LISTS:
        return "\n".join(value) or None
    return value or None


def _dress(sheet: Any) -> None:
    sheet.freeze_panes = "C2"
    for number, (name, _) in enumerate(_COLUMNS, 1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = 40 if name in _WIDE else 14
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            # A question such as "=1+1" must stay text when the workbook is opened.
            if cell.data_type == "f":
                cell.data_type = "s"


def read(file: str | Path) -> list[Entry]:
    """The entries of a workbook; raises FaqError with every bad row."""
    name = str(file)
    rows = _rows(Path(file))
    if not rows:
        raise FaqError([Problem(name, 1, "", "工作表是空的")])
    header = [_text(cell) for cell in rows[0]]
    fields = _fields_of(name, header)
    problems: list[Problem] = []
    entries: list[Entry] = []
    for line, row in enumerate(rows[1:], 2):
        values = {f: v for f, v in zip(fields, row, strict=False) if f and _text(v)}
        if values:
            _take(name, line, values, (entries, problems))
    problems += _repeated(name, entries)
    if problems:
        raise FaqError(problems)
    return entries


def _rows(file: Path) -> list[tuple[Any, ...]]:
    try:
        book = load_workbook(str(file), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises half a dozen kinds for a file that is no workbook
        raise FaqError([Problem(str(file), 0, "", "不是能打开的 Excel 文件（.xlsx）")]) from error
    try:
        return list(book.worksheets[0].iter_rows(values_only=True))
    finally:
        book.close()


def _fields_of(file: str, header: list[str]) -> list[str]:
    aliases = Entry.aliases() | Tests.aliases()
    known = {name for name, _ in _COLUMNS}
    fields = [aliases.get(title, title) for title in header]
    problems = [
        Problem(file, 1, title, "没有这一列", advice="列名照导出的表写")
        for title, field in zip(header, fields, strict=True)
        if title and field not in known
    ]
    missing = [Entry.chinese(name) for name in _NEEDED if name not in fields]
    problems += [Problem(file, 1, title, "缺这一列") for title in missing]
    if problems:
        raise FaqError(problems)
    return fields


def _take(
    file: str, line: int, values: dict[str, Any], into: tuple[list[Entry], list[Problem]]
) -> None:
    entries, problems = into
    data: dict[str, Any] = {}
    tests: dict[str, Any] = {}
    for name, value in values.items():
        target = tests if name in Tests.model_fields else data
        target[name] = _items(value) if name in _LISTS else _text(value)
    if tests:
        data["tests"] = tests
    try:
        entries.append(Entry.model_validate(data))
    except ValidationError as error:
        for detail in error.errors():
            field = Entry.chinese(str(detail["loc"][0])) if detail["loc"] else ""
            problems.append(Problem(file, line, field, message_of(detail)))


def _repeated(file: str, entries: list[Entry]) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for entry in entries:
        if entry.id in seen:
            problems.append(Problem(file, 0, "编号", f"「{entry.id}」出现了两次", entry=entry.id))
        seen.add(entry.id)
    return problems


def _items(value: Any) -> list[str]:
    return [line.strip() for line in _text(value).splitlines() if line.strip()]


def _text(value: Any) -> str:
    """Excel makes dates and numbers of what people type; read them back as typed."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def to_yaml(entries: Iterable[Entry]) -> str:
    """The entries as a YAML list with the Chinese names, ready to be put into the FAQ folder."""
    return yaml.safe_dump(
        [_as_written(entry) for entry in entries], allow_unicode=True, sort_keys=False, width=100
    )


def _as_written(entry: Entry) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(entry, name)
        if value and value != Entry.model_fields[name].default:
            written[Entry.chinese(name)] = list(value) if isinstance(value, tuple) else value
    tests = {
        Tests.chinese(name): list(getattr(entry.tests, name))
        for name in Tests.model_fields
        if getattr(entry.tests, name)
    }
    return written | ({"测试": tests} if tests else {})
