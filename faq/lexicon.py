"""What the words of a text mean for comparing: synonyms, ways of asking, politeness left out.

The lists stand in tables/*.yaml for admins to edit; comparing two shapes is left to `features`.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Any

from faq import segment
from faq.prepared import digest_of
from faq.segment import is_word, rarity, words
from faq.text import indivisible, key, normalise, numbers, script_version
from faq.unchanged import remembered
from faq.wrapping import Wrappers
from files.problem import FileError
from files.yaml_lines import read_items, read_lists

#: The tables that the words of a text depend on.
TABLES = ("synonyms", "questions", "fillers", "antonyms", "wrappers")
_PROGRAM = ("text.py", "segment.py", "lexicon.py")
_LIGHT = 0.2
_LONG = 3
# No shorter word is looked for in a text: it would be cut out of others.
_BEGINNING = 2
_THERE = re.compile("那(?=[个些种里款家部儿])")
_ASK_MARKS = re.compile(
    "[吗么呢怎什啥哪谁几咋]|多少|多久|多大|如何|为何|何时|能不|可不|是不|有没|会不|是否|能否"
)
# 不良反应, 别人, 分别, 未来, 无线 … deny nothing.
_NOT_NEGATIVE = "(?!同|错|知道|客气|好意思|起|过|管(?!用)|良|便|锈钢|仅|断|少|久|止|如|妨|论|然)"
_NEGATION = re.compile(
    f"不能|不可(?!分割|思议)|不会|不是|不用|不要|(?<![对了])不起|没有|没(?!准)|"
    f"(?<!一)无(?!线|锡|论|缘|聊|数|奈|故)|未(?![来婚必])|"
    f"(?<![区分特级性识个类告派鉴差辨])别(?![人的墅名称扭致处样])|"
    f"(?<![是除并])非(?![常洲典得])|不{_NOT_NEGATIVE}"
)
_WHETHER = "是否"
_YES_NO = re.compile("([\u4e00-\u9fff]{1,2})(?:不|没)\\1|可不可以|有没有|需不需要")
_TAG = re.compile("(?<=[\u4e00-\u9fff]{2})(?:没有|没得|冇|没|不|否)$")


@dataclass(frozen=True, slots=True)
class Shape:
    """A text made ready for comparison."""

    key: str
    tokens: tuple[str, ...]
    asks: frozenset[str]
    numbers: frozenset[str]
    negative: bool
    weights: Mapping[str, float]

    @property
    def core(self) -> str:
        """The words that are left, in one string."""
        return "".join(self.tokens)


class Lexicon:
    """The tables, compiled; immutable."""

    def __init__(
        self,
        synonyms: Iterable[Iterable[str]],
        questions: Mapping[str, Iterable[str]],
        fillers: Mapping[str, Iterable[str]],
        antonyms: Iterable[Iterable[str]] = (),
        wrappers: Wrappers | None = None,
    ) -> None:
        self._canonical: dict[str, str] = {}
        for group in synonyms:
            first, *others = [_plain(word) for word in group]
            for word in (first, *others):
                self._canonical.setdefault(word, first)
        self._asks = {_plain(w): ask for ask, ways in questions.items() for w in ways}
        light = [_plain(word) for word in fillers.get("虚词", ())]
        self._light = frozenset(light) | {self.canonical(word) for word in light}
        self._opening = _run(fillers.get("开头", ()), "^{}+")
        self._closing = _run(fillers.get("结尾", ()), "{}+$")
        self._last = tuple(_plain(word) for word in fillers.get("结尾", ()))
        self._anywhere = _run(fillers.get("处处", ()), "{}")
        self.wrappers = wrappers or Wrappers()
        known = {w for w in (*self._canonical, *self._asks) if len(w) >= _BEGINNING}
        self._words = frozenset(known)
        self._known = _by_beginning(known)
        self.opposites = self._opposites(antonyms)
        self._shaped = remembered(self._shape, 256)

    @classmethod
    def load(cls, files: Mapping[str, Path], data: Mapping[Path, bytes]) -> "Lexicon":
        """Read the five tables by name; raises FileError with what is wrong."""
        synonyms, questions, fillers, antonyms, wrappers = map(files.__getitem__, TABLES)
        return cls(
            _groups(synonyms, data[synonyms]),
            read_lists(questions, data=data[questions]),
            read_lists(fillers, data=data[fillers]),
            _groups(antonyms, data[antonyms]),
            Wrappers.load(wrappers, data[wrappers]),
        )

    def shape(self, text: str) -> Shape:
        """The shape of a normalised text; one message is looked at in several steps."""
        return self._shaped(key(text))

    def _shape(self, whole: str) -> Shape:
        bare = self._without_fillers(whole)
        if not _ASK_MARKS.search(bare):
            bare = _THERE.sub("哪", bare)
        bare, yes_no = _without_tag(bare)
        tokens, asks = self._read(bare)
        weights = {token: self.weight(token) for token in tokens}
        negative = bool(_NEGATION.search(_YES_NO.sub("", bare)))
        asks = asks | {_WHETHER} if yes_no else asks
        return Shape(whole, tokens, asks, numbers(bare), negative, weights)

    def saved(self, shape: Shape) -> list[Any]:
        """A shape as plain data; what its words weigh is looked up again."""
        asks, said = sorted(shape.asks), sorted(shape.numbers)
        return [shape.key, list(shape.tokens), asks, said, shape.negative]

    def restored(self, saved: Sequence[Any]) -> Shape:
        """The shape that `saved` was made of, by the same tables."""
        whole, tokens, asks, said, negative = saved
        weights = {token: self.weight(token) for token in tokens}
        words = tuple(map(sys.intern, tokens))
        return Shape(whole, words, frozenset(asks), frozenset(said), negative, weights)

    def unwrapped(self, text: str) -> str:
        """A normalised text without the polite words around it."""
        return self.wrappers.strip(text, self.knows)

    def knows(self, word: str) -> bool:
        """Whether cutting through this would take a word apart; 下水 in 问下水费 would not."""
        return word in self._words or (len(word) >= _LONG and is_word(word))

    def weight(self, token: str) -> float:
        """What a word tells, on the scale of `rarity`."""
        return rarity(token) * (_LIGHT if token in self._light else 1.0)

    def canonical(self, word: str) -> str:
        """The first of the word's group of synonyms."""
        return self._canonical.get(word, word)

    def _opposites(self, groups: Iterable[Iterable[str]]) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for group in groups:
            members = {self.canonical(_plain(word)) for word in group}
            for word in members:
                found.setdefault(word, set()).update(members - {word})
        return {word: frozenset(others) for word, others in found.items()}

    def _without_fillers(self, whole: str) -> str:
        bare = self._anywhere.sub("", whole)
        bare = self._opening.sub("", bare, count=1) or bare
        if not bare.endswith(self._last):
            return bare
        return self._closing.sub("", bare, count=1) or bare

    def _read(self, bare: str) -> tuple[tuple[str, ...], frozenset[str]]:
        found: list[str] = []
        end = at = 0
        while at < len(bare):
            word = self._known_at(bare, at)
            if word:
                found += (*words(bare[end:at]), word)
                end = at + len(word)
            at += len(word) or 1
        found += words(bare[end:])
        tokens = tuple(sys.intern(self.canonical(w)) for w in found if w not in self._asks)
        return tokens, frozenset(self._asks[word] for word in found if word in self._asks)

    def _known_at(self, bare: str, at: int) -> str:
        """The longest word of the tables that begins here."""
        begin_alike = self._known.get(bare[at : at + _BEGINNING], ())
        return next((word for word in begin_alike if bare.startswith(word, at)), "")


def version(tables: Iterable[bytes]) -> str:
    """What shapes are made of: these five tables, the dictionaries, our own program, Python's."""
    code = [(Path(__file__).parent / name).read_bytes() for name in _PROGRAM]
    ground = [segment.version(), script_version(), sys.version]
    return digest_of([*code, *(each.encode() for each in ground), *tables])


def _by_beginning(known: Iterable[str]) -> dict[str, list[str]]:
    """Words by their first two characters, the longest first: ten times as fast to find as with one
    regular expression of them all."""
    found: dict[str, list[str]] = {}
    for word in sorted(known, key=len, reverse=True):
        found.setdefault(word[:_BEGINNING], []).append(word)
    return found


def pairs_of(text: str) -> list[str]:
    """Neighbouring characters."""
    return [*map(add, text, text[1:])]


def _without_tag(bare: str) -> tuple[str, bool]:
    """办好没有, 能报不, 收费不收费: a yes-or-no question that hangs a "not" behind itself."""
    cut = _TAG.sub("", bare)
    if cut != bare:
        return cut, True
    repeated = re.sub("([\u4e00-\u9fff]{2})不\\1", r"\1", bare)
    return repeated, repeated != bare


def _groups(file: Path, data: bytes) -> list[list[str]]:
    items = read_items(file, data)
    bad = [item for item in items if not isinstance(item.value, list) or len(item.value) < 2]
    if bad:
        what = "每一行要写成 [词, 词, …]，至少两个词"
        raise FileError([item.problem((), what) for item in bad])
    return [[str(word) for word in item.value] for item in items]


def _plain(word: str) -> str:
    return key(normalise(word))


def _run(group: Iterable[str], form: str) -> re.Pattern[str]:
    either = "|".join(map(re.escape, indivisible(_plain(word) for word in group)))
    return re.compile(form.format(f"(?:{either})") if either else "(?!)")
