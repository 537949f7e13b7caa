"""The inverted index over all phrasings: a handful of candidates for each question, best first."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from faq.segment import rarity, words
from faq.text import key, normalise


class Index:
    """Phrasings by number; immutable once built."""

    def __init__(self, phrasings: Sequence[str]) -> None:
        self.keys = [key(normalise(text)) for text in phrasings]
        postings: dict[str, list[int]] = {}
        for number, text in enumerate(self.keys):
            for term in terms(text):
                postings.setdefault(term, []).append(number)
        self._postings = {t: np.array(found, dtype=np.int32) for t, found in postings.items()}

    def candidates(self, text: str, limit: int = 30) -> list[tuple[int, float]]:
        """The numbers of the nearest phrasings with a rough score of 0..1."""
        rough = np.zeros(len(self.keys), dtype=np.float32)
        for term in terms(text):
            found = self._postings.get(term)
            if found is not None:
                rough[found] += rarity(term) / (1 + np.log(len(found)))
        best = np.argsort(-rough, kind="stable")[:limit]
        scored = [(int(n), _score(text, self.keys[n])) for n in best if rough[n] > 0]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def terms(text: str) -> Counter[str]:
    """Words and pairs of characters."""
    return Counter(words(text)) + Counter(text[i : i + 2] for i in range(len(text) - 1))


def _score(text: str, other: str) -> float:
    shared = set(text) & set(other)
    cover = 2 * len(shared) / (len(set(text)) + len(set(other)) or 1)
    return 0.5 * fuzz.ratio(text, other) / 100 + 0.5 * cover
