"""What has to be asked for one level up: 难度, 延期, 不受理, the third 退单; and the answer to it.

One question at a time is open on an issue. It is void when the issue rises before it is answered.
"""

from datetime import datetime, timedelta

from issues import allowed, events, moving, planning, standing, tell, wording
from issues.events import Actor, Change, Link
from issues.guards import WHILE_OPEN, Facts
from issues.moving import Target
from issues.short_numbers import short
from issues.work import Work
from people.town import Person
from rules import marks
from rules.actions import ACTION_CHINESE
from rules.transitions import GRANTED, NotAllowed
from rules.words import TIER_CHINESE, Action, State, Tier
from storage.notice import Notice
from storage.tables import Issue

#: 延期 is granted so often, for so many days at a time (domain.md §3).
MOST_EXTENSIONS = 2
LONGEST_EXTENSION = 30
HARDER = {Tier.ORDINARY: 0, Tier.HARD: 1, Tier.COMPLEX: 2}


def regrade(work: Work, issue: Issue, by: Actor, tier: Tier, reason: str) -> None:
    """难度: lowering is free; raising asks the next level, with a reason, before it is due."""
    before = allowed.advance(work, issue, Action.REGRADE, by)
    if HARDER[tier] == HARDER[issue.tier]:
        same = TIER_CHINESE[issue.tier]
        raise NotAllowed(work.say("refused_same_tier", number=issue.number, tier=same))
    if HARDER[tier] < HARDER[issue.tier]:
        _lower(work, issue, by, tier, reason, before)
        return
    ask = work.say("needs_tier", short=short(issue.number))
    allowed.needs(Action.REGRADE, reason, ask)
    _in_time(work, issue, "asked_late_tier")
    event = _ask(work, issue, by, Change(Action.REGRADE, before, reason, {"tier": tier}))
    task = tell.task(issue, event.seq)
    asked = {"tier": TIER_CHINESE[issue.tier], "wanted": TIER_CHINESE[tier], "reason": reason}
    notice = wording.wants(work, issue, "wants_tier", task, **asked)
    _tell_approver(work, issue, event, notice)


def extend(work: Work, issue: Issue, by: Actor, days: int, reason: str) -> None:
    """延期: asked before the promise runs out, with a reason; at most twice."""
    before = allowed.advance(work, issue, Action.EXTEND, by)
    number = short(issue.number)
    allowed.needs(Action.EXTEND, reason, work.say("needs_time", short=number))
    if issue.tier is Tier.COMPLEX:
        raise NotAllowed(work.say("refused_extend_complex"))
    if issue.extended >= MOST_EXTENSIONS:
        raise NotAllowed(work.say("refused_extend_again", count=MOST_EXTENSIONS))
    if not 1 <= days <= LONGEST_EXTENSION:
        most = work.say("refused_extend_days", count=LONGEST_EXTENSION, short=number)
        raise NotAllowed(most)
    _in_time(work, issue, "asked_late_time")
    until = issue.due_at + timedelta(days=days)
    data = {"until": until.isoformat()}
    event = _ask(work, issue, by, Change(Action.EXTEND, before, reason, data))
    task = tell.task(issue, event.seq)
    asked = {"until": wording.deadline(until, work.zone), "reason": reason}
    notice = wording.wants(work, issue, "wants_time", task, **asked)
    _tell_approver(work, issue, event, notice)


def decline(work: Work, issue: Issue, by: Actor, reason: str, channel: str) -> None:
    """不受理: a reason and the right channel, approved one level up."""
    before = allowed.advance(work, issue, Action.DECLINE, by)
    ask = work.say("needs_decline", short=short(issue.number))
    allowed.needs(Action.DECLINE, reason, ask)
    allowed.needs(Action.DECLINE, channel, ask)
    change = Change(Action.DECLINE, before, reason, {"channel": channel})
    event = _ask(work, issue, by, change)
    task = tell.task(issue, event.seq)
    asked = {"reason": reason, "channel": channel}
    notice = wording.wants(work, issue, "wants_to_decline", task, **asked)
    _tell_approver(work, issue, event, notice)


def grant(work: Work, issue: Issue, by: Actor) -> None:
    """The next level agrees; the residents are told what changes and why."""
    before = allowed.advance(work, issue, Action.GRANT, by)
    asked = _open_request(work, issue)
    reason, data = events.last_reason(work, issue, asked), dict(issue.wanted_data)
    if asked is Action.RETURN and not moving.may_decide(work, issue, by):
        raise NotAllowed(work.say("refused_grant_return"))
    issue.wanted, issue.wanted_data = None, {}
    if asked is Action.REGRADE:
        _set_tier(work, issue, Tier(data["tier"]))
    elif asked is Action.EXTEND:
        _set_due(work, issue, datetime.fromisoformat(data["until"]))
    elif asked is Action.DECLINE:
        _turn_away(work, issue)
    else:
        _give_as_decided(work, issue, data)
    data = {"what": asked, **events.promise(issue), **events.where(work, issue)}
    event = events.record(work, issue, by, Change(Action.GRANT, before, reason, data))
    _tell_granted(work, issue, asked, event)


def refuse(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """The next level does not agree; the promise stays as it is."""
    before = allowed.advance(work, issue, Action.REFUSE, by)
    asked = _open_request(work, issue)
    issue.wanted, issue.wanted_data = None, {}
    event = events.record(work, issue, by, Change(Action.REFUSE, before, reason, {"what": asked}))
    why = f"：{reason}" if reason else ""
    notice = wording.notice(work, issue, "refused", what=ACTION_CHINESE[asked], why=why)
    tell.holder(work, issue, f"e{event.seq}:refused", notice, WHILE_OPEN)


def approver(work: Work, issue: Issue) -> Person | None:
    """Who is asked: one level up, for a third 退单 the 片长 or higher."""
    return (
        moving.judge(work, issue)
        if issue.wanted is Action.RETURN
        else standing.person_above(work, issue, 1)
    )


def _ask(work: Work, issue: Issue, by: Actor, change: Change) -> Link:
    """Remember the question; raises NotAllowed when there is nobody to ask, or one is open."""
    if issue.wanted is not None:
        waiting = ACTION_CHINESE[issue.wanted]
        raise NotAllowed(work.say("refused_still_asked", number=issue.number, action=waiting))
    if standing.next_seat(work, issue) is None:
        action = ACTION_CHINESE[Action(change.kind)]
        raise NotAllowed(work.say("refused_nobody_to_ask", action=action))
    event = events.record(work, issue, by, change)
    issue.wanted = Action(change.kind)
    issue.wanted_data = {**change.data, **moving.asked(work, by, event.seq)}
    return event


def _in_time(work: Work, issue: Issue, what: str) -> None:
    """``what``: the key of what can only be asked in time."""
    if work.now >= issue.due_at:
        raise NotAllowed(work.say("refused_asked_late", what=work.say(what)))


def _tell_approver(work: Work, issue: Issue, event: Link, notice: Notice) -> None:
    """With his next slot; at once where the promise falls due before it."""
    approver = standing.person_above(work, issue, 1)
    assert approver is not None  # _ask has looked
    facts, what = Facts(request=event.seq), f"e{event.seq}:asks"
    if tell.heard_at(work, issue) < issue.due_at:
        tell.later(work, issue, approver.userid, what, notice, facts=facts)
    else:
        tell.own(work, issue, approver.userid, what, notice, facts.guard())


def waits_until(work: Work, issue: Issue) -> datetime | None:
    """How long the rise waits for the answer to a request that was asked in time but could not be
    delivered before the promise fell due: until the slot that delivers it has passed (domain.md
    §4). None where nothing waits."""
    said = issue.wanted_data.get("at") if issue.wanted else None
    if not said or issue.urgent:
        return None
    asked, pace = datetime.fromisoformat(said), work.pace
    if asked >= issue.due_at or pace.waking(asked) < issue.due_at:
        return None
    return pace.slot_after(pace.slot(pace.waking(asked)), 1)


def _open_request(work: Work, issue: Issue) -> Action:
    if issue.wanted is None:
        raise NotAllowed(work.say("refused_nothing_asked", number=issue.number))
    return issue.wanted


def _lower(work: Work, issue: Issue, by: Actor, tier: Tier, reason: str, before: State) -> None:
    due_at = marks.promised(issue.reported_at, tier, work.clock, issue.tier_version)
    if due_at <= work.now:
        raise NotAllowed(work.say("refused_lower_late", tier=TIER_CHINESE[tier]))
    issue.tier, issue.due_at, issue.promised_at = tier, due_at, due_at
    planning.plan(work, issue)
    event = events.record(
        work, issue, by, Change(Action.REGRADE, before, reason, events.promise(issue))
    )
    _tell_new_date(work, issue, event, reason, harder=False)


def _set_tier(work: Work, issue: Issue, tier: Tier) -> None:
    """The promise of the harder tier, never earlier than what was promised already."""
    issue.tier = tier
    due_at = marks.promised(issue.reported_at, tier, work.clock, issue.tier_version)
    issue.promised_at, issue.due_at = due_at, max(due_at, issue.due_at)
    planning.plan(work, issue)


def _set_due(work: Work, issue: Issue, due_at: datetime) -> None:
    if due_at <= work.now:
        raise NotAllowed(work.say("refused_grant_late"))
    issue.due_at = max(due_at, issue.due_at)
    issue.extended += 1
    planning.plan(work, issue)


def _turn_away(work: Work, issue: Issue) -> None:
    issue.state = GRANTED[Action.DECLINE]
    issue.closed_at, issue.suspended_until = work.now, None
    issue.next_mark_at = issue.next_nudge_at = None


def _give_as_decided(work: Work, issue: Issue, data: dict[str, str]) -> None:
    """The third 退单 was right: it goes where it was said to belong, and stays there."""
    person = work.town.person(data["person"])
    unit = work.town.unit_at(data["unit"])
    if person is None or unit is None:
        raise NotAllowed(work.say("refused_unit_gone"))
    issue.forced, issue.state = True, State.PENDING
    target = Target(person, unit, why=work.say("reason_third_return"))
    moving.give_to(work, issue, moving.by_table(work, issue, target))


def _tell_granted(work: Work, issue: Issue, asked: Action, event: Link) -> None:
    if asked is Action.REGRADE:
        _tell_new_date(work, issue, event, event.reason, harder=True)
        notice = wording.notice(work, issue, "tier_granted", tier=TIER_CHINESE[issue.tier])
        tell.holder(work, issue, f"e{event.seq}:tier", notice, WHILE_OPEN)
    elif asked is Action.EXTEND:
        notice = wording.notice(work, issue, "extended", reason=event.reason)
        _tell_date(work, issue, f"e{event.seq}:extended", notice)
        told = wording.notice(work, issue, "may_extend")
        tell.holder(work, issue, f"e{event.seq}:granted", told, WHILE_OPEN)
    elif asked is Action.DECLINE:
        _tell_turned_away(work, issue, event)
    else:
        moving.tell_moved(work, issue, event.seq, "heading_assigned", None)


def _tell_turned_away(work: Work, issue: Issue, event: Link) -> None:
    asked = [e for e in events.of(work.session, issue.id) if e.kind == Action.DECLINE][-1]
    channel = asked.data["channel"]
    notice = wording.notice(work, issue, "declined", reason=event.reason, channel=channel)
    tell.result(work, issue, tell.concerned(work, issue), f"e{event.seq}:declined", notice)
    tell.holder(work, issue, f"e{event.seq}:granted", wording.notice(work, issue, "may_decline"))


def _tell_new_date(work: Work, issue: Issue, event: Link, reason: str, *, harder: bool) -> None:
    why = reason or work.say("tier_as_it_is")
    notice = wording.regraded(work, issue, why, harder=harder)
    _tell_date(work, issue, f"e{event.seq}:tier", notice)


def _tell_date(work: Work, issue: Issue, what: str, notice: Notice) -> None:
    """A new date is told at once, as long as it is the date."""
    guard = Facts(due_at=issue.due_at).guard()
    tell.result(work, issue, tell.concerned(work, issue), what, notice, guard)
