"""群众评单: rating, 没修好, 撤回, and what silence means (domain.md §5, §6).

How a rating is said is the handlers' business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issues import allowed, events, holding, moving, planning, standing, tell, wording, working
from issues.events import CLOCK, Actor, Change
from issues.guards import WHILE_OPEN, Facts
from issues.moving import TROUBLE
from issues.standing import userid_of
from issues.work import Work
from issues.working import SECOND_ASK
from people.town import Person
from rules.deadlines import end_of
from rules.transitions import NotAllowed
from rules.words import (
    BAD_RATINGS,
    RATING_CHINESE,
    SOLVED_CHINESE,
    Action,
    Party,
    Rating,
    Solved,
    State,
)
from storage.tables import UNSETTLED, Endorsement, Issue

#: 没修好 within this time after 办结 (domain.md §5).
REDO_WITHIN = timedelta(days=15)
#: Silence after two asks in this time closes the issue, 未评 (domain.md §6).
SILENCE = timedelta(days=7)
#: A request that has still to be delivered is looked for again after this.
LOOK_AGAIN = timedelta(hours=1)


def rate(
    work: Work,
    issue: Issue,
    by: Actor,
    solved: Solved | None = None,
    rating: Rating | None = None,
    said: str = "",
) -> None:
    """One or both answers of a resident; a bad one reopens the issue one level up, once. ``said``:
    what was said with it, which whoever is told of the reopening reads."""
    if Party.ENDORSER in standing.parties(work, issue, by):
        _endorser_rates(work, issue, by, solved, rating, said)
        return
    before = allowed.advance(work, issue, Action.RATE, by)
    if issue.rating and (rating or not solved or issue.solved):
        thanks = wording.thanks(work, issue, issue.rating)
        raise NotAllowed(work.say("refused_rated", thanks=thanks))
    finished = issue.closed_at is not None
    issue.solved, issue.rating = solved or issue.solved, rating or issue.rating
    reopen = _is_bad(issue) and _may_reopen(work, issue)
    if issue.rating or issue.solved is Solved.NO:
        working.close(work, issue)
    else:
        issue.state = State(before)  # the second question is still open
    data = {"solved": solved, "rating": rating}
    event = events.record(work, issue, by, Change(Action.RATE, before, data=data))
    if reopen:
        why = work.say("reason_rated", rating=_verdict(issue))
        _reopen(work, issue, CLOCK, why, Rater(by.userid, said))
    elif issue.closed_at and not finished:
        _tell_closed(work, issue, event.seq, _is_bad(issue))


def _endorser_rates(
    work: Work,
    issue: Issue,
    by: Actor,
    solved: Solved | None,
    rating: Rating | None,
    said: str,
) -> None:
    """Who has joined rates for the own household; that can reopen the issue as well."""
    before = allowed.advance(work, issue, Action.ENDORSE_RATE, by)
    joined = standing.endorsement(work, issue, by.userid)
    assert joined is not None  # that is what makes him a party
    if joined.rating and (rating or not solved or joined.solved):
        thanks = wording.thanks(work, issue, joined.rating)
        raise NotAllowed(work.say("refused_rated", thanks=thanks))
    joined.solved, joined.rating = solved or joined.solved, rating or joined.rating
    reopen = _is_bad(joined) and _may_reopen(work, issue)
    data = {"solved": solved, "rating": rating}
    events.record(work, issue, by, Change(Action.ENDORSE_RATE, before, data=data))
    if reopen:
        why = work.say("reason_endorser_rated", rating=_verdict(joined))
        _reopen(work, issue, CLOCK, why, Rater(by.userid, said))


def redo(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """没修好: back to work one level up, with the old number and the old clock."""
    if _too_late_to_redo(work, issue):
        raise NotAllowed(work.say("refused_redo_late", number=issue.number))
    allowed.advance(work, issue, Action.REDO, by)
    issue.state = State.CLOSED if issue.closed_at else State.RESOLVED
    _reopen(work, issue, by, reason, Rater(by.userid, reason))


def withdraw(work: Work, issue: Issue, by: Actor) -> None:
    """撤回, by the resident; others who have joined keep the issue alive."""
    before = allowed.advance(work, issue, Action.WITHDRAW, by)
    heirs = standing.endorsements(work, issue)
    if heirs:
        _pass_on(work, issue, by, before, heirs[0])
        return
    issue.closed_at = work.now
    issue.next_mark_at = issue.next_nudge_at = issue.suspended_until = None
    event = events.record(work, issue, by, Change(Action.WITHDRAW, before))
    holder = work.holder(issue)
    told = {holder.userid} if holder else set()
    helpers = [a.person_id for a in standing.assists(work, issue) if a.answered_at is None]
    told |= {userid_of(work.town.by_id(helper)) for helper in helpers}
    for userid in sorted(told):
        notice = wording.notice(work, issue, "withdrawn")
        tell.later(work, issue, userid, f"e{event.seq}:withdrawn", notice)


def ask_again_or_close(work: Work, issue: Issue) -> None:
    """Nobody has answered: ask once more, then close it, 未评, never counted as satisfied. Both
    count from the delivery of the first request (domain.md §6)."""
    again = _silent_until(work, issue)
    if again > work.now:
        issue.next_nudge_at = again
        return
    if issue.asked < 2:
        issue.asked = 2
        issue.next_nudge_at = work.now + SILENCE - SECOND_ASK
        event = events.record(work, issue, CLOCK, Change("asked", issue.state))
        working.ask_rating(work, issue, event.seq)
        return
    before = issue.state
    working.close(work, issue)
    events.record(work, issue, CLOCK, Change("closed", before, work.say("reason_silence")))


def _silent_until(work: Work, issue: Issue) -> datetime:
    """Until when an answer is waited for: three days after the first request was delivered, seven
    once both were; to everybody who has still to answer. What is still on its way is waited for,
    what can never be delivered counts from when it was last tried."""
    span = SECOND_ASK if issue.asked < 2 else SILENCE
    put = working.requests(work, issue, working.unrated(work, issue))
    if any(one.state in UNSETTLED for one in put):
        return work.now + LOOK_AGAIN
    told: dict[str, datetime] = {}
    for one in put:
        told.setdefault(one.target, one.sent_at or one.next_at)
    return max(told.values(), default=issue.resolved_at or work.now) + span


def _may_reopen(work: Work, issue: Issue) -> bool:
    """A bad rating reopens once by itself, while 没修好 is still possible."""
    return issue.redone == 0 and not _too_late_to_redo(work, issue)


def _too_late_to_redo(work: Work, issue: Issue) -> bool:
    """After the fifteenth day that follows the day on which the residents were told of 办结; the
    day itself does not count."""
    put = working.requests(work, issue, tell.concerned(work, issue))
    told = [one.sent_at for one in put if one.sent_at]
    first = min(told, default=issue.closed_at or issue.resolved_at or work.now)
    return work.now >= end_of(work.office.today(first) + REDO_WITHIN, work.zone)


@dataclass(frozen=True)
class Rater:
    """Whose words have reopened it: he is answered at once and is not told again."""

    userid: str
    said: str


def _reopen(work: Work, issue: Issue, by: Actor, reason: str, rater: Rater) -> None:
    before, former = issue.state, work.holder(issue)
    issue.state = State.PENDING
    issue.redone += 1
    issue.resolved_at = issue.closed_at = None
    if not holding.rise(work, issue):
        issue.held_since = work.now
    issue.marked_until = max(issue.marked_until, work.now)
    planning.plan(work, issue)
    event = events.record(
        work, issue, by, Change(Action.REDO, before, reason, events.where(work, issue))
    )
    moving.tell_new_holder(work, issue, event.seq, "heading_redo", "redo", why=reason)
    others = set(tell.concerned(work, issue)) - {rater.userid.lower()}
    notice, so = wording.notice(work, issue, "reopened"), Facts(holder_id=issue.holder_id)
    tell.result(work, issue, sorted(others), f"e{event.seq}:reopened", notice, so.guard())
    if former and former.id != issue.holder_id:
        _tell_former(work, issue, event.seq, former, _said_of_it(reason, rater))
    if issue.redone == TROUBLE:
        moving.trouble(work, issue, work.say("reason_redone", count=TROUBLE))


def _said_of_it(reason: str, rater: Rater) -> str:
    """评价：不满意。灯又灭了: what was said, not by whom."""
    return "。".join(dict.fromkeys(one for one in (reason, rater.said) if one))


def _tell_former(work: Work, issue: Issue, seq: int, former: Person, said: str) -> None:
    """Whose work was not good enough learns what was said of it, not who said it."""
    for userid in tell.concerned(work, issue):
        said = wording.covered(work, said, standing.name_of(work, userid))
    told = work.say("redone_said", said=said) if said else ""
    notice = wording.notice(work, issue, "redone_away", told=told)
    tell.later(work, issue, former.userid, f"e{seq}:redone", notice, facts=WHILE_OPEN)


def _pass_on(work: Work, issue: Issue, by: Actor, before: State, heir: Endorsement) -> None:
    """The first who has joined is the reporter now; nothing else changes."""
    issue.state = before
    former, issue.reporter, issue.household_id = issue.reporter, heir.userid, heir.household_id
    data: dict[str, Any] = {
        "passed_to": heir.userid,
        "household": heir.household_id,
        "content": issue.content,
    }
    issue.content = heir.content  # nobody reads a neighbour's words
    work.removed(heir)
    own = userid_of(work.holder(issue)) == heir.userid  # nobody holds what he has reported himself
    risen = own and holding.rise(work, issue)
    data |= events.where(work, issue)
    event = events.record(work, issue, by, Change(Action.WITHDRAW, before, data=data))
    if risen:
        moving.tell_new_holder(work, issue, event.seq, "heading_passed_on", "passed_on")
    notice = wording.notice(work, issue, "first_has_withdrawn", name=standing.name_of(work, former))
    tell.holder(work, issue, f"e{event.seq}:passed_on", notice)


def _tell_closed(work: Work, issue: Issue, seq: int, bad: bool) -> None:
    """The holder learns what the resident thinks; a second bad rating, the level above too."""
    chief = standing.person_above(work, issue, 1) if bad else None
    for person in (work.holder(issue), chief):
        if person:
            notice = wording.closed(work, issue)
            tell.later(work, issue, person.userid, f"e{seq}:closed", notice)


def _is_bad(judged: Issue | Endorsement) -> bool:
    return judged.solved is Solved.NO or judged.rating in BAD_RATINGS


def _verdict(judged: Issue | Endorsement) -> str:
    solved = SOLVED_CHINESE[judged.solved] if judged.solved else ""
    rating = RATING_CHINESE[judged.rating] if judged.rating else ""
    return "、".join(said for said in (solved, rating) if said)
