"""How alike two shapes are: the numbers that the model weighs.

Each is in about 0..1 and the same on every machine; what they are worth together is in model.json.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, JaroWinkler, LCSseq, Levenshtein

from faq.lexicon import Shape, pairs_of
from faq.segment import rarity

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
_WORDS = 5
_PARTICLES = frozenset("的了")
# In a line of words: one that the question does not have; what stands between two lines.
_STRANGE, _BESIDE = "\0", "\U0010ffff"
_SHARES = [count / _WORDS for count in range(_WORDS + 1)]
_NEAR = {
    "怎么做": 1, "怎么办": 1, "怎么治": 1, "什么": 2, "有哪些": 2, "哪个": 2, "是什么意思": 3,
    "何时": 4, "多久": 4, "多少": 5, "多少钱": 5, "是否": 6, "怎么样": 6, "为什么": 7, "哪里": 8,
    "谁": 9, "打哪个电话": 9, "要带什么": 10, "要什么条件": 11, "几岁": 12,
}  # fmt: skip


_common, _in_order = LCSseq.similarity, LCSseq.normalized_similarity
_edits, _jaro = Levenshtein.distance, JaroWinkler.similarity
_indel = Indel.normalized_similarity
# From so many edits on, how many no longer matters.
_FAR_EDITS = 10
_TENTHS = [edits / _FAR_EDITS for edits in range(_FAR_EDITS)]
_Row = tuple[float, ...]
# Likenesses, and amounts that are not compared with other entries.
_Numbers = tuple[_Row, _Row]
# What one side says that the other does not: how many words, all that they tell and the most that
# one of them tells (less where the other side has its characters), the most that one of them tells
# by itself, the rarest of the weighty ones.
_Lost = tuple[int, float, float, float, float]


class Surroundings:
    """What the index knows about a phrasing beyond its own words."""

    def __init__(self, local: Mapping[str, float], opposites: Mapping[str, frozenset[str]]) -> None:
        self.local, self.opposites = local, opposites
        self._turning: dict[str, list[str]] = {}
        for word in opposites:
            self._turning.setdefault(word[:1], []).append(word)

    def may_turn(self, core: str) -> bool:
        """Whether any word that has an opposite stands in the text, as a word or by chance."""
        found = self._turning
        return any(
            core.startswith(word, at)
            for at, char in enumerate(core)
            if char in found
            for word in found[char]
        )


class Side:
    """A question or a phrasing with all that is worked out from it alone.

    Each is compared many times, so nothing here is left for the comparing. Thousands are kept: what
    the collector would walk through (lists, tuples, sets) is had sparingly.
    """

    __slots__ = (
        "asks", "char_total", "chars", "core", "first", "key", "last", "letters", "local_total",
        "negative", "numbers", "pairs", "rare", "sorted", "tokens", "total", "weight", "weights",
    )  # fmt: skip

    def __init__(self, shape: Shape, around: Surroundings) -> None:
        self.key, self.tokens, self.weights = shape.key, shape.tokens, shape.weights
        self.asks, self.numbers, self.negative = shape.asks, shape.numbers, shape.negative
        self.core = shape.core
        self.sorted = "".join(sorted(self.tokens))
        self.first, self.last = (self.tokens[0], self.tokens[-1]) if self.tokens else ("", "")
        self.letters = frozenset(self.key)
        self.pairs = frozenset(pairs_of(self.key) or (self.key,))
        self.chars = {char: rarity(char) for char in self.core}
        self.total = sum(self.weights.values())
        self.weight = min(self.total, 60.0) / 60
        self.char_total = sum(self.chars.values())
        # How seldom each word is in this FAQ: 0 everywhere, 1 nowhere.
        self.rare = {word: around.local.get(word, 1.0) for word in self.weights}
        self.local_total = sum(self.rare.values())

    @property
    def plain(self) -> list[str]:
        """The words without 的 and 了, in their order."""
        return [word for word in self.tokens if word not in _PARTICLES]


class AskedSide(Side):
    """A question, which many phrasings are held against."""

    __slots__ = ("line", "marks", "opposed")

    def __init__(self, shape: Shape, around: Surroundings) -> None:
        super().__init__(shape, around)
        self.opposed = _opposed(self.weights, around.opposites)
        #: a character for each word, by where it stands first, and the words written with them
        self.marks = {word: chr(at) for at, word in [*enumerate(self.tokens, 1)][::-1]}
        self.line = "".join(map(self.marks.__getitem__, self.tokens))


@lru_cache(maxsize=1024)
def _near(asks: frozenset[str]) -> frozenset[int | None]:
    return frozenset(map(_NEAR.get, asks))


def _opposed(
    words: Iterable[str], opposites: Mapping[str, frozenset[str]]
) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple([(word, opposites[word]) for word in words if word in opposites])


def features(q: AskedSide, d: Side, entry: tuple[Container[str], frozenset[str]]) -> _Row:
    """Compare a question with a phrasing of `entry` (all its words, all its ways of asking)."""
    shared, said = _shared(q, d, entry[0])
    missing, gaps, alone = _missing(q, d)
    return (
        *shared,
        *missing,
        *_replaced(q, d, alone),
        *gaps,
        *_strings(q, d),
        *_asked(q.asks, d.asks, entry[1]),
        *_agreement(q, d, not any(alone)),
        *said,
        *alone,
    )


def compared(rows: Sequence[Sequence[float]], owners: Sequence[int]) -> NDArray[np.float64]:
    """The rows of all candidates of a question, each with its lead over the other entries.

    A likeness of 0.8 means much where the next entry has 0.3, and nothing where it has 0.8 too.
    """
    given = np.empty((len(rows), len(INPUTS)))
    if rows:
        count = len(rows) * len(NAMES)
        plain = np.fromiter(chain.from_iterable(rows), np.float64, count).reshape(len(rows), -1)
        given[:, : len(NAMES)] = plain
        signed = plain[:, : len(_LIKENESS)] * _SIGNS
        np.subtract(signed, _best_of_others(signed, owners), out=given[:, len(NAMES) :])
    return given


def _best_of_others(signed: NDArray[np.float64], owners: Sequence[int]) -> NDArray[np.float64]:
    """For each row and column the most that another entry has: the best of all entries, or where
    that is the row's own, the second best."""
    groups: dict[int, list[int]] = {}
    for row, owner in enumerate(owners):
        groups.setdefault(owner, []).append(row)
    if len(groups) == 1:
        return np.broadcast_to(_NOTHING, signed.shape)
    if len(groups) == len(owners):
        return _best_of_other_rows(signed)
    order = list(chain.from_iterable(groups.values()))
    starts = [0, *accumulate(map(len, groups.values()))][:-1]
    others = _best_of_other_rows(np.maximum.reduceat(signed[order], starts))
    number = {owner: at for at, owner in enumerate(groups)}
    found: NDArray[np.float64] = others[[number[owner] for owner in owners]]
    return found


def _best_of_other_rows(mine: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = np.array(mine)
    ordered.partition(len(mine) - 2, axis=0)
    second, best = ordered[-2:]
    found: NDArray[np.float64] = np.maximum(np.where(mine == best, second, best), _NOTHING)
    return found


def _shared(q: Side, d: Side, entry: Container[str]) -> _Numbers:
    """One pass over the question's words; sums in the order of the words, the same everywhere."""
    weight = local = known = letters = 0.0
    theirs, rare = d.weights, q.rare
    for word, value in q.weights.items():
        if word in entry:
            known += value
            if word in theirs:
                weight += value
                local += rare[word]
    chars = d.chars
    for char, value in q.chars.items():
        if char in chars:
            letters += value
    total = q.total or 1.0
    likeness = (
        weight / total,
        weight / (d.total or 1.0),
        letters / (q.char_total or 1.0),
        letters / (d.char_total or 1.0),
        local / (q.local_total or 1.0),
        local / (d.local_total or 1.0),
        known / total,
    )
    said = weight / _MUCH, local / _MANY
    return likeness, (said[0] if said[0] < 1.0 else 1.0, said[1] if said[1] < 1.0 else 1.0)


def _missing(q: Side, d: Side) -> tuple[_Row, _Row, _Row]:
    """Likenesses, the weightiest word too many on each side, and how many words too many."""
    alone_q, total_q, most_q, gap_q, rare_q = _lost(q, d)
    alone_d, total_d, most_d, gap_d, rare_d = _lost(d, q)
    likeness = (
        total_q / 20 if total_q < 40.0 else 2.0,
        total_d / 20 if total_d < 40.0 else 2.0,
        most_q / _FULL,
        most_d / _FULL,
        (most_q if most_q < most_d else most_d) / _FULL,
        total_q / (q.total or 1.0),
        total_d / (d.total or 1.0),
        rare_q,
        rare_d,
    )
    return likeness, (gap_q / _FULL, gap_d / _FULL), (_SHARES[alone_q], _SHARES[alone_d])


def _lost(mine: Side, other: Side) -> _Lost:
    alone = 0
    total = most = gap = rarest = 0.0
    rare, known, theirs = mine.rare, other.chars, other.weights
    for word, weight in mine.weights.items():
        if word in theirs:
            continue
        alone += 1
        if weight > gap:
            gap = weight
        if weight > _WEIGHTY and rare[word] > rarest:
            rarest = rare[word]
        strange = 0
        for char in word:
            if char not in known:
                strange += 1
        weight *= 0.15 + 0.85 * strange / len(word)
        total += weight
        if weight > most:
            most = weight
    return alone if alone < _WORDS else _WORDS, total, most, gap, rarest


def _replaced(q: AskedSide, d: Side, alone: _Row) -> tuple[float, float]:
    """How much a word tells that stands in the place of another, in general and in this FAQ."""
    most = rarest = 0.0
    if all(alone):
        mark = q.marks.get
        alike = "".join([mark(word, _STRANGE) for word in d.tokens])
        places = iter(_replacements(q.line + _BESIDE + alike))
        for begin, end, first, last in zip(places, places, places, places, strict=True):
            most_q, rare_q = _most(q.tokens[begin:end], q, d)
            most_d, rare_d = _most(d.tokens[first:last], d, q)
            lesser, rarer = most_q if most_q < most_d else most_d, min(rare_q, rare_d)
            most, rarest = lesser if lesser > most else most, max(rarest, rarer)
    return most / _FULL, rarest


# Most questions are short, and share few words with a phrasing: the same patterns come again.
@lru_cache(maxsize=16384)
def _replacements(both: str) -> tuple[int, ...]:
    """Which words stand in the place of which: from, to on this side, from, to on the other, and so
    on. Both sides come as one text, a character for each word, and all places in one row: that is
    what the collector has to walk through.
    """
    mine, _, theirs = both.partition(_BESIDE)
    steps = Levenshtein.opcodes(mine, theirs)
    replaced = [step for step in steps if step.tag == "replace"]
    spans = [(s.src_start, s.src_end, s.dest_start, s.dest_end) for s in replaced]
    return tuple(chain.from_iterable(spans))


def _most(words: Sequence[str], a: Side, b: Side) -> tuple[float, float]:
    """The most that any of the words tells, in general and in this FAQ, if `b` lacks it."""
    most = rarest = 0.0
    for word in words:
        if word not in b.weights:
            weight, rare = a.weights[word], a.rare[word]
            most, rarest = weight if weight > most else most, rare if rare > rarest else rarest
    return most, rarest


def _strings(q: Side, d: Side) -> _Row:
    key_q, key_d, core_q, core_d = q.key, d.key, q.core, d.core
    len_q, len_d = len(core_q), len(core_d)
    long_q, long_d = len(key_q), len(key_d)
    common, common_key = _common(core_q, core_d), _common(key_q, key_d)
    edits, edits_core = _edits(key_q, key_d), _edits(core_q, core_d)
    letters = len(q.letters & d.letters)
    return (
        2 * len(q.pairs & d.pairs) / (len(q.pairs) + len(d.pairs)),
        _ratio(common_key, long_q + long_d),
        _ratio(common, len_q + len_d),
        _indel(q.sorted, d.sorted),
        _jaro(key_q, key_d),
        (len_q if len_q < len_d else len_d) / ((len_q if len_q > len_d else len_d) or 1),
        common / (len_q or 1),
        common / (len_d or 1),
        common_key / ((long_q if long_q < long_d else long_d) or 1),
        _TENTHS[edits] if edits < _FAR_EDITS else 1.0,
        _TENTHS[edits_core] if edits_core < _FAR_EDITS else 1.0,
        letters / (len(q.letters) + len(d.letters) - letters or 1),
        1.0 if q.first == d.first else 0.0,
        1.0 if q.last == d.last else 0.0,
        *_order(q, d),
        q.weight,
    )


def _ratio(common: int, both: int) -> float:
    """rapidfuzz's `ratio` from the longest common subsequence and both lengths together."""
    return 1.0 - (both - 2 * common) / both if both else 1.0


def _order(q: Side, d: Side) -> tuple[float, float]:
    """How far the shared words come in the same order; how far the weighty ones do not."""
    theirs_weights, my_weights = d.weights, q.weights
    mine = [word for word in q.tokens if word in theirs_weights]
    theirs = [word for word in d.tokens if word in my_weights]
    if mine == theirs:
        return 1.0 if mine else 0.0, 0.0
    order = _in_order(mine, theirs)
    mine = [word for word in mine if my_weights[word] > _WEIGHTY]
    theirs = [word for word in theirs if theirs_weights[word] > _WEIGHTY]
    if len(mine) < 2 or len(mine) != len(theirs):
        return order, 0.0
    return order, 1.0 - _in_order(mine, theirs)


# There are few sets of ways to ask, and most candidates of a question share theirs.
@lru_cache(maxsize=16384)
def _asked(mine: frozenset[str], theirs: frozenset[str], entry: frozenset[str]) -> _Row:
    both = bool(mine) and bool(theirs)
    shared = len(mine & theirs)
    return (
        float(both and mine == theirs),
        float(both and not shared),
        float(bool(mine) != bool(theirs)),
        float(bool(shared)),
        float(not _near(mine).isdisjoint(_near(theirs))),
        shared / (len(mine) + len(theirs) - shared or 1),
        float(not mine.isdisjoint(entry)),
    )


def _agreement(q: AskedSide, d: Side, same_words: bool) -> _Row:
    differ = q.numbers != d.numbers
    against = q.negative != d.negative
    return (
        1.0 if differ else 0.0,
        1.0 if differ and q.numbers and d.numbers else 0.0,
        1.0 if against else 0.0,
        1.0 if against and same_words else 0.0,
        1.0 if q.opposed and is_opposite(q, d) else 0.0,
        1.0 if q.core == d.core else 0.0,
        1.0 if same_words else 0.0,
    )


def is_opposite(q: AskedSide, d: Side) -> bool:
    """Whether the question has a word where the phrasing has one that may not stand for it."""
    mine, theirs = q.weights, d.weights
    return any(
        other in theirs and other not in mine
        for word, others in q.opposed
        if word not in theirs and not others.isdisjoint(theirs)
        for other in others
    )
