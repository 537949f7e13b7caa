"""From words to the households that a 长 can mean: 张家, 张某家, 老张家, a resident's name.

His own units come first, then the rest of his village; who they are is the roster's business.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from people.town import Household, Post, Town, Unit
from rules.words import Role, UnitKind

_HOME = re.compile(r"[家户]$")
#: 一户, 3号户: names that a roster counts with mean nobody when somebody counts.
_COUNTED = re.compile(r"第?[\d零〇一二两三四五六七八九十百]+号?[家户]?")
_TWO_SIGNS = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "司徒")
#: 张家的树 is no household that was visited.
_OF = re.compile(r"(?:家里?)?的")
_ENDS = re.compile(r"(?:屋里|家里|那里|那边|里)?")


@dataclass(frozen=True)
class Named:
    """What was said (张家), where it ends, and the households that it can mean, at least one."""

    said: str
    end: int
    households: tuple[Household, ...]


@dataclass(frozen=True)
class Names:
    """What the households of one place are called. ``sure``: their own names; ``loose``: 张家."""

    sure: dict[str, tuple[Household, ...]]
    loose: dict[str, tuple[Household, ...]]
    longest: int

    def at(self, words: str, start: int) -> Named | None:
        """The household whose longest name stands at that place."""
        for end in range(min(len(words), start + self.longest), start, -1):
            said = words[start:end]
            found = self.sure.get(said) or self.loose.get(said)
            if found:
                return None if _OF.match(words, end) else _named(words, said, end, found)
        return None


def _named(words: str, said: str, end: int, found: tuple[Household, ...]) -> Named:
    shown = said if said.endswith(("家", "户")) else f"{said}家"
    tail = _ENDS.match(words, end)
    return Named(shown, tail.end() if tail else end, found)


def own_units(posts: Iterable[Post]) -> list[Unit]:
    """The units in which somebody serves."""
    return [post.unit for post in posts if post.role is not Role.RESIDENT]


def within(town: Town, units: Iterable[Unit]) -> list[Household]:
    """All households of those units, in the order of the roster."""
    inside = {unit.id for top in units for unit in town.inside(top)}
    return sorted((h for h in _all(town) if h.lin.id in inside), key=lambda home: home.id)


def of_id(town: Town, household_id: int | None) -> Household | None:
    """The household with that key, if somebody lives in it."""
    return next((home for home in _all(town) if home.id == household_id), None)


def _all(town: Town) -> set[Household]:
    return {home for lives in town.homes.lives.values() for home in lives}


def names(town: Town, units: Iterable[Unit]) -> Names:
    """What the households of those units are called."""
    sure: dict[str, dict[int, Household]] = {}
    loose: dict[str, dict[int, Household]] = {}
    people = _people(town)
    for home in within(town, units):
        for said in _sure(home.name, people.get(home.id, [])):
            sure.setdefault(said, {})[home.id] = home
        for said in _loose(home.name, people.get(home.id, [])):
            loose.setdefault(said, {})[home.id] = home
    longest = max(map(len, (*sure, *loose)), default=0)
    return Names(_tuples(sure), _tuples(loose), longest)


def village(town: Town, units: Iterable[Unit]) -> list[Unit]:
    """The villages in which those units lie."""
    found = (town.within(UnitKind.VILLAGE, unit) for unit in units)
    return [unit for unit in found if unit]


def _people(town: Town) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for person_id, homes in town.homes.lives.items():
        person = town.by_id(person_id)
        for home in homes:
            found.setdefault(home.id, []).append(person.name if person else "")
    return found


def _tuples(found: dict[str, dict[int, Household]]) -> dict[str, tuple[Household, ...]]:
    return {said: tuple(homes.values()) for said, homes in found.items()}


def _sure(name: str, people: Iterable[str]) -> Iterator[str]:
    """毛某家: 毛某家, 毛某; and its people by name."""
    for one in (_HOME.sub("", name), *people):
        if len(one) > 1 and not _COUNTED.fullmatch(one):
            yield from (one, f"{one}家", f"{one}户")
    if not _COUNTED.fullmatch(name):
        yield name


def _loose(name: str, people: Iterable[str]) -> Iterator[str]:
    """毛某家: 毛家, 老毛家, 毛家的 is nobody's."""
    for one in (name, *people):
        if one and not _COUNTED.fullmatch(one):
            surname = one[: 2 if one.startswith(_TWO_SIGNS) else 1]
            yield from (f"{surname}家", f"老{surname}家")
