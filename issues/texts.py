"""What residents, 三长 and groups read: shipped in files, an office puts its own beside them.

Each key has a text, perhaps a line for digests and the words of a card. Checking an office's own
file is texts_file.py's business; when and to whom is tell.py's, what a card looks like words.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from rules.transitions import REFUSALS
from storage.notice import Card, Notice

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HOME = Path(__file__).parent.parent
#: Read as one table, in which each key stands once: what is told of issues, what is answered.
SHIPPED = (HOME / "issues" / "texts.yaml", HOME / "handlers" / "texts.yaml")
#: Either will do where the reader has to know which issue.
NUMBERS = ("number", "short")
#: Every template about an issue may name these; words.py fills them from the issue.
COMMON = ("number", "short", "who", "content", "brief", "due", "promised", "place")


class Template(BaseModel):
    """One key of the file. ``also``: what it may name besides COMMON; ``hide``: what of COMMON its
    readers must not learn; ``only``: what it may name instead; ``must``: what the text of an office
    has to keep besides the number and the next step. Mere words may name what they name, and an
    office keeps all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = ""
    line: str = ""
    title: str = ""
    desc: str = ""
    body: str = ""
    buttons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    must: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The variables that it may name."""
        if self.only is not None:
            return self.only
        return (*(name for name in COMMON if name not in self.hide), *self.also)


def names_in(text: str) -> set[str]:
    """The variables of a text whose braces are in order."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _template(value: Any) -> Template:
    if isinstance(value, str):
        named = tuple(sorted(names_in(value)))
        must = tuple(name for name in named if name not in NUMBERS)
        return Template(text=value, only=named, must=must)
    return Template.model_validate(value)


class Value(str):
    """What stands in the place of a variable: {reason:20} is 20 characters of it at most."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return cut(self, int(spec)) if spec else str(self)


def cut(text: str, length: int) -> str:
    """At most ``length`` characters on one line, with … for what is left out."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def fill(part: str, values: Mapping[str, object]) -> str:
    """The words with their variables filled in; a line of which nothing is left is left out."""
    given = {name: Value(value) for name, value in values.items()}
    lines = [(line, line.format_map(given)) for line in part.strip().split("\n")]
    return "\n".join(told for line, told in lines if told.strip() or not line.strip())


@cache
def shipped() -> Mapping[str, Template]:
    """The templates that come with the program; the refusals of the regulation stand in rules/."""
    files = [yaml.load(path.read_text("utf-8"), Loader=_LOADER) for path in SHIPPED]
    return together(*files, REFUSALS)


def together(*files: Mapping[str, Any]) -> dict[str, Template]:
    """Several files as one table. Raises ValueError for a key that is in two of them."""
    found: dict[str, Template] = {}
    for key, value in (entry for file in files for entry in file.items()):
        if key in found:
            raise ValueError(f"{key} stands in two files of texts")
        found[key] = _template(value)
    return found


@dataclass(frozen=True)
class Texts:
    """The templates of one deployment."""

    templates: Mapping[str, Template] = field(default_factory=shipped)

    def say(self, key: str, values: Mapping[str, object], part: str = "text") -> str:
        """The text of that key, or another part of it, with its variables filled in."""
        return fill(getattr(self.templates[key], part), values)

    def notice(self, key: str, values: Mapping[str, object], card: Card | None = None) -> Notice:
        """The text and its line in a digest."""
        text = self.say(key, values)
        return Notice(text, self.say(key, values, "line") or text, card)

    def buttons(self, key: str) -> tuple[str, ...]:
        """What stands on the buttons of that card, in the order of the file."""
        return self.templates[key].buttons

    def fields(self, key: str) -> tuple[str, ...]:
        """The names of what is listed on that card, in the order of the file."""
        return self.templates[key].fields
