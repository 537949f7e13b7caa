"""The inverted index over all phrasings: a handful of candidates for each question.

Built once and never changed. Which candidate is meant is decided by the model in `score`.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.text import normalise
from faq.words import Lexicon, Shape, pairs_of

Mask = NDArray[np.bool_]
# What sharing a term is worth, and the phrasings that have it.
_Posting = tuple[np.float32, NDArray[np.int32]]
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
        found: dict[str, list[int]] = {}
        known = shapes or {}
        self._stored = [known.get(t) or lexicon.shape(normalise(t)) for t in phrasings]
        lengths = np.empty(len(phrasings), dtype=np.float32)
        for number, shape in enumerate(self._stored):
            lengths[number] = 1 / math.sqrt(len(shape.key) + 4)
            for term in _terms(shape):
                found.setdefault(term, []).append(number)
        self._scale = lengths
        nowhere = math.log((len(phrasings) + 1) / 0.5)
        self.local: Mapping[str, float] = {
            term: math.log((len(phrasings) + 1) / (len(numbers) + 0.5)) / nowhere
            for term, numbers in found.items()
        }
        self._postings: Mapping[str, _Posting] = {
            term: (_weight(term, self.local[term], nowhere), np.array(numbers, dtype=np.int32))
            for term, numbers in found.items()
        }
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
        near = np.flatnonzero(rough >= floor)
        best = near[np.argsort(-rough[near], kind="stable")][:limit]
        found: list[int] = best.tolist()
        return found

    def _shared(self, shape: Shape) -> NDArray[np.float32]:
        """What the terms are worth that each phrasing shares, added up from the rarest on."""
        shared = np.zeros(len(self._stored), dtype=np.float32)
        chosen = self._chosen(shape)
        if chosen:
            lists = [numbers for _, numbers in chosen]
            weights = np.array([weight for weight, _ in chosen], dtype=np.float32)
            each = np.repeat(weights, [len(numbers) for numbers in lists])
            np.add.at(shared, np.concatenate(lists), each)
        return shared

    def _chosen(self, shape: Shape) -> list[_Posting]:
        """Those of the rarest terms, in the same order always."""
        terms = [term for term in _terms(shape) if term in self._postings]
        found = sorted([(len(self._postings[term][1]), term) for term in terms])
        kept: list[_Posting] = []
        used = 0
        for length, term in found:
            used += length
            if used > _BUDGET and kept:
                break
            kept.append(self._postings[term])
        return kept


def _weight(term: str, local: float, nowhere: float) -> np.float32:
    share = _CHAR_SHARE if len(term) == 1 else 1.0
    return np.float32(share * local * nowhere)


def _terms(shape: Shape) -> set[str]:
    """Words, pairs of characters, characters, and what is asked."""
    asks = {"?" + ask for ask in shape.asks}
    return {*shape.tokens, *pairs_of(shape.key), *"".join(shape.tokens), *asks}


def _firsts(shapes: Sequence[Shape]) -> dict[str, int]:
    exact: dict[str, int] = {}
    for number, shape in enumerate(shapes):
        exact.setdefault(shape.key, number)
    return exact
