"""Who has it: 上交, 退单, 转办, 强派, 提级, 交接. The clock goes on through all of them.

Whether somebody may is rules/transitions.py's business, who is meant by a name or a unit
people/finding.py's.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from issues import allowed, events, holding, planning, standing, tell, wording
from issues.events import CLOCK, Actor, Change
from issues.guards import Facts
from issues.referral import route_to
from issues.routing import FINDERS, LEVEL_OF, WATCHERS
from issues.short_numbers import short
from issues.standing import userid_of
from issues.work import Work
from people.town import Person, Unit, covers
from rules.deadlines import Span, due
from rules.ladder import LEVELS, Seat, first, rank
from rules.transitions import NotAllowed
from rules.words import Action, Party, Role, UnitKind
from storage.tables import Issue

#: 退单 within this time after it came, and at most so often (domain.md §5).
RETURN_WITHIN = timedelta(hours=24)
MOST_RETURNS = 2
#: How the cards begin of what has come up to somebody.
RISING = frozenset({"heading_raised", "heading_lifted", "heading_redo"})
#: 问题工单: passed on or redone so often.
TROUBLE = 3
#: A department's own deadline, if nobody names another; in working days.
SUB_DAYS = 2
LONGEST_SUB_DAYS = 30


@dataclass(frozen=True)
class Target:
    """Whom something is given to: a person, sitting in a unit. ``why`` explains it to him, ``days``
    is his own deadline in working days; what is not said, the 分工表 says."""

    person: Person
    unit: Unit
    behalf: int | None = None
    why: str = ""
    days: int | None = None


def raise_up(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """上交: the next level holds it now; the old holder stays on as co-owner."""
    before = allowed.advance(work, issue, Action.RAISE, by)
    if not holding.rise(work, issue):
        raise NotAllowed(work.say("refused_raise"))
    planning.plan(work, issue)
    event = events.record(
        work, issue, by, Change(Action.RAISE, before, reason, events.where(work, issue))
    )
    tell_new_holder(work, issue, event.seq, "heading_raised", "up", why=reason)
    tell_new_face(work, issue, f"e{event.seq}:risen", "risen")


def lift(work: Work, issue: Issue, by: Actor, reason: str = "") -> None:
    """提级 by somebody above or the 督办: one level up, also out of a 挂起."""
    before = allowed.advance(work, issue, Action.LIFT, by)
    former = work.holder(issue)
    if not holding.rise(work, issue):
        raise NotAllowed(work.say("refused_lift"))
    issue.suspended_until = None
    planning.plan(work, issue)
    event = events.record(
        work, issue, by, Change(Action.LIFT, before, reason, events.where(work, issue))
    )
    tell_new_holder(work, issue, event.seq, "heading_lifted", "lift", why=reason)
    if former:
        over = wording.notice(work, issue, "taken_over")
        tell.later(work, issue, former.userid, f"e{event.seq}:lifted", over)
    tell_new_face(work, issue, f"e{event.seq}:risen", "risen")


def give_back(work: Work, issue: Issue, by: Actor, target: Target, reason: str) -> None:
    """退单: not ours; names the proper unit, within 24 hours, at most twice. A third one is
    decided by the 片长 or the town (强派)."""
    before = allowed.advance(work, issue, Action.RETURN, by)
    ask = work.say("needs_return", short=short(issue.number))
    allowed.needs(Action.RETURN, reason, ask)
    _may_give_back(work, issue, target)
    if issue.returned >= MOST_RETURNS:
        issue.state = before
        _ask_for_decision(work, issue, by, target, reason)
        return
    issue.returned += 1
    target = by_table(work, issue, target)
    former = give_to(work, issue, target)
    change = Change(Action.RETURN, before, reason, _moved(work, issue, former, target))
    event = events.record(work, issue, by, change)
    tell_moved(work, issue, event.seq, "heading_returned", former, why=_because(reason, target))


def reassign(work: Work, issue: Issue, by: Actor, target: Target, reason: str = "") -> None:
    """转办: to somebody who can do it better, a neighbour 邻 or a department."""
    before = allowed.advance(work, issue, Action.REASSIGN, by)
    _not_to_himself(work, issue, target)
    issue.reassigned += 1
    target = by_table(work, issue, target)
    former = give_to(work, issue, target)
    change = Change(Action.REASSIGN, before, reason, _moved(work, issue, former, target))
    event = events.record(work, issue, by, change)
    tell_moved(work, issue, event.seq, "heading_reassigned", former, why=_because(reason, target))
    if issue.reassigned == TROUBLE:
        trouble(work, issue, work.say("reason_reassigned", count=TROUBLE))


def assign(work: Work, issue: Issue, by: Actor, target: Target, reason: str = "") -> None:
    """强派 by the 片长 or higher: whoever gets it now keeps it (首接负责)."""
    before = allowed.advance(work, issue, Action.ASSIGN, by)
    if not may_decide(work, issue, by):
        raise NotAllowed(work.say("refused_assign"))
    _not_to_himself(work, issue, target)
    issue.forced = True
    target = by_table(work, issue, target)
    former = give_to(work, issue, target)
    change = Change(Action.ASSIGN, before, reason, _moved(work, issue, former, target))
    event = events.record(work, issue, by, change)
    tell_moved(work, issue, event.seq, "heading_assigned", former, why=_because(reason, target))


def hand_over(
    work: Work,
    issue: Issue,
    successor: Person | None,
    why: str,
    behalf: Person | None = None,
    *,
    by: Actor = CLOCK,
) -> None:
    """The holder has left the post or is away: the successor (or delegate) holds the issue,
    else the next taken seat. The clock and the state go on; both sides and the residents are
    told."""
    seat = _successor(work, issue, successor, behalf)
    if seat is None or seat.person == issue.holder_id:
        return
    former, leads = work.holder(issue), _led(issue)
    succeeds = successor is not None and seat.person == successor.id
    holding.hold(work, issue, seat, keep_request=succeeds)
    if succeeds:  # his unit goes on to lead, and what was asked for stays asked
        issue.lead_unit_id, issue.sub_due_at, issue.pressed_from = leads
    data = {"from": userid_of(former), **events.where(work, issue)}
    event = events.record(work, issue, by, Change(Action.HAND_OVER, issue.state, why, data))
    tell_new_holder(work, issue, event.seq, "heading_handed_over", "handover", why=why)
    if former:
        notice = wording.notice(work, issue, "handed_over", why=why)
        tell.later(work, issue, former.userid, f"e{event.seq}:handover", notice)
    tell_new_face(work, issue, f"e{event.seq}:handover", "new_face")


def _successor(
    work: Work, issue: Issue, successor: Person | None, behalf: Person | None
) -> Seat | None:
    shut_out = standing.shut_out(work, issue)
    if successor and successor.userid != issue.reporter and successor.id not in shut_out:
        return Seat(issue.level, 0, successor.id, behalf.id if behalf else None)
    out = standing.cannot_hold(work, issue) | shut_out
    at_least = [s for s in standing.seats(work, issue) if rank(s.level) >= rank(issue.level)]
    return first(at_least, out) or _anybody(work, issue)


def _anybody(work: Work, issue: Issue) -> Seat | None:
    """Nobody is left on the ladder: whoever finds people for what belongs to nobody."""
    out = standing.cannot_hold(work, issue) | standing.shut_out(work, issue)
    for role in WATCHERS if issue.bypassed else FINDERS:
        for person in work.town.with_role(role, work.today):
            if person.id not in out:
                return Seat(LEVEL_OF.get(role, UnitKind.CITY), 0, person.id)
    return None


def _led(issue: Issue) -> tuple[int | None, datetime | None, UnitKind | None]:
    return issue.lead_unit_id, issue.sub_due_at, issue.pressed_from


def give_to(work: Work, issue: Issue, target: Target) -> Person | None:
    """The target holds it now; the former holder stays on. A unit of the ladder takes the
    issue into its place, a department leads it from where it stands."""
    former = work.holder(issue)
    holding.keep_co_owner(work, issue)
    if target.unit.kind in LEVELS:
        holding.hold(work, issue, Seat(target.unit.kind, 0, target.person.id, target.behalf))
        unit = work.unit(issue)
        if unit is None or not (issue.bypassed or covers(target.unit, unit)):
            issue.unit_id = target.unit.id
    else:
        holding.hold(work, issue, Seat(issue.level, 0, target.person.id))
        issue.lead_unit_id = target.unit.id
        issue.sub_due_at = sub_due(work, target.days or SUB_DAYS)
    planning.plan(work, issue)
    return former


def by_table(work: Work, issue: Issue, target: Target, *, lead: bool = True) -> Target:
    """With what the 分工表 says about that unit, where nobody has said it."""
    route = route_to(work, issue, target.unit, lead)
    if route is None:
        return target
    why, days = target.why or route.explain(), target.days or route.days
    return replace(target, why=why, days=days)


def _moved(work: Work, issue: Issue, former: Person | None, target: Target) -> dict[str, object]:
    unit = work.unit(issue)
    return {
        **events.where(work, issue),
        "from": userid_of(former),
        "unit": unit.path if unit else None,
        "why": target.why,
    }


def sub_due(work: Work, days: int) -> datetime:
    """A department's deadline: working days that roll; it never extends the promise."""
    if not 1 <= days <= LONGEST_SUB_DAYS:
        raise NotAllowed(work.say("refused_sub_days", count=LONGEST_SUB_DAYS))
    return due(work.now, days, Span.WORKDAYS, work.clock, roll=True)


def tell_new_holder(
    work: Work, issue: Issue, seq: int, heading: str, what: str, *, why: str = ""
) -> None:
    """``heading``: the key of how the card begins."""
    card = tell.holder_card(work, issue, work.say(heading), seq, why)
    if heading in RISING:
        card = replace(card, turn=min(card.turn, wording.DigestTurn.RISEN))
    facts = Facts(holder_id=issue.holder_id)
    tell.new_holder(work, issue, work.holder(issue), f"e{seq}:new:{what}", card, facts)


def tell_moved(
    work: Work, issue: Issue, seq: int, heading: str, former: Person | None, *, why: str = ""
) -> None:
    tell_new_holder(work, issue, seq, heading, "moved", why=why)
    if former:
        notice = wording.notice(work, issue, "moved_on")
        tell.later(work, issue, former.userid, f"e{seq}:moved", notice)
    tell_new_face(work, issue, f"e{seq}:moved", "new_face")


def tell_new_face(work: Work, issue: Issue, what: str, key: str) -> None:
    """The residents hear who has it with the next slot, if he still has it then."""
    facts = Facts(holder_id=issue.holder_id)
    tell.residents(work, issue, what, wording.notice(work, issue, key), facts=facts)


def _may_give_back(work: Work, issue: Issue, target: Target) -> None:
    if issue.forced:
        raise NotAllowed(work.say("refused_forced"))
    if work.now > issue.held_since + RETURN_WITHIN:
        raise NotAllowed(work.say("refused_return_late"))
    _not_to_himself(work, issue, target)


def _not_to_himself(work: Work, issue: Issue, target: Target) -> None:
    if target.person.id == issue.holder_id:
        same = work.say("refused_same_holder", number=issue.number, name=target.person.name)
        raise NotAllowed(same)
    if target.person.userid == issue.reporter:
        raise NotAllowed(work.say("refused_to_reporter"))
    if is_shut_out(work, issue, target):
        raise NotAllowed(work.say("refused_to_lower"))


def is_shut_out(work: Work, issue: Issue, target: Target) -> bool:
    """A complaint about a 长 goes to nobody under them, nor to anybody as low as they are."""
    if issue.bypassed is None:
        return False
    low = target.unit.kind in LEVELS and rank(target.unit.kind) <= rank(issue.bypassed)
    return low or target.person.id in standing.shut_out(work, issue)


def may_decide(work: Work, issue: Issue, by: Actor) -> bool:
    parties = standing.parties(work, issue, by)
    level = standing.level_above(work, issue, by.person_id) if by.person_id else None
    high = level is not None and rank(level) >= rank(UnitKind.PIAN)
    return high or Party.SUPERVISOR in parties


def _ask_for_decision(work: Work, issue: Issue, by: Actor, target: Target, reason: str) -> None:
    """The third 退单: the 片长 or the town says whose it is; until then it stays."""
    chief = judge(work, issue)
    if chief is None:
        raise NotAllowed(work.say("refused_third_return"))
    issue.wanted = Action.RETURN
    where = {"person": target.person.userid, "unit": target.unit.path}
    change = Change(Action.RETURN, issue.state, reason, {"asked": where})
    event = events.record(work, issue, by, change)
    issue.wanted_data = {**where, **asked(work, by, event.seq)}
    whom = f"{target.unit.name} {target.person.name}"
    notice = wording.notice(work, issue, "third_return", reason=reason, whom=whom)
    facts = Facts(request=event.seq)
    tell.later(work, issue, chief.userid, f"e{event.seq}:decide", notice, facts=facts)


def asked(work: Work, by: Actor, seq: int) -> dict[str, object]:
    """Who has asked for something, when, and in which event: kept with the open request."""
    return {"seq": seq, "by": by.userid, "at": work.now.isoformat()}


def judge(work: Work, issue: Issue) -> Person | None:
    """Who decides a third 退单."""
    at_least = [s for s in standing.seats(work, issue) if rank(s.level) >= rank(UnitKind.PIAN)]
    higher = [s for s in at_least if rank(s.level) > rank(issue.level)]
    seat = first(higher, standing.cannot_hold(work, issue))
    return work.town.by_id(seat.person) if seat else None


def trouble(work: Work, issue: Issue, why: str) -> None:
    """问题工单: shown to the level above and to the 督办."""
    issue.troubled = True
    event = events.record(work, issue, CLOCK, Change("troubled", issue.state, why))
    notice = wording.notice(work, issue, "troubled", why=why)
    watchers = work.town.with_role(Role.SUPERVISOR, work.today)
    told = {p.userid: p for p in (standing.person_above(work, issue, 1), *watchers) if p}
    for userid, person in told.items():
        if person.id not in standing.shut_out(work, issue):
            facts = Facts(holder_id=issue.holder_id)
            tell.later(work, issue, userid, f"e{event.seq}:troubled", notice, facts=facts)


def _because(reason: str, target: Target) -> str:
    """Why the new holder has it, on his card: what was said with it, else what the 分工表 says."""
    return reason or target.why
