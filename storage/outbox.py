"""The outbox: what has to be told, to whom, from when; the only home of delivery state.

The fact and the notice it causes are one transaction; a unique key makes every notice idempotent.
Rows are claimed with a lease, sent with no session open, then marked. Channels do the sending.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from rules.words import OPEN_STATES
from storage.db import insert_new
from storage.notice import Notice
from storage.tables import Issue, Outbox

#: A sender that died is taken over after this; longer than connect + read timeouts together.
LEASE = timedelta(minutes=2)
CLAIM_ROWS = 200
#: How long a target that is at its limit rests, and the window the limit speaks of.
WINDOW = timedelta(minutes=1)
REST = timedelta(seconds=15)
#: Waits between attempts; the last one is repeated for as long as it takes.
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))


class SendError(Exception):
    """A notice did not leave. ``permanent``: repeating it is of no use for this target."""

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True)
class Posting:
    """One row to be written: to whom, by which channel, and when it may leave."""

    key: str
    channel: str
    target: str
    notice: Notice
    not_before: datetime
    issue_id: int | None = None
    gather: bool = False
    while_open: bool = False


@dataclass(frozen=True)
class Parcel:
    """The rows that leave as one message; a repeat carries exactly the same rows."""

    batch: str
    channel: str
    target: str
    notices: tuple[Notice, ...]
    tries: int
    issue_ids: tuple[int, ...]


def put(session: Session, posting: Posting, now: datetime) -> bool:
    """Store one notice; False if one with the same key is there already."""
    values = {
        "key": posting.key,
        "channel": posting.channel,
        "target": posting.target,
        "issue_id": posting.issue_id,
        "gather": posting.gather,
        "while_open": posting.while_open,
        "notice": posting.notice.to_dict(),
        "state": "waiting",
        "batch": "" if posting.gather else posting.key,
        "next_at": posting.not_before,
        "tries": 0,
        "created_at": now,
        "error": "",
        "receipt": {},
    }
    return insert_new(session, Outbox, values)


def claim(session: Session, now: datetime, limits: Mapping[str, int]) -> list[Parcel]:
    """Lease what may leave now; ``limits`` are messages a minute and target, by channel.

    Gathered rows wait while a mark is still due, so that a person gets one digest after a stop
    and not one for each mark.
    """
    due = [Outbox.state.in_(("waiting", "sending")), Outbox.next_at <= now]
    if _marks_are_due(session, now):
        due.append(or_(Outbox.gather.is_(False), Outbox.batch != ""))
    rows = _pick(session, due)
    _gather(session, rows, now)
    batches = sorted({(r.channel, r.target, r.batch) for r in rows if r.state != "dropped"})
    return [
        parcel
        for (channel, target), same in groupby(batches, key=lambda b: b[:2])
        for parcel in _lease(session, [b for *_, b in same], now, limits.get(channel, 20))
    ]


def sent(session: Session, parcel: Parcel, now: datetime, receipt: dict[str, str]) -> None:
    """The channel took it."""
    _mark(session, parcel, state="sent", sent_at=now, receipt=receipt, error="")


def failed(session: Session, parcel: Parcel, now: datetime, error: SendError) -> bool:
    """Not sent: later again, or never (True) when the error is permanent."""
    if error.permanent:
        _mark(session, parcel, state="dead", error=str(error))
        return True
    wait = WAITS[min(parcel.tries, len(WAITS)) - 1]
    if error.retry_after is not None:
        wait = timedelta(seconds=error.retry_after)
    _mark(session, parcel, state="waiting", next_at=now + wait, error=str(error))
    return False


def _mark(session: Session, parcel: Parcel, **values: object) -> None:
    session.execute(update(Outbox).where(Outbox.batch == parcel.batch).values(**values))


def _marks_are_due(session: Session, now: datetime) -> bool:
    due = or_(Issue.next_mark_at <= now, Issue.next_nudge_at <= now)
    return session.scalar(select(Issue.id).where(due).limit(1)) is not None


def _pick(session: Session, due: Iterable[ColumnElement[bool]]) -> list[Outbox]:
    picked = select(Outbox).where(*due).order_by(Outbox.next_at, Outbox.id).limit(CLAIM_ROWS)
    rows = list(session.scalars(picked.with_for_update(skip_locked=True)))
    closed = _not_open(session, [r for r in rows if r.while_open and r.state == "waiting"])
    for row in rows:
        if row.issue_id in closed and row.while_open:
            row.state = "dropped"
    session.flush()
    return rows


def _not_open(session: Session, rows: list[Outbox]) -> set[int]:
    ids = {row.issue_id for row in rows}
    closed = select(Issue.id).where(Issue.id.in_(ids), Issue.state.not_in(OPEN_STATES))
    return set(session.scalars(closed)) if ids else set()


def _gather(session: Session, rows: list[Outbox], now: datetime) -> None:
    """Give all due gathered rows of one target a common batch, also those beyond the page."""
    targets = {(r.channel, r.target) for r in rows if r.gather and not r.batch}
    for channel, target in sorted(targets):
        loose = select(Outbox).where(
            Outbox.channel == channel,
            Outbox.target == target,
            Outbox.state == "waiting",
            Outbox.batch == "",
            Outbox.next_at <= now,
        )
        together = list(session.scalars(loose.order_by(Outbox.id)))
        closed = _not_open(session, [r for r in together if r.while_open])
        for row in together:
            row.batch = f"digest:{together[0].key}"
            if row.while_open and row.issue_id in closed:
                row.state = "dropped"
    session.flush()


def _lease(session: Session, batches: list[str], now: datetime, limit: int) -> list[Parcel]:
    parcels = [_parcel(session, batch, now) for batch in batches]
    whole = [p for p in parcels if p is not None]
    room = limit - _lately(session, whole[0], now) if whole else 0
    for late in whole[max(room, 0) :]:
        _mark(session, late, state="waiting", next_at=now + REST)
    return whole[: max(room, 0)]


def _parcel(session: Session, batch: str, now: datetime) -> Parcel | None:
    rows = list(
        session.scalars(
            select(Outbox)
            .where(Outbox.batch == batch, Outbox.state.in_(("waiting", "sending")))
            .order_by(Outbox.id)
        )
    )
    if not rows:
        return None
    for row in rows:
        row.state, row.next_at, row.tries = "sending", now + LEASE, row.tries + 1
    session.flush()
    return Parcel(
        batch=batch,
        channel=rows[0].channel,
        target=rows[0].target,
        notices=tuple(Notice.from_dict(row.notice) for row in rows),
        tries=rows[0].tries,
        issue_ids=tuple(row.issue_id for row in rows if row.issue_id is not None),
    )


def _lately(session: Session, parcel: Parcel, now: datetime) -> int:
    """How many messages the target got in the last minute."""
    count = select(func.count(func.distinct(Outbox.batch))).where(
        Outbox.target == parcel.target,
        Outbox.channel == parcel.channel,
        Outbox.state == "sent",
        Outbox.sent_at > now - WINDOW,
    )
    return session.scalar(count) or 0
