"""From a question to the entries it may mean, each judged: index, features, model, objections.

Which entries a sender may see is decided in `book`; so is what to do with the result.
"""

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from faq.clauses import Piece, pieces
from faq.features import NAMES, AskedSide, Side, Surroundings, compared, features
from faq.index import Index, Mask
from faq.lexicon import Lexicon, Shape
from faq.objections import Rules, objection, objections
from faq.score import Array, Logits, Model, shares
from faq.unchanged import remembered

LIMIT = 16
#: A text that is looked up again, respelt or in part, has its entry near the top or not at all.
FEW = 6
#: No question in any of our sets is longer: a longer text is a letter, hardly ever sure as a whole.
LONG = 50
_EXACT = 6.0
# Only 的, 请问 and the like differ: right in 19 of 20 cases, and odd to be asked back about.
_REWORDED = 5.0
_OBJECTION = 1.5
_HALVED = 0.5
#: Which entry, going by what people usually write, must be beyond doubt as well.
LIKELY = 0.85
_BELOW = 0.9999
_MOST_BOTH, _SAID, _SAME_WORDS = map(NAMES.index, ("most_both", "said", "same_words"))
# A candidate this unlikely is neither answered nor suggested: what speaks against it is not sought.
_HOPELESS = -4.0
_MUCH_WRAPPING = 5
_OF_A_PART = 4
_MANY_CLAUSES = 6


class Ranked(NamedTuple):
    """An entry's best phrasing for a question."""

    entry: int
    phrasing: int
    likely: float
    same: float
    objection: str
    features: Sequence[float]
    exact: bool = False

    @property
    def weight(self) -> float:
        """Among phrasings of one entry, a little less likeness without an objection is better."""
        if self.exact:
            return math.inf
        return self.likely - (_OBJECTION if self.objection else 0.0)


class PartFound(NamedTuple):
    """A part of a message looked up by itself: what is found, and what stands around it for each
    entry of it (see score.AROUND)."""

    piece: Piece
    hits: Sequence[Ranked]
    around: Mapping[int, Sequence[float]]


class Ranking:
    """Phrasings of many entries, ready to be asked."""

    def __init__(
        self,
        phrasings: Sequence[Sequence[str]],
        lexicon: Lexicon,
        model: Model,
        shapes: Mapping[str, Shape] | None = None,
    ) -> None:
        self.lexicon = lexicon
        self.owners = [number for number, texts in enumerate(phrasings) for _ in texts]
        self.index = Index([text for texts in phrasings for text in texts], lexicon, shapes)
        self._first = _starts(phrasings)
        self._model = model
        self._around = Surroundings(self.index.local, lexicon.opposites)
        self._side = remembered(self._compute_side, 4096)
        self._whole = remembered(self._compute_whole, 4096)

    def numbers_of(self, entry: int) -> range:
        """The phrasings of an entry."""
        return range(self._first[entry], self._first[entry + 1])

    def read(self, clean: str) -> Shape:
        """The shape to ask with: of a text wrapped in many words only what is inside.

        A 请问 or 啊 stays, since the model has learnt to weigh those; taking them off from
        everything made it a little less sure.
        """
        shape = self.lexicon.shape(clean)
        if shape.key in self.index.exact:
            return shape
        unwrapped = self.lexicon.unwrapped(clean)
        if unwrapped == clean:
            return shape
        inside = self.lexicon.shape(unwrapped)
        much = len(shape.key) - len(inside.key) >= _MUCH_WRAPPING
        return inside if much or inside.key in self.index.exact else shape

    def rows(self, shape: Shape, numbers: Sequence[int]) -> Array:
        """What the model is given about a question and each of those phrasings."""
        return self._compared(AskedSide(shape, self._around), numbers)[1]

    def ask(self, shape: Shape, allowed: Mask | None = None, limit: int = LIMIT) -> list[Ranked]:
        """The entries in question, best first, each with its best phrasing."""
        asked = AskedSide(shape, self._around)
        numbers = self.index.candidates(shape, allowed, limit)
        found, rows = self._compared(asked, numbers)
        rules = objections(asked, self._around)
        best: dict[int, Ranked] = {}
        for number, row, both in zip(numbers, found, self._model.logits(rows), strict=True):
            hit = self._hit(asked, rules, number, row, both)
            before = best.get(hit.entry)
            best[hit.entry] = _together(before, hit) if before else hit
        return sorted(best.values(), key=lambda hit: (-hit.likely, hit.entry))

    def parts(self, clean: str, allowed: Mask | None = None) -> Iterator[PartFound]:
        """What is found for each part of a text that may be the question."""
        for piece in pieces(clean, self.lexicon.unwrapped):
            shape = self.lexicon.shape(piece.text)
            hits = self.ask(shape, allowed, _OF_A_PART)
            rest = 1.0 - min(len(piece.text) / len(clean), 1.0)
            around = {}
            for hit in hits:
                told = _told(self.index.shape(hit.phrasing).weights, shape.weights, clean)
                said, same = hit.features[_SAID], hit.features[_SAME_WORDS]
                around[hit.entry] = (said, rest, *_counts(piece), told, same)
            yield PartFound(piece, hits, around)

    def certainty(self, hits: Sequence[Ranked]) -> list[float]:
        """How sure each of them is, by this model."""
        return certainty(hits, self._model.answer)

    def stands(self, part: PartFound, hit: Ranked) -> float:
        """How likely what stands around a part leaves it as it is."""
        return self._model.stands(part.around[hit.entry])

    def _compared(
        self, asked: AskedSide, numbers: Sequence[int]
    ) -> tuple[list[tuple[float, ...]], Array]:
        """The features of each phrasing, and the same with the leads over other entries."""
        owners = [self.owners[number] for number in numbers]
        pairs = zip(map(self._side, numbers), map(self._said_by, owners), strict=True)
        found = [features(asked, side, whole) for side, whole in pairs]
        return found, compared(found, owners)

    def _hit(
        self, asked: AskedSide, rules: Rules, number: int, row: tuple[float, ...], logits: Logits
    ) -> Ranked:
        other = self._side(number)
        exact, against = asked.key == other.key, ""
        likely, same = logits
        if not exact and likely > _HOPELESS:
            against = objection(rules, asked, other, row[_MOST_BOTH])
        if exact:
            likely, same = max(likely, _EXACT), max(same, _EXACT)
        elif not against and _reworded(asked, other):
            same = max(same, _REWORDED)
        return Ranked(self.owners[number], number, likely, same, against, row, exact)

    def _compute_side(self, number: int) -> Side:
        return Side(self.index.shape(number), self._around)

    def _said_by(self, entry: int) -> tuple[Container[str], frozenset[str]]:
        """All words and ways of asking of an entry; those of one phrasing are there already."""
        first, end = self._first[entry], self._first[entry + 1]
        if end - first > 1:
            return self._whole(entry)
        shape = self.index.shape(first)
        return shape.weights, shape.asks

    def _compute_whole(self, entry: int) -> tuple[Container[str], frozenset[str]]:
        shapes = [self.index.shape(number) for number in self.numbers_of(entry)]
        words = frozenset(word for shape in shapes for word in shape.weights)
        return words, frozenset(ask for shape in shapes for ask in shape.asks)


def _together(one: Ranked, other: Ranked) -> Ranked:
    """Two phrasings of one entry: the nearer counts, and the same is asked if either says so."""
    nearer = other if other.weight > one.weight else one
    if nearer.objection:
        return nearer
    return nearer._replace(same=max(hit.same for hit in (one, other) if not hit.objection))


def _reworded(asked: Side, other: Side) -> bool:
    """The same words in the same order ask the same."""
    if asked.negative != other.negative or asked.asks != other.asks:
        return False
    if asked.numbers != other.numbers:
        return False
    plain = asked.plain
    return bool(plain) and plain == other.plain


def _likely(hits: Sequence[Ranked]) -> list[float]:
    return shares([hit.likely for hit in hits])


def _counts(piece: Piece) -> tuple[float, float, float]:
    return (
        (piece.joined - 1) / 2,
        min(piece.around, _MANY_CLAUSES) / _MANY_CLAUSES,
        min(piece.asking, 2) / 2,
    )


def _told(phrasing: Mapping[str, float], said: Container[str], clean: str) -> float:
    """How much of what a phrasing has and the part lacks is told in the rest of the text."""
    lacking = [(word, weight) for word, weight in phrasing.items() if word not in said]
    told = sum([weight for word, weight in lacking if word in clean])
    return told / sum([weight for _, weight in lacking]) if lacking else 0.0


def _starts(phrasings: Sequence[Sequence[str]]) -> list[int]:
    starts = [0]
    for texts in phrasings:
        starts.append(starts[-1] + len(texts))
    return starts


def certainty(hits: Sequence[Ranked], sure: float) -> list[float]:
    """How sure each entry is, 0..1, as the one number that thresholds are compared with.

    From `sure` on it says how sure it is that the very same was asked, and is only given to what
    is likely too; below it, how likely the entry is. An objection halves it, which is too little
    for an answer.
    """
    likely = _likely(hits)
    same = shares([hit.same for hit in hits])
    found = []
    for hit, what, very in zip(hits, likely, same, strict=True):
        if what >= LIKELY and very >= sure and not hit.objection:
            found.append(very)
        else:
            found.append(round(min(what, _BELOW) * sure * (_HALVED if hit.objection else 1.0), 6))
    return found
