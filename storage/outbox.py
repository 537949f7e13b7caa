"""The outbox: what has to be told, to whom, from when; the only home of delivery state.

The fact and the notice it causes are one transaction; a unique key makes every notice idempotent.
Rows are claimed with a lease, sent with no session open, then marked. Channels do the sending.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Update, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from rules.quiet import Slot
from rules.words import OPEN_STATES
from storage.db import insert_new, one_at_a_time
from storage.notice import Notice
from storage.tables import Endorsement, Issue, Outbox

#: A sender that died is taken over after this; longer than connect + read timeouts together.
LEASE = timedelta(minutes=2)
CLAIM_ROWS = 200
#: How long a target that is at its limit rests, and the window the limit speaks of.
WINDOW = timedelta(minutes=1)
REST = timedelta(seconds=15)
#: Messages a minute for a channel that says nothing.
USUAL_LIMIT = 20
#: Waits between attempts; the last one is repeated for as long as it takes.
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))


#: Rows that have still to leave, or are leaving.
UNSETTLED = ("waiting", "sending")


class SendError(Exception):
    """A notice did not leave. ``permanent``: repeating it is of no use for this target."""

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Target(NamedTuple):
    """Who gets something by one channel: what a rate limit speaks of."""

    channel: str
    name: str


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


def supersede(session: Session, issue_id: int, target: str) -> None:
    """Drop what still waits for a slot about that issue: something newer says it all."""
    waiting = update(Outbox).where(
        Outbox.issue_id == issue_id,
        Outbox.target == target,
        Outbox.state == "waiting",
        Outbox.gather.is_(True),
        Outbox.batch == "",
    )
    session.execute(waiting.values(state="dropped"))


def forget(session: Session, channel: str, target: str) -> None:
    """Drop what waits for somebody who has left, but for the news of his own issues: those are
    tried, and listed when they do not arrive."""
    own = select(Issue.id).where(Issue.reporter == target)
    joined = select(Endorsement.issue_id).where(Endorsement.userid == target)
    others = and_(Outbox.issue_id.not_in(own), Outbox.issue_id.not_in(joined))
    waiting = _waiting_for(channel, target).where(or_(Outbox.issue_id.is_(None), others))
    session.execute(waiting.values(state="dropped"))


def readdress(session: Session, channel: str, target: str, new: str) -> None:
    """What waits for somebody leaves for the new account."""
    session.execute(_waiting_for(channel, target).values(target=new))


def _waiting_for(channel: str, target: str) -> Update:
    return update(Outbox).where(
        Outbox.channel == channel, Outbox.target == target, Outbox.state == "waiting"
    )


def claim(
    session: Session,
    now: datetime,
    limits: Mapping[str, int],
    *,
    asleep: bool = False,
    slot: Slot | None = None,
) -> list[Parcel]:
    """Lease what may leave now; ``limits`` are messages a minute and target, by channel.

    Gathered rows wait while a mark is still due, so that a person gets one digest after a stop
    and not one for each mark; and while people are ``asleep``, if a stop has made them miss
    their slot. Who has had the digest of this ``slot`` gets the rest with the next one.
    """
    one_at_a_time(session, "outbox.claim")
    if slot:
        _leave_for_next(session, now, slot)
    due = [Outbox.state.in_(UNSETTLED), Outbox.next_at <= now]
    if asleep or _marks_are_due(session, now):
        due.append(or_(Outbox.gather.is_(False), Outbox.batch != ""))
    rows = _pick(session, due)
    _gather(session, rows, now)
    batches: dict[Target, dict[str, None]] = {}
    for row in rows:
        if row.state != "dropped":
            batches.setdefault(Target(row.channel, row.target), {})[row.batch] = None
    return [
        parcel
        for target, waiting in batches.items()
        for parcel in _lease(session, target, list(waiting), now, limits)
    ]


def sent(session: Session, parcel: Parcel, now: datetime, receipt: dict[str, str]) -> None:
    """The channel took it."""
    _mark(session, parcel.batch, state="sent", sent_at=now, receipt=receipt, error="")


def failed(session: Session, parcel: Parcel, now: datetime, error: SendError) -> bool:
    """Not sent: later again, or never (True) when the error is permanent."""
    if error.permanent:
        _mark(session, parcel.batch, state="dead", error=str(error))
        return True
    wait = WAITS[min(parcel.tries, len(WAITS)) - 1]
    if error.retry_after is not None:
        wait = timedelta(seconds=error.retry_after)
    _mark(session, parcel.batch, state="waiting", next_at=now + wait, error=str(error))
    return False


def texts(session: Session, parcel: Parcel) -> dict[int, str]:
    """What a parcel would have told, by issue; cards are their text, which says the same."""
    rows = session.scalars(
        select(Outbox)
        .where(Outbox.batch == parcel.batch, Outbox.issue_id.is_not(None))
        .where(Outbox.state != "dropped")
        .order_by(Outbox.id)
    )
    told: dict[int, list[str]] = {}
    for row in rows:
        assert row.issue_id is not None  # that is what was asked for
        told.setdefault(row.issue_id, []).append(Notice.from_dict(row.notice).text)
    return {issue_id: "\n".join(said) for issue_id, said in told.items()}


def _mark(session: Session, batch: str, **values: object) -> None:
    unsettled = update(Outbox).where(Outbox.batch == batch, Outbox.state.in_(UNSETTLED))
    session.execute(unsettled.values(**values))


def _marks_are_due(session: Session, now: datetime) -> bool:
    due = or_(Issue.next_mark_at <= now, Issue.next_nudge_at <= now)
    return session.scalar(select(Issue.id).where(due).limit(1)) is not None


def _leave_for_next(session: Session, now: datetime, slot: Slot) -> None:
    """One digest a person and slot: what has become due since then waits."""
    had = aliased(Outbox)
    has_had = (
        select(had.id)
        .where(had.target == Outbox.target, had.channel == Outbox.channel)
        .where(had.gather.is_(True), had.batch != "")
        .where(
            or_(
                had.state.in_(UNSETTLED),
                and_(had.state == "sent", had.sent_at >= slot.start, had.sent_at <= now),
            )
        )
    )
    late = update(Outbox).where(
        Outbox.state == "waiting",
        Outbox.gather.is_(True),
        Outbox.batch == "",
        Outbox.next_at <= now,
        has_had.exists(),
    )
    unread = {"synchronize_session": False}  # nothing of it has been read yet
    session.execute(late.values(next_at=slot.end).execution_options(**unread))


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


def _lease(
    session: Session, to: Target, batches: list[str], now: datetime, limits: Mapping[str, int]
) -> list[Parcel]:
    room = max(limits.get(to.channel, USUAL_LIMIT) - _lately(session, to, now), 0)
    for late in batches[room:]:
        _mark(session, late, state="waiting", next_at=now + REST)
    parcels = [_parcel(session, batch, now) for batch in batches[:room]]
    return [parcel for parcel in parcels if parcel is not None]


def _parcel(session: Session, batch: str, now: datetime) -> Parcel | None:
    rows = list(
        session.scalars(
            select(Outbox)
            .where(Outbox.batch == batch, Outbox.state.in_(UNSETTLED))
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
    )


def _lately(session: Session, to: Target, now: datetime) -> int:
    """How many messages the target got in the last minute, or is just getting.

    What `tick --at` has sent as at a later time does not count.
    """
    count = select(func.count(func.distinct(Outbox.batch))).where(
        Outbox.target == to.name,
        Outbox.channel == to.channel,
        or_(
            and_(Outbox.state == "sent", Outbox.sent_at > now - WINDOW, Outbox.sent_at <= now),
            and_(Outbox.state == "sending", Outbox.next_at > now),
        ),
    )
    return session.scalar(count) or 0
