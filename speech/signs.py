"""The signs in a sentence, by the groups of signs.yaml: features for the model, no verdicts.

What they weigh is in acts.json.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from files.yaml_lines import read_mapping
from speech.plain import clauses_of

SHIPPED = Path(__file__).parent / "signs.yaml"
_THINGS = "事物"
_CHOICE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class SignsFound:
    """What is in a sentence: where each group's signs stand, and the things that are named."""

    places: Mapping[str, tuple[tuple[int, int], ...]]
    things: frozenset[str]
    length: int

    def __contains__(self, group: str) -> bool:
        return group in self.places

    def begins(self, group: str) -> bool:
        return any(start == 0 for start, _ in self.places.get(group, ()))

    def ends(self, group: str) -> bool:
        return any(end == self.length for _, end in self.places.get(group, ()))

    def share(self, *groups: str) -> float:
        """How much of the sentence the signs of these groups cover, of any if none is named."""
        spans = [span for group in groups or self.places for span in self.places.get(group, ())]
        covered = {at for start, end in spans for at in range(start, end)}
        return len(covered) / self.length if self.length else 0.0


class SignTable:
    """All signs, compiled: a sentence is walked over once."""

    def __init__(self, groups: Mapping[str, Iterable[str]], things: Mapping[str, Iterable[str]]):
        self.groups = tuple(groups)
        self._signs: dict[str, list[str]] = {}
        self._names: dict[str, list[str]] = {}
        for group, signs in groups.items():
            _enter(self._signs, group, signs)
        for thing, names in things.items():
            _enter(self._names, thing, names)
        self._sizes = _sizes([*self._signs, *self._names])

    @classmethod
    def load(cls, file: Path = SHIPPED) -> "SignTable":
        """Read the table; raises FileError with what is wrong."""
        value = dict(read_mapping(file).value)
        return cls({k: v for k, v in value.items() if k != _THINGS}, value.get(_THINGS, {}))

    def find(self, whole: str) -> SignsFound:
        """The signs in plain words (plain.PlainWords.whole)."""
        places: dict[str, list[tuple[int, int]]] = {}
        things: set[str] = set()
        for start, end in self._hits(whole):
            word = whole[start:end]
            for group in self._signs.get(word, ()):
                places.setdefault(group, []).append((start, end))
            things.update(self._names.get(word, ()))
        kept = {group: tuple(spans) for group, spans in places.items()}
        return SignsFound(kept, frozenset(things), len(whole))

    def _hits(self, whole: str) -> Iterator[tuple[int, int]]:
        for start, first in enumerate(whole):
            for size in self._sizes.get(first, ()):
                word = whole[start : start + size]
                if word in self._signs or word in self._names:
                    yield start, start + size


@cache
def shipped_signs() -> SignTable:
    """The table of this version."""
    return SignTable.load()


def written_out(sign: str) -> Iterator[str]:
    """快{一|}点 -> 快一点, 快点"""
    match = _CHOICE.search(sign)
    if match is None:
        yield sign
        return
    for part in match[1].split("|"):
        yield from written_out(sign[: match.start()] + part + sign[match.end() :])


def _enter(table: dict[str, list[str]], group: str, signs: Iterable[str]) -> None:
    for sign in signs:
        for word in written_out(sign):
            plain = "".join(clauses_of(word))
            if plain and group not in table.setdefault(plain, []):
                table[plain].append(group)


def _sizes(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(sizes)) for first, sizes in found.items()}
