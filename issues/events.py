"""The append-only memory of an issue: every change a row, chained by hash (domain.md §5).

Everything else about an issue can be recomputed from here; nothing ever changes or deletes a row.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from issues.work import Work
from rules.words import Action
from storage.objects import add_object, add_row
from storage.tables import Event, Issue


@dataclass(frozen=True)
class Actor:
    """Who acts: a WeCom userid with the role of that moment, through which channel."""

    userid: str
    role: str
    channel: str
    person_id: int | None = None
    behalf: str = ""


CLOCK = Actor(userid="", role="clock", channel="clock")


@dataclass(frozen=True)
class Change:
    """What happened: the kind is an Action's value or one of opened, mark, nudge, closed, told."""

    kind: str
    before: str = ""
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Link:
    """What is remembered of a change, chained to the event before it."""

    seq: int
    at: datetime
    kind: str
    actor: str
    role: str
    behalf: str
    channel: str
    reason: str
    before: str
    after: str
    data: dict[str, Any]
    previous: str
    hash: str = ""


def record(work: Work, issue: Issue, by: Actor, change: Change) -> Link:
    """Append one event; the issue carries its new state already. A delegate acts on behalf of the
    one who is away.

    The issue keeps the last link: whoever has read an older one cannot append (StaleDataError).
    """
    work.look(issue)
    link = _linked(work, issue, by, change)
    work.session.flush()
    add_row(work.session, Event, {"issue_id": issue.id, **vars(link)})
    return link


def begin(work: Work, issue: Issue, by: Actor, change: Change) -> None:
    """Store a new issue together with its first event."""
    link = _linked(work, issue, by, change)
    add_object(work.session, issue)
    add_row(work.session, Event, {"issue_id": issue.id, **vars(link)})
    work.brand_new(issue)


def _linked(work: Work, issue: Issue, by: Actor, change: Change) -> Link:
    """The next link of the issue's chain, which the issue knows from now on."""
    behalf = by.behalf
    if issue.behalf_id and by.person_id == issue.holder_id:
        absent = work.town.by_id(issue.behalf_id)
        behalf = absent.userid if absent else ""
    link = Link(
        seq=issue.last_seq + 1,
        at=work.now,
        kind=change.kind,
        actor=by.userid,
        role=by.role,
        behalf=behalf,
        channel=by.channel,
        reason=change.reason,
        before=change.before,
        after=issue.state,
        data=change.data,
        previous=issue.last_hash,
    )
    link.hash = digest(link, issue.number)
    issue.last_seq, issue.last_hash = link.seq, link.hash
    return link


def where(work: Work, issue: Issue) -> dict[str, Any]:
    """Whom it is with, for the event of whatever has moved it."""
    holder, lead = work.holder(issue), work.lead(issue)
    return {
        "holder": holder.userid if holder else "",
        "level": issue.level,
        "lead": lead.path if lead else "",
    }


def promise(issue: Issue) -> dict[str, Any]:
    """The tier and the date, for the event of whatever has changed them."""
    return {"tier": issue.tier, "due_at": issue.due_at.isoformat()}


def moment(text: str) -> datetime:
    """A moment as the data of an event has it."""
    return datetime.fromisoformat(text)


def first(work: Work, issue: Issue) -> Event:
    """How it began: who got it first, among other things."""
    found = select(Event).where(Event.issue_id == issue.id, Event.seq == 1)
    return work.session.scalars(found).one()


def last_reason(work: Work, issue: Issue, action: Action) -> str:
    said = [e.reason for e in of(work.session, issue.id) if e.kind == action]
    return said[-1] if said else ""


def digest(event: Event | Link, number: str) -> str:
    """SHA-256 over the issue's number, the row and the hash before it."""
    row = [
        number,
        event.seq,
        event.at.astimezone(UTC).isoformat(),
        event.kind,
        event.actor,
        event.role,
        event.behalf,
        event.channel,
        event.reason,
        event.before,
        event.after,
        event.data,
        event.previous,
    ]
    canonical = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def of(session: Session, issue_id: int) -> list[Event]:
    """All events of an issue, oldest first."""
    return list(
        session.scalars(select(Event).where(Event.issue_id == issue_id).order_by(Event.seq))
    )


def broken_link(session: Session, issue: Issue) -> int | None:
    """The sequence number of the first event that does not fit the chain; None if all is well."""
    previous = ""
    for seq, event in enumerate(of(session, issue.id), start=1):
        if (event.seq, event.previous, event.hash) != (seq, previous, digest(event, issue.number)):
            return seq
        previous = event.hash
    return None
