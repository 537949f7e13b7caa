"""群众评单: rating, 没修好, 撤回, and what silence means (domain.md §5, §6).

How a rating is said is the handlers' business.
"""

from datetime import datetime, timedelta
from typing import Any

from issues import allowed, events, holding, moving, planning, standing, tell, wording, working
from issues.events import CLOCK, Actor, Change
from issues.moving import TROUBLE
from issues.standing import userid_of
from issues.work import Work
from issues.working import SECOND_ASK
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
from storage.tables import Endorsement, Issue

#: 没修好 within this time after 办结 (domain.md §5).
REDO_WITHIN = timedelta(days=15)
#: Silence after two asks in this time closes the issue, 未评 (domain.md §6).
SILENCE = timedelta(days=7)


def rate(
    work: Work, issue: Issue, by: Actor, solved: Solved | None = None, rating: Rating | None = None
) -> None:
    """One or both answers of a resident; a bad one reopens the issue one level up, once."""
    if Party.ENDORSER in standing.parties(work, issue, by):
        _endorser_rates(work, issue, by, solved, rating)
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
        _reopen(work, issue, CLOCK, work.say("reason_rated", rating=_verdict(issue)))
    elif issue.closed_at and not finished:
        _tell_closed(work, issue, event.seq, _is_bad(issue))


def _endorser_rates(
    work: Work, issue: Issue, by: Actor, solved: Solved | None, rating: Rating | None
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
        _reopen(work, issue, CLOCK, work.say("reason_endorser_rated", rating=_verdict(joined)))


def redo(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """没修好: back to work one level up, with the old number and the old clock."""
    if _too_late_to_redo(work, issue.closed_at or issue.resolved_at):
        raise NotAllowed(work.say("refused_redo_late", number=issue.number))
    allowed.advance(work, issue, Action.REDO, by)
    issue.state = State.CLOSED if issue.closed_at else State.RESOLVED
    _reopen(work, issue, by, reason)


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
    """Nobody has answered: ask once more, then close it, 未评, never counted as satisfied."""
    resolved = issue.resolved_at or work.now
    if issue.asked < 2:
        issue.asked = 2
        issue.next_nudge_at = max(resolved + SILENCE, work.now + SECOND_ASK)
        event = events.record(work, issue, CLOCK, Change("asked", issue.state))
        working.ask_rating(work, issue, event.seq)
        return
    before = issue.state
    working.close(work, issue)
    events.record(work, issue, CLOCK, Change("closed", before, work.say("reason_silence")))


def _may_reopen(work: Work, issue: Issue) -> bool:
    """A bad rating reopens once by itself, while 没修好 is still possible."""
    finished_at = issue.closed_at or issue.resolved_at
    return issue.redone == 0 and not _too_late_to_redo(work, finished_at)


def _too_late_to_redo(work: Work, finished_at: datetime | None) -> bool:
    return finished_at is not None and work.now > finished_at + REDO_WITHIN


def _reopen(work: Work, issue: Issue, by: Actor, reason: str) -> None:
    before = issue.state
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
    others = {issue.reporter, *(e.userid for e in standing.endorsements(work, issue))} - {by.userid}
    for userid in sorted(others):
        notice = wording.notice(work, issue, "reopened")
        tell.later(work, issue, userid, f"e{event.seq}:reopened", notice)
    if issue.redone == TROUBLE:
        moving.trouble(work, issue, work.say("reason_redone", count=TROUBLE))


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
