"""Differences that no likeness makes up for: another number, a "not", the opposite, the reverse.

A vetoed candidate may still be suggested, it is never the answer. Rules are few on purpose.
"""

import re
from collections.abc import Mapping

from rapidfuzz.distance import Levenshtein

from faq.features import Surroundings, opposite
from faq.words import Shape

__all__ = ["PETITIONS", "veto"]

PETITIONS = re.compile("反映|反应一下|投诉|举报|检举|控告|请求|恳请|恳求|呼吁|强烈要求|建议|质疑")
_REPLACED = 0.68
_DIRECTION = re.compile(
    "转换成|转换为|转成|转为|转|改成|改为|改|换成|换为|换|变成|变为|翻译成|翻译为|译成|到|至|飞|比|"
    "喜欢|借给|欠|打|骂|追|克|咬|给"
)
_BEFORE_AFTER = 2
_NEAR = 4
_OTHERWISE = {
    frozenset(pair)
    for pair in (
        ("为什么", "怎么办"),
        ("为什么", "怎么治"),
        ("为什么", "是否"),
        ("怎么做", "是否"),
        ("怎么治", "是否"),
        ("什么", "何时"),
        ("多少钱", "是否"),
        ("哪里", "何时"),
        ("哪里", "多少钱"),
        ("谁", "何时"),
        ("谁", "多少钱"),
        ("要带什么", "何时"),
        ("要带什么", "多少钱"),
        ("要什么条件", "何时"),
        ("何时", "多少钱"),
        ("打哪个电话", "多少钱"),
    )
}


def veto(q: Shape, d: Shape, around: Surroundings, most_both: float) -> str:
    """Why `d` must not answer `q`; empty if nothing speaks against it."""
    if q.numbers - d.numbers and d.numbers - q.numbers:
        return "数字不同"
    if q.negative != d.negative:
        return "一个说“不”，一个没说"
    if opposite(q, d, around.opposites) or _turned(q.core, d.core, around.opposites):
        return "意思相反或不同的词"
    if _asks_otherwise(q, d):
        return "问的不是一回事"
    if most_both > _REPLACED:
        return "换了关键的词"
    if _reversed(q.key, d.key):
        return "方向反了"
    if PETITIONS.search(q.key) and not PETITIONS.search(d.key):
        return "是反映、投诉或建议"
    return ""


def _asks_otherwise(q: Shape, d: Shape) -> bool:
    """可以吗 is not 怎么做, and 为什么 is not 怎么办, however alike the rest."""
    if q.asks & d.asks:
        return False
    return any(frozenset((a, b)) in _OTHERWISE for a in q.asks for b in d.asks)


def _turned(a: str, b: str, opposites: Mapping[str, frozenset[str]]) -> bool:
    """八年级上 and 八年级下: one character in the place of its opposite."""
    return any(
        step.tag == "replace" and b[step.dest_start : step.dest_end] in opposites.get(part, ())
        for step in Levenshtein.opcodes(a, b)
        if (part := a[step.src_start : step.src_end])
    )


def _reversed(a: str, b: str) -> bool:
    """A转B asked, B转A on file: the same letters on other sides of the same word."""
    hit = _DIRECTION.search(a)
    if hit is None or hit.group() not in b or a == b:
        return False
    left_a, right_a = _beside(a, hit.group())
    left_b, right_b = _beside(b, hit.group())
    crossed = _common(left_a, right_b) + _common(right_a, left_b)
    straight = _common(left_a, left_b) + _common(right_a, right_b)
    least = min(_common(left_a, right_b), _common(right_a, left_b))
    return least >= _BEFORE_AFTER and crossed > straight


def _beside(text: str, word: str) -> tuple[str, str]:
    """The few characters before and after a word."""
    left, _, right = text.partition(word)
    return left[-_NEAR:], right[:_NEAR]


def _common(a: str, b: str) -> int:
    return len(set(a) & set(b))
