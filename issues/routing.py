"""Whose issue it is: sender → household → 邻 → 邻长, and what happens when a step is missing.

A sender who is on no roster is never dropped (domain.md §5): the chat's unit, else 待认领.
"""

from dataclasses import dataclass
from datetime import date

from people.town import Person, Post, Town, Unit
from rules.ladder import LEVELS, Seat, beyond, first
from rules.words import Role, UnitKind

#: Whom an issue without any known unit goes to: 待认领 at a 片长, else whoever there is.
FINDERS = (
    Role.PIANZHANG,
    Role.ADMIN,
    Role.SUPERVISOR,
    Role.TOWNSHIP_CADRE,
    Role.VILLAGE_CADRE,
    Role.ZUZHANG,
    Role.LINZHANG,
)
#: Who looks after a complaint about a 长 when its ladder is empty.
WATCHERS = (Role.SUPERVISOR, Role.ADMIN)
#: On which level somebody with that role holds an issue.
LEVEL_OF = {
    Role.PIANZHANG: UnitKind.PIAN,
    Role.TOWNSHIP_CADRE: UnitKind.TOWNSHIP,
    Role.VILLAGE_CADRE: UnitKind.VILLAGE,
    Role.ZUZHANG: UnitKind.ZU,
    Role.LINZHANG: UnitKind.LIN,
}


@dataclass(frozen=True)
class Place:
    """Where a new issue belongs and who holds it first; ``holder`` None only without any post."""

    unit: Unit | None
    household: int | None
    level: UnitKind
    holder: int | None
    unclaimed: bool
    bypassed: UnitKind | None = None
    #: whom the holder stands in for
    behalf: int | None = None


@dataclass(frozen=True)
class Arrival:
    """What is known of a report: its sender, its chat's unit, and up to which level it has to pass
    by the 长 (it complains about one there)."""

    sender: Person | None
    chat_unit: Unit | None
    accuses: UnitKind | None = None


def place(town: Town, arrival: Arrival, day: date) -> Place:
    """Find unit and first holder; nobody is ever the holder of what he has reported himself."""
    sender = arrival.sender
    home = town.home(sender.id) if sender else None
    unit, bypassed = belongs_to(town, sender, arrival.chat_unit, day), arrival.accuses
    seat = first(ladder(town, unit, day, bypassed), {sender.id} if sender else ())
    known = sender is not None and (home is not None or unit is not arrival.chat_unit)
    if unit is None or seat is None:
        return _anywhere(town, unit, day, bypassed)
    household = home.id if home else None
    return Place(unit, household, seat.level, seat.person, not known, bypassed, seat.behalf)


def belongs_to(town: Town, sender: Person | None, chat_unit: Unit | None, day: date) -> Unit | None:
    """Where somebody lives, else where he has a post, else where the chat belongs."""
    home = town.home(sender.id) if sender else None
    return home.lin if home else _post_unit(town, sender, day) or chat_unit


def ladder(
    town: Town, unit: Unit | None, day: date, bypassed: UnitKind | None = None
) -> list[Seat]:
    """The seats that an issue of that unit can climb; empty when it belongs nowhere."""
    if unit is None:
        return []
    out = shut_out(town, unit, bypassed, day)
    return beyond(town.seats(unit, day), bypassed, out)


def shut_out(town: Town, unit: Unit | None, bypassed: UnitKind | None, day: date) -> set[int]:
    """Whom a complaint is about and everyone under them, whatever other seats they have."""
    meant = town.within(bypassed, unit) if unit and bypassed else None
    return town.serving(meant, day) if meant else set()


def _post_unit(town: Town, sender: Person | None, day: date) -> Unit | None:
    posts = town.posts_on(sender.id, day) if sender else []
    return next((post.unit for post in posts if post.unit.kind in LEVELS), None)


def _anywhere(town: Town, unit: Unit | None, day: date, bypassed: UnitKind | None) -> Place:
    roles = WATCHERS if bypassed else FINDERS
    post = town.first_with_role(roles, day)
    level = _level(post)
    if post is None:
        return Place(unit, None, level, None, unclaimed=True, bypassed=bypassed)
    return Place(unit or post.unit, None, level, post.person_id, True, bypassed)


def _level(post: Post | None) -> UnitKind:
    return LEVEL_OF.get(post.role, UnitKind.CITY) if post else UnitKind.CITY
