"""From words to whom is meant: 二组, 供电所, 清溪镇供电所, 韶山村一片, 张三, 组长彭某, 组长.

Only people with a post in office; residents without one are never found. What is then given to
them is the business of issues/.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from people.town import Person, Post, Town, Unit
from rules.ladder import HOLDER, LEVELS, Seat, first
from rules.numerals import spellings
from rules.words import ROLE_CHINESE, Role, UnitKind

#: Beside the ladder, and who answers for such a unit.
BESIDE = {
    UnitKind.DEPARTMENT: Role.DEPARTMENT,
    UnitKind.RESIDENT_UNIT: Role.RESIDENT_UNIT,
}
#: Nothing is given to somebody only because he holds one of these.
NOT_MEANT = (Role.ADMIN, Role.LINKED_CADRE, Role.RESIDENT)
#: What people call the seats above themselves.
SEATS = {
    "邻长": UnitKind.LIN,
    "组长": UnitKind.ZU,
    "片长": UnitKind.PIAN,
    "村里": UnitKind.VILLAGE,
    "村干部": UnitKind.VILLAGE,
    "村委会": UnitKind.VILLAGE,
    "社区": UnitKind.VILLAGE,
    "镇里": UnitKind.TOWNSHIP,
    "镇上": UnitKind.TOWNSHIP,
    "镇政府": UnitKind.TOWNSHIP,
    "乡里": UnitKind.TOWNSHIP,
    "乡镇干部": UnitKind.TOWNSHIP,
    "市里": UnitKind.CITY,
    "县里": UnitKind.CITY,
}
_TITLES = {title: HOLDER[kind] for title, kind in SEATS.items() if title.endswith("长")}
_TAILS = ("同志", "那边", "那里")
#: What names of offices have in common.
_OFFICE = re.compile(
    "有限公司|分公司|公司|管理局|管理所|管理站|服务中心|服务站|服务所|中心|办公室|委员会|分局|局|所|站|办|队|^[市县区镇乡]"
)
#: The sum of two likenesses, of 100 each, from which names are alike; and so many are named.
ALIKE, MOST_ALIKE = 90, 5
#: One character is in too many names.
SHORTEST_PART = 2


@dataclass(frozen=True)
class Found:
    """Somebody who can be given something: the person who is there that day, in which unit and
    role, and for whom he stands in."""

    person: Person
    unit: Unit
    role: Role
    behalf: int | None = None

    @property
    def label(self) -> str:
        """长冲组组长彭某, 供电所李某"""
        role = "" if self.unit.kind in BESIDE else ROLE_CHINESE[self.role]
        return f"{self.unit.name}{role}{self.person.name}"

    @property
    def key(self) -> str:
        """Words that mean exactly this one."""
        return f"{self.person.userid}@{self.unit.path}"


def find(town: Town, said: str, *, near: Unit | None, day: date) -> list[Found]:
    """Whom the words can mean, nearest to ``near`` first; several when they are ambiguous.

    A unit that is nearer than its namesakes is meant alone; people of one name are all returned.
    """
    said = _plain(said)
    if not said:
        return []
    exact = _by_key(town, said, day) or _seat(town, said, near, day)
    if exact:
        return exact
    units = _units(town, spellings(said))
    people = _people(town, said, day)
    of_name = [u for u in units if _is_named(u, said)]
    whole = _seated(town, _nearest(of_name, near), day) + _present(town, people, near, day)
    if whole:
        return _unique(whole)
    return _unique(_seated(town, _nearest(units, near), day)) or _titled(town, said, near, day)


def alike(town: Town, said: str, *, near: Unit | None, day: date) -> list[Found]:
    """Departments and 驻地单位 with somebody in office whose names are like the words, the likest
    first (电力公司: 供电所); where none is and an office is meant, those nearest to ``near``."""
    core = _core(_plain(said))
    scores = {
        unit.id: fuzz.ratio(core, _core(unit.name)) + fuzz.partial_ratio(core, _core(unit.name))
        for unit in town.homes.units.values()
        if unit.kind in BESIDE and not unit.gone
    }
    close = {key: score for key, score in scores.items() if score >= ALIKE}
    units = [unit for key in close or scores if (unit := town.unit(key))]
    ranked = sorted(units, key=lambda u: (-close.get(u.id, 0), -_common(u, near), u.id))
    if not close and core == _plain(said):
        return []  # nobody would call an office like that
    if not close:
        ranked = [unit for unit in ranked if near is None or _common(unit, near)]
    return _seated(town, ranked[:MOST_ALIKE], day)


def _core(name: str) -> str:
    """电力 of 电力公司, 供电 of 供电所: what such a name is about."""
    return _OFFICE.sub("", name) or name


def in_office(town: Town, said: str, day: date) -> list[Person]:
    """Everybody of that name or account with a post on that day, away or not."""
    posts = _people(town, _plain(said), day)
    return list({post.person_id: post.person for post in posts}.values())


def _plain(said: str) -> str:
    said = "".join(said.split())
    for tail in _TAILS:
        said = said.removesuffix(tail)
    return said


def _by_key(town: Town, said: str, day: date) -> list[Found]:
    userid, at, path = said.partition("@")
    person = town.person(userid) if at else None
    unit = town.unit_at(path) or (town.city if at and not path else None)
    if person is None or unit is None:
        return []
    posts = town.posts_on(person.id, day)
    here = next((post for post in posts if post.unit_id == unit.id), None)
    if here:
        return [Found(person, unit, here.role)]
    # a delegate has no post of his own there
    return [found for found in _seated(town, [unit], day) if found.person.id == person.id]


def _seat(town: Town, said: str, near: Unit | None, day: date) -> list[Found]:
    """组长: whoever sits there above the issue's own place."""
    kind = SEATS.get(said.removeprefix("我们").removeprefix("本"))
    unit = town.within(kind, near) if kind and near else None
    return _seated(town, [unit], day) if unit else []


# --- units ---


def _units(town: Town, variants: Iterable[str]) -> list[Unit]:
    """All units whose path has the words in it, with or without its slashes."""
    bare = {said.replace("/", "") for said in variants}
    bare = {said for said in bare if len(said) >= SHORTEST_PART}
    units = (unit for unit in town.homes.units.values() if not unit.gone)
    return [unit for unit in units if any(_fits(unit, said) for said in bare)]


def _fits(unit: Unit, said: str) -> bool:
    return said in unit.name or unit.path.replace("/", "").endswith(said)


def _is_named(unit: Unit, said: str) -> bool:
    """Whether the words are the unit's name, or the end of its path part by part."""
    parts = unit.path.split("/")
    ends = {"".join(parts[n:]) for n in range(len(parts))} | {unit.name}
    return any(variant.replace("/", "") in ends for variant in spellings(said))


def _nearest(units: list[Unit], near: Unit | None) -> list[Unit]:
    if not units or near is None:
        return units
    best = max(_common(unit, near) for unit in units)
    return [unit for unit in units if _common(unit, near) == best]


def _common(unit: Unit, near: Unit | None) -> int:
    """How far down two units lie in the same units: 1 the township, 2 the village, 3 the 片."""
    if near is None or unit.kind is UnitKind.CITY:
        return 0
    pairs = zip(unit.path.split("/"), near.path.split("/"), strict=False)
    same = 0
    for one, other in pairs:
        if one != other:
            break
        same += 1
    return same


def _seated(town: Town, units: list[Unit], day: date) -> list[Found]:
    found = (_in_seat(town, unit, day) for unit in units)
    return [one for one in found if one]


def _in_seat(town: Town, unit: Unit, day: date) -> Found | None:
    """Whoever answers for the unit that day; without anybody, the next level does."""
    if unit.kind not in LEVELS:
        return _colleague(town, unit, day)
    seat = first(town.seats(unit, day))
    return _found(town, seat) if seat else None


def _found(town: Town, seat: Seat) -> Found:
    person, unit = town.by_id(seat.person), town.unit(seat.unit)
    assert person is not None  # first() gives taken seats only
    assert unit is not None  # a foreign key
    return Found(person, unit, HOLDER[unit.kind], seat.behalf)


def _colleague(town: Town, unit: Unit, day: date) -> Found | None:
    """The first of a department or 驻地单位 who is there, else who stands in for the first."""
    people = town.in_unit(unit, day)
    gone = town.away([p.id for p in people], day)
    role = BESIDE[unit.kind]
    for person in people:
        if person.id not in gone:
            return Found(person, unit, role)
    for person in people:
        delegate = town.by_id(gone[person.id])
        if delegate:
            return Found(delegate, unit, role, person.id)
    return None


# --- people ---


def _people(town: Town, said: str, day: date) -> list[Post]:
    """The posts of those with that name or account."""
    userid = said.lower()
    return [p for p in _posts(town, day) if said == p.person.name or userid == p.person.userid]


def _posts(town: Town, day: date) -> Iterator[Post]:
    return (post for post in town.held(day) if post.role not in NOT_MEANT)


def _present(town: Town, posts: list[Post], near: Unit | None, day: date) -> list[Found]:
    """Each person once, in the post that is nearest; or who stands in for him."""
    nearest: dict[int, Post] = {}
    for post in sorted(posts, key=lambda post: -_common(post.unit, near)):
        nearest.setdefault(post.person_id, post)
    gone = town.away(nearest, day)
    return [found for post in nearest.values() if (found := _or_delegate(town, post, gone, day))]


def _or_delegate(town: Town, post: Post, gone: dict[int, int | None], day: date) -> Found | None:
    if post.person_id not in gone:
        return Found(post.person, post.unit, post.role)
    delegate = town.by_id(gone[post.person_id])
    if delegate:
        return Found(delegate, post.unit, post.role, post.person_id)
    return _in_seat(town, post.unit, day)


def _titled(town: Town, said: str, near: Unit | None, day: date) -> list[Found]:
    """彭组长, 组长彭某, 长冲组组长: a name or unit with the title before or after it."""
    for title, role in _TITLES.items():
        if not said.startswith(title) and not said.endswith(title):
            continue
        rest = said.removeprefix(title).removesuffix(title)
        titled = (post for post in _posts(town, day) if post.role is role and rest)
        named = [post for post in titled if post.person.name.startswith(rest)]
        found = _present(town, named, near, day)
        if found:
            return found
        units = [u for u in _units(town, spellings(rest)) if _is_named(u, rest)]
        return _seated(town, _nearest(units, near), day)
    return []


def _unique(found: list[Found]) -> list[Found]:
    return list({(one.person.id, one.unit.id): one for one in found}.values())
