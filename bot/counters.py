"""How many rows of each kind there are, at a cost that does not grow with the tables.

What is outstanding is counted by indexes over just those rows, and not for every request; the whole
is the largest id, since these tables only grow. /healthz and /metrics read it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from storage.db import Database
from storage.tables import Inbox, InPerson, Issue, Outbox

#: Seconds for which a count is good enough for whoever watches.
FRESH = 5.0

# The states stand in the SQL as they stand in the indexes' own conditions: with parameters neither
# database could know that the index has all of these rows, and would read the table.
OPEN = text("state IN ('pending', 'accepted', 'working', 'suspended')")
UNSETTLED = text("state IN ('waiting', 'sending')")
DEAD = text("state = 'dead'")
FAILED = text("state IN ('failed', 'dead')")

#: By their names in /healthz.
OUTSTANDING: dict[str, Select[int]] = {
    "open_issues": select(func.count()).select_from(Issue).where(OPEN),
    "outbox_waiting": select(func.count()).select_from(Outbox).where(UNSETTLED),
    "outbox_dead": select(func.count()).select_from(Outbox).where(DEAD),
    "in_person": select(func.count()).select_from(InPerson).where(InPerson.told_at.is_(None)),
    "inbox_failed": select(func.count()).select_from(Inbox).where(FAILED),
}
#: When the earliest of what has still to leave might have left first, whatever was tried since:
#: through an index over just these rows, as their count.
EARLIEST = (select(func.min(Outbox.due_at)).where(UNSETTLED),)
TOTALS: dict[str, Select[int]] = {
    "issue": select(func.max(Issue.id)),
    "outbox": select(func.max(Outbox.id)),
    "inbox": select(func.max(Inbox.id)),
}


def marks_due(now: datetime) -> Select[int]:
    """How many marks should have passed."""
    return select(func.count()).select_from(Issue).where(Issue.next_mark_at <= now)


@dataclass(frozen=True)
class _Counted:
    at: float
    numbers: dict[str, int]


class Counters:
    """The counts of one process. ``clock`` is in monotonic seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._clock = clock
        self._counted: _Counted | None = None
        self._counting = Lock()

    def outstanding(self) -> dict[str, int]:
        """What is outstanding, by the names of /healthz; FRESH seconds old at the most, or as old
        as it takes whoever is counting at this moment."""
        counted = self._counted
        if counted and self._clock() - counted.at < FRESH:
            return counted.numbers
        if not self._counting.acquire(blocking=counted is None):
            return counted.numbers if counted else {}
        try:
            with self._database.read() as session:
                numbers = {name: _number(session, q) for name, q in OUTSTANDING.items()}
            self._counted = _Counted(self._clock(), numbers)
        finally:
            self._counting.release()
        return numbers

    def totals(self) -> dict[str, int]:
        """Rows by table, counted at this moment."""
        with self._database.read() as session:
            return {table: _number(session, query) for table, query in TOTALS.items()}

    def overdue(self, now: datetime) -> int:
        """Marks that should have passed."""
        with self._database.read() as session:
            return _number(session, marks_due(now))


def earliest(session: Session) -> datetime | None:
    """When the first of all that waits should leave."""
    return min(filter(None, (session.scalar(query) for query in EARLIEST)), default=None)


def _number(session: Session, query: Select[int]) -> int:
    return session.scalar(query) or 0
