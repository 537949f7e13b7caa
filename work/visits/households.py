"""From words to the households that a 长 can mean: 张家, 张某家, 老张家, a resident's name.

His own units come first, then the rest of his village; who they are is the roster's business.
"""

import re
from collections.abc import Iterable
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
class HouseholdNames:
    """What the households of one place are called: ``sure`` by their own names and their people's
    (毛某), ``loose`` by surname (毛)."""

    sure: dict[str, tuple[Household, ...]]
    loose: dict[str, tuple[Household, ...]]
    longest: int

    def at(self, words: str, start: int) -> Named | None:
        """The household whose longest name stands at that place."""
        for end in range(min(len(words), start + self.longest), start, -1):
            said = words[start:end]
            found = self._called(said)
            if found:
                return None if _OF.match(words, end) else _named(words, said, end, found)
        return None

    def _called(self, said: str) -> tuple[Household, ...]:
        """毛某家, 毛某; and only if that is nobody: 毛家, 老毛家."""
        bare = _HOME.sub("", said)
        found = self.sure.get(said) or (self.sure.get(bare) if len(bare) > 1 else None)
        if found or not said.endswith("家"):
            return found or ()
        return self.loose.get(bare) or self.loose.get(bare.removeprefix("老")) or ()


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
    homes = {h.id: h for lives in town.homes.lives.values() for h in lives if h.lin.id in inside}
    return [homes[key] for key in sorted(homes)]


def of_id(town: Town, household_id: int | None) -> Household | None:
    """The household with that key, if somebody lives in it."""
    homes = (home for lives in town.homes.lives.values() for home in lives)
    return next((home for home in homes if home.id == household_id), None)


def names(town: Town, units: Iterable[Unit]) -> HouseholdNames:
    """What the households of those units are called."""
    inside = {unit.id for top in units for unit in town.inside(top)}
    sure: dict[str, dict[int, Household]] = {}
    loose: dict[str, dict[int, Household]] = {}
    for person_id, lives in town.homes.lives.items():
        for home in lives:
            if home.lin.id in inside:
                for said in (home.name, _HOME.sub("", home.name), _name(town, person_id)):
                    _call(sure, loose, said, home)
    longest = max(map(len, sure), default=0) + len("老家")
    return HouseholdNames(_tuples(sure), _tuples(loose), longest)


def _name(town: Town, person_id: int) -> str:
    person = town.by_id(person_id)
    return person.name if person else ""


def _call(
    sure: dict[str, dict[int, Household]],
    loose: dict[str, dict[int, Household]],
    said: str,
    home: Household,
) -> None:
    if not said or _COUNTED.fullmatch(said):
        return
    if len(said) > 1:
        sure.setdefault(said, {})[home.id] = home
    surname = said[: 2 if said.startswith(_TWO_SIGNS) else 1]
    loose.setdefault(surname, {})[home.id] = home


def village(town: Town, units: Iterable[Unit]) -> list[Unit]:
    """The villages in which those units lie."""
    found = (town.within(UnitKind.VILLAGE, unit) for unit in units)
    return [unit for unit in found if unit]


def _tuples(found: dict[str, dict[int, Household]]) -> dict[str, tuple[Household, ...]]:
    return {said: tuple(homes.values()) for said, homes in found.items()}
