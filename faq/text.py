"""What people type, brought to one form: width, script, mentions, emoji, punctuation, numbers.

Everything that compares texts starts here. Which words mean the same is lexicon.py's business.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from faq.prepared import digest_of

_MENTION_END = "\\s\u2005\u00a0\u3000@,，。、;；:：!！?？"
_ANY_MENTION = re.compile(
    rf"(?<![A-Za-z0-9._-])@[^{_MENTION_END}]{{1,20}}(?:[\s\u2005]+|(?=[@,:!?;。、])|$)"
)
# WeChat writes its own stickers as [微笑]; nothing a resident types looks like that.
_STICKER = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]|/:[a-z:]{1,8}")
_HAN = re.compile(r"[\u4e00-\u9fa5]+")
_SPACE = re.compile(r"\s+")
_SPACE_AT_HAN = re.compile(r"(?<=[^\x21-\x7e]) | (?=[^\x21-\x7e])")
_NOT_KEY = re.compile(r"[^0-9a-z\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff.]+")
_LONE_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_STUTTER = re.compile(r"([\u4e00-\u9fff]{2,5}?)\1+")
_LONG_RUN = re.compile(r"([^0-9])\1{2,}")
_SAME_MARKS = str.maketrans({"。": "。", "、": "、", "·": "", "…": "。", "~": "。", "—": "-"})
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMBER = re.compile(r"\d+(?:\.\d+)?|[零〇一二两俩三四五六七八九十百千万亿]+")


#: How much of a text is ranked and judged; no question in any of our sets has 50 characters.
LONGEST = 300
_LOOKED_AT = 10 * LONGEST
_SENTENCE_ENDS = "。!?;"


@cache
def script_version() -> str:
    """What scripts and widths are told apart by."""
    return digest_of([_zhconv(), unicodedata.unidata_version.encode()])


def _zhconv() -> bytes:
    """zhconv's tables, as they lie in its folder."""
    spec = find_spec("zhconv")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("zhconv")
    return (Path(spec.origin).parent / "zhcdict.json").read_bytes()


@cache
def _simplified() -> dict[int, str]:
    """Single characters only: the word table of zhconv mends style, not reading."""
    data = json.loads(_zhconv())
    pairs = data["zh2Hans"].items()
    return {ord(old): new for old, new in pairs if len(old) == len(new) == 1 and old != new}


def warm_up() -> None:
    """Read the character table now rather than in the first message."""
    _simplified()


def normalise(text: str, names: Iterable[str] = ()) -> str:
    """The text as a careful typist would have written it, without mentions of the bot (`names`)."""
    if _HAN.fullmatch(text):
        return text.translate(_simplified())  # most messages and nearly all words of the tables
    text = unicodedata.normalize("NFKC", text).translate(_simplified())
    text = "".join(c for c in text if _is_text(c))
    text = _STICKER.sub("", _without_mentions(text, names)).lower()
    text = text.translate(_SAME_MARKS)
    text = _SPACE.sub(" ", text).strip()
    return _SPACE_AT_HAN.sub("", text)


def _without_mentions(text: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        name = unicodedata.normalize("NFKC", name).translate(_simplified())
        if name:
            text = re.sub(rf"@\s?{re.escape(name)}[\s\u2005]*", " ", text)
            text = re.sub(rf"^\s*{re.escape(name)}\s*[,:!。]\s*", "", text)
    return _ANY_MENTION.sub(" ", text)


def has_sticker(message: str) -> bool:
    """Whether there is a sticker or an emoji; what could not be decoded is none."""
    broken = "\N{REPLACEMENT CHARACTER}"
    emoji = (c for c in message if c != broken and unicodedata.category(c) == "So")
    return _STICKER.search(message) is not None or any(emoji)


@lru_cache(maxsize=8192)
def _is_text(char: str) -> bool:
    if char in "\n\t ":
        return True
    category = unicodedata.category(char)
    return category[0] not in "CM" and category not in {"So", "Sk"}


# Every step that looks at a message begins with this.
@lru_cache(maxsize=16)
def key(text: str) -> str:
    """Letters, digits and Han characters: what two normalised phrasings must share to be one."""
    bare = _LONE_DOT.sub("", _NOT_KEY.sub("", text))
    if len(set(bare)) == len(bare):
        return bare  # most texts say nothing twice, and looking for it takes long
    return _STUTTER.sub(r"\1", _LONG_RUN.sub(r"\1", bare))


def indivisible(words: Iterable[str]) -> list[str]:
    """The words that are not put together of others among them, the longest first.

    A run of them matches the same texts, but in one way instead of many: with 嗯 and 嗯嗯 there are
    two to the power of the length, and all are tried where the run does not fit in the end.
    """
    known = set(words) - {""}
    return [
        word
        for word in sorted(known, key=lambda word: (-len(word), word))
        if not _put_together(word, known - {word})
    ]


def _put_together(word: str, parts: set[str]) -> bool:
    ends = {0}
    for end in range(1, len(word) + 1):
        if any(word[start:end] in parts for start in ends):
            ends.add(end)
    return len(word) in ends


def head(clean: str) -> tuple[str, bool]:
    """The first sentences of a normalised text, and whether there is more.

    What is said over and over counts once; of a flood of it only the beginning is looked at.
    """
    if len(clean) <= LONGEST:
        return clean, False
    start = clean[:_LOOKED_AT]
    told = _STUTTER.sub(r"\1", _LONG_RUN.sub(r"\1", start))
    if len(told) <= LONGEST:
        return told, len(start) < len(clean)
    end = 1 + max(told.rfind(mark, 0, LONGEST) for mark in _SENTENCE_ENDS)
    return told[: end if end > LONGEST // 3 else LONGEST], True


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text, Chinese and Arabic ones alike, as plain digits."""
    return frozenset(_as_digits(found) for found in _NUMBER.findall(text))


def _as_digits(found: str) -> str:
    if found[0].isdigit():
        return str(float(found)).removesuffix(".0")
    return _han_value(found)


def _han_value(word: str) -> str:
    if not any(c in _UNITS for c in word):
        # Not by way of int(), which refuses a number of thousands of digits.
        return "".join(str(_DIGITS[c]) for c in word).lstrip("0") or "0"
    total = section = digit = 0
    for char in word:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _UNITS[char] < 10_000:
            section += (digit or (1 if char == "十" else 0)) * _UNITS[char]
            digit = 0
        else:
            total += (section + digit) * _UNITS[char]
            section = digit = 0
    return str(total + section + digit)
