"""Differences that no likeness makes up for: another number, a "not", the opposite, the reverse.

Such a candidate may still be suggested, it is never the answer. Rules are few on purpose.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from faq.features import AskedSide, Side, Surroundings, is_opposite

__all__ = ["PETITIONS", "Rules", "objection", "objections"]

PETITIONS = re.compile("反映|反应一下|投诉|举报|检举|控告|请求|恳请|恳求|呼吁|强烈要求|建议|质疑")
_REPLACED = 0.68
_Speaks = Callable[[AskedSide, Side], bool]
#: What may speak against a phrasing, under the words in which it is told.
Rules = Sequence[tuple[str, _Speaks]]
_DIRECTION = re.compile(
    "转换成|转换为|转成|转为|转|改成|改为|改|换成|换为|换|变成|变为|翻译成|翻译为|译成|到|至|飞|比|"
    "喜欢|借给|欠|打|骂|追|克|咬|给"
)
_BEFORE_AFTER = 2
_NEAR = 4
_PLACE = re.compile(
    "([a-z]\\d{0,2}|[\u4e00-\u9fff]{2})(?:市(?!场|民|长|值|政|面)|县(?!城)|区(?!别|分|域|间)|"
    "镇(?!静|痛|压)|乡(?!下|亲|镇|村|音)|街道|村(?!民|里|委|部|干|支|口|上|组|长|道)|社区)"
)
_NO_NAME = re.compile(
    "(?:[农本们全个各邻外新老小同]村|[城都上超门股夜菜本全个]市|[山地景灾校郊库园厂小社辖城市疫特林个]区|"
    "[城乡集本全个]镇|[家老故本个]乡|[本全个]县|[的们个]社区|[的个]街道)$"
)
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


def objections(q: AskedSide, around: Surroundings) -> Rules:
    """The rules that can speak against any phrasing, by what there is in the question alone."""
    rules = (
        ("数字不同", q.numbers and _other_number),
        ("一个说“不”，一个没说", _denied),
        ("意思相反或不同的词", _opposing(q, around)),
        ("地方不同", places(q.key) and _elsewhere),
        ("问的不是一回事", q.asks and _asks_otherwise),
        ("方向反了", _direction(q.key) and _reversed),
        ("是反映、投诉或建议", _petitions(q.key) and _petition),
    )
    return [(why, rule) for why, rule in rules if rule]


def objection(rules: Rules, q: AskedSide, d: Side, most_both: float) -> str:
    """Why `d` must not answer `q`; empty if none of the rules speaks against it."""
    for why, speaks in rules:
        if speaks(q, d):
            return why
    return "换了关键的词" if most_both > _REPLACED else ""


def _other_number(q: AskedSide, d: Side) -> bool:
    return bool(q.numbers - d.numbers and d.numbers - q.numbers)


def _denied(q: AskedSide, d: Side) -> bool:
    return q.negative != d.negative


def _opposing(q: AskedSide, around: Surroundings) -> _Speaks | None:
    turns = around.may_turn(q.core)
    if not turns and not q.opposed:
        return None

    def opposed(q: AskedSide, d: Side) -> bool:
        if is_opposite(q, d):
            return True
        return turns and _turned(q.core, d.core, around.opposites)

    return opposed


def _elsewhere(q: AskedSide, d: Side) -> bool:
    there = places(d.key)
    return bool(there) and not places(q.key) & there


def _petition(q: AskedSide, d: Side) -> bool:
    return not _petitions(d.key)


# A question is held against many phrasings, a phrasing against many questions.
@lru_cache(maxsize=8192)
def _petitions(text: str) -> bool:
    return bool(PETITIONS.search(text))


@lru_cache(maxsize=8192)
def places(text: str) -> frozenset[str]:
    """Names of towns and villages, as far as their last two characters and their kind tell."""
    found = (hit for hit in _PLACE.finditer(text) if not _NO_NAME.search(hit.group()))
    return frozenset(hit.group() for hit in found)


def _asks_otherwise(q: AskedSide, d: Side) -> bool:
    """可以吗 is not 怎么做, and 为什么 is not 怎么办, however alike the rest."""
    return _otherwise(q.asks, d.asks)


@lru_cache(maxsize=8192)
def _otherwise(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    if mine & theirs:
        return False
    return any(frozenset((a, b)) in _OTHERWISE for a in mine for b in theirs)


def _turned(a: str, b: str, opposites: Mapping[str, frozenset[str]]) -> bool:
    """八年级上 and 八年级下: one character in the place of its opposite."""
    return any(
        step.tag == "replace" and b[step.dest_start : step.dest_end] in opposites.get(part, ())
        for step in Levenshtein.opcodes(a, b)
        if (part := a[step.src_start : step.src_end])
    )


def _reversed(q: AskedSide, d: Side) -> bool:
    """A转B asked, B转A on file: the same letters on other sides of the same word."""
    a, b = q.key, d.key
    word = _direction(a)
    if not word or word not in b or a == b:
        return False
    left_a, right_a = _beside(a, word)
    left_b, right_b = _beside(b, word)
    crossed = _common(left_a, right_b) + _common(right_a, left_b)
    straight = _common(left_a, left_b) + _common(right_a, right_b)
    least = min(_common(left_a, right_b), _common(right_a, left_b))
    return least >= _BEFORE_AFTER and crossed > straight


@lru_cache(maxsize=8192)
def _direction(text: str) -> str:
    hit = _DIRECTION.search(text)
    return hit.group() if hit else ""


def _beside(text: str, word: str) -> tuple[str, str]:
    """The few characters before and after a word."""
    left, _, right = text.partition(word)
    return left[-_NEAR:], right[:_NEAR]


def _common(a: str, b: str) -> int:
    return len(set(a) & set(b))
