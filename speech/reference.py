"""Which matters a sentence speaks of: the numbers that it names, the things and words it shares.

How near each one is, as plain numbers; what follows from it is understanding.py's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rules.numerals import is_number_of, numeral
from speech.numbers import inside
from speech.plain import clauses_of
from speech.signs import SignsFound, shipped_signs
from speech.situation import Matter, Situation
from speech.utterance import Utterance

#: So many minutes after a report, words that name nothing belong to it (domain.md §9).
JUST_NOW = 10.0
#: Two characters that are in everybody's sentences tell nothing.
_EMPTY = frozenset(
    [
        *("没人", "人来", "来了", "还没", "没来", "我们", "他们", "你们", "我家", "家里", "怎么"),
        *("什么", "一个", "这个", "那个", "的事", "了没", "没有", "天了", "一直", "已经", "就是"),
        *("在我", "不了", "了我", "了还", "今天", "昨天", "明天", "门口", "一下", "现在", "人管"),
        *("没修", "人修", "来修", "有人", "知道", "是不", "不是", "可以", "谢谢", "修好", "好了"),
        *("坏了", "了三", "了两", "三天", "两天", "几天", "天没", "村口", "路口", "屋后", "屋前"),
        *("我屋", "旁边", "隔壁", "半夜", "好几", "星期"),
    ]
)
_EMPTY_LETTERS = frozenset(
    "的了没不我你他们这那是在有人来一二三四五六七八九十个家门口里上下天就都还又也到和说看去什么怎好吗呢吧啊要"
)


@dataclass(frozen=True)
class Nearness:
    """How much a sentence has to do with one matter."""

    matter: Matter
    named: bool = False
    things: int = 0
    pairs: int = 0
    #: single characters that tell something: 又反上来了 of 下水道反水
    letters: int = 0
    #: the newest own one, within the last minutes
    just: bool = False

    @property
    def score(self) -> float:
        """Comparable between the matters of one situation."""
        return 8.0 * self.named + 2.0 * min(self.things, 2) + 1.0 * min(self.pairs, 4) + self.just

    @property
    def shares_words(self) -> bool:
        return self.named or self.things > 0 or self.pairs > 0


@dataclass(frozen=True)
class Mentioned:
    """All matters of a situation with their nearness, in their order; what was named by a number
    that none of them has."""

    near: tuple[Nearness, ...] = ()
    unknown: tuple[str, ...] = ()
    #: things that the sentence names and no matter does
    new_things: int = 0

    def of(self, matters: Sequence[Matter]) -> list[Nearness]:
        chosen = {matter.number for matter in matters}
        return [near for near in self.near if near.matter.number in chosen]


def mentioned(said: Utterance, found: SignsFound, whole: str, situation: Situation) -> Mentioned:
    """What the sentence has to do with each matter."""
    if not situation.matters:
        return Mentioned((), _digits(said), len(found.things))
    numbers = said.numbers
    named = {m.number for n in numbers for m in _numbered(n, situation.matters)}
    if not named:
        middle = inside(said.words)
        named = {m.number for n in middle for m in _numbered(n, situation.matters)}
    unknown = tuple(n for n in numbers if not _numbered(n, situation.matters) and _is_digits(n))
    just = _just_reported(situation)
    own_pairs = pairs(whole)
    near, known = [], set[str]()
    for matter in situation.matters:
        things, theirs, letters = _read(matter.words)
        known |= things
        near.append(
            Nearness(
                matter,
                named=matter.number in named,
                things=len(found.things & things),
                pairs=len(own_pairs & theirs),
                letters=len(_letters(whole) & letters),
                just=matter is just,
            )
        )
    return Mentioned(tuple(near), unknown, len(found.things - known))


def _just_reported(situation: Situation) -> Matter | None:
    since = situation.since_report_min
    if since is None or since > JUST_NOW:
        return None
    open_ones = [matter for matter in situation.own if matter.is_open]
    return open_ones[-1] if open_ones else None


@lru_cache(maxsize=4096)
def _read(words: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The things, the pairs of characters and the characters of a matter's words."""
    whole = "".join(clauses_of(words))
    return shipped_signs().find(whole).things, pairs(whole), _letters(whole)


def things_of(words: str) -> frozenset[str]:
    """The things that a matter's words name."""
    return _read(words)[0]


def pairs(whole: str) -> frozenset[str]:
    """The pairs of neighbouring characters that tell something."""
    return frozenset(whole[at : at + 2] for at in range(len(whole) - 1)) - _EMPTY


def _letters(whole: str) -> frozenset[str]:
    return frozenset(whole) - _EMPTY_LETTERS


def _numbered(said: str, matters: Sequence[Matter]) -> list[Matter]:
    """Those with that number: 2, 0002, #0042, 20261121-42; 第二 is the second of those in hand."""
    if said.startswith("第"):
        place = numeral(said[1:]) or 0
        in_hand = [m for m in matters if not m.is_own] or list(matters)
        by_number = _numbered(str(place), matters)
        return by_number or in_hand[place - 1 : place] if place else []
    return [matter for matter in matters if is_number_of(said, matter.number)]


def _is_digits(said: str) -> bool:
    return any(c.isdecimal() for c in said)


def _digits(said: Utterance) -> tuple[str, ...]:
    return tuple(number for number in said.numbers if _is_digits(number))
