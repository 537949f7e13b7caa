"""限时办, 及时督: what the clock does when nobody acts (domain.md §4); each act happens once.

Which moments there are is rules/marks.py's business, when a notice leaves tell.py's.
"""

from dataclasses import replace

from issues import (
    events,
    helping,
    holding,
    judging,
    planning,
    requesting,
    standing,
    tell,
    wording,
    working,
)
from issues.events import CLOCK, Change, Link
from issues.guards import Facts
from issues.routing import Arrival, place
from issues.work import Work
from issues.working import ALL_TOLD
from people.town import Person
from rules import marks
from rules.ladder import rank
from rules.marks import ACTING, Mark, Nudge, NudgeKind
from rules.words import OPEN_STATES, Role, State, Tier, UnitKind
from storage import outbox
from storage.notice import Notice
from storage.tables import Issue

AT_SLOT = tell.IfUrgent.AT_SLOT
#: Of no use once somebody has accepted.
ONLY_UNACCEPTED = frozenset({NudgeKind.SECOND_SLOT, NudgeKind.THIRD_SLOT, NudgeKind.HALF})


def pass_mark(work: Work, issue: Issue) -> Mark | None:
    """Pass what marks are due. Only the latest is told, once, and it raises one level at most,
    however many promises passed meanwhile: those between had no chance to act."""
    due = _marks_passed(work, issue)
    still_open = issue.state in OPEN_STATES
    waits = requesting.waits_until(work, issue) if due and still_open else None
    if waits and waits > work.now:
        issue.next_mark_at = waits
        return None
    if not due or not still_open:
        issue.next_mark_at = planning.mark_after_now(work, issue) if still_open else None
        return None
    found = _find_holder(work, issue) if work.holder(issue) is None else {}
    mark, former, before = due[-1], work.holder(issue), issue.state
    is_first = issue.marked_until < issue.due_at
    late = [m for m in due if _is_late(work, issue, m)]
    risen = bool(late) and not issue.lead_unit_id and holding.rise(work, issue)
    if risen and issue.state is not State.SUSPENDED:
        issue.state = State.PENDING
    if late and issue.lead_unit_id:
        _press(work, issue, is_first)
    _keep_recurring_promise(work, issue, mark, bool(late))
    issue.marked_until, issue.next_mark_at = mark.at, planning.mark_after_now(work, issue)
    if risen:
        planning.plan_nudge(work, issue, work.now)
    data = {
        "mark": mark.name,
        "late": len(late),
        **events.where(work, issue),
        **events.promise(issue),
    }
    data |= found
    event = events.record(work, issue, CLOCK, Change("mark", before, data=data))
    _tell_mark(work, issue, mark, former, event)
    return mark


def pass_nudge(work: Work, issue: Issue) -> NudgeKind | None:
    """Pass the nudges that are due: those that change something each, of the others only the
    latest; one that a later mark has overtaken is left out."""
    if issue.state is State.RESOLVED:
        judging.ask_again_or_close(work, issue)
        return None
    since = issue.next_nudge_at or work.now
    _look_for_card(work, issue)
    due = [nudge for nudge in planning.nudges(work, issue) if nudge.at <= work.now]
    for nudge in due:
        if nudge.kind in marks.ACCEPTED_BY:
            issue.unaccepted = max(issue.unaccepted, list(marks.ACCEPTED_BY).index(nudge.kind) + 1)
    planning.plan_nudge(work, issue, work.now)
    if issue.state not in OPEN_STATES:
        return None
    acting = [nudge for nudge in due if nudge.kind in ACTING]
    for nudge in acting:
        _act(work, issue, nudge)
    told = [n for n in due if n not in acting and n.at >= max(since, issue.marked_until)]
    if told and _tell_nudge(work, issue, told[-1]):
        return told[-1].kind
    return acting[-1].kind if acting else None


def _look_for_card(work: Work, issue: Issue) -> None:
    """Whether the first holder's card has been delivered: from then on 接单 is looked for, and a
    rise or a hand-over starts no new count."""
    if issue.carded_at or issue.state is not State.PENDING or issue.unaccepted >= ALL_TOLD:
        return
    first = events.first(work, issue).data.get("holder", "")
    card = outbox.delivery(work.session, f"issue:{issue.id}:e1:new:{first}", first)
    issue.carded_at = card.sent_at if card else None


def _marks_passed(work: Work, issue: Issue) -> list[Mark]:
    since = issue.marked_until
    return marks.passed(issue.reported_at, issue.due_at, since, work.now, work.clock)


def _is_late(work: Work, issue: Issue, mark: Mark) -> bool:
    if mark.at < issue.due_at:
        return False
    if issue.tier is not Tier.COMPLEX:
        return True
    since = marks.cycle_start(issue.reported_at, max(issue.due_at, mark.at), work.clock)
    return issue.progress_at is None or issue.progress_at <= since


def _keep_recurring_promise(work: Work, issue: Issue, mark: Mark, late: bool) -> None:
    """复杂 with progress in this cycle: the promise is the next month's."""
    if issue.tier is Tier.COMPLEX and mark.at >= issue.due_at and not late:
        months = (m for m in marks.marks(issue.reported_at, work.clock) if m.months)
        issue.due_at = next(m.at for m in months if m.at > mark.at)
        issue.promised_at = issue.due_at
        planning.plan_nudge(work, issue, work.now)


def _find_holder(work: Work, issue: Issue) -> dict[str, str]:
    """An issue from before the first roster: look again for somebody who answers for it."""
    sender = work.town.person(issue.reporter)
    arrival = Arrival(sender, standing.chat_unit(work, issue.chat_id), issue.bypassed)
    where = place(work.town, arrival, work.today)
    issue.unit_id = where.unit.id if where.unit else None
    issue.household_id = where.household
    issue.level, issue.unclaimed = where.level, where.unclaimed
    issue.bypassed, issue.behalf_id = where.bypassed, where.behalf
    issue.holder_id = where.holder
    issue.held_since = work.now
    return {"unit": where.unit.path} if where.unit else {}


def _tell_mark(work: Work, issue: Issue, mark: Mark, former: Person | None, event: Link) -> None:
    what, late = f"mark:{mark.name}", bool(event.data["late"])
    pressed = late and issue.lead_unit_id is not None
    board = wording.board_mark(work, issue, mark, late and not pressed)
    tell.board(work, issue, what, board, mark.at)
    if late:
        _ping_overseers(work, issue, mark)
    if work.holder(issue) != former:
        _tell_risen(work, issue, mark, former, event)
        return
    key = "reminder_late" if late else "reminder"
    notice = wording.notice(work, issue, key, mark=mark.chinese)
    tell.persons(work, issue, [former], what, notice, mark.at, _as_it_is(issue))
    if pressed:
        _tell_pressed(work, issue, mark)


def _as_it_is(issue: Issue) -> Facts:
    """Told only as long as the same one has it and it falls due at the same time."""
    return Facts(holder_id=issue.holder_id, due_at=issue.due_at)


def _press(work: Work, issue: Issue, is_first: bool) -> None:
    """A department that leads keeps the issue (依责销号): a broken promise lifts who presses for
    it, first the level that passed it on, then the next ones."""
    if is_first or issue.pressed_from is None:
        issue.pressed_from = issue.level
        return
    seat = standing.next_seat(work, issue, issue.pressed_from)
    if seat is not None:
        issue.pressed_from = seat.level


def _presser(work: Work, issue: Issue) -> Person | None:
    """Who sits on the level that presses for it now."""
    seats = standing.seats(work, issue)
    there = [seat.person for seat in seats if seat.level == issue.pressed_from]
    found = work.town.by_id(there[0]) if there else None
    return found if found and found.userid != issue.reporter else None


def _tell_pressed(work: Work, issue: Issue, mark: Mark) -> None:
    """The one who presses from now on, and the residents, who keep the face that they know."""
    what, missed = f"mark:{mark.name}", wording.missed(work, issue)
    presser = _presser(work, issue)
    notice = wording.notice(work, issue, "press", mark=mark.chinese, missed=missed)
    tell.persons(work, issue, [presser], what, notice, mark.at, _as_it_is(issue))
    by = wording.called(presser, issue.pressed_from or issue.level) if presser else ""
    told = wording.notice(work, issue, "pressed_late", missed=missed, by=by)
    tell.residents(work, issue, what, told, mark.at, facts=_as_it_is(issue), if_urgent=AT_SLOT)


def _tell_risen(work: Work, issue: Issue, mark: Mark, former: Person | None, event: Link) -> None:
    """The former holder, who stays the face that the resident knows; the new one; residents."""
    what = f"mark:{mark.name}"
    missed = wording.missed(work, issue)
    so = _as_it_is(issue)
    away = wording.notice(work, issue, "rose_away", mark=mark.chinese, missed=missed)
    tell.persons(work, issue, [former], what, away, mark.at, so)
    heading = work.texts.say("heading_risen", {"mark": mark.chinese})
    card = tell.holder_card(work, issue, heading, event.seq)
    card = replace(card, turn=min(card.turn, wording.DigestTurn.RISEN))
    tell.persons(work, issue, [work.holder(issue)], what, card, mark.at, so)
    if issue.delicate:
        return  # nobody in despair is told of a promise that was missed
    notice = wording.notice(work, issue, "risen_late", missed=missed)
    tell.residents(work, issue, what, notice, mark.at, facts=so, if_urgent=AT_SLOT)


def _ping_overseers(work: Work, issue: Issue, mark: Mark) -> None:
    """The level above the new holder (or above who presses the department that has it), and the
    联片干部 who sees the overdue of the 片."""
    pressing = issue.pressed_from if issue.lead_unit_id else None
    seat = standing.next_seat(work, issue, pressing or issue.level)
    above = work.town.by_id(seat.person) if seat else None
    out = {issue.holder_id, *((p.id for p in [_presser(work, issue)] if p) if pressing else ())}
    unique = {p.id: p for p in [above, *_linked(work, issue)] if p and p.id not in out}
    missed = wording.missed(work, issue)
    notice = wording.notice(work, issue, "escalation", mark=mark.chinese, missed=missed)
    told = f"mark:{mark.name}"
    tell.persons(work, issue, unique.values(), told, notice, mark.at, _as_it_is(issue))


def _linked(work: Work, issue: Issue) -> list[Person]:
    unit = work.unit(issue)
    if unit is None:
        return []
    linked = work.town.over(unit, Role.LINKED_CADRE, work.today)
    return [p for p in linked if standing.oversees(work, issue, p.id, Role.LINKED_CADRE)]


def _act(work: Work, issue: Issue, nudge: Nudge) -> None:
    if nudge.kind is NudgeKind.RESUME:
        working.resume(work, issue, CLOCK, work.say("reason_time_up"))
    elif nudge.kind is NudgeKind.SUB_DUE:
        _sub_overdue(work, issue)
    else:
        helping.pass_overdue(work, issue)


def _sub_overdue(work: Work, issue: Issue) -> None:
    """The department is late by its own clock; the public promise goes on untouched."""
    issue.sub_due_at = None
    event = events.record(
        work, issue, CLOCK, Change("sub_due", issue.state, data=events.where(work, issue))
    )
    notice = wording.notice(work, issue, "sub_overdue")
    people = [work.holder(issue), standing.person_above(work, issue, 1)]
    tell.persons(work, issue, people, f"e{event.seq}:sub", notice, work.now)


def _tell_nudge(work: Work, issue: Issue, nudge: Nudge) -> bool:
    """Tell it, unless it is of no use any more; remembered as an event."""
    if nudge.kind in ONLY_UNACCEPTED and issue.state is not State.PENDING:
        return False
    if nudge.kind is NudgeKind.URGE and issue.held_since >= issue.due_at:
        return False  # the card with which it has just risen to him says it all
    people, notice = _nudged(work, issue, nudge.kind)
    if not any(people):
        return False
    what = f"nudge:{nudge.kind}:{nudge.at:%Y%m%d%H%M}"
    tell.persons(work, issue, people, what, notice, nudge.at, _still_nudged(issue, nudge.kind))
    events.record(work, issue, CLOCK, Change("nudge", issue.state, data={"nudge": nudge.kind}))
    return True


def _nudged(work: Work, issue: Issue, kind: NudgeKind) -> tuple[list[Person | None], Notice]:
    """Who hears of it, and in which words."""
    if kind is NudgeKind.DUE_DAY:
        return [work.holder(issue)], wording.notice(work, issue, "due_today")
    if kind is NudgeKind.HALF:
        return [work.holder(issue)], wording.notice(work, issue, "half_time")
    if kind is NudgeKind.URGE:
        return [work.holder(issue)], wording.notice(work, issue, "overdue")
    if kind is NudgeKind.SUPERVISE:
        return [standing.person_above(work, issue, 1), *_linked(work, issue)], wording.notice(
            work, issue, "supervision"
        )
    if kind is NudgeKind.BULLETIN:
        return _bulletin_readers(work, issue), wording.notice(work, issue, "bulletin")
    return [_asks_why(work, issue, kind)], wording.notice(work, issue, "unaccepted")


def _asks_why(work: Work, issue: Issue, kind: NudgeKind) -> Person | None:
    """Who is told that nobody accepts: the 组长, then the 片长, never above; nobody who holds it
    himself, or sits below whoever does."""
    level = UnitKind.ZU if kind is NudgeKind.SECOND_SLOT else UnitKind.PIAN
    if rank(level) <= rank(issue.level):
        return None
    out = standing.cannot_hold(work, issue)
    there = (seat.person for seat in standing.seats(work, issue) if seat.level is level)
    found = next((person for person in there if person and person not in out), None)
    return work.town.by_id(found)


def _still_nudged(issue: Issue, kind: NudgeKind) -> Facts:
    return replace(_as_it_is(issue), pending=kind in ONLY_UNACCEPTED)


def _bulletin_readers(work: Work, issue: Issue) -> list[Person | None]:
    """The 督办 of the issue's units; without any, whoever sits above."""
    unit = work.unit(issue)
    watchers = work.town.over(unit, Role.SUPERVISOR, work.today) if unit else []
    shut_out = standing.shut_out(work, issue)
    return [p for p in watchers if p.id not in shut_out] or [standing.person_above(work, issue, 1)]
