"""Who is what to an issue: holder, above, helper, reporter, neighbour; who sees whose name.

Reads only. What each of them may do is rules/transitions.py, who holds it next is moving.py.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from issues import events, routing, wording
from issues.events import CLOCK, Actor, Change
from issues.work import Work
from people.town import Household, Person, Unit
from rules import urgent
from rules.ladder import HOLDER, LEVELS, Seat, above, rank
from rules.words import Party, Role, UnitKind
from storage.objects import objects, whole
from storage.statement import Statement
from storage.tables import STILL_OPEN, Assist, CoOwner, Endorsement, Issue

#: Who may see a reporter's name; helpers only when the lead opens it, 联片干部 not at all.
SEE_NAMES = frozenset({Party.HOLDER, Party.CO_OWNER, Party.ABOVE, Party.SUPERVISOR, Party.REPORTER})
#: Who does not work on it.
RESIDENTS = frozenset({Party.REPORTER, Party.ENDORSER, Party.NEIGHBOUR})
#: A short number can mean one of this many; the full number is looked up among all.
MOST_VISIBLE = 200
#: Who answers for more than households; their words are about what is below them.
WATCHED = frozenset(LEVELS[1:])
MOST_WATCHED = 20


def parties(work: Work, issue: Issue, by: Actor) -> frozenset[Party]:
    """All that somebody is towards this issue; worked out once an action, and again only when what
    it depends on has changed."""
    if by is CLOCK:
        return frozenset({Party.CLOCK})
    asked = (by.userid.lower(), by.person_id, work.town.version, *_depends_on(work, issue))
    return work.worked_out(issue, asked, lambda: _parties(work, issue, by))


def _depends_on(work: Work, issue: Issue) -> Iterator[object]:
    yield from (issue.reporter, issue.household_id, issue.unit_id, issue.level, issue.bypassed)
    yield from (issue.delicate, issue.holder_id, issue.behalf_id, issue.lead_unit_id)
    yield from (one.userid for one in endorsements(work, issue))
    yield from (one.person_id for one in assists(work, issue) if one.answered_at is None)
    yield from sorted(co_owners(work, issue))


def _parties(work: Work, issue: Issue, by: Actor) -> frozenset[Party]:
    found = _as_resident(work, issue, by)
    if by.person_id is None or by.person_id in shut_out(work, issue):
        return frozenset(found)
    return frozenset(found | _as_staff(work, issue, by.person_id))


def _as_resident(work: Work, issue: Issue, by: Actor) -> set[Party]:
    userid = by.userid.lower()
    if userid == issue.reporter:
        return {Party.REPORTER}
    if endorsement(work, issue, userid):
        return {Party.ENDORSER}
    return {Party.NEIGHBOUR} if _is_neighbour(work, issue, by.person_id) else set()


def _as_staff(work: Work, issue: Issue, person_id: int) -> set[Party]:
    roles = {post.role: post for post in work.town.posts_on(person_id, work.today)}
    found = set()
    if leads(work, issue, person_id):
        found.add(Party.HOLDER)
    elif person_id in co_owners(work, issue):
        found.add(Party.CO_OWNER)
    if level_above(work, issue, person_id) is not None:
        found.add(Party.ABOVE)
    if assist_of(work, issue, person_id):
        found.add(Party.HELPER)
    if Role.LINKED_CADRE in roles and oversees(work, issue, person_id, Role.LINKED_CADRE):
        found.add(Party.LINKED)
    if Role.SUPERVISOR in roles and oversees(work, issue, person_id, Role.SUPERVISOR):
        found.add(Party.SUPERVISOR)
    return found


def _is_neighbour(work: Work, issue: Issue, person_id: int | None) -> bool:
    """Lives in the same 组, in another household; nobody joins what is private."""
    home, unit = work.town.home(person_id) if person_id else None, work.unit(issue)
    private = issue.bypassed or issue.delicate
    if home is None or unit is None or private or home.id == issue.household_id:
        return False
    return work.town.same(UnitKind.ZU, home.lin, unit)


def leads(work: Work, issue: Issue, person_id: int) -> bool:
    """The holder, whom the holder stands in for, or a colleague in the unit that leads."""
    if person_id in (issue.holder_id, issue.behalf_id):
        return True
    posts = work.town.posts_on(person_id, work.today) if issue.lead_unit_id else []
    return any(post.unit_id == issue.lead_unit_id for post in posts)


def level_above(work: Work, issue: Issue, person_id: int) -> UnitKind | None:
    """The lowest level above the holder's on which somebody sits, also for somebody else."""
    unit = work.unit(issue)
    if unit is None:
        return None
    on_ladder = {u.id for u in work.town.upwards(unit)}
    levels = [
        post.unit.kind
        for post in work.town.posts_on(person_id, work.today)
        if post.unit_id in on_ladder and HOLDER.get(post.unit.kind) == post.role
    ]
    levels += [seat.level for seat in seats(work, issue) if seat.person == person_id]
    higher = [level for level in levels if rank(level) > rank(issue.level)]
    return min(higher, key=rank) if higher else None


def oversees(work: Work, issue: Issue, person_id: int, role: Role) -> bool:
    unit = work.unit(issue)
    if unit is None or person_id in shut_out(work, issue):
        return False
    units = {u.id for u in work.town.upwards(unit)}
    posts = work.town.posts_on(person_id, work.today)
    mine = [p for p in posts if p.role is role and p.unit_id in units]
    return any(issue.bypassed is None or _higher(p.unit.kind, issue.bypassed) for p in mine)


def shut_out(work: Work, issue: Issue) -> set[int]:
    """Whom a complaint is about and everyone under them, whatever other seats they have."""
    return routing.shut_out(work.town, work.unit(issue), issue.bypassed, work.today)


def seats(work: Work, issue: Issue) -> list[Seat]:
    return routing.ladder(work.town, work.unit(issue), work.today, issue.bypassed)


def rung(work: Work, issue: Issue) -> list[tuple[Person, UnitKind]]:
    """Whom an emergency has rung so far, the holder first: never its reporter, nor whom it
    bypasses."""
    top = rank(issue.rung_to or urgent.AT_FIRST)
    taken = [(s.person, s.level) for s in seats(work, issue) if rank(s.level) <= top]
    keys = dict[int | None, UnitKind]([(issue.holder_id, issue.level)])
    for person_id, level in taken:
        keys.setdefault(person_id, level)
    people = ((work.town.by_id(key), level) for key, level in keys.items())
    return [(one, level) for one, level in people if one and one.userid != issue.reporter]


def cannot_hold(work: Work, issue: Issue) -> set[int]:
    """Who cannot be the next holder: the present one, and the reporter himself."""
    reporter = work.town.person(issue.reporter)
    return {p for p in (issue.holder_id, reporter.id if reporter else None) if p}


def next_seat(work: Work, issue: Issue, level: UnitKind | None = None) -> Seat | None:
    """The next taken seat above the holder (or above ``level``)."""
    return above(seats(work, issue), level or issue.level, cannot_hold(work, issue))


def person_above(work: Work, issue: Issue, steps: int) -> Person | None:
    """Who sits that many taken seats above the holder; None where the ladder ends."""
    level: UnitKind | None = issue.level
    seat = None
    for _ in range(steps):
        seat = next_seat(work, issue, level) if level else None
        level = seat.level if seat else None
    return work.town.by_id(seat.person) if seat else None


def reporter_name(work: Work, issue: Issue) -> str:
    """The resident's name for those who work on the issue; not for groups."""
    person = work.town.person(issue.reporter)
    return person.name if person else work.say("name_unregistered")


def name_for(work: Work, issue: Issue, by: Actor) -> str:
    """The same for somebody who looks: covered for who may not see it, and a look by anybody
    but the holder is remembered (domain.md §8: every named view is logged)."""
    if Party.HOLDER in parties(work, issue, by):
        return reporter_name(work, issue)
    if not may_see_name(work, issue, by):
        return work.say("name_covered")
    events.record(work, issue, by, Change("named_view", issue.state))
    return reporter_name(work, issue)


def reporter_contact(work: Work, issue: Issue) -> str:
    """毛某 13800000001: the name and, if the roster knows it, the telephone; as much of the name
    as a card shows beside it. Not for groups."""
    person = work.town.person(issue.reporter)
    phone = person.phone if person else ""
    name = wording.cut(reporter_name(work, issue), wording.FIELD - len(phone) - 1)
    return f"{name} {phone}".rstrip()


def contact_for(work: Work, issue: Issue, by: Actor) -> str:
    """The same for somebody who looks; a look is remembered as in name_for."""
    name = name_for(work, issue, by)
    return reporter_contact(work, issue) if may_see_name(work, issue, by) else name


def as_resident(work: Work, issue: Issue, by: Actor) -> bool:
    """Whether somebody is only reporter, joined or neighbour, and does not work on it."""
    return parties(work, issue, by) <= RESIDENTS and not _has_worked(work, issue, by)


def _has_worked(work: Work, issue: Issue, by: Actor) -> bool:
    return by.person_id is not None and worked_on(work, issue, by.person_id)


def content_for(work: Work, issue: Issue, by: Actor) -> str:
    """What was said, without names and telephone numbers for who may not see them."""
    return issue.content if may_see_name(work, issue, by) else covered_content(work, issue)


def may_see_name(work: Work, issue: Issue, by: Actor) -> bool:
    """Who holds or held it and who is above; a helper when the lead has opened the name."""
    if not SEE_NAMES.isdisjoint(parties(work, issue, by)):
        return True
    posts = work.town.posts_on(by.person_id, work.today) if by.person_id else []
    units = {post.unit_id for post in posts}
    mine = [a for a in assists(work, issue) if a.person_id == by.person_id or a.unit_id in units]
    return any(assist.named for assist in mine)


def covered_content(work: Work, issue: Issue) -> str:
    person = work.town.person(issue.reporter)
    return wording.covered(work, issue.content, person.name if person else "")


def chat_unit(work: Work, chat_id: str | None) -> Unit | None:
    path = work.office.chats.get(chat_id or "")
    return work.town.unit_ending(path) if path else None


def household(work: Work, issue: Issue) -> Household | None:
    """The household that has reported it, as the roster names it."""
    person = work.town.person(issue.reporter)
    homes = work.town.homes.lives.get(person.id, ()) if person else ()
    return next((home for home in homes if home.id == issue.household_id), None)


def name_of(work: Work, userid: str) -> str:
    person = work.town.person(userid)
    return person.name if person else work.say("name_resident")


def worked_on(work: Work, issue: Issue, person_id: int) -> bool:
    """Whether somebody, or the unit that he sits in, holds, held or was asked to help."""
    if person_id in shut_out(work, issue):
        return False
    asked = assists(work, issue)
    units = {post.unit_id for post in work.town.posts_on(person_id, work.today)}
    helped = any(a.person_id == person_id or a.unit_id in units for a in asked)
    held = person_id in co_owners(work, issue)
    return leads(work, issue, person_id) or held or helped


def absent(work: Work, issue: Issue) -> Person | None:
    """For whom the holder stands in, if for anybody."""
    return work.town.by_id(issue.behalf_id)


def endorsement(work: Work, issue: Issue, userid: str) -> Endorsement | None:
    """The 附议 of somebody who has joined this issue."""
    joined = (one for one in endorsements(work, issue) if one.userid == userid.lower())
    return next(joined, None)


def joined_by(session: Session, userid: str) -> set[int]:
    """The ids of the issues that somebody has joined (附议)."""
    return set(session.scalars(select(Endorsement.issue_id).where(Endorsement.userid == userid)))


def endorsements(work: Work, issue: Issue) -> list[Endorsement]:
    """Everybody who has joined, in order."""
    return work.rows(issue, Endorsement)


def own_words(work: Work, issue: Issue, userid: str) -> str:
    """What somebody has said about it; nobody reads a neighbour's words."""
    return (endorsement(work, issue, userid) or issue).content


def assists(work: Work, issue: Issue) -> list[Assist]:
    """Everybody who was asked to help, in order."""
    return work.rows(issue, Assist)


def assist_of(work: Work, issue: Issue, person_id: int) -> Assist | None:
    """The 协办 that somebody, or a colleague of the same unit, has still to answer."""
    units = {post.unit_id for post in work.town.posts_on(person_id, work.today)}
    for assist in assists(work, issue):
        waits = assist.answered_at is None
        if waits and (assist.person_id == person_id or assist.unit_id in units):
            return assist
    return None


def co_owners(work: Work, issue: Issue) -> set[int]:
    """Who held it before: they stay the faces that the resident knows."""
    return {row.person_id for row in work.rows(issue, CoOwner)}


def userid_of(person: Person | None) -> str:
    """ "" for nobody."""
    return person.userid if person else ""


def _higher(kind: UnitKind, level: UnitKind) -> bool:
    """Whether a unit stands above that level of the ladder."""
    return kind in HOLDER and rank(kind) > rank(level)


def watched(work: Work, person_id: int) -> list[Issue]:
    """The open issues of the units that somebody answers for above the 邻, the first due first."""
    posts = work.town.posts_on(person_id, work.today)
    units = [p.unit for p in posts if p.unit.kind in WATCHED and p.role == HOLDER[p.unit.kind]]
    if not units:
        return []
    found = select(Issue).where(STILL_OPEN)
    if all(unit.kind is not UnitKind.CITY for unit in units):
        inside = {one.id for unit in units for one in work.town.inside(unit)}
        found = found.where(Issue.unit_id.in_(sorted(inside)))
    rows = work.session.scalars(found.order_by(Issue.due_at, Issue.id).limit(MOST_WATCHED))
    return [issue for issue in rows if person_id not in shut_out(work, issue)]


def visible(
    session: Session,
    userid: str,
    person_id: int | None,
    besides: Select[int] | None = None,
) -> list[Issue]:
    """The newest issues that somebody reported, joined, holds, helps with or once held: what his
    words can mean; and those whose ids ``besides`` selects."""
    whose = {"userid": userid.lower(), "person": person_id}
    session.flush()
    if besides is None:
        return objects(session, Issue, _VISIBLE.named(session, whose))
    found = session.connection().execute(_seen(*_MINE, besides), whose)
    return objects(session, Issue, (row._asdict() for row in found))


def _newest(key: InstrumentedAttribute[int], mine: ColumnElement[bool]) -> Select[int]:
    return select(key).where(mine).order_by(key.desc()).limit(MOST_VISIBLE)


def _seen(*parts: Select[int]) -> Select[Any]:
    # Each part by its own index; "or" would go through the whole table, newest first.
    ids = union_all(*(select(part.subquery()) for part in parts))
    return whole(Issue).where(Issue.id.in_(ids)).order_by(Issue.id)


_USERID, _PERSON = bindparam("userid", type_=String), bindparam("person", type_=Integer)
_MINE = (
    _newest(Issue.id, Issue.reporter == _USERID),
    _newest(Endorsement.issue_id, Endorsement.userid == _USERID),
    _newest(Issue.id, Issue.holder_id == _PERSON),
    _newest(Issue.id, Issue.behalf_id == _PERSON),
    _newest(CoOwner.issue_id, CoOwner.person_id == _PERSON),
    _newest(Assist.issue_id, Assist.person_id == _PERSON),
)
_VISIBLE = Statement(_seen(*_MINE))
#: Whether the sender of a message has ever reported or joined anything: mostly he has not, and then
#: nobody looks for what his words could be about.
HAS_REPORTED = or_(
    select(Issue.id).where(Issue.reporter == bindparam("sender")).exists(),
    select(Endorsement.id).where(Endorsement.userid == bindparam("sender")).exists(),
)
