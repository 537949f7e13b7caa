"""The town in memory: who is who, read once and looked up many times (architecture.md §4a).

Immutable and made anew when somebody has changed the roster, a post or a leave; a version in the
database says so. Making it is reading.py's business, what follows from a vacancy rules/ladder.py's.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from rules.ladder import HOLDER, LEVELS, Seat
from rules.words import Role, UnitKind

#: How the userid of somebody begins who has none: no account of WeCom does.
NO_ACCOUNT = "~"


def has_account(userid: str) -> bool:
    """Whether it is an account of WeCom, and not what the program calls somebody without one."""
    return not userid.startswith(NO_ACCOUNT)


@dataclass(frozen=True, slots=True)
class Unit:
    """市, 乡镇, 村, 片, 组, 邻 and what hangs beside them; ``path`` is as in the roster file."""

    id: int
    kind: UnitKind
    name: str
    path: str
    parent_id: int | None = None
    #: merged into another: only what is closed belongs to it
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the roster; ``userid`` is the WeCom account, lower-cased, or begins with
    NO_ACCOUNT."""

    id: int
    userid: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """职务: who holds which role in which unit, from when to when (both days included)."""

    id: int
    person: Person
    unit: Unit
    role: Role
    starts_on: date
    ends_on: date | None = None

    @property
    def person_id(self) -> int:
        return self.person.id

    @property
    def unit_id(self) -> int:
        return self.unit.id

    def held_on(self, day: date) -> bool:
        """Whether it is held on that day."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(frozen=True, slots=True)
class Household:
    """户: belongs to one lin."""

    id: int
    name: str
    lin: Unit


class Away(NamedTuple):
    """A leave that has not ended: from one day to another (both included), with or without a
    delegate (代班人)."""

    person_id: int
    delegate_id: int | None
    from_on: date
    to_on: date


class Version(NamedTuple):
    """How often homes (units, people, households) and seats (posts, leaves) have changed."""

    homes: int
    seats: int


@dataclass(frozen=True)
class Homes:
    """Units, people and households: what only an import changes."""

    units: Mapping[int, Unit]
    people: Mapping[int, Person]
    #: person id -> the households, in the order of the roster
    lives: Mapping[int, tuple[Household, ...]]
    by_userid: Mapping[str, Person] = field(init=False)
    by_path: Mapping[str, Unit] = field(init=False)
    by_name: Mapping[str, tuple[Unit, ...]] = field(init=False)
    #: all paths in order, for "everything inside"
    paths: tuple[str, ...] = field(init=False)
    city: Unit | None = field(init=False)

    def __post_init__(self) -> None:
        named: dict[str, list[Unit]] = {}
        for unit in (one for one in self.units.values() if not one.gone):
            named.setdefault(unit.path.rpartition("/")[2], []).append(unit)
        by_path = {unit.path: unit for unit in self.units.values()}
        made = {
            "by_userid": {person.userid: person for person in self.people.values()},
            "by_path": by_path,
            "by_name": {name: tuple(units) for name, units in named.items()},
            "paths": tuple(sorted(by_path)),
            "city": next((u for u in self.units.values() if u.kind is UnitKind.CITY), None),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Town:
    """Everybody, every unit, every seat, as of one version. Lists are in the roster's order."""

    version: Version
    homes: Homes
    posts: tuple[Post, ...]
    leaves: tuple[Away, ...]
    posts_of: Mapping[int, tuple[Post, ...]] = field(init=False)
    posts_in: Mapping[int, tuple[Post, ...]] = field(init=False)

    def __post_init__(self) -> None:
        of: dict[int, list[Post]] = {}
        within: dict[int, list[Post]] = {}
        for post in self.posts:
            of.setdefault(post.person_id, []).append(post)
            within.setdefault(post.unit_id, []).append(post)
        made = {"posts_of": of, "posts_in": within}
        for name, posts in made.items():
            object.__setattr__(self, name, {key: tuple(held) for key, held in posts.items()})

    # --- people ---

    def person(self, userid: str) -> Person | None:
        """The person behind a WeCom account; case does not matter there."""
        return self.homes.by_userid.get(userid.lower())

    def by_id(self, person_id: int | None) -> Person | None:
        """The person with that key, if any."""
        return self.homes.people.get(person_id) if person_id else None

    def names(self, person_ids: Iterable[int | None]) -> dict[int, str]:
        """The names of those people."""
        found = (self.by_id(key) for key in person_ids)
        return {person.id: person.name for person in found if person}

    def posts_on(self, person_id: int, day: date) -> list[Post]:
        """The posts that a person holds on that day."""
        return [post for post in self.posts_of.get(person_id, ()) if post.held_on(day)]

    def post(self, post_id: int) -> Post | None:
        """The post with that key, held or not."""
        return next((post for post in self.posts if post.id == post_id), None)

    def home(self, person_id: int) -> Household | None:
        """A resident's household; the first one of somebody with several."""
        return next(iter(self.homes.lives.get(person_id, ())), None)

    # --- units ---

    def unit(self, unit_id: int | None) -> Unit | None:
        """The unit with that key, if any."""
        return self.homes.units.get(unit_id) if unit_id else None

    @property
    def city(self) -> Unit | None:
        """The root of the tree; None before the first roster."""
        return self.homes.city

    def unit_at(self, path: str) -> Unit | None:
        """The unit with that path, as the roster file writes it (清溪镇/韶山村/一片)."""
        return self.homes.by_path.get(path.strip("/ "))

    def unit_ending(self, path: str) -> Unit | None:
        """The one unit whose path is or ends with ``path`` (韶山村/一片); None if several do."""
        found = self.units_ending(path)
        return found[0] if len(found) == 1 else None

    def units_ending(self, path: str) -> list[Unit]:
        """All units whose path is or ends with ``path``."""
        path = path.strip("/ ")
        named = self.homes.by_name.get(path.rpartition("/")[2], ())
        return [unit for unit in named if f"/{unit.path}".endswith(f"/{path}")]

    def upwards(self, unit: Unit) -> list[Unit]:
        """The unit and those above it, from the lowest to the city."""
        chain = [unit]
        while (parent := self.unit(chain[-1].parent_id)) is not None:
            chain.append(parent)
        return chain

    def within(self, kind: UnitKind, unit: Unit) -> Unit | None:
        """The unit of that kind which ``unit`` is or lies in."""
        return next((u for u in self.upwards(unit) if u.kind is kind), None)

    def same(self, kind: UnitKind, one: Unit, other: Unit) -> bool:
        """Whether two units lie in the same unit of that kind."""
        first = self.within(kind, one)
        return first is not None and first == self.within(kind, other)

    def inside(self, unit: Unit) -> list[Unit]:
        """The unit and everything in it; of the city, everything there is."""
        if unit.kind is UnitKind.CITY:
            return list(self.homes.units.values())
        paths, head = self.homes.paths, f"{unit.path}/"
        found = [unit]
        for path in paths[bisect_left(paths, head) :]:
            if not path.startswith(head):
                break
            found.append(self.homes.by_path[path])
        return found

    # --- seats ---

    def seats(self, unit: Unit, day: date) -> list[Seat]:
        """The ladder from ``unit`` to the city with whoever sits on each rung on that day."""
        return [self._seat(rung, day) for rung in self.upwards(unit) if rung.kind in LEVELS]

    def held(self, day: date) -> Iterator[Post]:
        """All posts that are held on that day."""
        return (post for post in self.posts if post.held_on(day))

    def first_with_role(self, roles: Iterable[Role], day: date) -> Post | None:
        """Somebody to turn to when no unit is known: the first post of the first role that has
        one."""
        held = list(self.held(day))
        found = (post for role in roles for post in held if post.role is role)
        return next(found, None)

    def with_role(self, role: Role, day: date) -> list[Person]:
        """Everybody who holds that role anywhere."""
        return _people(post for post in self.held(day) if post.role is role)

    def over(self, unit: Unit, role: Role, day: date) -> list[Person]:
        """Everybody who holds that role in the unit or in one above it."""
        posts = (post for u in self.upwards(unit) for post in self.posts_in.get(u.id, ()))
        return _people(post for post in posts if post.role is role and post.held_on(day))

    def serving(self, unit: Unit, day: date) -> set[int]:
        """Everybody with a post in the unit or below it, and who stands in for them."""
        below = (post for u in self.inside(unit) for post in self.posts_in.get(u.id, ()))
        people = {post.person_id for post in below if post.held_on(day)}
        return people | {delegate for delegate in self.away(people, day).values() if delegate}

    def in_unit(self, unit: Unit, day: date) -> list[Person]:
        """Everybody with a post in that very unit."""
        return _people(post for post in self.posts_in.get(unit.id, ()) if post.held_on(day))

    def away(self, person_ids: Iterable[int], day: date) -> dict[int, int | None]:
        """Who of these people is on leave that day -> the delegate (代班人), or None without one.

        A delegate who is away as well is none.
        """
        gone = {a.person_id: a.delegate_id for a in self.leaves if a.from_on <= day <= a.to_on}
        return {p: None if gone[p] in gone else gone[p] for p in person_ids if p in gone}

    def _seat(self, unit: Unit, day: date) -> Seat:
        """The first post with the role that answers for such a unit, a colleague if the first is
        away, else the delegate."""
        posts = self.posts_in.get(unit.id, ())
        held = [p.person_id for p in posts if p.role is HOLDER[unit.kind] and p.held_on(day)]
        gone = self.away(held, day)
        present = [person for person in held if person not in gone]
        if present:
            return Seat(unit.kind, unit.id, present[0])
        covered = [person for person in held if gone[person]]
        if covered:
            return Seat(unit.kind, unit.id, gone[covered[0]], covered[0])
        return Seat(unit.kind, unit.id, None)


def covers(unit: Unit, other: Unit) -> bool:
    """Whether ``other`` is the unit or lies in it."""
    return unit.kind is UnitKind.CITY or f"{other.path}/".startswith(f"{unit.path}/")


def _post_id(post: Post) -> int:
    return post.id


def _people(posts: Iterable[Post]) -> list[Person]:
    """Each person once, in the order of the posts."""
    return list({post.person_id: post.person for post in sorted(posts, key=_post_id)}.values())
