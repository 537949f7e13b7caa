"""What in a few sentences speaks for danger: who, what, what danger, when, and what stands around.

The words of each sign are in tables/danger_signs.yaml; what they weigh together is learnt (see
`danger_model`), which phrases ring by themselves is `danger`'s business.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from faq.text import key
from files.dialect import Dialect, shipped_dialect
from files.yaml_lines import read_lists

SHIPPED = Path(__file__).parent / "tables" / "danger_signs.yaml"
#: How much of a message is judged (architecture.md §2), and in how long pieces: the model learns
#: from single sentences, and what stands far off says little about one.
LONGEST = 2000
_PIECE = 40
#: Groups of words that tell of a danger, and those that stand right before or behind one and
#: make it a thing that is not there: 防落水, 没着火, 落水护栏.
_DANGER, _BEFORE, _BEHIND = "险", "前", "后"
#: A danger with nothing of that kind around it; no word of danger at all.
_PLAIN, NONE = "险", "无"
#: How near that is, in characters.
_NEAR = 1
_GRAMS = (1, 2, 3)
_SHORT = 10
_SENTENCE = re.compile("[。!?;]+")
_CLAUSE = re.compile(r"[^0-9a-z\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")


@dataclass(frozen=True)
class Read:
    """A piece of text as the model sees it: each sign and each run of characters once.

    ``words`` are the words of danger in it, in their order.
    """

    signs: tuple[str, ...]
    grams: frozenset[str]
    words: tuple[str, ...]

    @property
    def pairs(self) -> Iterator[str]:
        """Two signs that stand together."""
        return (f"{one}+{other}" for one, other in combinations(self.signs, 2))


class DangerSigns:
    """The words by group, compiled; immutable."""

    def __init__(self, groups: Mapping[str, Iterable[str]], dialect: Dialect | None = None) -> None:
        self._dialect = dialect or shipped_dialect()
        self._groups: dict[str, tuple[str, ...]] = {}
        self._before: dict[str, str] = {}
        self._behind: dict[str, str] = {}
        for group, words in groups.items():
            self._add(group, words)
        sizes: dict[str, set[int]] = {}
        for word in self._groups:
            sizes.setdefault(word[0], set()).add(len(word))
        self._sizes = {start: tuple(sorted(found, reverse=True)) for start, found in sizes.items()}
        self._reach = max(map(len, [*self._before, *self._behind]), default=0)

    @classmethod
    def load(
        cls,
        own: Path | None = None,
        dialect: Dialect | None = None,
        data: Mapping[Path, bytes] | None = None,
    ) -> "DangerSigns":
        """The shipped table with what a deployment's own adds to its groups.

        Raises FileError with what is wrong there; a group that nobody has weighed is wrong.
        """
        groups = read_lists(SHIPPED)
        if own is not None:
            more = read_lists(own, groups, data=(data or {}).get(own))
            groups = {name: [*words, *more.get(name, ())] for name, words in groups.items()}
        return cls(groups, dialect)

    def _add(self, group: str, words: Iterable[str]) -> None:
        if group[0] in (_BEFORE, _BEHIND):
            around = self._before if group[0] == _BEFORE else self._behind
            around |= dict.fromkeys(words, group)
            return
        for word in words:
            told = self._dialect.fold(word)
            known = self._groups.get(told, ())
            if group not in known:
                self._groups[told] = (*known, group)

    def fold(self, bare: str) -> str:
        """Letters and Han characters in standard words."""
        return self._dialect.fold(bare)

    def read(self, folded: str) -> Read:
        """What stands in a folded piece of text."""
        signs: set[str] = set()
        words: list[str] = []
        for start, end in self._words(folded):
            groups = self._groups[folded[start:end]]
            signs.update(groups)
            if any(group[0] == _DANGER for group in groups):
                words.append(folded[start:end])
                signs |= self._around(folded, start, end) or {_PLAIN}
        if not words:
            signs.add(NONE)
        return Read(tuple(sorted(signs)), frozenset(_grams(folded)), tuple(words))

    def _words(self, text: str) -> Iterator[tuple[int, int]]:
        """The words of the table in the text, without those that lie inside of longer ones."""
        covered = 0
        for start, char in enumerate(text):
            for size in self._sizes.get(char, ()):
                end = start + size
                if end <= covered:
                    break
                if text[start:end] in self._groups:
                    covered = end
                    yield start, end
                    break

    def _around(self, text: str, start: int, end: int) -> set[str]:
        """The groups of what stands right before or behind a danger."""
        found: set[str] = set()
        for size in range(1, self._reach + 1):
            for gap in range(_NEAR + 1):
                if start - gap - size >= 0:
                    found.add(self._before.get(text[start - gap - size : start - gap], ""))
                found.add(self._behind.get(text[end + gap : end + gap + size], ""))
        return found - {""}


@cache
def shipped_signs() -> DangerSigns:
    """The signs of this version."""
    return DangerSigns.load()


def pieces(clean: str) -> Iterator[str]:
    """A normalised text in pieces without punctuation; a short text is one piece.

    Of a longer one each sentence is a piece, so that what stands beside an emergency does not
    talk it down; a long sentence is several, each from the middle of the one before.
    """
    start = clean[:LONGEST]
    whole = key(start)
    if len(whole) <= _PIECE:
        yield whole
        return
    for sentence in _sentences(start):
        yield from _windows([part for clause in _CLAUSE.split(sentence) for part in _parts(clause)])


def _sentences(text: str) -> Iterator[str]:
    """What is shouted in single words (细伢子！塘里！) belongs together."""
    held = ""
    for sentence in _SENTENCE.split(text):
        held = f"{held},{sentence}" if held else sentence
        if len(held) >= _SHORT:
            yield held
            held = ""
    if held:
        yield held


def _windows(parts: list[str]) -> Iterator[str]:
    first = 0
    while first < len(parts):
        last, size = first, 0
        while last < len(parts) and (last == first or size + len(parts[last]) <= _PIECE):
            size += len(parts[last])
            last += 1
        yield key("".join(parts[first:last]))
        if last == len(parts):
            return
        first = max(first + 1, (first + last) // 2)


def _parts(clause: str) -> Iterator[str]:
    """Who speaks into the telephone puts no comma: what is too long is cut anywhere."""
    half = _PIECE // 2
    yield from (clause[start : start + half] for start in range(0, len(clause), half))


def _grams(text: str) -> list[str]:
    starts = range(len(text))
    return [text[start : start + size] for size in _GRAMS for start in starts[: 1 - size or None]]
