"""Is it a report (诉求) or a question? Signs of fault, time, place and person decide.

A report must never be swallowed by a ready-made answer; what is done with one is up to the handlers.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["report", "question", "unknown"]


@dataclass(frozen=True)
class Intent:
    """What a text is, and the signs that say so."""

    kind: Kind
    score: float
    signs: tuple[str, ...]


_ASKS = ("吗", "怎么", "什么", "哪", "多少", "几", "如何", "?", "能不能", "可以", "谁")
_DEMANDS = ("反映", "投诉", "举报", "请求", "建议")
_FAULTS = ("坏了", "没人管", "没人修", "堵了", "漏水", "停水", "停电", "不亮", "噪音", "扰民")


def report_or_question(text: str) -> Intent:
    """Weigh the signs in a normalised text."""
    demands = tuple(s for s in _DEMANDS if s in text)
    faults = tuple(s for s in _FAULTS if s in text)
    asks = tuple(s for s in _ASKS if s in text)
    if demands or faults:
        return Intent("report", 1.0, demands + faults)
    return Intent("question" if asks else "unknown", 0.0, asks)
