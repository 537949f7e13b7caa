"""Where in the file a text of an entry stands, to the line inside a block and what follows it.

The line of a whole field is `files.file_model`'s business; saying what is wrong there is `lint`'s.
"""

from typing import Any

from faq.entries import Entry
from files.file_model import line_of, written
from files.yaml_lines import Item, Steps


def line_within(item: Item, path: Steps, position: int) -> int:
    """The line of one character of a text that may be a block of several lines."""
    line = line_of(Entry, item, path)
    if len(path) > 1:
        return line
    (name,) = written(Entry, item, path)
    before = str(item.value.get(name, ""))[:position].count("\n")
    return line + before + (1 if _is_block(item.node, name) else 0)


def comment(item: Item, lines: list[str], path: Steps) -> str:
    """What follows a text in its line as a comment, if the text has no quotes to end it."""
    node = item.node_of(written(Entry, item, path))
    if getattr(node, "style", "|"):
        return ""
    rest = lines[node.end_mark.line : node.end_mark.line + 1]
    behind = rest[0][node.end_mark.column :].strip() if rest else ""
    return behind if behind.startswith("#") else ""


def _is_block(node: Any, name: int | str) -> bool:
    """Whether the text begins in the line below its name."""
    styles = (value.style for key, value in node.value if getattr(key, "value", None) == name)
    return next(styles, None) in {"|", ">"}
