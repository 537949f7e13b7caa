"""Channels by which nothing leaves for the moment: refused connections, blocked calls, a shut app.

After a failure that is nobody's own, rows wait untried, and one message at a time tries the way
again with growing waits. The state is the database's, so that all senders and `doctor` know it.
Which failures are of that kind, and for how long, is said by whoever sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from storage.db import put_row
from storage.tables import Circuit

_TABLE = cast(Table, Circuit.__table__)
_ROW = _TABLE.c
_NOW = bindparam("now", type_=_ROW.until.type)
_ALL = select(_ROW.channel, _ROW.since, _ROW.at, _ROW.until, _ROW.failures, _ROW.error).order_by(
    _ROW.channel
)
_OF = _ALL.where(_ROW.channel == bindparam("which"))
_TRY = update(_TABLE).where(_ROW.channel == bindparam("which"))
_CLOSE = delete(_TABLE).where(_ROW.channel == bindparam("which"))
#: By which channels nothing leaves, for the statements of the outbox; ``now`` is bound there.
#: What has failed as at a later time (a clock set back, `tick --at`) says nothing of the present.
SHUT = select(_ROW.channel).where(_ROW.until > _NOW, _ROW.at <= _NOW)
#: The same for what is urgent; the moment after which nobody may have tried is bound as ``lately``.
SHUT_FOR_URGENT = SHUT.where(_ROW.at > bindparam("lately", type_=_ROW.until.type))
#: An emergency does not wait out an hour: it may try a way this long after the last one who did.
URGENT_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class OpenCircuit:
    """One channel that is shut: since when, when it was tried last, when the next attempt is made,
    how many have failed, and what the last one met."""

    channel: str
    since: datetime
    at: datetime
    until: datetime
    failures: int
    error: str

    def shut(self, now: datetime) -> bool:
        """Whether nobody may call; else one message may try."""
        return self.at <= now < self.until


class Ways(NamedTuple):
    """Channels that are shut, and those by which one message may try again, or an urgent one."""

    shut: frozenset[str]
    on_trial: frozenset[str]
    for_urgent: frozenset[str]


def open_circuits(session: Session) -> list[OpenCircuit]:
    """All that are shut or on trial; none when everything leaves."""
    return [OpenCircuit(*row) for row in _run(session, _ALL)]


def ways(session: Session, now: datetime) -> Ways:
    """What a claim has to leave alone, and where it may take one message."""
    found = open_circuits(session)
    shut = frozenset(one.channel for one in found if one.shut(now))
    since = now - URGENT_AGAIN
    for_urgent = frozenset(o.channel for o in found if o.channel in shut and o.at <= since)
    return Ways(shut, frozenset(one.channel for one in found) - shut, for_urgent)


def begin_trial(session: Session, channel: str, now: datetime, until: datetime) -> None:
    """One message is on its way to try; nobody else before ``until``."""
    _run(session, _TRY, which=channel, at=now, until=until)


def trip(
    session: Session,
    channel: str,
    now: datetime,
    waits: Sequence[float],
    error: str,
    *,
    tried: bool,
) -> None:
    """Nothing leaves by that channel for the next of ``waits`` (seconds, the last one repeated).

    Not ``tried`` as the one message: it left before the first failure was known and counts once.
    """
    found = _run(session, _OF, which=channel).first()
    row = OpenCircuit(*found) if found else None
    if row and row.shut(now) and not tried:
        return
    failures = row.failures + 1 if row else 1
    wait = timedelta(seconds=waits[min(failures, len(waits)) - 1])
    since = row.since if row else now
    said = {"since": since, "at": now, "until": now + wait, "failures": failures, "error": error}
    put_row(session, Circuit, {"channel": channel, **said})


def close(session: Session, channel: str) -> None:
    """The way is open again."""
    _run(session, _CLOSE, which=channel)


def _run(session: Session, statement: Any, **values: Any) -> Any:
    return session.connection().execute(statement, values)
