"""Somebody in danger is heard before everything else: fire, gas, water, violence, self-harm …

First by the phrases of tables/emergency.yaml, then by what all signs weigh together, so that
细伢子跌到塘里 rings in any words and 防落水护栏 does not. Ringing people and opening the urgent
issue is left to the handlers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from faq.danger_model import DangerModel, shipped_model
from faq.danger_signs import LONGEST, DangerSigns, pieces, shipped_signs
from faq.entries import Tests
from faq.text import key, normalise
from files.dialect import SHIPPED as DIALECT
from files.dialect import Dialect
from files.file_model import FileModel, Flag, Text, Texts, build_all

SHIPPED = Path(__file__).parent / "tables" / "emergency.yaml"
# Phrases are looked up by their first characters.
_START = 2
_BETWEEN = "…"


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
    """A phrase of a class, with the exclusions that have it inside and where in them it stands.

    ``weighed``: it is one of those from which the model has learnt when they mean nothing. What an
    admin adds rings whatever stands around it: he knows his town.
    """

    kind: int
    said: str
    covers: tuple[tuple[int, str], ...]
    weighed: bool

    def stands(self, text: str, start: int) -> bool:
        """Whether it begins there and no exclusion lies around it."""
        return text.startswith(self.said, start) and not any(
            start >= before and text.startswith(whole, start - before)
            for before, whole in self.covers
        )


class Phrases:
    """The phrases of all classes: the class that stands first in the file counts."""

    def __init__(
        self, classes: Iterable[EmergencyClass], weighed: Mapping[str, frozenset[str]]
    ) -> None:
        self._starts: dict[str, list[_Phrase]] = {}
        for number, kind in enumerate(classes):
            for phrase in _phrases(number, kind, weighed.get(kind.id, frozenset())):
                self._starts.setdefault(phrase.said[:_START], []).append(phrase)
        self._sizes = sorted({len(start) for start in self._starts}, reverse=True)

    def find(self, text: str) -> _Phrase | None:
        """The phrase that counts in a text without punctuation; one walk, for all classes."""
        found = ((p.kind, start, p) for start, p in self._beginnings(text) if p.stands(text, start))
        first = min(found, key=lambda hit: hit[:2], default=None)
        return first[2] if first else None

    def _beginnings(self, text: str) -> Iterator[tuple[int, _Phrase]]:
        for size in self._sizes:
            for start in range(len(text)):
                for phrase in self._starts.get(text[start : start + size], ()):
                    yield start, phrase


class Emergencies:
    """All classes in the order of the file: the first that is heard counts."""

    def __init__(
        self,
        classes: Iterable[EmergencyClass],
        signs: DangerSigns | None = None,
        model: DangerModel | None = None,
    ) -> None:
        self.classes = tuple(classes)
        self._phrases = Phrases(self.classes, weighed_phrases())
        self._signs = signs or shipped_signs()
        self._model = model or shipped_model()
        self._numbers = {kind.id: number for number, kind in enumerate(self.classes)}

    @classmethod
    def load(
        cls, path: str | Path, data: bytes | None = None, signs: DangerSigns | None = None
    ) -> "Emergencies":
        """Read the file; raises FileError with everything that is wrong with it."""
        return cls(build_all(EmergencyClass, Path(path), data), signs)

    def match(self, text: str, names: Iterable[str] = ()) -> EmergencyClass | None:
        """The emergency that a message tells of, if any."""
        found = self.explain(text, names)
        return found[0] if found else None

    def explain(self, text: str, names: Iterable[str] = ()) -> tuple[EmergencyClass, str] | None:
        """The emergency together with the words that gave it away."""
        return self.find(normalise(text, names))

    def find(self, clean: str) -> tuple[EmergencyClass, str] | None:
        """The same for a normalised text. All of it is searched for phrases, its beginning
        (danger_signs.LONGEST characters) judged; the work grows with the length."""
        heard = [hit for piece in pieces(clean) if (hit := self._hear(piece))]
        rest = self._phrases.find(key(clean[LONGEST:])) if len(clean) > LONGEST else None
        if rest:
            heard.append((rest.kind, rest.said))
        first = min(heard, key=lambda hit: hit[0], default=None)
        return (self.classes[first[0]], first[1]) if first else None

    def _hear(self, piece: str) -> tuple[int, str] | None:
        """The number of the class that a piece tells of, and the words that say so."""
        folded = self._signs.fold(piece)
        phrase = self._phrases.find(piece) or self._phrases.find(folded)
        if phrase and not phrase.weighed:
            return phrase.kind, phrase.said
        read = self._signs.read(folded)
        sure = self._model.sure(read, phrase is not None)
        if phrase and sure >= self._model.silence:
            general = self.classes[phrase.kind].id == self._model.general
            if not general or sure < self._model.ring:
                return phrase.kind, phrase.said
        if sure < self._model.ring:
            return None
        said = self.classes[phrase.kind].id if phrase else ""
        number = self._numbers.get(self._model.kind(read, said))
        if number is None or (phrase is None and self._is_no_cry(number, folded)):
            return None
        return number, _BETWEEN.join(read.words)

    def _is_no_cry(self, number: int, folded: str) -> bool:
        """还没来人啊: what only sounds like a cry for help, where the file says that it is none."""
        kind = self.classes[number]
        return kind.id == self._model.general and any(
            whole in folded for whole in _bare(kind.exclusions)
        )


def load_emergencies(
    path: Path,
    signs: Path | None = None,
    dialect: Path | None = None,
    data: Mapping[Path, bytes] | None = None,
) -> Emergencies:
    """The classes of a file with what a deployment's own signs and dialect add.

    Raises FileError with everything that is wrong with them.
    """
    known = data or {}
    words = Dialect.load(DIALECT, dialect, data=known) if dialect else None
    own = DangerSigns.load(signs, words, known) if signs or words else None
    return Emergencies.load(path, known.get(path), own)


@cache
def weighed_phrases() -> Mapping[str, frozenset[str]]:
    """The phrases of this version, by class: those the model has learnt from."""
    kinds = build_all(EmergencyClass, SHIPPED)
    return {kind.id: frozenset(_bare(kind.phrases)) for kind in kinds}


def _phrases(number: int, kind: EmergencyClass, weighed: frozenset[str]) -> Iterator[_Phrase]:
    """The phrases of a class, longest first: the longest is the one to be told."""
    wholes = _bare(kind.exclusions)
    for said in _bare(kind.phrases):
        around = [whole for whole in wholes if said in whole]
        covers = [(start, whole) for whole in around for start in _places(said, whole)]
        yield _Phrase(number, said, tuple(covers), said in weighed)


def _bare(phrases: Iterable[str]) -> list[str]:
    bare = {key(normalise(phrase)) for phrase in phrases} - {""}
    return sorted(bare, key=lambda phrase: (-len(phrase), phrase))


def _places(part: str, whole: str) -> Iterator[int]:
    """Where a phrase stands inside an exclusion."""
    return (start for start in range(len(whole)) if whole.startswith(part, start))
