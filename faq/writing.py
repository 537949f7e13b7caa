"""Entries written as YAML that an admin likes to read: the twin of `reading`.

Keys in the order of the schema, Chinese as it is, long texts as blocks, a blank line between
entries. What is written is left to the callers.
"""

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from faq.entries import Entry, Tests

_ONE_LINE = 60
_ENDLESS = 10**9
#: Line ends that only some programs know: written out, they would come back as blanks.
_INVISIBLE = re.compile("[\x85\u2028\u2029\ufeff]")
#: The way to a field: ("answer",) or ("tests", "should").
Way = tuple[str, ...]
_EMPTY = Entry(id="-", question="-", answer="-")


class _ShortList(list[Any]):
    """A list short enough for one line."""


class _Dumper(yaml.SafeDumper):
    """Lists below their key are indented, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never without indentation, except at the outermost level."""
        del indentless
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = '"' if _INVISIBLE.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _short_list(dumper: yaml.SafeDumper, value: _ShortList) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_ShortList, _short_list)


def fields() -> list[Way]:
    """The way to every field that holds something, in the order of the schema."""
    inner = [("tests", name) for name in Tests.model_fields]
    ways: list[list[Way]] = [
        [*inner] if name == "tests" else [(name,)] for name in Entry.model_fields
    ]
    return [way for group in ways for way in group]


def value_of(entry: Entry, way: Way) -> Any:
    """The value of one field."""
    return getattr(entry.tests, way[1]) if len(way) > 1 else getattr(entry, way[0])


def empty_value(way: Way) -> Any:
    """The value of a field that nobody wrote."""
    return value_of(_EMPTY, way)


def with_value(entry: Entry, way: Way, value: Any) -> Entry:
    """The same entry with another value in one field."""
    if len(way) == 1:
        return entry.model_copy(update={way[0]: value})
    tests = entry.tests.model_copy(update={way[1]: value})
    return entry.model_copy(update={"tests": tests})


def name_of(step: str, *, chinese: bool = True) -> str:
    """A field's name as it is written in files."""
    if not chinese:
        return "not" if step == "not_words" else step
    own = Tests if step in Tests.model_fields else Entry
    return own.chinese(step)


def as_yaml(entries: Iterable[Entry], *, chinese: bool = True) -> str:
    """The text of a file with these entries."""
    return "\n".join(_dump([_plain(entry, chinese)]) for entry in entries)


def _dump(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_ENDLESS
    )
    return text


def _plain(entry: Entry, chinese: bool) -> dict[str, Any]:
    """Only what differs from an entry where nothing was written."""
    found: dict[str, Any] = {}
    for way in fields():
        value = value_of(entry, way)
        if value == empty_value(way):
            continue
        target = found
        for step in way[:-1]:
            target = target.setdefault(name_of(step, chinese=chinese), {})
        target[name_of(way[-1], chinese=chinese)] = _written(value)
    return {name_of(step, chinese=chinese): getattr(entry, step) for step in _LEAST} | found


_LEAST = ("id", "question", "answer")


def _written(value: Any) -> Any:
    if isinstance(value, str | date):
        return value
    words = [str(word) for word in value]
    short = sum(len(word) + 2 for word in words) <= _ONE_LINE
    return _ShortList(words) if short and not any("\n" in word for word in words) else words


def header_of(text: str) -> str:
    """The comment at the head of a file, which is worth keeping."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines).strip("\n")


def comments_within(text: str) -> int:
    """How many lines of comment stand further down; they are lost when a file is written anew."""
    rest: Sequence[str] = text[len(header_of(text)) :].splitlines()
    return sum(line.lstrip().startswith("#") for line in rest)


def speaks_english(text: str) -> bool:
    """Whether the file has the English names of the fields."""
    return any(line.lstrip("- ").startswith(("id:", "question:")) for line in text.splitlines())


def replace_file(file: Path, text: str) -> None:
    """The new text at once or not at all; the old file stays beside it as .bak."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if file.exists():
        shutil.copymode(file, fresh)
        shutil.copy2(file, file.with_name(f"{file.name}.bak"))
    fresh.replace(file)
