"""The phrases that come before everything else: fire, gas, violence, collapse, self-harm.

Ringing people and opening the urgent issue is left to the handlers; the words stand in YAML.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from faq.entries import Tests
from faq.text import key, normalise
from files.file_model import FileModel, Flag, Text, Texts, build_all

# Phrases are looked up by their first characters.
_START = 2


class EmergencyClass(FileModel):
    """One kind of emergency: what sets it off, what the resident reads."""

    id: Text = Field(title="编号")
    name: Text = Field(title="名称")
    phrases: Texts = Field(title="触发词", min_length=1)
    exclusions: Texts = Field(default=(), title="排除")
    numbers: Texts = Field(default=(), title="电话")
    reply: Text = Field(title="回复")
    private_only: Flag = Field(default=False, title="只在私聊")
    bypass_named: Flag = Field(default=False, title="回避当事人")
    tests: Tests = Field(default=Tests(), title="测试")


@dataclass(frozen=True)
class _Phrase:
    """A phrase of a class, with the exclusions that have it inside and where in them it stands."""

    kind: int
    said: str
    covers: tuple[tuple[int, str], ...]

    def stands(self, text: str, start: int) -> bool:
        """Whether it begins there and no exclusion lies around it."""
        return text.startswith(self.said, start) and not any(
            start >= before and text.startswith(whole, start - before)
            for before, whole in self.covers
        )


class Emergencies:
    """All classes in the order of the file: the first that matches counts."""

    def __init__(self, classes: Iterable[EmergencyClass]) -> None:
        self.classes = tuple(classes)
        self._starts: dict[str, list[_Phrase]] = {}
        for number, kind in enumerate(self.classes):
            for phrase in _phrases(number, kind):
                self._starts.setdefault(phrase.said[:_START], []).append(phrase)
        self._sizes = sorted({len(start) for start in self._starts}, reverse=True)

    @classmethod
    def load(cls, path: str | Path, data: bytes | None = None) -> "Emergencies":
        """Read the file; raises FileError with everything that is wrong with it."""
        return cls(build_all(EmergencyClass, Path(path), data))

    def match(self, text: str, names: Iterable[str] = ()) -> EmergencyClass | None:
        """The emergency that a message tells of, if any."""
        found = self.explain(text, names)
        return found[0] if found else None

    def explain(self, text: str, names: Iterable[str] = ()) -> tuple[EmergencyClass, str] | None:
        """The emergency together with the words that gave it away."""
        return self.find(normalise(text, names))

    def find(self, clean: str) -> tuple[EmergencyClass, str] | None:
        """The same for a normalised text of any length: one walk over it, for all classes."""
        text = key(clean)
        found = ((p.kind, start, p) for start, p in self._beginnings(text) if p.stands(text, start))
        first = min(found, key=lambda hit: hit[:2], default=None)
        return (self.classes[first[0]], first[2].said) if first else None

    def _beginnings(self, text: str) -> Iterator[tuple[int, _Phrase]]:
        for size in self._sizes:
            for start in range(len(text)):
                for phrase in self._starts.get(text[start : start + size], ()):
                    yield start, phrase


def _phrases(number: int, kind: EmergencyClass) -> Iterator[_Phrase]:
    """The phrases of a class, longest first: the longest is the one to be told."""
    wholes = _bare(kind.exclusions)
    for said in _bare(kind.phrases):
        around = [whole for whole in wholes if said in whole]
        covers = [(start, whole) for whole in around for start in _places(said, whole)]
        yield _Phrase(number, said, tuple(covers))


def _bare(phrases: Iterable[str]) -> list[str]:
    bare = {key(normalise(phrase)) for phrase in phrases} - {""}
    return sorted(bare, key=lambda phrase: (-len(phrase), phrase))


def _places(part: str, whole: str) -> Iterator[int]:
    """Where a phrase stands inside an exclusion."""
    return (start for start in range(len(whole)) if whole.startswith(part, start))
