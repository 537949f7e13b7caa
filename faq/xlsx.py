"""The FAQ as a spreadsheet and back, for admins who will not touch YAML: one row an entry.

One sheet is one YAML file. Nothing is written unless every row is right; formulas are never run.
Reading the cells is left to `xlsx_cells`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from faq.entries import Entry, Located, load_entries, yaml_files
from faq.selftest import Progress
from faq.writing import (
    Way,
    as_yaml,
    comments_within,
    fields,
    header_of,
    name_of,
    replace_file,
    speaks_english,
    value_of,
    with_value,
)
from faq.xlsx_cells import COLUMNS, GUIDE, EntryRow, EntrySheet, join, read_entry_sheets
from files.decode import read_text
from files.file_model import build
from files.problem import FileError, Problem
from files.sheets import MOST_IN_CELL, put_text
from files.yaml_lines import Item

_MOST_IN_TITLE = 31
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\']")
_NARROW, _WIDE = 14, 44
_HOW_TO = (
    "一行是一条。编号不要改；相似问、必含、应中等几项，一格里写几行就是几条。",
    "日期写成 2026-01-31。渠道写「群」「私」，不写就是都答。",
    "删掉一行就是删掉那一条；整张表不要了，请另外删除文件。",
    "导入前先看一遍改动（只看不写），确认后再导入；原来的文件会留成 .bak。",
)


@dataclass(frozen=True)
class CellChange:
    """What an import does, or would do, to one entry."""

    file: str
    entry: str
    kind: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = f"（{'、'.join(self.fields)}）" if self.fields else ""
        return f"{self.file}: {self.kind} {self.entry}{what}".rstrip()


@dataclass(frozen=True)
class Imported:
    """All changes, all problems, and the files that were written; none if there are errors."""

    changes: tuple[CellChange, ...] = ()
    problems: tuple[Problem, ...] = ()
    written: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every row was right."""
        return all(problem.severity != "error" for problem in self.problems)


def export(
    path_in: str | Path, path_out: str | Path, progress: Progress | None = None
) -> dict[str, int]:
    """Write all entries to a workbook; returns {file: entries}. Raises FileError."""
    root, found = _root(Path(path_in)), load_entries(Path(path_in))
    problems = [problem for located in found for problem in _unfit(located)]
    if problems:
        raise FileError(problems)
    by_file: dict[Path, list[Entry]] = {}
    for located in found:
        by_file.setdefault(Path(located.item.file), []).append(located.entry)
    book = Workbook()
    names = _titles([_relative(file, root) for file in by_file])
    _guide(book, names)
    for done, (title, entries) in enumerate(zip(names, by_file.values(), strict=True), 1):
        _fill(book.create_sheet(title), entries)
        if progress:
            progress(done, len(by_file))
    book.active = 1
    book.save(path_out)
    return {names[title]: len(e) for title, e in zip(names, by_file.values(), strict=True)}


def _root(path: Path) -> Path:
    if path.is_file() or path.suffix.lower() in {".yaml", ".yml"}:
        return path.parent
    return path / "entries" if (path / "entries").is_dir() else path


def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def _unfit(located: Located) -> Iterator[Problem]:
    """Texts that a cell would cut or spoil."""
    for way in fields():
        text = join(value_of(located.entry, way))
        if len(text) > MOST_IN_CELL:
            yield _at(located, way, f"有 {len(text)} 个字，一格放不下")
        if ILLEGAL_CHARACTERS_RE.search(text) or "\r" in text:
            yield _at(located, way, "有看不见的控制字符，表格存不下")


def _at(located: Located, way: Way, what: str) -> Problem:
    """A problem of one column's field, under the name that the column has."""
    return replace(located.problem(way, what), field=name_of(way[-1]))


def _titles(files: Sequence[str]) -> dict[str, str]:
    """Sheet title -> file; titles are short, and Excel does not tell 甲.A from 甲.a."""
    titles: dict[str, str] = {}
    used = {GUIDE.lower()}
    for file in files:
        stem = _NOT_IN_TITLE.sub("·", file.rsplit(".", 1)[0])[:_MOST_IN_TITLE] or "·"
        title, number = stem, 2
        while title.lower() in used:
            title, number = f"{stem[: _MOST_IN_TITLE - 5]}({number})", number + 1
        used.add(title.lower())
        titles[title] = file
    return titles


def _guide(book: Workbook, names: dict[str, str]) -> None:
    sheet: Any = book.active
    sheet.title = GUIDE
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 40
    for row in ([line] for line in _HOW_TO):
        sheet.append(row)
    sheet.append([])
    sheet.append(["表", "文件"])
    for title, file in names.items():
        number = sheet.max_row + 1
        for column, text in enumerate((title, file), 1):
            _put(sheet, number, column, text)


def _fill(sheet: Any, entries: Sequence[Entry]) -> None:
    for column, (name, way) in enumerate(COLUMNS.items(), 1):
        cell = sheet.cell(1, column, name)
        cell.font = Font(bold=True)
        shape = sheet.column_dimensions[get_column_letter(column)]
        shape.number_format = "@"
        shape.width = _WIDE if way[0] in {"question", "answer", "alternatives"} else _NARROW
    for number, entry in enumerate(entries, 2):
        for column, way in enumerate(COLUMNS.values(), 1):
            _put(sheet, number, column, join(value_of(entry, way)))
    sheet.freeze_panes = "C2"


def _put(sheet: Any, number: int, column: int, text: str) -> None:
    if not text:
        return
    cell = sheet.cell(number, column)
    put_text(cell, text)
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def import_(path_in: str | Path, path_out: str | Path, dry_run: bool = False) -> Imported:
    """Bring the YAML at `path_out` to what the workbook says; each sheet replaces its whole file.

    Files without a sheet stay as they are. Columns left out keep what the file has.
    """
    try:
        sheets, problems = read_entry_sheets(Path(path_in))
        root = _root(Path(path_out))
        plans = _plans(sheets, Path(path_out), root, problems)
    except FileError as error:
        return Imported(problems=error.problems)
    problems += _repeated(plans, Path(path_out))
    changes = tuple(change for plan in plans for change in plan.changes(root))
    outcome = Imported(changes, tuple(sorted(problems)))
    if dry_run or not outcome.ok:
        return outcome
    changed = [plan for plan in plans if plan.old != plan.entries]
    for plan in changed:
        plan.write()
    return replace(outcome, written=tuple(str(plan.target) for plan in changed))


@dataclass(frozen=True)
class _Plan:
    """What one file is to become."""

    target: Path
    entries: list[Entry]
    rows: list[EntryRow]
    old: list[Entry]
    text: str

    def changes(self, root: Path) -> Iterator[CellChange]:
        """Entry by entry, deletions last."""
        file = _relative(self.target, root)
        before = {entry.id: entry for entry in self.old}
        for entry in self.entries:
            old = before.pop(entry.id, None)
            if old is None:
                yield CellChange(file, f"{entry.id} {entry.question}", "新增")
            elif old != entry:
                yield CellChange(
                    file, f"{entry.id} {entry.question}", "修改", _differing(old, entry)
                )
        for entry in before.values():
            yield CellChange(file, f"{entry.id} {entry.question}", "删除")
        if self._only_moved():
            yield CellChange(file, "", "调整顺序")

    def _only_moved(self) -> bool:
        ids = [entry.id for entry in self.entries], [entry.id for entry in self.old]
        return ids[0] != ids[1] and sorted(ids[0]) == sorted(ids[1])

    def write(self) -> None:
        """Atomically; the comment at the head and the language of the names stay."""
        header = header_of(self.text)
        chinese = not speaks_english(self.text)
        body = as_yaml(self.entries, chinese=chinese)
        replace_file(self.target, f"{header}\n\n{body}" if header else body)


def _differing(old: Entry, new: Entry) -> tuple[str, ...]:
    return tuple(name for name, way in COLUMNS.items() if value_of(old, way) != value_of(new, way))


def _plans(
    sheets: Sequence[EntrySheet], out: Path, root: Path, problems: list[Problem]
) -> list[_Plan]:
    single = out.is_file() or out.suffix.lower() in {".yaml", ".yml"}
    if single and len(sheets) > 1:
        names = "、".join(sheet.title for sheet in sheets)
        what = f"有 {len(sheets)} 张表（{names}），一个文件放不下"
        raise FileError([Problem(str(out), 0, "", what, "导入到文件夹")])
    plans = []
    for sheet in sheets:
        target = out if single else root / sheet.file
        plans.append(_plan(sheet, target, problems))
    return plans


def _plan(sheet: EntrySheet, target: Path, problems: list[Problem]) -> _Plan:
    old, text = _present(target)
    if text and comments_within(text):
        what = f"{target.name} 里条目之间有 {comments_within(text)} 行注释（#），改写时不会留下"
        remedy = "原文件在 .bak 里"
        problems.append(Problem(sheet.place, 0, "", what, remedy, severity="info"))
    before = {entry.id: entry for entry in old}
    entries, rows = [], []
    for row in sheet.rows:
        built = build(Entry, Item(sheet.place, row.value, row))
        if isinstance(built, Entry):
            entries.append(_kept(built, before.get(built.id), sheet.absent))
            rows.append(row)
        else:
            problems.extend(row.at_column(problem) for problem in built)
    return _Plan(target, entries, rows, old, text)


def _present(target: Path) -> tuple[list[Entry], str]:
    """What the file holds now; nothing if there is none. A broken file must be mended first."""
    if not target.exists():
        return [], ""
    return [located.entry for located in load_entries(target)], read_text(target)


def _kept(entry: Entry, old: Entry | None, absent: Sequence[Way]) -> Entry:
    """A column that somebody took out of the sheet takes nothing out of the FAQ."""
    if old is not None:
        for way in absent:
            entry = with_value(entry, way, value_of(old, way))
    return entry


def _repeated(plans: Sequence[_Plan], out: Path) -> list[Problem]:
    taken = _elsewhere({plan.target.resolve() for plan in plans}, out)
    problems = []
    for plan in plans:
        for entry, row in zip(plan.entries, plan.rows, strict=True):
            if entry.id in taken:
                what = f"编号「{entry.id}」重复，{taken[entry.id]} 已经用了"
                problems.append(row.problem("编号", what, "换一个编号"))
            taken.setdefault(entry.id, f"{row.place}:{row.number}")
    return problems


def _elsewhere(targets: set[Path], out: Path) -> dict[str, str]:
    """The ids in files that the workbook does not touch."""
    if not out.is_dir():
        return {}
    others = [file for file in yaml_files(out) if file.resolve() not in targets]
    return {one.entry.id: one.place for file in others for one in load_entries(file)}
