"""The inverted index over all phrasings: a handful of candidates for each question.

Built once and never changed. Which candidate is meant is decided by the model in `score`.
"""

import math
from array import array
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.lexicon import Lexicon, Shape, pairs_of
from faq.text import normalise

Mask = NDArray[np.bool_]
_CHAR_SHARE = 0.4
# Common terms of a big FAQ have long lists and tell little: the rarest terms fill this budget.
_BUDGET = 60_000
# What shares so little compared with the best was never the right one in any measurement.
_FAR = 0.4


class Index:
    """Phrasings by number. Those that have a shape already, made by the same lexicon, keep it."""

    def __init__(
        self,
        phrasings: Sequence[str],
        lexicon: Lexicon,
        shapes: Mapping[str, Shape] | None = None,
    ) -> None:
        known = shapes or {}
        self._stored = [known.get(t) or lexicon.shape(normalise(t)) for t in phrasings]
        self._scale = np.array(
            [1 / math.sqrt(len(shape.key) + 4) for shape in self._stored], dtype=np.float32
        )
        self._ids, self._numbers, self._ends = _postings(self._stored)
        nowhere = math.log((len(phrasings) + 1) / 0.5)
        self.local: Mapping[str, float] = {
            term: math.log((len(phrasings) + 1) / (end - start + 0.5)) / nowhere
            for term, start, end in zip(self._ids, self._ends, self._ends[1:], strict=False)
        }
        worth = [_weight(term, local, nowhere) for term, local in self.local.items()]
        self._weights = np.array(worth, dtype=np.float32)
        self.exact: Mapping[str, int] = _firsts(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def stored(self) -> Sequence[Shape]:
        """The shapes of all phrasings."""
        return self._stored

    def key(self, number: int) -> str:
        """The bare text of a phrasing."""
        return self._stored[number].key

    def words(self, number: int) -> tuple[str, ...]:
        """The words of a phrasing."""
        return self._stored[number].tokens

    def shape(self, number: int) -> Shape:
        """A phrasing made ready for comparison."""
        return self._stored[number]

    def candidates(self, shape: Shape, allowed: Mask | None, limit: int) -> list[int]:
        """The numbers of the phrasings that share most with the question."""
        rough = self._shared(shape) * self._scale
        if allowed is not None:
            rough *= allowed
        floor = max(float(np.maximum.reduce(rough, initial=0.0)) * _FAR, 1e-9)
        (near,) = (rough >= floor).nonzero()
        best = near[(-rough[near]).argsort(kind="stable")][:limit]
        found: list[int] = best.tolist()
        return found

    def _shared(self, shape: Shape) -> NDArray[np.float32]:
        """What the terms are worth that each phrasing shares, added up from the rarest on."""
        shared = np.zeros(len(self._stored), dtype=np.float32)
        chosen = self._chosen(shape)
        if chosen:
            lists = [self._numbers[self._ends[term] : self._ends[term + 1]] for term in chosen]
            each = np.repeat(self._weights[chosen], [len(numbers) for numbers in lists])
            np.add.at(shared, np.concatenate(lists), each)
        return shared

    def _chosen(self, shape: Shape) -> list[int]:
        """Those of the rarest terms, in the same order always."""
        ids, ends = self._ids, self._ends
        terms = [(ids[term], term) for term in _terms(shape) if term in ids]
        found = sorted([(ends[number + 1] - ends[number], term, number) for number, term in terms])
        kept: list[int] = []
        used = 0
        for length, _, number in found:
            used += length
            if used > _BUDGET and kept:
                break
            kept.append(number)
        return kept


def _postings(shapes: Sequence[Shape]) -> tuple[dict[str, int], NDArray[np.int32], list[int]]:
    """Terms by number; the phrasings that have each, one term after the other; where each ends.

    Arrays of plain numbers all the way: a list for each term takes three times the memory.
    """
    ids: dict[str, int] = {}
    terms, owners = array("i"), array("i")
    for number, shape in enumerate(shapes):
        found = _terms(shape)
        terms.extend([ids.setdefault(term, len(ids)) for term in found])
        owners.extend([number] * len(found))
    kinds = np.array(terms, dtype=np.int32)
    ends = np.cumsum(np.bincount(kinds, minlength=len(ids)))
    order = np.argsort(kinds, kind="stable")
    return ids, np.array(owners, dtype=np.int32)[order], [0, *ends.tolist()]


def _weight(term: str, local: float, nowhere: float) -> float:
    share = _CHAR_SHARE if len(term) == 1 else 1.0
    return share * local * nowhere


def _terms(shape: Shape) -> set[str]:
    """Words, pairs of characters, characters, and what is asked."""
    asks = {"?" + ask for ask in shape.asks}
    return {*shape.tokens, *pairs_of(shape.key), *"".join(shape.tokens), *asks}


def _firsts(shapes: Sequence[Shape]) -> dict[str, int]:
    exact: dict[str, int] = {}
    for number, shape in enumerate(shapes):
        exact.setdefault(shape.key, number)
    return exact
