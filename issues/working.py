"""三长接单: accept, report progress, wait for the resident, finish; and being asked how it goes.

Moving an issue to somebody else is moving.py's business, what has to be asked for requesting.py's.
"""

from collections.abc import Iterable
from datetime import timedelta

from issues import allowed, events, guards, holding, planning, ringing, standing, tell, wording
from issues.deployment import MEMBER
from issues.events import CLOCK, Actor, Change
from issues.guards import WHILE_OPEN, Facts
from issues.short_numbers import short
from issues.standing import userid_of
from issues.work import Work
from people.town import has_account
from rules import marks
from rules.transitions import NotAllowed
from rules.words import Action, State, Tier
from storage import outbox
from storage.outbox import Delivered
from storage.tables import Endorsement, Issue

#: 挂起 lasts so many days at most, and may be used so often (domain.md §3).
LONGEST_WAIT = 3
MOST_WAITS = 2
#: When the rating is asked for a second time, after the first request was delivered.
SECOND_ASK = timedelta(days=3)
RINGS = tell.IfUrgent.RINGS
#: A part of the key of every request for a rating.
ASKS = ":rate"
#: Of what has been accepted nobody is told any more that it waits.
ALL_TOLD = len(marks.ACCEPTED_BY)
#: One household presses once a day.
URGED_AGAIN = timedelta(days=1)


def accept(work: Work, issue: Issue, by: Actor) -> None:
    """接单; a 长 from above who accepts takes the issue over (the 片长 steps in)."""
    before = allowed.advance(work, issue, Action.ACCEPT, by)
    holding.take_over(work, issue, by)
    issue.unclaimed = False
    issue.unaccepted = ALL_TOLD
    event = events.record(
        work, issue, by, Change(Action.ACCEPT, before, data=events.where(work, issue))
    )
    if tell.runs(work, issue):
        ringing.accepted(work, issue, by, event.seq)
        return
    notice, facts = wording.notice(work, issue, "accepted"), Facts(holder_id=issue.holder_id)
    tell.residents(work, issue, f"e{event.seq}:accepted", notice, facts=facts)


def progress(work: Work, issue: Issue, by: Actor, text: str) -> None:
    """进展: a word to the resident; what 复杂 has promised for every month."""
    allowed.needs(Action.PROGRESS, text, work.say("needs_progress", short=short(issue.number)))
    before = allowed.advance(work, issue, Action.PROGRESS, by)
    if issue.tier is Tier.COMPLEX and text.strip() == events.last_reason(
        work, issue, Action.PROGRESS
    ):
        raise NotAllowed(work.say("refused_same_progress"))
    issue.progress_at = work.now
    issue.unaccepted = ALL_TOLD
    planning.renew(work, issue)
    event = events.record(work, issue, by, Change(Action.PROGRESS, before, text.strip()))
    notice = wording.notice(work, issue, "progressed", said=text)
    tell.residents(work, issue, f"e{event.seq}:progress", notice, if_urgent=RINGS)


def suspend(work: Work, issue: Issue, by: Actor, days: int, reason: str) -> None:
    """挂起: waiting for the resident, for 72 hours at most and at most twice. The promise moves
    by as many days; the original one stays visible beside it."""
    number = short(issue.number)
    before = allowed.advance(work, issue, Action.SUSPEND, by)
    if issue.suspended >= MOST_WAITS:
        raise NotAllowed(work.say("refused_suspend_again", count=MOST_WAITS))
    if work.now >= issue.due_at:
        raise NotAllowed(work.say("refused_suspend_late"))
    if not 1 <= days <= LONGEST_WAIT:
        raise NotAllowed(work.say("refused_suspend_days", count=LONGEST_WAIT, short=number))
    allowed.needs(Action.SUSPEND, reason, work.say("needs_suspend", short=number))
    issue.suspended += 1
    issue.suspended_until = work.now + timedelta(days=days)
    issue.due_at += timedelta(days=days)
    planning.plan(work, issue)
    data = {"until": issue.suspended_until.isoformat(), **events.promise(issue)}
    event = events.record(work, issue, by, Change(Action.SUSPEND, before, reason, data))
    notice = wording.notice(work, issue, "suspended", reason=reason)
    guard = Facts(due_at=issue.due_at).guard()
    tell.result(work, issue, tell.concerned(work, issue), f"e{event.seq}:suspended", notice, guard)


def resume(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """恢复: by the holder, by a word of the resident, or because the time is up."""
    before = allowed.advance(work, issue, Action.RESUME, by)
    issue.suspended_until = None
    planning.plan(work, issue)
    event = events.record(work, issue, by, Change(Action.RESUME, before, reason))
    if by is CLOCK or by.person_id != issue.holder_id:
        notice, facts = wording.notice(work, issue, "resumed"), Facts(due_at=issue.due_at)
        tell.holder(work, issue, f"e{event.seq}:resumed", notice, facts)


def resolve(work: Work, issue: Issue, by: Actor, result: str) -> None:
    """办结: needs a sentence on what was done; the residents are asked to rate."""
    before = allowed.advance(work, issue, Action.RESOLVE, by)
    allowed.needs(Action.RESOLVE, result, work.say("needs_result", short=short(issue.number)))
    holding.take_over(work, issue, by)
    issue.result = result.strip()
    issue.resolved_at = work.now
    issue.suspended_until, issue.wanted, issue.wanted_data = None, None, {}
    issue.asked, issue.solved, issue.rating = 1, None, None
    for joined in standing.endorsements(work, issue):
        joined.solved, joined.rating = None, None
    issue.next_mark_at, issue.next_nudge_at = None, work.now + SECOND_ASK
    change = Change(Action.RESOLVE, before, issue.result, events.where(work, issue))
    event = events.record(work, issue, by, change)
    if issue.delicate:
        close(work, issue)
        why = work.say("reason_not_asked")
        events.record(work, issue, CLOCK, Change("closed", State.RESOLVED, why))
    else:
        ask_rating(work, issue, event.seq)


def unresolve(work: Work, issue: Issue, by: Actor, why: str = "") -> list[str]:
    """撤销办结: said by mistake, and nobody has judged it yet; every date stays as it was promised.
    Returns the residents who had been told 办好了, and now hear that it is not so."""
    judged: list[Issue | Endorsement] = [issue, *standing.endorsements(work, issue)]
    if any(one.solved or one.rating for one in judged):
        raise NotAllowed(work.say("refused_unresolve_rated", number=issue.number))
    before = allowed.advance(work, issue, Action.UNRESOLVE, by)
    told = _told_done(work, issue)
    issue.resolved_at = issue.closed_at = None
    issue.asked = 0
    planning.plan(work, issue)
    in_time = issue.due_at > work.now
    if not in_time:  # what has fallen due meanwhile is told now
        issue.next_mark_at = work.now
    event = events.record(work, issue, by, Change(Action.UNRESOLVE, before, why.strip()))
    what, key = f"e{event.seq}:unresolved", "unresolved" if in_time else "unresolved_late"
    tell.result(work, issue, told, what, wording.notice(work, issue, key), WHILE_OPEN.guard())
    if by.person_id != issue.holder_id:
        tell.holder(work, issue, what, wording.notice(work, issue, "unresolved_yours"), WHILE_OPEN)
    return told


def _told_done(work: Work, issue: Issue) -> list[str]:
    """Whom the request for a rating has reached, or may reach at this moment; the others never get
    it."""
    put = requests(work, issue, tell.concerned(work, issue))
    return sorted({one.target for one in put if one.sent_at or one.state == "sending"})


def urge(work: Work, issue: Issue, by: Actor, said: str = "") -> None:
    """催办: the holder hears of it with the next slot; changes nothing else."""
    before = allowed.advance(work, issue, Action.URGE, by)
    if _urged_lately(work, issue, by):
        raise NotAllowed(wording.say(work, issue, "refused_urge_again"))
    event = events.record(work, issue, by, Change(Action.URGE, before, said))
    mine = by.userid.lower() == issue.reporter or standing.endorsement(work, issue, by.userid)
    who = work.say("urged_by_resident" if mine else "urged_by_above")
    notice = wording.notice(work, issue, "urged", by=who, said=f"：{said}" if said else "")
    tell.holder(work, issue, f"e{event.seq}:urged", notice, WHILE_OPEN, if_urgent=RINGS)


def supervise(work: Work, issue: Issue, by: Actor, said: str = "") -> None:
    """督办 by somebody above: told to the holder and to all who have held it."""
    before = allowed.advance(work, issue, Action.SUPERVISE, by)
    event = events.record(work, issue, by, Change(Action.SUPERVISE, before, said))
    notice = wording.notice(work, issue, "supervised", said=said or work.say("supervised_plain"))
    tell.holder(work, issue, f"e{event.seq}:supervised", notice, WHILE_OPEN)
    told = wording.notice(work, issue, "watched")
    tell.residents(work, issue, f"e{event.seq}:supervised", told, facts=WHILE_OPEN)


def show_names(work: Work, issue: Issue, by: Actor) -> None:
    """公开姓名: the lead lets the helpers see who reported it (domain.md §8)."""
    before = allowed.advance(work, issue, Action.NAMED, by)
    helpers = standing.assists(work, issue)
    if not helpers:
        raise NotAllowed(work.say("refused_nobody_helps", number=issue.number))
    for assist in helpers:
        assist.named = True
    event = events.record(work, issue, by, Change(Action.NAMED, before))
    notice = wording.notice(work, issue, "names_opened", name=standing.reporter_name(work, issue))
    for userid in {userid_of(work.town.by_id(assist.person_id)) for assist in helpers}:
        tell.later(work, issue, userid, f"e{event.seq}:named", notice)


def dismiss(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """不是诉求: words that ask for nothing, a greeting or a try. The resident is told kindly that
    he may say what he wants at any time; the level above reads it, so that it is no way out."""
    before = allowed.advance(work, issue, Action.DISMISS, by)
    if issue.urgent or issue.bypassed or issue.delicate or standing.endorsements(work, issue):
        raise NotAllowed(work.say("refused_dismiss", number=issue.number))
    issue.closed_at = work.now
    issue.next_mark_at = issue.next_nudge_at = None
    issue.wanted, issue.wanted_data = None, {}
    reason = reason.strip() or work.say("reason_dismissed")
    event = events.record(work, issue, by, Change(Action.DISMISS, before, reason))
    notice = wording.notice(work, issue, "dismissed", reason=reason)
    tell.residents(work, issue, f"e{event.seq}:dismissed", notice)
    above = standing.person_above(work, issue, 1)
    if above and above.id != by.person_id:
        seen = wording.notice(work, issue, "dismissed_below", reason=reason)
        tell.later(work, issue, above.userid, f"e{event.seq}:dismissed", seen)


def ask_rating(work: Work, issue: Issue, seq: int) -> None:
    """Each household on its own, at once; what still waits for a slot is no news any more. Nobody
    walks to somebody's door a second time for a rating."""
    task = tell.task(issue, seq, "r")
    asked = [one for one in unrated(work, issue) if issue.asked < 2 or has_account(one)]
    work.store()
    outbox.supersede(work.session, guards.about(issue.id), asked)
    for userid in asked:
        said = (standing.endorsement(work, issue, userid) or issue).content
        notice = wording.ask_rating(work, issue, task, said)
        tell.own(work, issue, userid, f"e{seq}{ASKS}", notice, guards.of_done(issue))


def requests(work: Work, issue: Issue, userids: Iterable[str]) -> list[Delivered]:
    """The requests for a rating since it was finished last, and what has become of them."""
    since = issue.resolved_at or work.now
    about = guards.about(issue.id)
    put = outbox.deliveries(work.session, MEMBER, userids, about, since)
    return [one for one in put if f"{ASKS}:" in one.key]


def unrated(work: Work, issue: Issue) -> list[str]:
    """Who is still to be asked how it was."""
    first = [] if issue.rating else [issue.reporter]
    return first + [e.userid for e in standing.endorsements(work, issue) if e.rating is None]


def close(work: Work, issue: Issue) -> None:
    issue.state, issue.next_nudge_at = State.CLOSED, None
    issue.closed_at = issue.closed_at or work.now


def _urged_lately(work: Work, issue: Issue, by: Actor) -> bool:
    since = work.now - URGED_AGAIN
    return any(
        e.kind == Action.URGE and e.actor == by.userid.lower() and e.at > since
        for e in events.of(work.session, issue.id)
    )
