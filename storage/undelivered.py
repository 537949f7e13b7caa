"""What a person has to look at: notices that can never be delivered (dead), and those that may have
arrived (unsure, 不确定); and how late the outbox is, for whoever watches it.

What a person makes of a row is written down. Why something did not arrive, in words, is said by the
edge, which knows the platform's codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Row,
    Select,
    Table,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    not_,
    select,
    update,
)
from sqlalchemy.orm import Session

from storage.circuits import OpenCircuit, open_circuits
from storage.outbox import Precedence
from storage.tables import UNSETTLED, Outbox, OutboxDecision, state_is

#: States that only a person ends.
HELD = ("dead", "unsure")
#: The beginning of the keys of what tells the admins about these rows: it is not counted itself, or
#: one admin without an account would be reported for ever.
OWN = "undelivered:"

_TABLE = cast(Table, Outbox.__table__)
_ROW = _TABLE.c
#: Two questions, for each state has its own index.
_COUNTS = {
    state: select(func.count()).where(state_is(_ROW.state, state), not_(_ROW.key.startswith(OWN)))
    for state in HELD
}
#: When the oldest of each precedence might have left first.
OLDEST = {
    one: select(func.min(_ROW.due_at)).where(
        state_is(_ROW.state, *UNSETTLED), _ROW.precedence == literal_column(str(int(one)))
    )
    for one in Precedence
}
_MADE_UNSURE = (
    update(_TABLE)
    .where(state_is(_ROW.state, *UNSETTLED))
    .where(_ROW.next_at <= bindparam("now", type_=_ROW.next_at.type))
    .values(state=literal_column("'unsure'"))
)


@dataclass(frozen=True)
class Held:
    """How many notices only a person can end."""

    dead: int = 0
    unsure: int = 0

    def __bool__(self) -> bool:
        return bool(self.dead or self.unsure)


@dataclass(frozen=True)
class Lateness:
    """How the outbox stands: since how long the oldest of what is urgent, and of all, should have
    left (None when nothing is late), what waits for a person, and the channels that are shut."""

    urgent: timedelta | None
    oldest: timedelta | None
    held: Held
    shut: tuple[OpenCircuit, ...]


class UnknownRows(Exception):
    """None of these rows is in a state in which a person can do that; the numbers."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(", ".join(map(str, numbers)))
        self.numbers = tuple(numbers)


def count_held(session: Session) -> Held:
    """How many there are now."""
    return Held(*(session.scalar(_COUNTS[state]) or 0 for state in HELD))


def lateness(session: Session, now: datetime) -> Lateness:
    """Counted from the moment at which a row might have left first, whatever was tried since."""
    due = {one: session.scalar(query) for one, query in OLDEST.items()}
    late = [now - at for at in due.values() if at is not None and at < now]
    first = due[Precedence.URGENT]
    return Lateness(
        urgent=now - first if first is not None and first < now else None,
        oldest=max(late, default=None),
        held=count_held(session),
        shut=tuple(open_circuits(session)),
    )


def key_of_day(day: date, userid: str) -> str:
    """The key under which an admin is told of them on that day."""
    return f"{OWN}{day.isoformat()}:{userid}"


def untold(day: date) -> tuple[Select[int], ...]:
    """Two questions, each of which finds a row as long as no admin has been told for that day."""
    first, last = key_of_day(day, ""), key_of_day(day + timedelta(days=1), "")
    told = select(Outbox.key).where(Outbox.key >= first, Outbox.key < last).exists()
    own = not_(Outbox.key.startswith(OWN))
    return tuple(
        select(Outbox.id).where(state_is(Outbox.state, state), own, not_(told.correlate(None)))
        for state in HELD
    )


def make_unsure(session: Session, since: datetime, now: datetime) -> int:
    """After a restore: what the backup of ``since`` has as waiting, and that was due before
    ``now``, may have left meanwhile. How many rows were made 不确定."""
    said = {"now": now, "error": f"restored {since.isoformat()}"}
    return int(session.connection().execute(_MADE_UNSURE, said).rowcount)


# --- what a person sees and does ---


def listed(session: Session, state: str, most: int) -> list[Outbox]:
    """The rows of a state: dead, unsure, held (either), oldest first; or waiting, in the order in
    which they leave."""
    if state == "waiting":
        waiting = select(Outbox).where(state_is(Outbox.state, *UNSETTLED))
        return list(session.scalars(waiting.order_by(Outbox.precedence, Outbox.due_at).limit(most)))
    found: list[Outbox] = []
    for one in HELD if state == "held" else (state,):  # each has its own index
        rows = select(Outbox).where(state_is(Outbox.state, one))
        # "+ 0", else SQLite walks through the whole table in the order of its key
        found += session.scalars(rows.order_by(Outbox.id + 0).limit(most))
    return sorted(found, key=lambda row: row.id)[:most]


def retry(session: Session, numbers: Sequence[int], account: str, now: datetime) -> list[str]:
    """Send these once more, whatever has become of them before; with each all that leaves in the
    same message. The keys. Raises UnknownRows if one is neither dead nor unsure."""
    rows = _held(session, numbers)
    changed = {"state": "waiting", "next_at": now, "due_at": now, "half_sent_at": None, "tries": 0}
    changed |= {"receipt": {}, "error": ""}
    _decide(session, rows, "retry", account, "", now, changed)
    return [row.key for row in rows]


def drop(
    session: Session, numbers: Sequence[int], account: str, why: str, now: datetime
) -> list[str]:
    """Never send these. The keys. Raises UnknownRows as retry()."""
    rows = _held(session, numbers)
    _decide(session, rows, "drop", account, why, now, {"state": "dropped"})
    return [row.key for row in rows]


def decisions(session: Session, number: int) -> list[OutboxDecision]:
    """What people have made of a row, the oldest first."""
    mine = select(OutboxDecision).where(OutboxDecision.outbox_id == number)
    return list(session.scalars(mine.order_by(OutboxDecision.id)))


def _held(session: Session, numbers: Sequence[int]) -> Sequence[Row[Any]]:
    """The rows, and those that leave as one message with them."""
    columns = (_ROW.id, _ROW.key, _ROW.batch, _ROW.state)
    asked = select(*columns).where(_ROW.id.in_(numbers), _ROW.state.in_(HELD)).with_for_update()
    named = session.connection().execute(asked).all()
    missing = set(numbers) - {row.id for row in named}
    if missing:
        raise UnknownRows(sorted(missing))
    batches = {(row.state, row.batch) for row in named if row.batch}
    whole: dict[int, Any] = {row.id: row for row in named}
    for state, batch in sorted(batches):
        same = select(*columns).where(state_is(_ROW.state, state), _ROW.batch == batch)
        whole.update((row.id, row) for row in session.connection().execute(same))
    return [whole[number] for number in sorted(whole)]


def _decide(
    session: Session,
    rows: Sequence[Row[Any]],
    act: str,
    account: str,
    why: str,
    now: datetime,
    changed: dict[str, Any],
) -> None:
    said = {"at": now, "account": account, "act": act, "why": why}
    noted = [{"outbox_id": row.id, "before": row.state, **said} for row in rows]
    session.connection().execute(insert(OutboxDecision), noted)
    those = and_(_ROW.id.in_([row.id for row in rows]), _ROW.state.in_(HELD))
    session.connection().execute(update(_TABLE).where(those).values(**changed))
