"""请当面告知: what no channel can deliver to a resident is told in person by who works on it.

That somebody with a post cannot be reached is told one level up. Which errors mean that is the
channels' business.
"""

from sqlalchemy import or_, select

from issues import events, standing, tell, wording
from issues.events import CLOCK, Change, Link
from issues.work import Work
from rules.ladder import above
from rules.words import OPEN_STATES
from storage.tables import CoOwner, InPerson, Issue


def undeliverable(work: Work, issue: Issue, userid: str, text: str = "") -> None:
    """Somebody cannot be reached by any channel: a resident is told in person (请当面告知), for
    a 长 the level above is told. Nothing is dropped."""
    event = events.record(
        work, issue, CLOCK, Change("undeliverable", issue.state, data={"to": userid})
    )
    if userid == issue.reporter or standing.endorsement(work, issue, userid):
        tell.in_person(work, issue, userid, text, event.seq)
    elif issue.state in OPEN_STATES:
        _tell_above_unreachable(work, issue, userid, event)


def to_tell_in_person(work: Work, person_id: int) -> list[InPerson]:
    """请当面告知, still to be done by a holder or a former one, oldest first."""
    followed = select(CoOwner.issue_id).where(CoOwner.person_id == person_id)
    held = or_(Issue.holder_id == person_id, Issue.behalf_id == person_id)
    waiting = (
        select(InPerson)
        .join(Issue, Issue.id == InPerson.issue_id)
        .where(InPerson.told_at.is_(None), or_(held, Issue.id.in_(followed)))
    )
    found = work.session.scalars(waiting.order_by(InPerson.since, InPerson.id))
    return [row for row in found if _may_tell(work, row, person_id)]


def _may_tell(work: Work, row: InPerson, person_id: int) -> bool:
    """A complaint about somebody is nothing that he could pass on."""
    issue = work.session.get(Issue, row.issue_id)
    return issue is not None and person_id not in standing.shut_out(work, issue)


def told_in_person(work: Work, row: InPerson, by: str) -> None:
    """Ticks off 请当面告知."""
    row.told_at, row.told_by = work.now, by
    issue = work.session.get(Issue, row.issue_id)
    assert issue is not None  # issues are never deleted
    data = {"to": row.userid, "by": by}
    events.record(work, issue, CLOCK, Change("told_in_person", issue.state, data=data))


def _tell_above_unreachable(work: Work, issue: Issue, userid: str, event: Link) -> None:
    lost = work.town.person(userid)
    out = standing.cannot_hold(work, issue) | ({lost.id} if lost else set())
    seat = above(standing.seats(work, issue), issue.level, out)
    chief = work.town.by_id(seat.person) if seat else None
    if chief:
        notice = wording.notice(work, issue, "unreachable", name=lost.name if lost else userid)
        tell.later(work, issue, chief.userid, f"e{event.seq}:unreachable", notice)
