"""合并: several reports of one thing go on as one issue; whoever reported them has joined it.

Everybody keeps his own words, notices and rating, the earliest promise stands, and both chains of
events tell of it. Nothing that is spoken of in private is ever merged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from issues import allowed, events, guards, planning, standing, tell, wording
from issues.events import Actor, Change
from issues.short_numbers import by_number, short
from issues.standing import userid_of
from issues.work import Work
from rules.ladder import rank
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES, Action, Party, State
from storage import outbox
from storage.tables import Attachment, Endorsement, Issue

#: Who may merge, of both issues.
LEADS = frozenset({Party.HOLDER, Party.ABOVE})


@dataclass(frozen=True)
class Voice:
    """One who has reported or joined an issue, with the household and the own words."""

    userid: str
    household: int | None
    content: str


def merge(work: Work, issue: Issue, by: Actor, into: Issue) -> None:
    """The issue goes on as ``into``. Raises NotAllowed."""
    for one in (issue, into):
        work.look(one)  # writing either would make the database be asked again
    before = allowed.advance(work, issue, Action.MERGE, by)
    _may_merge(work, issue, by, into)
    voices, brought = list(_voices(work, issue)), _brought(work, issue)
    _end(work, issue)
    data = {"into": into.number}
    event = events.record(work, issue, by, Change(Action.MERGE, before, data=data))
    promise = _take_promise(work, into, issue)
    for voice in voices:
        came = brought.get(voice.userid, [])
        _join(work, into, by, voice, {"from": issue.number, **promise}, came)
        promise = {}
    _tell(work, issue, by, into, voices, event.seq)


def goes_on_as(work: Work, issue: Issue) -> Issue:
    """The issue that a merged one goes on as, however often; itself if it is not merged."""
    while issue.state is State.MERGED:
        ends = [e for e in events.of(work.session, issue.id) if e.kind == Action.MERGE]
        found = by_number(work.session, ends[-1].data["into"]) if ends else None
        if found is None:
            return issue
        issue = found
    return issue


# --- whether it may be ---


def _may_merge(work: Work, issue: Issue, by: Actor, into: Issue) -> None:
    number, other = short(issue.number), short(into.number)
    if issue is into:
        raise NotAllowed(work.say("refused_merge_itself"))
    if LEADS.isdisjoint(standing.parties(work, into, by)):
        raise NotAllowed(work.say("refused_merge_others", number=other))
    if into.state not in OPEN_STATES:
        raise NotAllowed(work.say("refused_merge_done", number=other))
    if any(one.bypassed or one.delicate for one in (issue, into)):
        raise NotAllowed(work.say("refused_merge_private"))
    if issue.urgent and not into.urgent:
        raise NotAllowed(work.say("refused_merge_urgent", number=number, other=other))
    if rank(issue.level) > rank(into.level):  # what has risen stays risen
        raise NotAllowed(work.say("refused_merge_lower", number=number, other=other))


def _voices(work: Work, issue: Issue) -> Iterator[Voice]:
    yield Voice(issue.reporter, issue.household_id, issue.content)
    for joined in standing.endorsements(work, issue):
        yield Voice(joined.userid, joined.household_id, joined.content)


# --- what becomes of both ---


def _brought(work: Work, issue: Issue) -> dict[str, list[int]]:
    """Who has brought which photos and voices; the files go along."""
    if not tell.materials(work, issue):
        return {}
    found: dict[str, list[int]] = {}
    for event in events.of(work.session, issue.id):
        who = str(event.data.get("joined") or event.actor)
        found.setdefault(who, []).extend(event.data.get("attachments", ()))
    return found


def _join(
    work: Work, into: Issue, by: Actor, voice: Voice, told: dict[str, Any], attachments: list[int]
) -> None:
    """He has joined from now on; the words of one who has a part in it already are added."""
    own = standing.endorsement(work, into, voice.userid)
    kind: str = Action.SUPPLEMENT
    if voice.userid == into.reporter:
        into.content = f"{into.content}\n{voice.content}"
    elif own:
        own.content = f"{own.content}\n{voice.content}"
    else:
        kind = Action.ENDORSE
        work.added(
            Endorsement(
                issue_id=into.id,
                userid=voice.userid,
                household_id=voice.household,
                content=voice.content,
                joined_at=work.now,
            )
        )
    data: dict[str, Any] = {"joined": voice.userid, "household": voice.household, **told}
    if attachments:
        data["attachments"] = attachments
        moved = update(Attachment).where(Attachment.id.in_(attachments))
        work.session.execute(moved.values(issue_id=into.id))
        work.forget(into, Attachment)
    events.record(work, into, by, Change(kind, into.state, voice.content, data))


def _take_promise(work: Work, into: Issue, issue: Issue) -> dict[str, Any]:
    """Nobody waits longer than he was promised; what the event has to tell of it, so that 拆开 can
    put it back."""
    if issue.due_at >= into.due_at:
        return {}
    was = {"was_due": into.due_at.isoformat(), "was_promised": into.promised_at.isoformat()}
    into.due_at = issue.due_at
    into.promised_at = min(into.promised_at, issue.promised_at)
    planning.plan(work, into)
    return {**events.promise(into), **was}


def _end(work: Work, issue: Issue) -> None:
    issue.closed_at = work.now
    issue.next_mark_at = issue.next_nudge_at = issue.suspended_until = None
    issue.wanted, issue.wanted_data = None, {}


# --- who is told ---


def _tell(work: Work, issue: Issue, by: Actor, into: Issue, voices: list[Voice], seq: int) -> None:
    what = f"m{issue.id}e{seq}"
    key = "merged" if into.due_at > work.now else "merged_late"
    work.store()
    for voice in voices:
        outbox.supersede(work.session, guards.about(issue.id), [voice.userid])
        notice = wording.notice(work, into, key, was=issue.number)
        tell.later(work, into, voice.userid, f"{what}:merged", notice)
    _tell_staff(work, issue, by, into, what)


def _tell_staff(work: Work, issue: Issue, by: Actor, into: Issue, what: str) -> None:
    """Whoever had it, and who was asked to help, has nothing more to do with that number; whoever
    has the other one has more to do."""
    away = wording.notice(work, into, "merged_away", was=issue.number)
    waiting = [a.person_id for a in standing.assists(work, issue) if a.answered_at is None]
    former = {userid_of(work.town.by_id(key)) for key in (issue.holder_id, *waiting)}
    holder = userid_of(work.holder(into))
    for userid in sorted(former - {by.userid.lower(), holder, ""}):
        tell.later(work, into, userid, f"{what}:away", away)
    if holder and holder != by.userid.lower():
        count = len(standing.endorsements(work, into)) + 1
        notice = wording.notice(work, into, "merged_in", was=issue.number, count=count)
        tell.later(work, into, holder, f"{what}:in", notice)
