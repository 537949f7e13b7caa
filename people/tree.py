"""Who is who: persons, posts, households, and the ladder of seats above a unit.

Reads only. The roster file and its import are in roster.py; what follows from a vacancy is
rules/ladder.py's business.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from rules.ladder import HOLDER, LEVELS, Seat
from rules.words import Role, UnitKind
from storage.tables import Household, Leave, Person, Post, Resident, Unit


def person(session: Session, userid: str) -> Person | None:
    """The person behind a WeCom account; case does not matter there."""
    return session.scalar(select(Person).where(Person.userid == userid.lower()))


def by_id(session: Session, person_id: int | None) -> Person | None:
    """The person with that key, if any."""
    return session.get(Person, person_id) if person_id else None


def names(session: Session, person_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of those people."""
    ids = [key for key in person_ids if key is not None]
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in found}


def posts(session: Session, person_id: int, day: date) -> list[Post]:
    """The posts that a person holds on that day, in the order of the roster."""
    held = select(Post).where(Post.person_id == person_id, in_office(day))
    return list(session.scalars(held.order_by(Post.id)))


def home(session: Session, person_id: int) -> tuple[Household, Unit] | None:
    """A resident's household and its lin; the first one of somebody with several."""
    found = session.execute(
        select(Household, Unit)
        .join(Resident, Resident.household_id == Household.id)
        .join(Unit, Unit.id == Household.lin_id)
        .where(Resident.person_id == person_id)
        .order_by(Resident.id)
    ).first()
    return (found[0], found[1]) if found else None


def unit_at(session: Session, path: str) -> Unit | None:
    """The unit with that path, as the roster file writes it (清溪镇/韶山村/一片)."""
    return session.scalar(select(Unit).where(Unit.path == path.strip("/ ")))


def unit_ending(session: Session, path: str) -> Unit | None:
    """The one unit whose path is or ends with ``path`` (韶山村/一片); None if several do."""
    found = units_ending(session, path)
    return found[0] if len(found) == 1 else None


def units_ending(session: Session, path: str) -> list[Unit]:
    """All units whose path is or ends with ``path``, in the order of the roster."""
    path = path.strip("/ ")
    found = select(Unit).where(
        or_(Unit.path == path, Unit.path.endswith(f"/{path}", autoescape=True))
    )
    return list(session.scalars(found.order_by(Unit.id)))


def city(session: Session) -> Unit | None:
    """The root of the tree; None before the first roster."""
    return session.scalar(select(Unit).where(Unit.kind == UnitKind.CITY))


def upwards(session: Session, unit: Unit) -> list[Unit]:
    """The unit and those above it, from the lowest to the city."""
    chain = [unit]
    while chain[-1].parent_id is not None:
        parent = session.get(Unit, chain[-1].parent_id)
        assert parent is not None  # a foreign key
        chain.append(parent)
    return chain


def seats(session: Session, unit: Unit, day: date) -> list[Seat]:
    """The ladder from ``unit`` to the city with whoever sits on each rung on that day."""
    rungs = [u for u in upwards(session, unit) if u.kind in LEVELS]
    holders = _holders(session, rungs, day)
    return [holders.get(u.id, Seat(u.kind, u.id, None)) for u in rungs]


def first_with_role(session: Session, roles: Iterable[Role], day: date) -> Post | None:
    """Somebody to turn to when no unit is known: the first post of the first role that has one."""
    for role in roles:
        found = session.scalar(
            select(Post).where(Post.role == role, in_office(day)).order_by(Post.id).limit(1)
        )
        if found:
            return found
    return None


def with_role(session: Session, role: Role, day: date) -> list[Person]:
    """Everybody who holds that role anywhere."""
    held = select(Person).join(Post).where(Post.role == role, in_office(day))
    return list(session.scalars(held.order_by(Post.id)).unique())


def over(session: Session, unit: Unit, role: Role, day: date) -> list[Person]:
    """Everybody who holds that role in the unit or in one above it, in the order of the roster."""
    ids = [u.id for u in upwards(session, unit)]
    held = select(Person).join(Post).where(Post.role == role, Post.unit_id.in_(ids), in_office(day))
    return list(session.scalars(held.order_by(Post.id)).unique())


def serving(session: Session, unit: Unit, day: date) -> set[int]:
    """Everybody with a post in the unit or below it, and who stands in for them."""
    held = select(Post.person_id).join(Unit, Unit.id == Post.unit_id)
    people = set(session.scalars(held.where(inside(unit), in_office(day))))
    delegates = away(session, people, day).values()
    return people | {delegate for delegate in delegates if delegate}


def in_unit(session: Session, unit: Unit, day: date) -> list[Person]:
    """Everybody with a post in that very unit, in the order of the roster."""
    held = select(Person).join(Post).where(Post.unit_id == unit.id, in_office(day))
    return list(session.scalars(held.order_by(Post.id)).unique())


def within(session: Session, kind: UnitKind, unit: Unit) -> Unit | None:
    """The unit of that kind which ``unit`` is or lies in."""
    return next((u for u in upwards(session, unit) if u.kind is kind), None)


def same(session: Session, kind: UnitKind, one: Unit, other: Unit) -> bool:
    """Whether two units lie in the same unit of that kind."""
    first, second = within(session, kind, one), within(session, kind, other)
    return first is not None and second is not None and first.id == second.id


def covers(unit: Unit, other: Unit) -> bool:
    """Whether ``other`` is the unit or lies in it."""
    return unit.kind is UnitKind.CITY or f"{other.path}/".startswith(f"{unit.path}/")


def inside(unit: Unit) -> ColumnElement[bool]:
    """The same for queries over Unit."""
    if unit.kind is UnitKind.CITY:
        return true()
    below = Unit.path.startswith(f"{unit.path}/", autoescape=True)
    return or_(Unit.id == unit.id, below)


def away(session: Session, person_ids: Iterable[int], day: date) -> dict[int, int | None]:
    """Who of these people is on leave that day -> the delegate (代班人), or None without one.

    A delegate who is away as well is none.
    """
    asked = list(person_ids)
    found = session.execute(
        select(Leave.person_id, Leave.delegate_id)
        .where(Leave.from_on <= day, Leave.to_on >= day, Leave.ended_at.is_(None))
        .order_by(Leave.id)
    )
    leaves = {row.person_id: row.delegate_id for row in found}
    return {p: _present(leaves, leaves[p]) for p in asked if p in leaves}


def _present(leaves: dict[int, int | None], delegate: int | None) -> int | None:
    return None if delegate in leaves else delegate


def _holders(session: Session, units: list[Unit], day: date) -> dict[int, Seat]:
    """unit id -> whoever sits there that day: the first post with the role that answers for such a
    unit, a colleague if the first is away, else the delegate."""
    wanted = {unit.id: HOLDER[unit.kind] for unit in units}
    found = session.execute(
        select(Post.unit_id, Post.role, Post.person_id)
        .where(Post.unit_id.in_(wanted), in_office(day))
        .order_by(Post.id)
    )
    held: dict[int, list[int]] = {}
    for unit_id, role, person_id in found:
        if role == wanted[unit_id]:
            held.setdefault(unit_id, []).append(person_id)
    gone = away(session, {p for people in held.values() for p in people}, day)
    return {u.id: _seated(u, held[u.id], gone) for u in units if u.id in held}


def _seated(unit: Unit, people: list[int], gone: Mapping[int, int | None]) -> Seat:
    present = [p for p in people if p not in gone]
    if present:
        return Seat(unit.kind, unit.id, present[0])
    covered = [p for p in people if gone[p]]
    if covered:
        return Seat(unit.kind, unit.id, gone[covered[0]], covered[0])
    return Seat(unit.kind, unit.id, None)


def in_office(day: date) -> ColumnElement[bool]:
    """Posts that are held on that day, for queries over Post."""
    return and_(Post.starts_on <= day, or_(Post.ends_on.is_(None), Post.ends_on >= day))
