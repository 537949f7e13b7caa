"""The outbox: what has to be told, to whom, from when; the only home of delivery state.

The fact and the notice it causes are one transaction; a unique key makes every notice idempotent.
Rows are claimed with a lease, sent with no session open, then marked. Channels do the sending, and
what a notice is about, and when it is not worth telling any more, is said by whoever claims.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    Integer,
    Row,
    Select,
    Table,
    bindparam,
    case,
    distinct,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from rules.quiet import Slot
from storage import circuits
from storage.db import insert_all_new, insert_new, one_at_a_time
from storage.notice import Notice
from storage.tables import UNSETTLED, Outbox, state_is

log = logging.getLogger(__name__)

#: A sender that died is taken over after this; longer than the longest that one message can take
#: (scheduler/outgoing.py has the sum, a test compares them).
LEASE = timedelta(minutes=3)
#: So many rows are looked at in one step of a claim, however many are due; fewer when less is
#: wanted, since a message is seldom made of more rows than these.
CLAIM_ROWS = 200
ROWS_A_MESSAGE = 4
#: Pages of which nothing may leave (had their digest, at their limit, dropped) are passed over, so
#: many at most.
PASSED_OVER = 25
#: So many rows are made into digests in one claim; what a person has beyond that comes with the
#: next digest.
DIGEST_ROWS = 400
#: The shortest time for which the platform is asked not to deliver the same request twice: its
#: longest, less what makes the requests of different messages differ (channels/app).
#: What may have arrived longer ago is not sent again unasked.
NO_DUPLICATES = timedelta(seconds=14400 - 900)
#: How long a target that is at its limit rests, and the window the limit speaks of.
WINDOW = timedelta(minutes=1)
REST = timedelta(seconds=15)
#: What should have left this long ago is late, and stays so through the night.
LATE = timedelta(hours=1)
#: No attempt puts a message off for longer.
FAR = timedelta(hours=2)
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


class Precedence(IntEnum):
    """What leaves first, whatever waits behind it."""

    URGENT = 0  #: an emergency rings
    ANSWER = 1  #: to what somebody has just said or done
    CARD = 2  #: a new issue reaches its holder
    OTHER = 3  #: results, reminders, digests


class SendError(Exception):
    """A notice did not leave. ``permanent``: repeating it is of no use for this target.

    ``blocks``: the way itself is shut, for everybody; the waits in seconds after which one message
    tries it again. ``unknown``: it may have arrived all the same, there was no answer.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        blocks: Sequence[float] = (),
        unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.blocks = tuple(blocks)
        self.unknown = unknown


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
    answer to something just done. What is gathered has no precedence over anything.
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
    precedence: Precedence = Precedence.OTHER


@dataclass(frozen=True)
class Parcel:
    """The rows that leave as one message; a repeat carries exactly the same rows.

    ``number`` is the first row's, ``half_sent_at`` since when it may have arrived before this
    attempt. ``trial``: the one message that finds out whether its channel is open again.
    ``prepared``: what its channel has made for an earlier attempt, to be used again.
    """

    batch: str
    channel: str
    target: str
    notices: tuple[Notice, ...]
    tries: int
    number: int = 0
    precedence: Precedence = Precedence.OTHER
    half_sent_at: datetime | None = None
    trial: bool = False
    prepared: Mapping[str, str] = field(default_factory=dict)


# --- the statements, built once: the database plans them again, Python does not make them again ---

_TABLE = cast(Table, Outbox.__table__)
_ROW = _TABLE.c
_NOW: BindParameter[datetime] = bindparam("now", type_=_ROW.next_at.type)
_TARGETS: BindParameter[list[str]] = bindparam("targets", expanding=True)
#: channels by which nothing leaves now
_SHUT: BindParameter[list[str]] = bindparam("shut", expanding=True)
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
    due = select(*columns, row.subject, row.guard, row.by_night, row.half_sent_at)
    due = due.where(*which, row.next_at <= _NOW, row.channel.not_in(_SHUT))
    page = due.order_by(row.next_at, row.id).limit(bindparam("most", type_=Integer))
    return page.with_for_update(skip_locked=True)


#: One statement for each, since only an equal precedence leaves the index in the order of time.
_READY_PAGES = {
    one: _page_of(*_READY, _ROW.precedence == literal_column(str(int(one)))) for one in Precedence
}
_LOOSE_PAGE = _page_of(*_LOOSE)
#: What is late already stays late, whatever it has to wait for besides.
_LATER = (
    update(_TABLE)
    .where(_ROW.id.in_(bindparam("ids", expanding=True)), _UNSETTLED)
    .values(
        state=literal_column("'waiting'"),
        next_at=bindparam("until", type_=_ROW.next_at.type),
        due_at=case(
            (_ROW.due_at < bindparam("late", type_=_ROW.due_at.type), _ROW.due_at),
            else_=bindparam("until", type_=_ROW.next_at.type),
        ),
    )
)
_LOOSE_OF = (
    select(_ROW.id, _ROW.key, _ROW.channel, _ROW.target, _ROW.state, _ROW.next_at)
    .add_columns(_ROW.subject, _ROW.guard, _ROW.half_sent_at)
    .where(*_LOOSE, _ROW.target.in_(_TARGETS), _ROW.next_at <= _NOW, _ROW.channel.not_in(_SHUT))
    .order_by(_ROW.target, _ROW.next_at, _ROW.id)
    .limit(bindparam("most", type_=Integer))
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
    .values(
        state=literal_column("'sending'"),
        tries=_ROW.tries + 1,
        half_sent_at=func.coalesce(_ROW.half_sent_at, _NOW),
    )
    .returning(_ROW.id, _ROW.batch, _ROW.channel, _ROW.target, _ROW.notice, _ROW.tries)
    .returning(_ROW.precedence, _ROW.half_sent_at, _ROW.receipt)
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
#: A message that did not leave and did not count as a try: in line again where it stood.
_UNTRIED = _OF_BATCH.values(
    state=literal_column("'waiting'"),
    tries=_ROW.tries - 1,
    next_at=func.coalesce(_ROW.due_at, _ROW.next_at),
)


_OUT_OF_TIME = (
    _UNSETTLED,
    _ROW.precedence.in_([literal_column(str(int(one))) for one in Precedence]),
    _ROW.due_at <= _NOW,
    _ROW.next_at > bindparam("far", type_=_ROW.next_at.type),
)
_ASTRAY = update(_TABLE).where(*_OUT_OF_TIME)
_ANY_ASTRAY = select(select(_ROW.id).where(*_OUT_OF_TIME).exists())


def _any_due(*which: Any, shut: Select[Any] = circuits.SHUT) -> Any:
    found = select(_ROW.id).where(*which, _ROW.next_at <= _NOW)
    return found.where(_ROW.channel.not_in(shut)).exists()


_SHUT_FOR = {Precedence.URGENT: circuits.SHUT_FOR_URGENT}
_URGENT_DUE, *_OTHERS_DUE = (
    _any_due(
        *_READY,
        _ROW.precedence == literal_column(str(int(one))),
        shut=_SHUT_FOR.get(one, circuits.SHUT),
    )
    for one in Precedence
)
_DUE = select(or_(_URGENT_DUE, *_OTHERS_DUE, _any_due(*_LOOSE)))
_DUE_URGENT = select(_URGENT_DUE)


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
        "precedence": Precedence.OTHER if posting.gather else posting.precedence,
        "notice": posting.notice.to_dict(),
        "state": "waiting",
        "batch": "" if posting.gather else posting.key,
        "next_at": posting.not_before,
        "due_at": posting.not_before,
        "half_sent_at": None,
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
    target; what leaves at this very moment, and is not kept by a channel that is shut or by a
    failure, counts as there."""
    given = {"by": to.channel, "whom": to.name, "part": part, "since": since}
    rows = _run(session, _GOT, **given).all()
    leaving = [r for r in rows if r.state == "waiting" and not r.tries and r.next_at <= now]
    if leaving and to.channel in {one.channel for one in circuits.open_circuits(session)}:
        leaving = []
    return {r.subject: r.sent_at or r.next_at for r in rows if r.sent_at or r in leaving}


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


def due(session: Session, now: datetime, *, urgent_only: bool = False) -> bool:
    """Whether a claim would find anything: asked every second, and seldom true."""
    asked = _DUE_URGENT if urgent_only else _DUE
    return bool(_run(session, asked, now=now, lately=now - circuits.URGENT_AGAIN).scalar())


def claim(
    session: Session,
    now: datetime,
    limits: Mapping[str, int],
    guards: Mapping[str, Guard],
    *,
    hold_gathered: bool = False,
    slot: Slot | None = None,
    wake: datetime | None = None,
    most: int = CLAIM_ROWS,
    urgent_only: bool = False,
    hold_unsure: bool = True,
) -> list[Parcel]:
    """Lease at ``most`` so many messages that may leave now, in the order of their precedence and
    of the time that they have waited; ``limits`` are messages a minute and target, by channel.

    ``guards`` say what is not worth telling any more; a row with another one, of which nobody knows
    whether it may be told, is dead.
    ``hold_gathered`` leaves digests for later: while a mark is still due, so that a person gets one
    after a stop and not one for each mark, or while people are asleep. Who has had the digest of
    this ``slot`` gets the rest with the next one. ``wake``: people sleep until then, and what
    rings nobody waits, also what a retry or a stop has kept for the night. ``hold_unsure``: what
    may have arrived so long ago that the platform would deliver it twice waits for a person.
    Costs the same whatever the number of rows.
    """
    one_at_a_time(session, "outbox.claim")
    taken = _Claim(session, now, limits, guards, most, wake, hold_unsure)
    for precedence in (Precedence.URGENT,) if urgent_only else Precedence:
        taken.add_ready(precedence)
    if wake and not urgent_only:
        taken.put_off_gathered(wake)
    elif not hold_gathered and not urgent_only:
        taken.add_digests(slot)
    return taken.parcels


class _Claim:
    """What one claim has taken so far; each page is leased before the next one is looked at."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        limits: Mapping[str, int],
        guards: Mapping[str, Guard],
        most: int,
        wake: datetime | None,
        hold_unsure: bool,
    ) -> None:
        self.parcels: list[Parcel] = []
        self._session = session
        self._now = now
        self._limits = limits
        self._guards = guards
        self._most = most
        self._wake = wake
        self._hold_unsure = hold_unsure
        ways = circuits.ways(session, now)
        self._ways = ways
        #: channels by which nothing more leaves in this claim, and those that one message tries
        self._shut = set(ways.shut)
        self._on_trial = ways.on_trial | ways.for_urgent
        self._pages = PASSED_OVER

    @property
    def _left(self) -> int:
        return self._most - len(self.parcels)

    @property
    def _rows(self) -> int:
        return min(CLAIM_ROWS, ROWS_A_MESSAGE * self._left)

    def add_ready(self, precedence: Precedence) -> None:
        """Messages of that precedence."""
        if precedence is Precedence.URGENT:
            self._shut -= self._ways.for_urgent
        whole = True
        while whole and self._left > 0 and self._pages > 0:
            self._pages -= 1
            most = self._rows
            rows = self._page(_READY_PAGES[precedence], most)
            whole = len(rows) == most
            self._take(self._sure(self._awake(rows)))
        self._shut |= self._ways.for_urgent

    def put_off_gathered(self, wake: datetime) -> None:
        """A page of what is not yet a message: people sleep."""
        self._later(self._page(_LOOSE_PAGE, CLAIM_ROWS), wake)

    def add_digests(self, slot: Slot | None) -> None:
        """One message for each target of what has been gathered for it."""
        if self._left <= 0:
            return
        targets = self._whose_turn(slot)[: self._left]
        if targets:
            self._lease(self._digests(set(targets)))

    # --- what is looked at ---

    def _page(self, which: Select[Any], most: int) -> Sequence[Row[Any]]:
        given = {"now": self._now, "most": most, "shut": sorted(self._shut)}
        found: Sequence[Row[Any]] = _run(self._session, which, **given).all()
        return found

    def _awake(self, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Those that may leave at this hour; the others wait for the morning."""
        if not self._wake:
            return list(rows)
        self._later([row for row in rows if not row.by_night], self._wake)
        return [row for row in rows if row.by_night]

    def _later(self, rows: Sequence[Row[Any]], until: datetime) -> None:
        if rows:
            ids = [row.id for row in rows]
            _run(self._session, _LATER, ids=ids, until=until, late=self._now - LATE)

    def _sure(self, rows: list[Row[Any]]) -> list[Row[Any]]:
        """Without what may have arrived too long ago to be sent once more unasked."""
        if not self._hold_unsure:
            return rows
        since = self._now - NO_DUPLICATES
        batches = {row.batch for row in rows if row.half_sent_at and row.half_sent_at < since}
        if batches:
            log.error("may have arrived, a person has to say: %s", sorted(batches))
            unsure = [{"which": batch, "state": "unsure"} for batch in sorted(batches)]
            self._session.connection().execute(_OF_BATCH, unsure)
        return [row for row in rows if row.batch not in batches]

    def _take(self, rows: list[Row[Any]]) -> None:
        fresh = _without_dropped(self._session, rows, self._guards)
        self._lease({row.batch: _to(row) for row in fresh})

    # --- digests ---

    def _whose_turn(self, slot: Slot | None) -> list[Addressee]:
        """Who has gathered rows that are due and no digest in this slot yet."""
        for _ in range(self._pages):
            page = self._page(_LOOSE_PAGE, CLAIM_ROWS)
            targets = list(dict.fromkeys(_to(row) for row in page))
            if not targets or not slot:
                return targets
            late = _had_digest(self._session, set(targets), self._now, slot)
            self._later([row for row in page if _to(row) in late], slot.end)
            if set(targets) - late:
                return [to for to in targets if to not in late]
        return []

    def _digests(self, targets: set[Addressee]) -> dict[str, Addressee]:
        """Give the due gathered rows of each target a common batch."""
        given = {"now": self._now, "most": DIGEST_ROWS + 1, "shut": sorted(self._shut)}
        found = _run(self._session, _LOOSE_OF, targets=_names(targets), **given).all()
        rows = [row for row in _whole_targets(found) if _to(row) in targets]
        first: dict[Addressee, str] = {}
        made = []
        fresh = _without_dropped(self._session, rows, self._guards)
        for row in sorted(fresh, key=lambda row: row.id):
            made.append({"row": row.id, "batch": first.setdefault(_to(row), f"digest:{row.key}")})
        if made:
            self._session.connection().execute(_MAKE_DIGEST, made)
        return {batch: to for to, batch in first.items()}

    # --- what is taken ---

    def _lease(self, batches: Mapping[str, Addressee]) -> None:
        """Take what there is room for: in this claim, at its target, on its channel."""
        if not batches:
            return
        lately = _lately(self._session, set(batches.values()), self._now)
        taken: list[str] = []
        resting: list[str] = []
        for batch, to in batches.items():
            if len(taken) == self._left:
                break
            if to.channel in self._shut:
                continue
            got = lately[to] = lately.get(to, 0) + 1
            full = got > self._limits.get(to.channel, USUAL_LIMIT)
            (resting if full else taken).append(batch)
            if not full and to.channel in self._on_trial:
                self._try(to.channel)
        self._rest(resting)
        self.parcels += self._parcels(taken) if taken else []

    def _rest(self, batches: list[str]) -> None:
        """These targets have got enough for the moment."""
        if batches:
            values = {"state": "waiting", "next_at": self._now + REST}
            rest = [{"which": batch, **values} for batch in batches]
            self._session.connection().execute(_OF_BATCH, rest)

    def _try(self, channel: str) -> None:
        """One message finds out; the others wait for what becomes of it."""
        self._shut.add(channel)
        circuits.begin_trial(self._session, channel, self._now, self._now + LEASE)

    def _parcels(self, batches: list[str]) -> list[Parcel]:
        lease = self._now + LEASE
        found = _run(self._session, _TAKE, batches=batches, now=self._now, next_at=lease).all()
        rows: dict[str, list[Row[Any]]] = {batch: [] for batch in batches}
        for row in sorted(found, key=lambda row: row.id):
            rows[row.batch].append(row)
        return [self._parcel(batch, together) for batch, together in rows.items() if together]

    def _parcel(self, batch: str, rows: list[Row[Any]]) -> Parcel:
        first = rows[0]
        return Parcel(
            batch,
            first.channel,
            first.target,
            tuple(Notice.from_dict(row.notice) for row in rows),
            first.tries,
            number=first.id,
            precedence=Precedence(first.precedence),
            half_sent_at=None if first.half_sent_at == self._now else first.half_sent_at,
            trial=first.channel in self._on_trial,
            prepared=first.receipt,
        )


def _to(row: Row[Any]) -> Addressee:
    return Addressee(row.channel, row.target)


def _run(session: Session, statement: Any, **values: Any) -> Any:
    """Past the session, which would look for objects; the transaction is the same."""
    return session.connection().execute(statement, values)


def _whole_targets(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """All rows of the targets that were read to their end; of a single one with more than fit in
    one digest, the first ones."""
    if len(rows) <= DIGEST_ROWS:
        return rows
    whole = [row for row in rows if row.target != rows[-1].target]
    return whole or rows[:DIGEST_ROWS]


def _without_dropped(
    session: Session, rows: Sequence[Row[Any]], guards: Mapping[str, Guard]
) -> list[Row[Any]]:
    """Drop what is not worth telling any more; what may have arrived is repeated as it is, since
    the platform knows a repeat only by the same words."""
    doubts: dict[str, dict[int, Doubt]] = {}
    for row in rows:
        if row.guard and row.half_sent_at is None:
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


def _had_digest(
    session: Session, targets: set[Addressee], now: datetime, slot: Slot
) -> set[Addressee]:
    names = _names(targets)
    coming = _run(session, _DIGEST_ON_ITS_WAY, targets=names).all()
    came = _run(session, _DIGEST_SENT, targets=names, start=slot.start, now=now).all()
    return {_to(row) for row in (*coming, *came)} & targets


def _names(targets: Iterable[Addressee]) -> list[str]:
    return sorted({to.name for to in targets})


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


# --- what became of it ---


def prepared(session: Session, parcel: Parcel, made: Mapping[str, str]) -> None:
    """What its channel has made for it is used again in every repeat."""
    _run(session, _OF_BATCH, which=parcel.batch, receipt=dict(made))


def sent(session: Session, parcel: Parcel, now: datetime, receipt: dict[str, str]) -> None:
    """The channel took it."""
    values = {
        "state": "sent",
        "sent_at": now,
        "receipt": receipt,
        "error": "",
        "half_sent_at": None,
    }
    _run(session, _OF_BATCH, which=parcel.batch, **values)
    if parcel.trial:
        circuits.close(session, parcel.channel)


def failed(session: Session, parcel: Parcel, now: datetime, error: SendError) -> bool:
    """Not sent: later again, or never (True) when the error is permanent. When the way is shut for
    everybody it was no try of its own."""
    sure: dict[str, Any] = {} if error.unknown else {"half_sent_at": parcel.half_sent_at}
    if not error.unknown and parcel.half_sent_at is None:
        sure["receipt"] = {}  # nothing has left that a repeat would have to be equal to
    said = {"which": parcel.batch, "error": str(error), **sure}
    if error.blocks:
        tried = parcel.trial
        circuits.trip(session, parcel.channel, now, error.blocks, str(error), tried=tried)
        _run(session, _UNTRIED, **said)
        return False
    if parcel.trial:
        circuits.close(session, parcel.channel)
    if error.permanent:
        _run(session, _OF_BATCH, **said, state="dead")
        return True
    wait = WAITS[min(parcel.tries, len(WAITS)) - 1]
    if error.retry_after is not None:
        wait = timedelta(seconds=error.retry_after)
    _run(session, _OF_BATCH, **said, state="waiting", next_at=now + wait)
    return False


def set_right(session: Session, now: datetime) -> int:
    """After a clock that was wrong: what should have left long ago and waits for a moment that no
    attempt could have given it may leave now. How many rows."""
    given = {"now": now, "far": now + FAR, "next_at": now, "state": "waiting"}
    return int(_run(session, _ASTRAY, **given).rowcount)


def astray(session: Session, now: datetime) -> bool:
    """Whether set_right() would find anything."""
    return bool(_run(session, _ANY_ASTRAY, now=now, far=now + FAR).scalar())


def give_back(session: Session, parcel: Parcel, now: datetime) -> None:
    """Claimed and not tried: it stands in line again where it stood."""
    _run(session, _UNTRIED, which=parcel.batch, half_sent_at=parcel.half_sent_at)
    if parcel.trial:
        circuits.begin_trial(session, parcel.channel, now, until=now)


def texts(session: Session, parcel: Parcel) -> dict[str, str]:
    """What a parcel that can never be delivered would have told, by subject; cards are their text,
    which says the same."""
    told: dict[str, list[str]] = {}
    for row in _run(session, _DEAD_OF, which=parcel.batch):
        told.setdefault(row.subject, []).append(Notice.from_dict(row.notice).text)
    return {subject: "\n".join(said) for subject, said in told.items()}
