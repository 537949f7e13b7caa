"""Marks of what runs by itself: when each last came to its end, and its last error.

The ticks beat here, a backup leaves its mark, the clock says that it has jumped; doctor reads it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.db import put_row
from storage.tables import Heartbeat

#: Left by whoever has made a backup that was checked.
BACKUP = "backup"
#: Left by a service that has ended in order.
STOPPED = "stopped"


class Beat(NamedTuple):
    """``at``: when it last came to its end; ``error``: the last one, if any, of ``failed_at``."""

    name: str
    at: datetime
    error: str = ""
    failed_at: datetime | None = None

    @property
    def failing(self) -> bool:
        """Whether its latest attempt has failed."""
        return self.failed_at is not None and self.failed_at >= self.at


def put(session: Session, beats: Iterable[Beat]) -> None:
    """Store these as the latest."""
    for beat in beats:
        put_row(session, Heartbeat, beat._asdict())


def known(session: Session) -> dict[str, Beat]:
    """All of them by name; there are a dozen."""
    row = Heartbeat
    found = session.execute(select(row.name, row.at, row.error, row.failed_at))
    return {beat.name: beat for beat in (Beat(*one) for one in found)}
