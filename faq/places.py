"""Where in a file a field stands, whichever of its two names was written.

Reading the file is left to `reading`, saying what is wrong there to `lint` and `selftest`.
"""

from typing import Any

from faq.emergency import EmergencyClass
from faq.entries import Entry, FileModel, Tests
from faq.reading import Item


class Places:
    """The names of one model's fields, for finding lines."""

    def __init__(self, model: type[FileModel]) -> None:
        self._names = model.aliases() | Tests.aliases()

    def line(self, item: Item, *path: int | str) -> int:
        """The line of a value; of the nearest parent when it was not written."""
        return item.line_of(tuple(self._written(item, path)))

    def line_within(self, item: Item, field: str, position: int) -> int:
        """The line of one place in a text that may be a block of several lines."""
        line = self.line(item, field)
        name = self._name(item.value, field)
        before = str(item.value.get(name, ""))[:position].count("\n")
        return line + before + (1 if _is_block(item.node, name) else 0)

    def comment(self, item: Item, lines: list[str], *path: int | str) -> str:
        """What follows a text in its line as a comment, if the text has no quotes to end it."""
        node = item.node_of(tuple(self._written(item, path)))
        if getattr(node, "style", "|"):
            return ""
        rest = lines[node.end_mark.line : node.end_mark.line + 1]
        behind = rest[0][node.end_mark.column :].strip() if rest else ""
        return behind if behind.startswith("#") else ""

    def _written(self, item: Item, path: tuple[int | str, ...]) -> list[int | str]:
        written: list[int | str] = []
        value = item.value
        for step in path:
            name = self._name(value, step)
            written.append(name)
            value = value.get(name) if isinstance(value, dict) else None
        return written

    def _name(self, value: Any, step: int | str) -> int | str:
        if not isinstance(value, dict) or step in value:
            return step
        return next((name for name in value if self._names.get(name) == step), step)


def _is_block(node: Any, name: int | str) -> bool:
    """Whether the text begins in the line below its name."""
    styles = (value.style for key, value in node.value if getattr(key, "value", None) == name)
    return next(styles, None) in {"|", ">"}


ENTRY = Places(Entry)
EMERGENCY = Places(EmergencyClass)
