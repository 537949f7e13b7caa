"""Words made plain for comparing: one width, no mentions, stickers and emoji, no dialect.

Only for understanding; what is kept and shown is always what was said.
"""

import re
import unicodedata
from dataclasses import dataclass

from files.dialect import Dialect, shipped_dialect
from speech.utterance import Utterance

#: Of a long story the beginning and the end say what is wanted.
HEAD, TAIL = 200, 60
#: Before what is wanted: 你好，组长，打扰了, …
_GREETING = re.compile(
    r"(?:你|您|大家|各位|领导)好|您?好呀?|打扰(?:了|一下|下)|各位领导|(?:邻长|组长|片长|书记|主任|领导|师傅)(?:你好|您好)?"
    r"|那个|我说一下|早上好|上午好|下午好|晚上好"
)
_GAP = re.compile(r"[^0-9a-z\u3007\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True)
class PlainWords:
    """The words by clause, and together; ``only_signs``: a sticker, an emoji, a lone sign.
    ``mark``: whether a question mark was typed."""

    clauses: tuple[str, ...]
    mark: bool = False
    only_signs: bool = False
    #: how many characters were said, whole
    length: int = 0

    @property
    def whole(self) -> str:
        return "".join(self.clauses)


def plainly(said: Utterance) -> PlainWords:
    """The words of a message as they are compared."""
    clauses = _without_greeting(clauses_of(said.plain))
    mark = "?" in said.plain or "？" in said.plain
    return PlainWords(clauses, mark, not clauses and not said.is_cut, len(said.plain))


def _without_greeting(clauses: tuple[str, ...]) -> tuple[str, ...]:
    """Without what is only put before the words; a greeting alone stays."""
    first = next((n for n, one in enumerate(clauses) if not _GREETING.fullmatch(one)), 0)
    return clauses[first:]


def clauses_of(text: str, dialect: Dialect | None = None) -> tuple[str, ...]:
    """A text in clauses of letters, digits and Han characters, in standard words."""
    lower = unicodedata.normalize("NFKC", text).lower()
    parts = tuple(part for part in _GAP.split(lower) if part)
    if sum(map(len, parts)) > HEAD + TAIL:
        whole = "。".join(parts)
        parts = (*_GAP.split(whole[:HEAD]), *_GAP.split(whole[-TAIL:]))
    words = dialect or shipped_dialect()
    return tuple(words.fold(part) for part in parts if part)
