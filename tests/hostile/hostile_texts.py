"""Texts on which a pattern works longest: runs of what it repeats, and an end that fits nothing."""

import re
from collections.abc import Iterator
from typing import Any

#: What people can send at any rate.
GENERAL = (
    "1", " ", "一", "a!", "a", "的", "，", "1一", "a ", "@a", "「", "1-", "十", "不", "x", "第一", "1.",
    "\n", "的1", "，1", "好吧", "嗯", "谢谢", "SZ-1", "我", "0001 ", "有人", "没", "（",
)  # fmt: skip
#: Fits nowhere, so that every way has to be tried.
END = "\x00"
#: What a class of characters may hold.
_CANDIDATES = "一1a x!\n，。"
_parser: Any = vars(re)["_parser"]


def texts(pattern: str, flags: int, length: int) -> Iterator[str]:
    """Every run of ``length`` characters, alone and behind the pattern's own beginning."""
    tree = _parser.parse(pattern, flags & ~re.UNICODE)
    own = sorted(part for part in _repeated(tree) if 0 < len(part) < 40)[:16]
    begin = _example(tree)[:12]
    for part in dict.fromkeys((*GENERAL, *own, begin)):
        if part:
            yield part * (length // len(part)) + END
    for part in own:
        yield begin + part * (length // len(part)) + END


def _repeated(tree: Any) -> set[str]:
    """Examples of all that is repeated, alone and with what comes next."""
    found: set[str] = set()
    for place, (kind, how) in enumerate(tree):
        name = str(kind)
        if name.endswith("REPEAT"):
            once = _example(how[2])
            found |= {once, once + _example(tree[place + 1 : place + 2])} | _repeated(how[2])
        elif name == "SUBPATTERN":
            found |= _repeated(how[3])
        elif name == "BRANCH":
            found |= {one for branch in how[1] for one in _repeated(branch)}
        elif name.startswith("ASSERT"):
            found |= _repeated(how[1])
        elif name == "ATOMIC_GROUP":
            found |= _repeated(how)
    return found


def _example(tree: Any) -> str:
    return "".join(_one(str(kind), how) for kind, how in tree)


def _one(kind: str, how: Any) -> str:
    if kind == "LITERAL":
        return chr(how)
    if kind == "NOT_LITERAL":
        return "x" if how != ord("x") else "y"
    if kind == "ANY":
        return "x"
    if kind == "IN":
        return _member(how)
    if kind == "BRANCH":
        return _example(how[1][0])
    if kind == "SUBPATTERN":
        return _example(how[3])
    if kind == "ATOMIC_GROUP":
        return _example(how)
    return _example(how[2]) * max(how[0], 1) if kind.endswith("REPEAT") else ""


def _member(items: Any) -> str:
    """A character of the class."""
    named = [chr(how) for kind, how in items if str(kind) == "LITERAL"]
    named += [chr(how[0]) for kind, how in items if str(kind) == "RANGE"]
    return next((sign for sign in (*named, *_CANDIDATES) if _holds(items, sign)), "x")


def _holds(items: Any, sign: str) -> bool:
    turned, held = False, False
    for kind, how in items:
        name = str(kind)
        if name == "NEGATE":
            turned = True
        elif name == "LITERAL":
            held |= ord(sign) == how
        elif name == "RANGE":
            held |= how[0] <= ord(sign) <= how[1]
        elif name == "CATEGORY":
            held |= _in_category(str(how), sign)
    return held != turned


def _in_category(name: str, sign: str) -> bool:
    plain = {
        "DIGIT": sign.isdigit(),
        "SPACE": sign.isspace(),
        "WORD": sign.isalnum() or sign == "_",
    }[name.rpartition("_")[2]]
    return plain != ("NOT" in name)
