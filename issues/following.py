"""Where units are merged or parted, their open issues follow the people; the closed ones stay.

What becomes of the units themselves is people/roster_units.py's business.
"""

from collections.abc import Iterable

from sqlalchemy import or_, select, update

from issues import events, moving
from issues.events import Actor, Change
from issues.handover import EndedPost, hand_over
from issues.standing import userid_of
from issues.work import Work
from people.town import Unit
from rules.ladder import HOLDER
from rules.words import Action
from storage.tables import STILL_OPEN, Assist, Issue


def to_who_sits(work: Work, unit: Unit, into: Unit, former: Iterable[str]) -> None:
    """What those who had a seat in ``unit`` hold there goes to who sits in ``into``."""
    heir = _sits(work, into)
    hand_over(work, [EndedPost(userid, unit.path, heir) for userid in former if userid != heir])


def into_another(work: Work, unit: Unit, into: Unit, by: Actor) -> int:
    """What is open in ``unit`` belongs to ``into`` now; how many."""
    mine = select(Issue).where(STILL_OPEN, Issue.unit_id == unit.id)
    moved = list(work.session.scalars(mine.order_by(Issue.id)))
    for issue in moved:
        _belongs(work, issue, into, by)
    led = update(Issue).where(Issue.lead_unit_id == unit.id, STILL_OPEN)
    work.session.execute(led.values(lead_unit_id=into.id))
    asked = update(Assist).where(Assist.unit_id == unit.id, Assist.answered_at.is_(None))
    work.session.execute(asked.values(unit_id=into.id))
    return len(moved)


def with_their_people(
    work: Work, unit: Unit, new: Unit, households: frozenset[int], former: set[int], by: Actor
) -> int:
    """What is open of the households, or in the units, that are parted off, and with one of the
    ``former`` of that seat, goes to who sits in the new unit, else to the next seat; how many."""
    inside = {one.id for one in work.town.inside(new)}
    theirs = or_(Issue.unit_id.in_(inside), Issue.household_id.in_(households))
    followed = list(work.session.scalars(select(Issue).where(STILL_OPEN, theirs)))
    heir = work.town.person(_sits(work, new))
    for issue in followed:
        if issue.unit_id == unit.id:
            _belongs(work, issue, new, by)
        if issue.level is unit.kind and not issue.lead_unit_id and issue.holder_id in former:
            why = work.say("reason_new_post", unit=new.path)
            moving.hand_over(work, issue, heir, why)
    return len(followed)


def _belongs(work: Work, issue: Issue, unit: Unit, by: Actor) -> None:
    """From now on; the histories, which figures are made of, name the unit as well."""
    issue.unit_id = unit.id
    data = {"from": userid_of(work.holder(issue)), "unit": unit.path, **events.where(work, issue)}
    why = work.say("reason_new_unit", unit=unit.path)
    events.record(work, issue, by, Change(Action.HAND_OVER, issue.state, why, data))


def _sits(work: Work, unit: Unit) -> str:
    """Whoever answers for the unit that day; "" for nobody."""
    role = HOLDER.get(unit.kind)
    posts = work.town.posts_in.get(unit.id, ())
    held = (p for p in posts if p.held_on(work.today) and (role is None or p.role is role))
    return next((post.person.userid for post in held), "")
