"""Dialect told in standard words before anything is understood: 细伢子跌到塘里哒 is 小孩掉到塘里了.

The words stand in dialect.yaml; a deployment's own file adds to it. What is kept in an issue is
always what was said.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field

from files.file_model import FileModel, Text, Texts, build_located, problem_at
from files.problem import FileError, Problem
from files.yaml_lines import Item

SHIPPED = Path(__file__).parent / "dialect.yaml"


class DialectWord(FileModel):
    """One standard word and the ways in which it is said here."""

    spellings: ClassVar[dict[str, str]] = {"not": "wholes"}

    word: Text = Field(title="普通话")
    said: Texts = Field(title="方言", min_length=1)
    #: longer words that have one of them inside and stay as they are
    wholes: Texts = Field(default=(), title="不换")
    tests: Mapping[str, str] = Field(default={}, title="测试")


class Dialect:
    """All words of the files, compiled; immutable."""

    def __init__(self, words: Iterable[DialectWord]) -> None:
        plain: dict[str, str] = {}
        wholes: list[str] = []
        for one in words:
            plain |= dict.fromkeys(one.said, one.word)
            wholes += one.wholes
        # A whole that is itself a dialect word is folded as that word.
        self._plain = {whole: whole for whole in wholes} | plain
        self._sizes = _sizes(self._plain)

    @classmethod
    def load(cls, first: Path, *others: Path, data: Mapping[Path, bytes] | None = None) -> Self:
        """The words of all files; what a later one says counts. `data`: what was read before.

        Raises FileError with the line of every mistake, the sentences of `tests` that come out
        otherwise included.
        """
        words: list[DialectWord] = []
        failed: list[Problem] = []
        for file in (first, *others):
            read = _read(file, (data or {}).get(file))
            words += [word for word, _ in read]
            made = cls(words)  # a later file may change what the sentences of this one come to
            failed += [problem for word, item in read for problem in made.failures(word, item)]
        if failed:
            raise FileError(failed)
        return made

    def failures(self, word: DialectWord, item: Item) -> Iterator[Problem]:
        """The sentences of a word that do not come out as its author wants."""
        for said, wanted in word.tests.items():
            got = self.fold(said)
            if got != wanted:
                what = f"「{said}」应当换成「{wanted}」，结果是「{got}」"
                yield problem_at(DialectWord, item, ("tests", said), what, "改说法或改这一句")

    def fold(self, text: str) -> str:
        """The text in standard words: one walk, the longest word first, nothing folded twice."""
        return "".join(self._told(text))

    def _told(self, text: str) -> Iterator[str]:
        end = 0
        for at, char in enumerate(text):
            if at < end:
                continue
            size = self._size_at(text, at) if char in self._sizes else 0
            end = at + size
            yield self._plain[text[at:end]] if size else char

    def _size_at(self, text: str, at: int) -> int:
        """How long the longest word is that begins there, 0 if there is none."""
        for size in self._sizes[text[at]]:
            if text[at : at + size] in self._plain:
                return size
        return 0


@cache
def shipped_dialect() -> Dialect:
    """The words of this version."""
    return Dialect.load(SHIPPED)


def _sizes(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """How long the words are that begin with a character, longest first."""
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[0], set()).add(len(word))
    return {start: tuple(sorted(sizes, reverse=True)) for start, sizes in found.items()}


def _read(file: Path, data: bytes | None) -> list[tuple[DialectWord, Item]]:
    """The words of one file; a word in two places of it would hide one of them."""
    read = build_located(DialectWord, file, data)
    places: dict[str, int] = {}
    problems: list[Problem] = []
    for word, item in read:
        for said in word.said:
            before = places.setdefault(said, item.line)
            if before != item.line:
                what = f"「{said}」在第 {before} 行已经写过"
                problems.append(problem_at(DialectWord, item, ("said",), what, "留下一处"))
    if problems:
        raise FileError(problems)
    return read
