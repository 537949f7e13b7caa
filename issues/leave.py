"""请假: a 长 is away; the delegate (代班人) holds his issues meanwhile, else the next level does.

Whose seat is taken meanwhile is read in people/town.py; what the words of a leave are is the
handlers' business, when it begins and ends by itself the scheduler's.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from issues import moving, wording
from issues.events import Actor
from issues.work import Work
from people.reading import Part, again, changed
from people.town import Person
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES
from storage.tables import Issue, Leave

#: Longer is not a leave: somebody else should have the post.
LONGEST = timedelta(days=180)


def take(
    work: Work, person: Person, from_on: date, to_on: date, delegate: Person | None, by: Actor
) -> Leave:
    """Remember a leave (both days included); one that has begun changes hands at once.

    A new one takes the place of what was said before. Raises NotAllowed with a kind text.
    """
    _check(work, person, from_on, to_on, delegate)
    for earlier in current(work.session, person):
        end(work, earlier)
    leave = Leave(
        person_id=person.id,
        delegate_id=delegate.id if delegate else None,
        from_on=from_on,
        to_on=to_on,
        said_by=by.userid,
        said_at=work.now,
    )
    work.session.add(leave)
    changed(work.session, Part.SEATS)
    if from_on <= work.today:
        begin(work, leave)
    return leave


def back(work: Work, person: Person, by: Actor) -> None:
    """销假: ends every leave that has been said; what the delegate still holds comes back."""
    leaves = current(work.session, person)
    if not leaves:
        raise NotAllowed(work.say("refused_not_away", name=person.name))
    for leave in leaves:
        leave.said_by = by.userid
        end(work, leave)


def begin(work: Work, leave: Leave) -> None:
    """All that the person holds goes to the delegate, or straight to the next level."""
    leave.started_at = work.now
    work = _changed(work)
    person, delegate = whose(work, leave), work.town.by_id(leave.delegate_id)
    until = wording.day(leave.to_on)
    why = work.say("reason_away", name=person.name, until=until)
    if delegate:
        names = {"name": person.name, "delegate": delegate.name}
        why = work.say("reason_away_delegate", **names, until=until)
    for issue in _open(work.session, Issue.holder_id == person.id):
        moving.hand_over(work, issue, delegate, why, behalf=person)


def end(work: Work, leave: Leave) -> None:
    """The person is back: what the delegate still holds for him is his again."""
    leave.ended_at = work.now
    work, person = _changed(work), whose(work, leave)
    why = work.say("reason_back", name=person.name)
    for issue in _open(work.session, Issue.behalf_id == leave.person_id):
        moving.hand_over(work, issue, person, why)


def whose(work: Work, leave: Leave) -> Person:
    """Who is away."""
    person = work.town.by_id(leave.person_id)
    assert person is not None  # a foreign key
    return person


def _changed(work: Work) -> Work:
    """With the town as it is after the leave has been written."""
    changed(work.session, Part.SEATS)
    return work.on(again(work.session, work.town))


def current(session: Session, person: Person) -> list[Leave]:
    """The leaves of a person that have not ended, also those still to come."""
    said = select(Leave).where(Leave.person_id == person.id, Leave.ended_at.is_(None))
    return list(session.scalars(said.order_by(Leave.id)))


def due(today: date) -> Select[int]:
    """The leaves that begin or are over by themselves on that day, oldest first; by id."""
    begins = Leave.started_at.is_(None) & (Leave.from_on <= today)
    over = Leave.to_on < today
    found = select(Leave.id).where(Leave.ended_at.is_(None), or_(begins, over))
    return found.order_by(Leave.id)


def _check(work: Work, person: Person, from_on: date, to_on: date, delegate: Person | None) -> None:
    if to_on < from_on or to_on < work.today:
        raise NotAllowed(work.say("refused_leave_days"))
    if to_on - from_on > LONGEST:
        raise NotAllowed(work.say("refused_leave_long"))
    if delegate and delegate.id == person.id:
        raise NotAllowed(work.say("refused_leave_self"))


def _open(session: Session, whose: ColumnElement[bool]) -> list[Issue]:
    held = select(Issue).where(whose, Issue.state.in_(OPEN_STATES)).order_by(Issue.id)
    return list(session.scalars(held))
