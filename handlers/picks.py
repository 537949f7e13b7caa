"""Which of the suggestions is picked: by its number, 都不是, or words that ask for a person.

How a number is typed is the business of speech/numbers.py.
"""

import re
from typing import Any

from speech.numbers import lone

#: The key of a suggestion's button: pick:2.
PICK = "pick:"
#: What people say instead of a number when no suggestion fits.
NONE_OF_THEM = re.compile(
    r"(都不是|都不对|都没有|没有我要的|不是这[些个]|转?邻长|转人工|人工|没解决|没有解决)"
    r"(的|[，,、 ]*转邻长)?[。!！]?"
)


def picked(plain: str, data: dict[str, Any]) -> str | None:
    """The id of the entry that was picked, "" for none of them, None for something else."""
    if NONE_OF_THEM.fullmatch(plain):
        return ""
    entries: list[str] = data["entries"]
    n = lone(plain)
    if n is None or n == 0 or n > len(entries) + 1:
        return None
    return entries[n - 1] if n <= len(entries) else ""
