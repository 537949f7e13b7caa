"""Is it a report (诉求) or a question? Signs of fault, neglect, time, place and person decide.

A report must never be swallowed by a ready-made answer; what is done with it is up to handlers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from faq.text import head, key, normalise
from files.yaml_lines import read_lists

Kind = Literal["report", "question", "unknown"]
_ASKING = "提问"
_SIGNS = ("请求", "故障", "不管", "时间", "地点", "门路", "办事")
_GROUPS = (*_SIGNS, _ASKING)
_WEIGHTS = {"故障": 2.0, "不管": 2.0, "时间": 1.0, "地点": 1.0}
_ASKED = 1.5
_ABOUT_RULES = 1.0
_STATED = 1.0
_ENOUGH = 2.0
_CERTAIN = 9.0
_LONG = "说了很长一段"
_SHIPPED = Path(__file__).parent / "tables" / "intent.yaml"


@dataclass(frozen=True)
class Intent:
    """What a text is, how strongly, and the signs that say so."""

    kind: Kind
    score: float
    signs: tuple[str, ...]
    serious: bool = False


class IntentWords:
    """The signs of tables/intent.yaml, compiled."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        self._signs = {group: _either(words.get(group, ())) for group in _GROUPS}

    @classmethod
    def load(cls, file: Path, data: bytes | None = None) -> "IntentWords":
        """Read the table; raises FileError with what is wrong."""
        return cls(read_lists(file, _GROUPS, data=data))

    def judge(self, text: str) -> Intent:
        """Weigh the signs in a normalised text; nobody writes a whole page just to ask."""
        text, more = head(text)
        bare = key(text)
        found = {group: _hits(self._signs[group], bare) for group in _SIGNS}
        # 几天 asks, 好几天 does not.
        without = self._signs["时间"].sub("。", bare)
        asked = bool(self._signs[_ASKING].search(without)) or "?" in text
        signs = tuple(word for group in ("请求", *_WEIGHTS) for word in found[group])
        if more:
            return Intent("report", _CERTAIN, (_LONG, *signs), serious=True)
        if found["请求"] and not found["门路"]:
            return Intent("report", _CERTAIN, signs, serious=True)
        score = sum(weight for group, weight in _WEIGHTS.items() if found[group])
        trouble = bool(found["故障"] or found["不管"])
        serious = trouble or bool(found["请求"] or found["地点"])
        score += -_ASKED if asked else _STATED
        score -= _ABOUT_RULES if found["办事"] and asked else 0.0
        if trouble and score >= _ENOUGH:
            return Intent("report", score, signs, serious)
        return Intent("question" if asked else "unknown", score, signs, serious)


def report_or_question(text: str) -> Intent:
    """The judgement with the shipped signs, for a text as it was typed."""
    return _shipped().judge(normalise(text))


@cache
def _shipped() -> IntentWords:
    return IntentWords.load(_SHIPPED)


def _either(words: Iterable[str]) -> re.Pattern[str]:
    plain = sorted({key(normalise(word)) for word in words} - {""}, key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, plain)) or "(?!)")


def _hits(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pattern.findall(text)))
