"""交接: when a post ends, its open issues change hands with it, in the same transaction.

14 % of the 邻长 posts change hands in a year. Which posts end is the roster's business: today by an
import, or by themselves, on the day that it says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, or_, select

from issues import helping, moving
from issues.work import Work
from people.town import Person, Post, Unit
from rules.ladder import HOLDER, LEVELS
from rules.words import OPEN_STATES, Role, UnitKind
from storage import tables
from storage.tables import STILL_OPEN, Assist, Issue

#: Whose posts hold issues beside the ladder, and in the city beside the 督办.
BESIDE = frozenset({Role.DEPARTMENT, Role.RESIDENT_UNIT})
CITY = frozenset({Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True)
class EndedPost:
    """Who no longer sits in which unit, and who does now ("" for nobody); in which role, where one
    person has several in one unit."""

    userid: str
    unit: str
    successor: str
    role: Role | None = None


def hand_over(work: Work, ended: Iterable[EndedPost]) -> int:
    """Give every open issue of those posts to the successor or the next seat; how many."""
    return sum(_hand_over_one(work, post) for post in ended)


def hand_over_ended(work: Work, post: Post) -> int:
    """The same for a post whose last day has passed, to whoever sits there now; how many."""
    there = [p for p in work.town.in_unit(post.unit, work.today) if _holds(work, p, post)]
    if post.person in there:
        return 0
    successor = there[0].userid if there else ""
    ended = EndedPost(post.person.userid, post.unit.path, successor, post.role)
    return hand_over(work, [ended])


def due(today: date) -> Select[int]:
    """The posts that have ended while their holders still hold or help with something open; by
    id."""
    his = or_(
        Issue.holder_id == tables.PostRow.person_id, Issue.behalf_id == tables.PostRow.person_id
    )
    holds = exists().where(his, STILL_OPEN)
    helps = exists().where(
        Assist.person_id == tables.PostRow.person_id,
        Assist.unit_id == tables.PostRow.unit_id,
        Assist.answered_at.is_(None),
    )
    over = select(tables.PostRow.id).where(tables.PostRow.ends_on < today, or_(holds, helps))
    return over.order_by(tables.PostRow.id)


def _hand_over_one(work: Work, post: EndedPost) -> int:
    town = work.town
    former, unit = town.person(post.userid), town.unit_at(post.unit)
    if former is None or unit is None or post.role not in (None, *_roles(unit)):
        return 0
    successor = town.person(post.successor) if post.successor else None
    heir, behalf = _present(work, successor)
    moved, why = 0, work.say("reason_new_post", unit=post.unit or unit.name)
    for issue in _held(work, former, unit):
        before = issue.holder_id
        moving.hand_over(work, issue, heir, why, behalf)
        moved += issue.holder_id != before
    return moved + _hand_over_help(work, former, unit)


def _present(work: Work, successor: Person | None) -> tuple[Person | None, Person | None]:
    """Who takes over, and for whom: a successor on leave has a delegate, or nobody."""
    away = work.town.away([successor.id], work.today) if successor else {}
    if successor is None or successor.id not in away:
        return successor, None
    delegate = work.town.by_id(away[successor.id])
    return delegate, successor if delegate else None


def _roles(unit: Unit) -> frozenset[Role]:
    """The roles that issues of such a unit are held in."""
    if unit.kind is UnitKind.CITY:
        return CITY
    return frozenset({HOLDER[unit.kind]}) if unit.kind in HOLDER else BESIDE


def _holds(work: Work, person: Person, post: Post) -> bool:
    """Whether somebody sits in the unit of that post in a role that issues are held in."""
    held = work.town.posts_on(person.id, work.today)
    return any(p.unit_id == post.unit_id and p.role in _roles(post.unit) for p in held)


def _held(work: Work, former: Person, unit: Unit) -> list[Issue]:
    """The open issues that the one who left, or his delegate, holds on the level of that very unit,
    or for it."""
    his = or_(Issue.holder_id == former.id, Issue.behalf_id == former.id)
    held = select(Issue).where(his, Issue.state.in_(OPEN_STATES))
    if unit.kind not in LEVELS:
        led = held.where(Issue.lead_unit_id == unit.id)
        return list(work.session.scalars(led.order_by(Issue.id)))
    own = held.where(Issue.lead_unit_id.is_(None), Issue.level == unit.kind).order_by(Issue.id)
    inside = {None, *(below.id for below in work.town.inside(unit))}
    return [issue for issue in work.session.scalars(own) if issue.unit_id in inside]


def _hand_over_help(work: Work, former: Person, unit: Unit) -> int:
    """What the unit has been asked to help with stays with the unit, with somebody else of it."""
    waiting = select(Assist).where(
        Assist.person_id == former.id, Assist.unit_id == unit.id, Assist.answered_at.is_(None)
    )
    helped = list(work.session.scalars(waiting.order_by(Assist.id)))
    for assist in helped:
        helping.replace_helper(work, assist)
    return len(helped)
