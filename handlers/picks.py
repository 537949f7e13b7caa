"""Reading the pick from a list of suggestions: a number, 都不是, or words that ask for a person."""

import re
import unicodedata
from typing import Any

#: The key of a suggestion's button: pick:2.
PICK = "pick:"
#: What people say instead of a number when no suggestion fits.
NONE_OF_THEM = re.compile(
    r"(都不是|都不对|都没有|没有我要的|不是这[些个]|转?邻长|转人工|人工|没解决|没有解决)"
    r"(的|[，,、 ]*转邻长)?[。!！]?"
)
_PICK = re.compile(r"(?:我?选|就|要)?第?([0-9]|[一二两三四])个?(?:吧|谢谢)?")
#: 1️⃣ is a 1 in a box
_BOX = re.compile("[\ufe0f\u20e3]")
_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}


def number(text: str) -> int | None:
    """A lone number as people type it: 2, ２, 2️⃣, 二, 第二个, 选2, 2。"""
    plain = _BOX.sub("", unicodedata.normalize("NFKC", text)).strip().rstrip("。.、,!")
    match = _PICK.fullmatch(plain)
    if match is None:
        return None
    return _CHINESE.get(match[1]) or int(match[1])


def picked(text: str, data: dict[str, Any]) -> str | None:
    """The id of the entry that was picked, "" for none of them, None for something else."""
    if NONE_OF_THEM.fullmatch(text.strip()):
        return ""
    entries: list[str] = data["entries"]
    n = number(text)
    if n is None or n == 0 or n > len(entries) + 1:
        return None
    return entries[n - 1] if n <= len(entries) else ""
