"""The inverted index over all phrasings: a handful of candidates for each question.

Built once and never changed. Which candidate is meant is decided by the model in `score`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.kept import remembered
from faq.text import normalise
from faq.words import Lexicon, Shape

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
        self._lexicon = lexicon
        found: dict[str, list[int]] = {}
        known = shapes or {}
        self._stored = [known.get(t) or lexicon.shape(normalise(t)) for t in phrasings]
        lengths = np.empty(len(phrasings), dtype=np.float32)
        for number, shape in enumerate(self._stored):
            lengths[number] = 1 / math.sqrt(len(shape.key) + 4)
            for term in _terms(shape):
                found.setdefault(term, []).append(number)
        self._scale = lengths
        self._postings = {t: np.array(n, dtype=np.int32) for t, n in found.items()}
        self._nowhere = math.log((len(phrasings) + 1) / 0.5)
        self.local: Mapping[str, float] = {
            term: math.log((len(phrasings) + 1) / (len(numbers) + 0.5)) / self._nowhere
            for term, numbers in found.items()
        }
        self.exact: Mapping[str, int] = _firsts(self._stored)
        self.shape = remembered(self._shape, 4096)

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

    def _shape(self, number: int) -> Shape:
        """A copy whose derived parts live only as long as it is asked about."""
        kept = self._stored[number]
        return Shape(kept.key, kept.tokens, kept.asks, kept.numbers, kept.negative, kept.weights)

    def candidates(self, shape: Shape, allowed: Mask | None, limit: int) -> list[int]:
        """The numbers of the phrasings that share most with the question."""
        rough = np.zeros(len(self._stored), dtype=np.float32)
        for weight, numbers in self._chosen(shape):
            rough[numbers] += weight
        rough *= self._scale
        if allowed is not None:
            rough *= allowed
        floor = max(float(rough.max(initial=0.0)) * _FAR, 1e-9)
        near = np.flatnonzero(rough >= floor)
        best = near[np.argsort(-rough[near], kind="stable")][:limit]
        return [int(number) for number in best]

    def _chosen(self, shape: Shape) -> list[tuple[float, NDArray[np.int32]]]:
        lists = []
        for term in sorted(set(_terms(shape))):
            numbers = self._postings.get(term)
            if numbers is not None:
                share = _CHAR_SHARE if len(term) == 1 else 1.0
                lists.append((share * self.local[term] * self._nowhere, numbers))
        lists.sort(key=lambda pair: len(pair[1]))
        kept: list[tuple[float, NDArray[np.int32]]] = []
        used = 0
        for weight, numbers in lists:
            used += len(numbers)
            if used > _BUDGET and kept:
                break
            kept.append((weight, numbers))
        return kept


def _terms(shape: Shape) -> Iterable[str]:
    """Words, pairs of characters, characters, and what is asked."""
    asks = {"?" + ask for ask in shape.asks}
    return {*shape.tokens, *_pairs(shape.key), *"".join(shape.tokens), *asks}


def _pairs(text: str) -> Iterable[str]:
    return (text[i : i + 2] for i in range(len(text) - 1))


def _firsts(shapes: Sequence[Shape]) -> dict[str, int]:
    exact: dict[str, int] = {}
    for number, shape in enumerate(shapes):
        exact.setdefault(shape.key, number)
    return exact
