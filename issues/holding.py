"""Who holds an issue: moving it to another seat, one level up, to who acts from above.

Why it moves and who is told is said by moving.py and marking.py.
"""

from issues import standing, tell, wording
from issues.events import Actor
from issues.work import Work
from people.town import Person
from rules.actions import ACTION_CHINESE
from rules.ladder import Seat
from rules.words import Action
from storage.tables import CoOwner, Issue


def hold(work: Work, issue: Issue, seat: Seat, *, keep_request: bool = False) -> None:
    """Somebody else holds it from now on; what the former had asked for is over, and he hears it,
    unless a successor takes over the request with everything else."""
    request = None if keep_request else issue.wanted
    asker = work.town.person(str(issue.wanted_data.get("by", ""))) or work.holder(issue)
    issue.holder_id = seat.person
    issue.behalf_id, issue.level = seat.behalf, seat.level
    issue.lead_unit_id, issue.sub_due_at, issue.pressed_from = None, None, None
    issue.held_since = work.now
    if not keep_request:
        issue.wanted, issue.wanted_data = None, {}
    if request and asker:
        _tell_lapsed(work, issue, request, asker)


def _tell_lapsed(work: Work, issue: Issue, request: Action, asker: Person) -> None:
    what = ACTION_CHINESE[request]
    notice = wording.notice(work, issue, "lapsed", what=what)
    tell.later(work, issue, asker.userid, f"lapsed:{request}:{issue.last_seq}", notice)


def rise(work: Work, issue: Issue) -> bool:
    """One level up, the old holder stays on as co-owner; False where the ladder ends."""
    seat = standing.next_seat(work, issue)
    if seat is None:
        return False
    keep_co_owner(work, issue)
    hold(work, issue, seat)
    return True


def take_over(work: Work, issue: Issue, by: Actor) -> None:
    """A 长 above who acts becomes the holder; the old one stays co-owner and is told."""
    if by.person_id is None or standing.leads(work, issue, by.person_id):
        return
    level = standing.level_above(work, issue, by.person_id)
    if level is None:
        return
    former = work.holder(issue)
    keep_co_owner(work, issue)
    hold(work, issue, Seat(level, 0, by.person_id))
    if former:
        what = f"taken:{by.person_id}:{issue.version}"
        tell.later(work, issue, former.userid, what, wording.notice(work, issue, "taken_over"))


def keep_co_owner(work: Work, issue: Issue) -> None:
    """The former holder, and whom he stood in for, stay the faces that the resident knows."""
    former = {key for key in (issue.holder_id, issue.behalf_id) if key}
    for person_id in sorted(former - standing.co_owners(work, issue)):
        work.added(CoOwner(issue_id=issue.id, person_id=person_id, level=issue.level))
