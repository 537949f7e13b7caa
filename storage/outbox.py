"""The outbox: what has to be told, to whom, from when; the only home of delivery state.

The fact and the notice it causes are one transaction; a unique key makes every notice idempotent.
Rows are claimed with a lease, sent with no session open, then marked. Channels do the sending, and
what a notice is about, and when it is not worth telling any more, is said by whoever claims.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    Integer,
    Row,
    Select,
    Table,
    bindparam,
    distinct,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session

from rules.quiet import Slot
from storage.db import insert_all_new, insert_new, one_at_a_time
from storage.notice import Notice
from storage.tables import UNSETTLED, Outbox, state_is

log = logging.getLogger(__name__)

#: A sender that died is taken over after this; longer than connect + read timeouts together.
LEASE = timedelta(minutes=2)
#: So many rows of either kind are looked at in one claim, however many are due.
CLAIM_ROWS = 200
#: Pages that hold nobody but those who had their digest already are passed over, so many at most.
PASSED_OVER = 25
#: How long a target that is at its limit rests, and the window the limit speaks of.
WINDOW = timedelta(minutes=1)
REST = timedelta(seconds=15)
#: Messages a minute for a channel that says nothing.
USUAL_LIMIT = 20
#: Waits between attempts; the last one is repeated for as long as it takes.
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))


class Doubt(NamedTuple):
    """Whether that target is still to be told about that subject; ``facts``: what was so when it
    was written, as whoever put it has written that behind the guard's name."""

    subject: str
    target: str
    facts: str


#: Of these doubts, those whose notices are not to be told any more.
Guard = Callable[[Session, set[Doubt]], set[Doubt]]


#: Of these subjects, those that are somebody's (a userid) own.
Own = Callable[[Session, str, set[str]], set[str]]


class SendError(Exception):
    """A notice did not leave. ``permanent``: repeating it is of no use for this target."""

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Addressee(NamedTuple):
    """Who gets something by one channel: what a rate limit speaks of."""

    channel: str
    name: str


@dataclass(frozen=True)
class Posting:
    """One row to be written: to whom, by which channel, and when it may leave.

    ``subject`` is what it is about ("issue:17", or "" for nothing that has a name), ``guard`` names
    the rule that may drop it before it leaves (a key of what ``claim`` is given, or ""), with the
    facts that it looks at behind a colon. ``by_night``: leaves in quiet hours as well; so does an
    answer to something just done.
    """

    key: str
    channel: str
    target: str
    notice: Notice
    not_before: datetime
    subject: str = ""
    gather: bool = False
    guard: str = ""
    by_night: bool = False


@dataclass(frozen=True)
class Parcel:
    """The rows that leave as one message; a repeat carries exactly the same rows."""

    batch: str
    channel: str
    target: str
    notices: tuple[Notice, ...]
    tries: int


# --- the statements, built once: the database plans them again, Python does not make them again ---

_TABLE = cast(Table, Outbox.__table__)
_ROW = _TABLE.c
_NOW: BindParameter[datetime] = bindparam("now", type_=_ROW.next_at.type)
_TARGETS: BindParameter[list[str]] = bindparam("targets", expanding=True)
_UNSETTLED = state_is(_ROW.state, *UNSETTLED)
_WAITING = state_is(_ROW.state, "waiting")
#: gathered, but not yet made into one message with the target's others
_LOOSE = (_WAITING, _ROW.batch == literal_column("''"))
#: a message of its own, or one that is made
_READY = (_UNSETTLED, _ROW.batch != literal_column("''"))


def _page_of(*which: Any) -> Select[Any]:
    """The rows of one kind that are due, those that have waited longest first."""
    row = _ROW
    columns = (row.id, row.channel, row.target, row.batch, row.state, row.next_at)
    due = select(*columns, row.subject, row.guard).where(*which, row.next_at <= _NOW)
    page = due.order_by(row.next_at, row.id).limit(bindparam("most", type_=Integer))
    return page.with_for_update(skip_locked=True)


_READY_PAGE, _LOOSE_PAGE = _page_of(*_READY), _page_of(*_LOOSE)
#: What is due while people sleep and rings nobody: as one message, or still to be made into one.
_ASLEEP = tuple(
    update(_TABLE).where(*kind, _ROW.by_night.is_(False), _ROW.next_at <= _NOW)
    for kind in (_READY, _LOOSE)
)
_LOOSE_OF = (
    select(_ROW.id, _ROW.key, _ROW.channel, _ROW.target, _ROW.state, _ROW.next_at)
    .add_columns(_ROW.subject, _ROW.guard)
    # Not only ``_LOOSE``: by target, so the index by target and not the one by time.
    .where(_UNSETTLED, *_LOOSE, _ROW.target.in_(_TARGETS), _ROW.next_at <= _NOW)
    .order_by(_ROW.id)
)
_DIGEST_ON_ITS_WAY = (
    select(_ROW.channel, _ROW.target)
    .where(*_READY, _ROW.target.in_(_TARGETS), _ROW.gather.is_(True))
    .distinct()
)
_DIGEST_SENT = (
    select(_ROW.channel, _ROW.target)
    .where(_ROW.target.in_(_TARGETS), _ROW.sent_at >= bindparam("start"), _ROW.sent_at <= _NOW)
    .where(_ROW.gather.is_(True))
    .distinct()
)
_PUT_OFF = update(_TABLE).where(
    _UNSETTLED,
    *_LOOSE,
    _ROW.channel == bindparam("by"),
    _ROW.target.in_(_TARGETS),
    _ROW.next_at <= _NOW,
)
_ROWS_WAITING = update(_TABLE).where(_ROW.id.in_(bindparam("ids", expanding=True)), _WAITING)
_MAKE_DIGEST = update(_TABLE).where(_ROW.id == bindparam("row"), *_LOOSE)
_MESSAGES = select(_ROW.channel, _ROW.target, func.count(distinct(_ROW.batch)).label("count"))
_SENT_LATELY = (
    _MESSAGES.where(_ROW.target.in_(_TARGETS))
    .where(_ROW.sent_at > bindparam("since"), _ROW.sent_at <= _NOW)
    .group_by(_ROW.channel, _ROW.target)
)
_BEING_SENT = (
    _MESSAGES.where(_UNSETTLED, state_is(_ROW.state, "sending"))
    .where(_ROW.target.in_(_TARGETS), _ROW.next_at > _NOW)
    .group_by(_ROW.channel, _ROW.target)
)
_OF_BATCH = update(_TABLE).where(*_READY, _ROW.batch == bindparam("which"))
_TAKE = (
    update(_TABLE)
    .where(*_READY, _ROW.batch.in_(bindparam("batches", expanding=True)))
    .values(state=literal_column("'sending'"), tries=_ROW.tries + 1)
    .returning(_ROW.id, _ROW.batch, _ROW.channel, _ROW.target, _ROW.notice, _ROW.tries)
)
_DEAD_OF = (
    select(_ROW.subject, _ROW.notice)
    .where(state_is(_ROW.state, "dead"), _ROW.batch == bindparam("which"))
    .where(_ROW.subject != literal_column("''"))
    .order_by(_ROW.id)
)
_WAITING_FOR = update(_TABLE).where(
    _UNSETTLED,
    _WAITING,
    _ROW.target == bindparam("whom"),
    _ROW.channel == bindparam("by"),
)
_SUBJECTS_OF = (
    select(_ROW.subject)
    .where(_UNSETTLED, _WAITING, _ROW.target == bindparam("whom"))
    .where(_ROW.channel == bindparam("by"), _ROW.subject != literal_column("''"))
    .distinct()
)
_SUPERSEDED = update(_TABLE).where(
    _UNSETTLED, *_LOOSE, _ROW.target.in_(_TARGETS), _ROW.subject == bindparam("about")
)
_TAKEN_BACK = update(_TABLE).where(
    _UNSETTLED, _WAITING, _ROW.target == bindparam("whom"), _ROW.subject == bindparam("about")
)
_UNSENT = update(_TABLE).where(
    _UNSETTLED,
    _WAITING,
    _ROW.target.in_(_TARGETS),
    _ROW.subject == bindparam("about"),
    _ROW.channel == bindparam("by"),
    _ROW.key.contains(bindparam("part")),
)
_NOT_CLAIMED = update(_TABLE).where(_UNSETTLED, _WAITING, _ROW.key == bindparam("which"))
_OVERTAKEN = _SUPERSEDED.where(_ROW.guard != literal_column("''"))
_TOLD_SINCE = (
    select(_ROW.key, _ROW.target, _ROW.state, _ROW.next_at, _ROW.sent_at)
    .where(_ROW.target.in_(_TARGETS), _ROW.created_at >= bindparam("since"))
    .where(_ROW.channel == bindparam("by"), _ROW.subject == bindparam("about"))
    .order_by(_ROW.id)
)
_GOT = (
    select(_ROW.subject, _ROW.state, _ROW.tries, _ROW.next_at, _ROW.sent_at)
    .where(_ROW.target == bindparam("whom"), _ROW.created_at >= bindparam("since"))
    .where(_ROW.channel == bindparam("by"), _ROW.key.contains(bindparam("part")))
    .order_by(_ROW.id)
)
_OF_KEY = select(_ROW.state, _ROW.next_at, _ROW.sent_at).where(_ROW.key == bindparam("which"))
_PUT_SINCE = (
    select(_ROW.id)
    .where(_ROW.target == bindparam("whom"), _ROW.created_at > bindparam("since"))
    .where(_ROW.channel == bindparam("by"), _ROW.key.contains(bindparam("part")))
    .limit(bindparam("most", type_=Integer))
)
_DUE = select(
    select(_ROW.id).where(*_READY, _ROW.next_at <= _NOW).exists()
    | select(_ROW.id).where(*_LOOSE, _ROW.next_at <= _NOW).exists()
)


# --- putting ---


def put(session: Session, posting: Posting, now: datetime) -> bool:
    """Store one notice; False if one with the same key is there already."""
    return insert_new(session, Outbox, _values(posting, now))


def put_all(session: Session, postings: Iterable[Posting], now: datetime) -> None:
    """Store several notices at once; those whose key is there already are left as they are."""
    insert_all_new(session, Outbox, [_values(posting, now) for posting in postings])


def _values(posting: Posting, now: datetime) -> dict[str, Any]:
    return {
        "key": posting.key,
        "channel": posting.channel,
        "target": posting.target,
        "subject": posting.subject,
        "guard": posting.guard,
        "gather": posting.gather,
        "by_night": posting.by_night or posting.notice.again,
        "notice": posting.notice.to_dict(),
        "state": "waiting",
        "batch": "" if posting.gather else posting.key,
        "next_at": posting.not_before,
        "tries": 0,
        "created_at": now,
        "error": "",
        "receipt": {},
    }


def supersede(session: Session, subject: str, targets: Iterable[str]) -> None:
    """Drop what still waits for a slot about that subject: something newer says it all."""
    _run(session, _SUPERSEDED, about=subject, targets=sorted(targets), state="dropped")


def overtake(session: Session, subject: str, targets: Iterable[str]) -> None:
    """Drop of that only what a later change makes worthless: what had to be still so anyway."""
    _run(session, _OVERTAKEN, about=subject, targets=sorted(targets), state="dropped")


class Delivered(NamedTuple):
    """What has become of a notice: waiting, sending, sent, dropped or dead; ``sent_at`` only once
    it was sent, ``next_at`` when it may leave or was last tried."""

    key: str
    target: str
    state: str
    next_at: datetime
    sent_at: datetime | None


def deliveries(
    session: Session, channel: str, targets: Iterable[str], subject: str, since: datetime
) -> list[Delivered]:
    """What was put for these targets about that subject since then, the oldest first."""
    given = {"by": channel, "targets": sorted(targets), "about": subject, "since": since}
    return [Delivered(*row) for row in _run(session, _TOLD_SINCE, **given)]


def delivered(
    session: Session, to: Addressee, part: str, since: datetime, now: datetime
) -> dict[str, datetime]:
    """By subject, when the latest notice with ``part`` in its key that was put since then reached a
    target; what leaves at this very moment and has not failed yet counts as there."""
    given = {"by": to.channel, "whom": to.name, "part": part, "since": since}
    got = {}
    for row in _run(session, _GOT, **given):
        leaves = row.state == "waiting" and not row.tries and row.next_at <= now
        if row.sent_at or leaves:
            got[row.subject] = row.sent_at or row.next_at
    return got


def delivery(session: Session, key: str, target: str) -> Delivered | None:
    """What has become of the notice with that key."""
    row = _run(session, _OF_KEY, which=key).first()
    return Delivered(key, target, *row) if row else None


def put_anew(session: Session, posting: Posting) -> bool:
    """What has not left yet leaves in these words and at this moment; False if it is gone."""
    values = {"notice": posting.notice.to_dict(), "next_at": posting.not_before}
    changed = _NOT_CLAIMED.values(**values).returning(_ROW.id)
    return session.execute(changed, {"which": posting.key}).first() is not None


def take_back(session: Session, subject: str, target: str) -> None:
    """Drop all that waits about that subject, cards as well: it is not for him any more."""
    _run(session, _TAKEN_BACK, about=subject, whom=target, state="dropped")


def drop_waiting(
    session: Session, subject: str, channel: str, targets: list[str], part: str
) -> None:
    """Drop what has not left yet about that subject and has ``part`` in its key: the same is about
    to be told again."""
    found = {"about": subject, "by": channel, "targets": targets, "part": part}
    _run(session, _UNSENT, **found, state="dropped")


def forget(session: Session, channel: str, target: str, own: Own) -> None:
    """Drop what waits for somebody who has left, but for news of his ``own`` subjects: those are
    tried, and listed when they do not arrive."""
    found = _run(session, _SUBJECTS_OF, whom=target, by=channel)
    spared = own(session, target, {row.subject for row in found})
    others = _WAITING_FOR.where(_ROW.subject.not_in(bindparam("spared", expanding=True)))
    _run(session, others, whom=target, by=channel, spared=sorted(spared), state="dropped")


def readdress(session: Session, channel: str, target: str, new: str) -> None:
    """What waits for somebody leaves for the new account."""
    _run(session, _WAITING_FOR, whom=target, by=channel, target=new)


def put_since(session: Session, to: Addressee, part: str, since: datetime, most: int) -> int:
    """How many notices with ``part`` in their key were put for a target; counts to ``most``."""
    wanted = {"whom": to.name, "by": to.channel, "part": part, "since": since, "most": most}
    return len(_run(session, _PUT_SINCE, **wanted).all())


# --- claiming ---


def due(session: Session, now: datetime) -> bool:
    """Whether a claim would find anything: asked every second, and seldom true."""
    return bool(_run(session, _DUE, now=now).scalar())


def claim(
    session: Session,
    now: datetime,
    limits: Mapping[str, int],
    guards: Mapping[str, Guard],
    *,
    hold_gathered: bool = False,
    slot: Slot | None = None,
    wake: datetime | None = None,
) -> list[Parcel]:
    """Lease what may leave now; ``limits`` are messages a minute and target, by channel.

    ``guards`` say what is not worth telling any more; a row with another one, of which nobody knows
    whether it may be told, is dead.
    ``hold_gathered`` leaves digests for later: while a mark is still due, so that a person gets one
    after a stop and not one for each mark, or while people are asleep. Who has had the digest of
    this ``slot`` gets the rest with the next one. ``wake``: people sleep until then, and what
    rings nobody waits, also what a retry or a stop has kept for the night. Costs the same whatever
    the number of rows.
    """
    one_at_a_time(session, "outbox.claim")
    if wake:
        for kind in _ASLEEP:
            _run(session, kind, now=now, next_at=wake)
    rows = _without_dropped(session, _page(session, _READY_PAGE, now), guards)
    waiting = [_Waiting(row.next_at, row.id, _to(row), row.batch) for row in rows]
    if not hold_gathered:
        waiting += _digests(session, now, guards, slot)
    batches: dict[Addressee, dict[str, None]] = {}
    for one in sorted(waiting):
        batches.setdefault(one.to, {})[one.batch] = None
    return _lease(session, {to: list(of) for to, of in batches.items()}, now, limits)


class _Waiting(NamedTuple):
    """A message in the order in which it is its turn."""

    next_at: datetime
    row: int
    to: Addressee
    batch: str


def _to(row: Row[Any]) -> Addressee:
    return Addressee(row.channel, row.target)


def _run(session: Session, statement: Any, **values: Any) -> Any:
    """Past the session, which would look for objects; the transaction is the same."""
    return session.connection().execute(statement, values)


def _page(session: Session, which: Select[Any], now: datetime) -> Sequence[Row[Any]]:
    found: Sequence[Row[Any]] = _run(session, which, now=now, most=CLAIM_ROWS).all()
    return found


def _without_dropped(
    session: Session, rows: Sequence[Row[Any]], guards: Mapping[str, Guard]
) -> list[Row[Any]]:
    """Drop what is not worth telling any more; what is on its way is repeated as it is."""
    doubts: dict[str, dict[int, Doubt]] = {}
    for row in rows:
        if row.guard and row.state == "waiting":
            name, _, facts = row.guard.partition(":")
            doubts.setdefault(name, {})[row.id] = Doubt(row.subject, row.target, facts)
    unknown = [row for row in rows if row.id in _under(doubts, doubts.keys() - guards.keys())]
    dropped: set[int] = set()
    for name in doubts.keys() & guards.keys():
        over = guards[name](session, set(doubts[name].values()))
        dropped |= {key for key, doubt in doubts[name].items() if doubt in over}
    if dropped:
        _run(session, _ROWS_WAITING, ids=sorted(dropped), state="dropped")
    _give_up(session, unknown)
    gone = dropped.union(row.id for row in unknown)
    return [row for row in rows if row.id not in gone]


def _under(doubts: Mapping[str, Mapping[int, Doubt]], names: Iterable[str]) -> set[int]:
    return {key for name in names for key in doubts[name]}


def _give_up(session: Session, unknown: Sequence[Row[Any]]) -> None:
    """These can neither be told nor dropped unasked, and must not keep the others waiting."""
    for name in sorted({row.guard.partition(":")[0] for row in unknown}):
        ids = [row.id for row in unknown if row.guard.partition(":")[0] == name]
        error = f"unknown guard {name}: no system has given such a rule"
        log.error("outbox rows %s are dead: %s", ids, error)
        _run(session, _ROWS_WAITING, ids=ids, state="dead", error=error)


def _digests(
    session: Session, now: datetime, guards: Mapping[str, Guard], slot: Slot | None
) -> list[_Waiting]:
    """Give all due gathered rows of one target a common batch, also those beyond the page."""
    targets = _whose_turn(session, now, slot)
    if not targets:
        return []
    found = _run(session, _LOOSE_OF, targets=_names(targets), now=now).all()
    loose = [row for row in found if _to(row) in targets]
    first: dict[Addressee, _Waiting] = {}
    made = []
    for row in _without_dropped(session, loose, guards):
        digest = _Waiting(row.next_at, row.id, _to(row), f"digest:{row.key}")
        batch = first.setdefault(digest.to, digest).batch
        made.append({"row": row.id, "batch": batch})
    if made:
        session.connection().execute(_MAKE_DIGEST, made)
    return list(first.values())


def _whose_turn(session: Session, now: datetime, slot: Slot | None) -> set[Addressee]:
    """Who has gathered rows that are due and no digest in this slot yet."""
    for _ in range(PASSED_OVER):
        targets = {_to(row) for row in _page(session, _LOOSE_PAGE, now)}
        if not targets or not slot:
            return targets
        late = _had_digest(session, targets, now, slot)
        _put_off(session, late, now, slot.end)
        if targets - late:
            return targets - late
    return set()


def _put_off(session: Session, late: set[Addressee], now: datetime, until: datetime) -> None:
    for channel in {to.channel for to in late}:
        names = _names(to for to in late if to.channel == channel)
        _run(session, _PUT_OFF, by=channel, targets=names, now=now, next_at=until)


def _had_digest(
    session: Session, targets: set[Addressee], now: datetime, slot: Slot
) -> set[Addressee]:
    names = _names(targets)
    coming = _run(session, _DIGEST_ON_ITS_WAY, targets=names).all()
    came = _run(session, _DIGEST_SENT, targets=names, start=slot.start, now=now).all()
    return {_to(row) for row in (*coming, *came)} & targets


def _names(targets: Iterable[Addressee]) -> list[str]:
    return sorted({to.name for to in targets})


def _lease(
    session: Session,
    batches: Mapping[Addressee, list[str]],
    now: datetime,
    limits: Mapping[str, int],
) -> list[Parcel]:
    if not batches:
        return []
    lately = _lately(session, batches, now)
    taken, resting = [], []
    for to, waiting in batches.items():
        room = max(limits.get(to.channel, USUAL_LIMIT) - lately.get(to, 0), 0)
        taken += waiting[:room]
        resting += waiting[room:]
    if resting:
        values = {"state": "waiting", "next_at": now + REST}
        session.connection().execute(_OF_BATCH, [{"which": b, **values} for b in resting])
    return _parcels(session, taken, now) if taken else []


def _lately(session: Session, targets: Iterable[Addressee], now: datetime) -> dict[Addressee, int]:
    """How many messages each target got in the last minute, or is just getting.

    What `tick --at` has sent as at a later time does not count.
    """
    names = _names(targets)
    lately: dict[Addressee, int] = {}
    got = _run(session, _SENT_LATELY, targets=names, since=now - WINDOW, now=now).all()
    for row in (*got, *_run(session, _BEING_SENT, targets=names, now=now).all()):
        lately[_to(row)] = lately.get(_to(row), 0) + row[-1]
    return lately


def _parcels(session: Session, batches: list[str], now: datetime) -> list[Parcel]:
    found = _run(session, _TAKE, batches=batches, next_at=now + LEASE).all()
    rows: dict[str, list[Row[Any]]] = {batch: [] for batch in batches}
    for row in sorted(found, key=lambda row: row.id):
        rows[row.batch].append(row)
    return [_parcel(batch, together) for batch, together in rows.items() if together]


def _parcel(batch: str, rows: list[Row[Any]]) -> Parcel:
    first = rows[0]
    notices = tuple(Notice.from_dict(row.notice) for row in rows)
    return Parcel(batch, first.channel, first.target, notices, first.tries)


# --- what became of it ---


def sent(session: Session, parcel: Parcel, now: datetime, receipt: dict[str, str]) -> None:
    """The channel took it."""
    values = {"state": "sent", "sent_at": now, "receipt": receipt, "error": ""}
    _run(session, _OF_BATCH, which=parcel.batch, **values)


def failed(session: Session, parcel: Parcel, now: datetime, error: SendError) -> bool:
    """Not sent: later again, or never (True) when the error is permanent."""
    said = {"which": parcel.batch, "error": str(error)}
    if error.permanent:
        _run(session, _OF_BATCH, **said, state="dead")
        return True
    wait = WAITS[min(parcel.tries, len(WAITS)) - 1]
    if error.retry_after is not None:
        wait = timedelta(seconds=error.retry_after)
    _run(session, _OF_BATCH, **said, state="waiting", next_at=now + wait)
    return False


def texts(session: Session, parcel: Parcel) -> dict[str, str]:
    """What a parcel that can never be delivered would have told, by subject; cards are their text,
    which says the same."""
    told: dict[str, list[str]] = {}
    for row in _run(session, _DEAD_OF, which=parcel.batch):
        told.setdefault(row.subject, []).append(Notice.from_dict(row.notice).text)
    return {subject: "\n".join(said) for subject, said in told.items()}
