"""拆开: an issue that was merged by mistake goes on by itself again, with its own number and dates.

Whoever reported it takes his words and photos with him, also those that he has added since; the
other issue has the promise that it would have without it. Both chains of events tell of it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from issues import allowed, events, guards, holding, moving, planning, standing, tell, wording
from issues.events import Actor, Change
from issues.merging import LEADS
from issues.short_numbers import by_number, short
from issues.standing import userid_of
from issues.work import Work
from rules.ladder import rank
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES, Action, State
from storage import outbox
from storage.tables import Attachment, Endorsement, Event, Issue

SPLIT_OFF = "split_off"


def split(work: Work, issue: Issue, by: Actor) -> Issue:
    """Take a merged issue out again; the one that it was a part of. Raises NotAllowed."""
    work.look(issue)
    ends = [one for one in events.of(work.session, issue.id) if one.kind == Action.MERGE]
    allowed.advance(work, issue, Action.SPLIT, by)
    into = by_number(work.session, ends[-1].data["into"])
    assert into is not None  # issues are never deleted
    work.look(into)
    history = events.of(work.session, into.id)
    joins = _inside(history).get(issue.number, [])
    voices = [str(one.data["joined"]) for one in joins]
    _may_split(work, issue, by, into, joins)
    before = State(ends[-1].before)
    issue.state = State.WORKING if before is State.SUSPENDED else before
    issue.closed_at = None
    _take_out(work, issue, into, joins, [one for one in history if one.seq > joins[0].seq])
    _find_holder(work, issue)
    _plan(work, issue)
    data = {"from": into.number, **events.where(work, issue)}
    event = events.record(work, issue, by, Change(Action.SPLIT, State.MERGED, data=data))
    left = {"left": voices, "number": issue.number, **_own_promise(work, into, history, joins)}
    events.record(work, into, by, Change(SPLIT_OFF, into.state, data=left))
    _tell(work, issue, by, into, voices, event.seq)
    return into


def _may_split(work: Work, issue: Issue, by: Actor, into: Issue, joins: list[Event]) -> None:
    number, other = short(issue.number), short(into.number)
    if into.state is State.MERGED:
        raise NotAllowed(work.say("refused_split_on", number=number, other=other))
    if into.state not in OPEN_STATES:
        raise NotAllowed(work.say("refused_split_done", number=number, other=other))
    if LEADS.isdisjoint(standing.parties(work, into, by)):
        raise NotAllowed(work.say("refused_split_others", other=other))
    joined = {one.data["joined"] for one in joins if one.kind == Action.ENDORSE}
    there = {one.userid for one in standing.endorsements(work, into)}
    if joined - there:  # has gone, or is the one for whom the other issue goes on
        raise NotAllowed(work.say("refused_split_left", number=number, other=other))


# --- whose is what ---


def _take_out(
    work: Work, issue: Issue, into: Issue, joins: list[Event], since: list[Event]
) -> None:
    """Their words and photos leave the other issue; what they have added since is theirs too."""
    moved: list[int] = []
    for join in joins:
        who, said = str(join.data["joined"]), join.reason
        moved += join.data.get("attachments", ())
        own = standing.endorsement(work, into, who)
        if join.kind == Action.SUPPLEMENT:  # he has a part in both: only these words go back
            part: Issue | Endorsement = own or into
            part.content = _without(part.content, said)
            continue
        assert own is not None  # looked at before
        _add(work, issue, who, own.content.removeprefix(said).strip("\n"))
        moved += [key for one in since if one.actor == who for key in _brought(one)]
        work.removed(own)
    if moved:
        there = update(Attachment).where(Attachment.id.in_(moved))
        work.session.execute(there.values(issue_id=issue.id))
        work.forget(into, Attachment)
        work.forget(issue, Attachment)


def _without(content: str, said: str) -> str:
    head, found, tail = content.rpartition(f"\n{said}")
    return f"{head}{tail}" if found else content


def _add(work: Work, issue: Issue, who: str, more: str) -> None:
    part = standing.endorsement(work, issue, who) or issue
    if more:
        part.content = f"{part.content}\n{more}"


def _brought(event: Event) -> list[int]:
    return list(event.data.get("attachments", ()))


# --- with whom, and until when ---


def _find_holder(work: Work, issue: Issue) -> None:
    """Whoever had it, or sits there now: nobody gave it to a successor while it was no issue."""
    holder = work.holder(issue)
    posts = work.town.posts_on(holder.id, work.today) if holder else ()
    if issue.lead_unit_id and any(post.unit_id == issue.lead_unit_id for post in posts):
        return
    taken = standing.seats(work, issue)
    if not issue.lead_unit_id and any(seat.person == issue.holder_id for seat in taken):
        return
    higher = [seat for seat in taken if rank(seat.level) >= rank(issue.level)]
    if higher:
        holding.hold(work, issue, higher[0])


def _plan(work: Work, issue: Issue) -> None:
    """Its own dates stand; what has fallen due meanwhile is told now."""
    planning.plan(work, issue)
    if issue.due_at <= work.now:
        issue.next_mark_at = work.now


def _own_promise(
    work: Work, into: Issue, history: list[Event], joins: list[Event]
) -> dict[str, Any]:
    """What stands there without the promise that came with this one; nothing if it is no longer
    that promise."""
    taken = [one for one in history if "was_due" in one.data or one.kind == SPLIT_OFF]
    last = next((one for one in reversed(taken) if "due_at" in one.data), None)
    if last is None or not any("was_due" in one.data for one in joins):
        return {}
    if into.due_at != events.moment(last.data["due_at"]):
        return {}  # moved since by an 延期 of its own
    gone = joins[0].data["from"]
    still = [number for number in _inside(history) if number != gone]
    found = work.session.scalars(select(Issue).where(Issue.number.in_(still))) if still else ()
    dates = [_before_all(history), *((one.due_at, one.promised_at) for one in found)]
    into.due_at, into.promised_at = min(dates)
    planning.plan(work, into)
    return events.promise(into)


def _inside(history: list[Event]) -> dict[str, list[Event]]:
    """The issues that are merged into it now, by number, with the events of joining."""
    found: dict[str, list[Event]] = {}
    for event in history:
        if "from" in event.data:
            found.setdefault(str(event.data["from"]), []).append(event)
        if event.kind == SPLIT_OFF:
            found.pop(event.data["number"], None)
    return found


def _before_all(history: list[Event]) -> tuple[datetime, datetime]:
    """Its own promise: what it had when nothing was merged into it that brought an earlier one."""
    own, brought = None, set[str]()
    for event in history:
        if "was_due" in event.data:
            own = own if brought else (event.data["was_due"], event.data["was_promised"])
            brought.add(event.data["from"])
        if event.kind == SPLIT_OFF:
            brought.discard(event.data["number"])
    assert own is not None  # only asked when one has brought it
    return events.moment(own[0]), events.moment(own[1])


# --- who is told ---


def _tell(work: Work, issue: Issue, by: Actor, into: Issue, voices: list[str], seq: int) -> None:
    what = f"e{seq}:split"
    key = "split" if issue.due_at > work.now else "split_late"
    work.store()
    outbox.supersede(work.session, guards.about(into.id), voices)
    for userid in voices:
        notice = wording.notice(work, issue, key, was=into.number)
        tell.later(work, issue, userid, what, notice)
    if issue.holder_id != by.person_id:
        moving.tell_new_holder(work, issue, seq, "heading_split", "split")
    holder = userid_of(work.holder(into))
    if holder and holder != by.userid.lower():
        away = wording.notice(work, into, "split_away", was=issue.number)
        tell.later(work, into, holder, what, away)
