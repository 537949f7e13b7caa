"""Public matters (路灯, 停水, 垃圾 …): whether two reports may speak of one and the same.

The words stand in tables/matters.yaml for admins to edit. A wrong "the same" is worse than none, so
every doubt says no; who is asked, and what follows, is up to the handlers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from faq.segment import words
from faq.text import key, normalise, numbers
from files.problem import FileError, Problem
from files.yaml_lines import Item, read_mapping

_THINGS, _CALLED, _TROUBLES = "事", "说法", "毛病"
_LISTS = ("不算", "不问", "编号类", "地名", "不是地名")
#: Two names of places that differ by no more than a slip of the finger.
_ALIKE = 85
#: What may stand before 组, 号, 门口 and is no name: 的, 在, 这个 …
_NO_NAME = frozenset([*"的在是了这那有到从把被和跟与里个们我都又也还就", "这个", "那个"])
_BREAK = "|"
_DIGITS = "零〇一二两三四五六七八九十"


@dataclass(frozen=True)
class Thing:
    """One line of the table: how people call it, and its kinds of trouble."""

    name: str
    called: tuple[str, ...]
    troubles: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class ReportedMatter:
    """What a report tells: of which things, with which trouble, and where."""

    things: Mapping[str, frozenset[int]]
    places: frozenset[str]
    #: 三组, 五组: by the last word, so that like is held against like
    numbered: Mapping[str, frozenset[str]]


class Matters:
    """The table, compiled; immutable."""

    def __init__(self, things: Iterable[Thing], lists: Mapping[str, Iterable[str]]) -> None:
        self._things = tuple(things)
        plain = {name: [_plain(word) for word in lists.get(name, ())] for name in _LISTS}
        called = {word: thing for thing in self._things for word in thing.called}
        self._named = _either([*called, *plain["不算"]])
        self._nothing = frozenset(plain["不算"])
        self._private = _either(plain["不问"])
        self._hard = tuple(sorted(plain["编号类"], key=len, reverse=True))
        self._ends = tuple({*plain["地名"], *plain["编号类"]})
        self._nowhere = frozenset(plain["不是地名"])
        self._halves = self._nowhere | frozenset(self._hard)
        ends = "|".join(map(re.escape, self._hard)) or "(?!)"
        self._numbered = re.compile(rf"(?:(?<!\d)\d++|(?<![{_DIGITS}])[{_DIGITS}]++)(?:{ends})")
        self.read = lru_cache(maxsize=4096)(self._read)

    @classmethod
    def load(cls, file: Path, data: bytes | None = None) -> "Matters":
        """Read the table; raises FileError with all that is wrong."""
        item = read_mapping(file, data)
        problems = list(_wrong(item))
        if problems:
            raise FileError(problems)
        things = [
            Thing(
                name,
                tuple(_plain(word) for word in told[_CALLED]),
                tuple(_either(_plain(word) for word in line) for line in told.get(_TROUBLES, ())),
            )
            for name, told in item.value[_THINGS].items()
        ]
        return cls(things, {name: item.value.get(name, ()) for name in _LISTS})

    def same(self, one: str, other: str) -> str:
        """The name of the thing, if both may speak of the same trouble with it; "" if not."""
        first, second = self.read(one), self.read(other)
        if first is None or second is None or set(first.things) != set(second.things):
            return ""
        alike = all(first.things[name] & second.things[name] for name in first.things)
        return "、".join(first.things) if alike and _may_be_there(first, second) else ""

    def about(self, text: str) -> frozenset[str]:
        """The public things that a text tells of; none of a private matter."""
        told = self.read(text)
        return frozenset(told.things) if told else frozenset()

    def _read(self, text: str) -> ReportedMatter | None:
        """None for what is nobody else's business, and for what names no public trouble."""
        bare = key(normalise(text))
        if self._private.search(bare):
            return None
        found = [hit for hit in self._named.findall(bare) if hit not in self._nothing]
        things = self._troubled(found, bare)
        return ReportedMatter(things, *self._places(bare)) if things else None

    def _troubled(self, found: list[str], bare: str) -> dict[str, frozenset[int]]:
        """Name -> which kinds of trouble; a thing without any trouble is only mentioned."""
        troubled = {}
        for thing in self._things:
            if not set(found) & set(thing.called):
                continue
            kinds = [n for n, line in enumerate(thing.troubles, 1) if line.search(bare)]
            if kinds or not thing.troubles:
                troubled[thing.name] = frozenset(kinds or [0])
        return troubled

    def _places(self, bare: str) -> tuple[frozenset[str], Mapping[str, frozenset[str]]]:
        soft: set[str] = set()
        hard: dict[str, set[str]] = {}
        rest = self._without_things(bare)
        named = self._named_places(self._numbered.sub(_BREAK, rest))
        for place in self._numbered.findall(rest) + named:
            end = next((e for e in self._hard if place.endswith(e)), "")
            if end:
                hard.setdefault(end, set()).add(_counted(place))
            else:
                soft.add(_counted(place))
        return frozenset(soft), {end: frozenset(found) for end, found in hard.items()}

    def _without_things(self, bare: str) -> str:
        """A bridge that is broken is no place; one that a lamp stands at is."""

        def cut(hit: re.Match[str]) -> str:
            return hit.group() if hit.group() in self._nothing else _BREAK

        return self._named.sub(cut, bare)

    def _named_places(self, text: str) -> list[str]:
        found: list[str] = []
        before = ""
        for word in words(text):
            place = self._place(before, word)
            if place and found[-1:] == [before] and place != word:
                found[-1] = place  # 学校门口 is not just anywhere at 学校
            elif place:
                found.append(place)
            before = "" if word in _NO_NAME or word == _BREAK else word
        return found

    def _place(self, before: str, word: str) -> str:
        """The word, with the name before it where the word alone is only half of one."""
        if not word.endswith(self._ends):
            return ""
        if len(word) > 1 and word not in self._halves:
            return word
        own = before in self._nowhere or before.startswith("我")
        return "" if own or not before or word not in self._ends else f"{before}{word}"


def _may_be_there(one: ReportedMatter, other: ReportedMatter) -> bool:
    """Whether the places that both name can be one place; who names none may mean any."""
    for end in set(one.numbered) & set(other.numbered):
        if one.numbered[end].isdisjoint(other.numbered[end]):
            return False
    if not one.places or not other.places:
        return True
    return any(_one_place(a, b) for a in one.places for b in other.places)


def _one_place(one: str, other: str) -> bool:
    if numbers(one) != numbers(other):
        return False
    return one in other or other in one or fuzz.ratio(one, other) >= _ALIKE


def _counted(place: str) -> str:
    """三组 and 3组 are one place."""
    said = numbers(place)
    rest = re.sub(r"[\d零〇一二两三四五六七八九十百]+", "", place)
    return f"{'-'.join(sorted(said))}{rest}" if said else place


def _wrong(item: Item) -> Iterable[Problem]:
    """All that is wrong with the file, in the order in which it stands there."""
    known = (_THINGS, *_LISTS)
    for name, value in item.value.items():
        if name not in known:
            yield item.problem((name,), "没有这一项", "可写的有：" + "、".join(known))
        elif name != _THINGS and not _is_list(value):
            yield item.problem((name,), "要写成 [词, 词, …]")
    things = item.value.get(_THINGS)
    if not isinstance(things, dict):
        yield item.problem((_THINGS,), "要写出有哪些事", "写成「路灯:」，下一行缩进写「说法: […]」")
        return
    for name, told in things.items():
        yield from _wrong_thing(item, name, told)


def _wrong_thing(item: Item, name: str, told: Any) -> Iterable[Problem]:
    place = (_THINGS, name)
    if not isinstance(told, dict) or not _is_list(told.get(_CALLED)):
        yield item.problem(place, f"「{name}」要写「说法: [词, 词, …]」")
        return
    unknown = [field for field in told if field not in (_CALLED, _TROUBLES)]
    if unknown:
        yield item.problem((*place, unknown[0]), "没有这一项", "可写的有：说法、毛病")
    lines = told.get(_TROUBLES, [])
    if not isinstance(lines, list) or not all(map(_is_list, lines)):
        yield item.problem((*place, _TROUBLES), "每一行要写成 - [词, 词, …]")


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_word(word) for word in value)


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and bool(_plain(word))


def _plain(word: str) -> str:
    return key(normalise(word))


def _either(group: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(set(group) - {""}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, ordered)) or "(?!)")
