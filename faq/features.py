"""How alike two shapes are: the numbers that the model weighs.

Each is in about 0..1 and the same on every machine; what they are worth together is in model.json.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, LCSseq, Levenshtein

from faq.words import Shape

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


# Likenesses, and amounts that are not compared with other entries.
_Numbers = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the index knows about a phrasing beyond its own words."""

    local: Mapping[str, float]
    opposites: Mapping[str, frozenset[str]]

    def rare(self, words: Iterable[str]) -> list[float]:
        """How seldom each word is in this FAQ: 0 everywhere, 1 nowhere."""
        local = self.local
        return [local.get(word, 1.0) for word in words]


def features(
    q: Shape, d: Shape, entry: tuple[Collection[str], Collection[str]], around: Surroundings
) -> list[float]:
    """Compare a question with a phrasing of `entry` (all its words, all its ways of asking)."""
    shared, said = _shared(q, d, entry[0], around)
    missing, alone = _missing(q, d, around)
    return [
        *shared,
        *missing,
        *_aligned(q, d, around),
        *_strings(q, d),
        *_asked(q, d, entry[1]),
        *_agreement(q, d, around),
        *said,
        *alone,
    ]


def compared(rows: Sequence[Sequence[float]], owners: Sequence[int]) -> NDArray[np.float64]:
    """The rows of all candidates of a question, each with its lead over the other entries.

    A likeness of 0.8 means much where the next entry has 0.3, and nothing where it has 0.8 too.
    """
    plain = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
    signed = plain[:, : len(_LIKENESS)] * _SIGNS
    others = np.not_equal.outer(np.array(owners), np.array(owners))
    best = np.where(others[:, :, None], signed[None, :, :], _NOTHING).max(axis=1, initial=-9.0)
    return np.concatenate([plain, signed - best], axis=1)


def _shared(q: Shape, d: Shape, entry: Collection[str], around: Surroundings) -> _Numbers:
    """One pass over the question's words; sums in the order of the words, the same everywhere."""
    weight = local = local_q = known = 0.0
    for word, value in q.weights.items():
        rare = around.local.get(word, 1.0)
        local_q += rare
        if word in entry:
            known += value
        if word in d.weights:
            weight += value
            local += rare
    letters = 0.0
    for char, value in q.chars.items():
        if char in d.chars:
            letters += value
    likeness = (
        weight / (q.total or 1.0),
        weight / (d.total or 1.0),
        letters / (q.char_total or 1.0),
        letters / (d.char_total or 1.0),
        local / (local_q or 1.0),
        local / (sum(around.rare(d.weights)) or 1.0),
        known / (q.total or 1.0),
    )
    return likeness, (min(weight / _MUCH, 1.0), min(local / _MANY, 1.0))


def _missing(q: Shape, d: Shape, around: Surroundings) -> _Numbers:
    lost_q, most_q, rare_q, alone_q = _lost(q, d, around)
    lost_d, most_d, rare_d, alone_d = _lost(d, q, around)
    likeness = (
        min(lost_q / 20, 2.0),
        min(lost_d / 20, 2.0),
        most_q / _FULL,
        most_d / _FULL,
        min(most_q, most_d) / _FULL,
        lost_q / (q.total or 1.0),
        lost_d / (d.total or 1.0),
        rare_q,
        rare_d,
    )
    return likeness, (min(alone_q / _WORDS, 1.0), min(alone_d / _WORDS, 1.0))


def _lost(a: Shape, b: Shape, around: Surroundings) -> tuple[float, float, float, int]:
    """What `a` says that `b` does not: in sum, the weightiest, the rarest here, how many words."""
    total = most = rare = 0.0
    alone = 0
    known = b.chars.__contains__
    for word, weight in a.weights.items():
        if word in b.weights:
            continue
        alone += 1
        if weight > _WEIGHTY:
            rare = max(rare, around.local.get(word, 1.0))
        strange = len(word) - sum(map(known, word))
        weight *= 0.15 + 0.85 * strange / len(word)
        total += weight
        if weight > most:
            most = weight
    return total, most, rare, alone


def _aligned(q: Shape, d: Shape, around: Surroundings) -> tuple[float, ...]:
    replaced = replaced_local = gap_q = gap_d = 0.0
    if q.tokens == d.tokens:
        return 0.0, 0.0, 0.0, 0.0
    for step in Levenshtein.opcodes(q.tokens, d.tokens):
        if step.tag == "equal":
            continue
        a = [w for w in q.tokens[step.src_start : step.src_end] if w not in d.weights]
        b = [w for w in d.tokens[step.dest_start : step.dest_end] if w not in q.weights]
        most_a = max((q.weights[w] for w in a), default=0.0)
        most_b = max((d.weights[w] for w in b), default=0.0)
        gap_q, gap_d = max(gap_q, most_a), max(gap_d, most_b)
        if a and b:
            replaced = max(replaced, min(most_a, most_b))
            rare = min(max(around.rare(a)), max(around.rare(b)))
            replaced_local = max(replaced_local, rare)
    return replaced / _FULL, replaced_local, gap_q / _FULL, gap_d / _FULL


def _strings(q: Shape, d: Shape) -> tuple[float, ...]:
    common = LCSseq.similarity(q.core, d.core)
    len_q, len_d = len(q.core), len(d.core)
    return (
        2 * len(q.pairs & d.pairs) / (len(q.pairs) + len(d.pairs)),
        fuzz.ratio(q.key, d.key) / 100,
        fuzz.ratio(q.core, d.core) / 100,
        fuzz.ratio(q.sorted, d.sorted) / 100,
        JaroWinkler.similarity(q.key, d.key),
        min(len_q, len_d) / (max(len_q, len_d) or 1),
        common / (len_q or 1),
        common / (len_d or 1),
        LCSseq.similarity(q.key, d.key) / (min(len(q.key), len(d.key)) or 1),
        min(Levenshtein.distance(q.key, d.key), 10) / 10,
        min(Levenshtein.distance(q.core, d.core), 10) / 10,
        len(q.letters & d.letters) / (len(q.letters | d.letters) or 1),
        float(q.tokens[:1] == d.tokens[:1]),
        float(q.tokens[-1:] == d.tokens[-1:]),
        *_order(q, d),
        min(q.total, 60.0) / 60,
    )


def _order(q: Shape, d: Shape) -> tuple[float, float]:
    """How far the shared words come in the same order; how far the weighty ones do not."""
    mine = [word for word in q.tokens if word in d.weights]
    theirs = [word for word in d.tokens if word in q.weights]
    order = LCSseq.normalized_similarity(mine, theirs) if mine and theirs else 0.0
    mine = [word for word in mine if q.weights[word] > _WEIGHTY]
    theirs = [word for word in theirs if d.weights[word] > _WEIGHTY]
    if len(mine) < 2 or len(mine) != len(theirs):
        return order, 0.0
    return order, 1.0 - LCSseq.normalized_similarity(mine, theirs)


def _asked(q: Shape, d: Shape, entry: Collection[str]) -> tuple[float, ...]:
    both = bool(q.asks) and bool(d.asks)
    shared = q.asks & d.asks
    near = {_NEAR.get(ask) for ask in q.asks} & {_NEAR.get(ask) for ask in d.asks}
    return (
        float(both and q.asks == d.asks),
        float(both and not shared),
        float(bool(q.asks) != bool(d.asks)),
        float(bool(shared)),
        float(bool(near)),
        len(shared) / (len(q.asks | d.asks) or 1),
        float(any(ask in entry for ask in q.asks)),
    )


def _agreement(q: Shape, d: Shape, around: Surroundings) -> tuple[float, ...]:
    differ = q.numbers != d.numbers
    against = q.negative != d.negative
    return (
        float(differ),
        float(differ and bool(q.numbers) and bool(d.numbers)),
        float(against),
        float(against and q.weights.keys() == d.weights.keys()),
        float(opposite(q, d, around.opposites)),
        float(q.core == d.core),
        float(q.weights.keys() == d.weights.keys()),
    )


def opposite(q: Shape, d: Shape, opposites: Mapping[str, frozenset[str]]) -> bool:
    """Whether the question has a word where the phrasing has one that may not stand for it."""
    for word in q.weights.keys() & opposites.keys():
        if word not in d.weights and opposites[word] & (d.weights.keys() - q.weights.keys()):
            return True
    return False
