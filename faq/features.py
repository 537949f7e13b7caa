"""How alike two shapes are: the numbers that the model weighs.

Each is in about 0..1 and the same on every machine; what they are worth together is in model.json.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler, LCSseq, Levenshtein
from rapidfuzz.fuzz import ratio

from faq.segment import rarity
from faq.words import Shape, pairs_of

NAMES = (
    # shared words and characters, seen from the question (q) and from the phrasing (d)
    "words_q", "words_d", "chars_q", "chars_d", "local_q", "local_d", "entry_q",
    # what one says and the other does not
    "lost_q", "lost_d", "most_q", "most_d", "most_both", "share_q", "share_d", "rare_q", "rare_d",
    # aligned: a word in the place of another, a word too many
    "replaced", "replaced_local", "gap_q", "gap_d",
    # the texts as strings
    "pairs", "ratio", "core_ratio", "core_sorted", "jaro", "length", "lcs_q", "lcs_d", "lcs_key",
    "edits", "core_edits", "letters", "first", "last", "order", "swapped", "weight",
    # what is asked
    "ask_same", "ask_other", "ask_one", "ask_shared", "ask_near", "ask_part", "ask_entry",
    # things that must agree
    "number", "number_both", "negative", "negative_only", "opposite", "same_core", "same_words",
    # how much there is at all: what both say, how many words only one says
    "said", "said_local", "alone_q", "alone_d",
)  # fmt: skip
_AMOUNTS = 4
# Of these, less is better.
_APART = {
    "lost_q", "lost_d", "most_q", "most_d", "most_both", "share_q", "share_d", "rare_q", "rare_d",
    "replaced", "replaced_local", "gap_q", "gap_d", "edits", "core_edits", "swapped",
    "ask_other", "ask_one", "number", "number_both", "negative", "negative_only", "opposite",
}  # fmt: skip
_LIKENESS = NAMES[:-_AMOUNTS]
#: What the model is given: the numbers, and how far each likeness is ahead of all other entries'.
INPUTS = (*NAMES, *(f"{name}_ahead" for name in _LIKENESS))
_SIGNS = np.array([-1.0 if name in _APART else 1.0 for name in _LIKENESS])
# What stands in for other entries where there are none.
_NOTHING = np.minimum(_SIGNS, 0.0)
_FULL = 16.0
_WEIGHTY = 6.0
_MUCH = 80.0
_MANY = 8.0
_WORDS = 5.0
_NEAR = {
    "怎么做": 1, "怎么办": 1, "怎么治": 1, "什么": 2, "有哪些": 2, "哪个": 2, "是什么意思": 3,
    "何时": 4, "多久": 4, "多少": 5, "多少钱": 5, "是否": 6, "怎么样": 6, "为什么": 7, "哪里": 8,
    "谁": 9, "打哪个电话": 9, "要带什么": 10, "要什么条件": 11, "几岁": 12,
}  # fmt: skip


_common, _in_order = LCSseq.similarity, LCSseq.normalized_similarity
_edits, _jaro = Levenshtein.distance, JaroWinkler.similarity
_Row = tuple[float, ...]
# Likenesses, and amounts that are not compared with other entries.
_Numbers = tuple[_Row, _Row]
# What one side says that the other does not: how many words, all that they tell and the most that
# one of them tells (less where the other side has its characters), the most that one of them tells
# by itself, the rarest of the weighty ones.
_Lost = tuple[int, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the index knows about a phrasing beyond its own words."""

    local: Mapping[str, float]
    opposites: Mapping[str, frozenset[str]]


class Side:
    """A question or a phrasing with all that is worked out from it alone.

    Each is compared many times, so nothing here is left for the comparing.
    """

    __slots__ = (
        "asks", "char_total", "chars", "core", "key", "letters", "local_total", "near", "negative",
        "numbers", "opposed", "pairs", "rare", "sorted", "tokens", "total", "weight", "weights",
    )  # fmt: skip

    def __init__(self, shape: Shape, around: Surroundings) -> None:
        self.key, self.tokens, self.weights = shape.key, shape.tokens, shape.weights
        self.asks, self.numbers, self.negative = shape.asks, shape.numbers, shape.negative
        self.core = shape.core
        self.sorted = "".join(sorted(self.tokens))
        self.letters = frozenset(self.key)
        self.pairs = frozenset(pairs_of(self.key) or (self.key,))
        self.chars = {char: rarity(char) for char in self.core}
        self.total = sum(self.weights.values())
        self.weight = min(self.total, 60.0) / 60
        self.char_total = sum(self.chars.values())
        # How seldom each word is in this FAQ: 0 everywhere, 1 nowhere.
        self.rare = {word: around.local.get(word, 1.0) for word in self.weights}
        self.local_total = sum(self.rare.values())
        self.near = _near(self.asks)
        self.opposed = _opposed(self.weights, around.opposites)


@lru_cache(maxsize=1024)
def _near(asks: frozenset[str]) -> frozenset[int | None]:
    return frozenset(map(_NEAR.get, asks))


def _opposed(
    words: Iterable[str], opposites: Mapping[str, frozenset[str]]
) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple([(word, opposites[word]) for word in words if word in opposites])


def features(q: Side, d: Side, entry: tuple[Collection[str], Collection[str]]) -> _Row:
    """Compare a question with a phrasing of `entry` (all its words, all its ways of asking)."""
    shared, said = _shared(q, d, entry[0])
    missing, gaps, alone = _missing(q, d)
    return (
        *shared,
        *missing,
        *_replaced(q, d, alone),
        *gaps,
        *_strings(q, d),
        *_asked(q, d, entry[1]),
        *_agreement(q, d, same_words=not any(alone)),
        *said,
        *alone,
    )


def compared(rows: Sequence[Sequence[float]], owners: Sequence[int]) -> NDArray[np.float64]:
    """The rows of all candidates of a question, each with its lead over the other entries.

    A likeness of 0.8 means much where the next entry has 0.3, and nothing where it has 0.8 too.
    """
    count = len(rows) * len(NAMES)
    plain = np.fromiter(chain.from_iterable(rows), np.float64, count).reshape(-1, len(NAMES))
    signed = plain[:, : len(_LIKENESS)] * _SIGNS
    lead = signed - _best_of_others(signed, np.array(owners)[:, None]) if count else signed
    return np.concatenate([plain, lead], axis=1)


def _best_of_others(signed: NDArray[np.float64], owner: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each row and column the most that another entry has: the best of all, or where that is
    the row's own, the best without it."""
    mine = owner == owner[signed.argmax(axis=0), 0]
    best = np.maximum.reduce(signed)
    without = np.maximum.reduce(np.where(mine, -9.0, signed))
    others: NDArray[np.float64] = np.maximum(np.where(mine, without, best), _NOTHING)
    return others


def _shared(q: Side, d: Side, entry: Collection[str]) -> _Numbers:
    """One pass over the question's words; sums in the order of the words, the same everywhere."""
    weight = local = known = letters = 0.0
    for word, value in q.weights.items():
        if word in entry:
            known += value
        if word in d.weights:
            weight += value
            local += q.rare[word]
    for char, value in q.chars.items():
        if char in d.chars:
            letters += value
    likeness = (
        weight / (q.total or 1.0),
        weight / (d.total or 1.0),
        letters / (q.char_total or 1.0),
        letters / (d.char_total or 1.0),
        local / (q.local_total or 1.0),
        local / (d.local_total or 1.0),
        known / (q.total or 1.0),
    )
    return likeness, (min(weight / _MUCH, 1.0), min(local / _MANY, 1.0))


def _missing(q: Side, d: Side) -> tuple[_Row, _Row, _Row]:
    """Likenesses, the weightiest word too many on each side, and how many words too many."""
    alone_q, total_q, most_q, gap_q, rare_q = _lost(q, d)
    alone_d, total_d, most_d, gap_d, rare_d = _lost(d, q)
    likeness = (
        min(total_q / 20, 2.0),
        min(total_d / 20, 2.0),
        most_q / _FULL,
        most_d / _FULL,
        min(most_q, most_d) / _FULL,
        total_q / (q.total or 1.0),
        total_d / (d.total or 1.0),
        rare_q,
        rare_d,
    )
    gaps = gap_q / _FULL, gap_d / _FULL
    return likeness, gaps, (min(alone_q / _WORDS, 1.0), min(alone_d / _WORDS, 1.0))


def _lost(a: Side, b: Side) -> _Lost:
    alone = 0
    total = most = gap = rarest = 0.0
    known = b.chars
    for word, weight in a.weights.items():
        if word in b.weights:
            continue
        alone += 1
        rare = a.rare[word]
        if weight > gap:
            gap = weight
        if weight > _WEIGHTY and rare > rarest:
            rarest = rare
        strange = 0
        for char in word:
            strange += char not in known
        weight *= 0.15 + 0.85 * strange / len(word)
        total += weight
        if weight > most:
            most = weight
    return alone, total, most, gap, rarest


def _replaced(q: Side, d: Side, alone: _Row) -> tuple[float, float]:
    """How much a word tells that stands in the place of another, in general and in this FAQ."""
    most = rarest = 0.0
    if all(alone):
        for step in Levenshtein.opcodes(q.tokens, d.tokens):
            if step.tag == "replace":
                most_q, rare_q = _most(q.tokens[step.src_start : step.src_end], q, d)
                most_d, rare_d = _most(d.tokens[step.dest_start : step.dest_end], d, q)
                most, rarest = max(most, min(most_q, most_d)), max(rarest, min(rare_q, rare_d))
    return most / _FULL, rarest


def _most(words: Sequence[str], a: Side, b: Side) -> tuple[float, float]:
    """The most that any of the words tells, in general and in this FAQ, if `b` lacks it."""
    most = rarest = 0.0
    for word in words:
        if word not in b.weights:
            most, rarest = max(most, a.weights[word]), max(rarest, a.rare[word])
    return most, rarest


def _strings(q: Side, d: Side) -> _Row:
    common = _common(q.core, d.core)
    len_q, len_d = len(q.core), len(d.core)
    letters = len(q.letters & d.letters)
    return (
        2 * len(q.pairs & d.pairs) / (len(q.pairs) + len(d.pairs)),
        ratio(q.key, d.key) / 100,
        ratio(q.core, d.core) / 100,
        ratio(q.sorted, d.sorted) / 100,
        _jaro(q.key, d.key),
        min(len_q, len_d) / (max(len_q, len_d) or 1),
        common / (len_q or 1),
        common / (len_d or 1),
        _common(q.key, d.key) / (min(len(q.key), len(d.key)) or 1),
        min(_edits(q.key, d.key), 10) / 10,
        min(_edits(q.core, d.core), 10) / 10,
        letters / (len(q.letters) + len(d.letters) - letters or 1),
        float(q.tokens[:1] == d.tokens[:1]),
        float(q.tokens[-1:] == d.tokens[-1:]),
        *_order(q, d),
        q.weight,
    )


def _order(q: Side, d: Side) -> tuple[float, float]:
    """How far the shared words come in the same order; how far the weighty ones do not."""
    mine = [word for word in q.tokens if word in d.weights]
    theirs = [word for word in d.tokens if word in q.weights]
    if mine == theirs:
        return float(bool(mine)), 0.0
    order = _in_order(mine, theirs)
    mine = [word for word in mine if q.weights[word] > _WEIGHTY]
    theirs = [word for word in theirs if d.weights[word] > _WEIGHTY]
    if len(mine) < 2 or len(mine) != len(theirs):
        return order, 0.0
    return order, 1.0 - _in_order(mine, theirs)


def _asked(q: Side, d: Side, entry: Collection[str]) -> _Row:
    both = bool(q.asks) and bool(d.asks)
    shared = len(q.asks & d.asks)
    return (
        float(both and q.asks == d.asks),
        float(both and not shared),
        float(bool(q.asks) != bool(d.asks)),
        float(bool(shared)),
        float(not q.near.isdisjoint(d.near)),
        shared / (len(q.asks) + len(d.asks) - shared or 1),
        float(not q.asks.isdisjoint(entry)),
    )


def _agreement(q: Side, d: Side, *, same_words: bool) -> _Row:
    differ = q.numbers != d.numbers
    against = q.negative != d.negative
    return (
        float(differ),
        float(differ and bool(q.numbers) and bool(d.numbers)),
        float(against),
        float(against and same_words),
        float(opposite(q, d)),
        float(q.core == d.core),
        float(same_words),
    )


def opposite(q: Side, d: Side) -> bool:
    """Whether the question has a word where the phrasing has one that may not stand for it."""
    for word, others in q.opposed:
        if word not in d.weights and others & (d.weights.keys() - q.weights.keys()):
            return True
    return False
