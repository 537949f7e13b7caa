"""What has been given out, noted outside the database: which number of each day was the last.

A resident keeps a number for months. When an older state of the database is put back, only what
lies beside it can tell that a number has been given already (docs/adr/0023-restored.md).
"""

import json
import logging
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.db import Database
from storage.tables import DayCounter, Inbox, Outbox

log = logging.getLogger(__name__)

#: A message can still be numbered by a day so many days ago (what came late), and some more.
DAYS = 10


@dataclass(frozen=True)
class Given:
    """The last number of each of the latest days, and the newest message in and out."""

    last: dict[date, int]
    inbox: int
    outbox: int

    def beyond(self, other: "Given") -> bool:
        """Whether something is known here of which the other knows nothing."""
        numbers = any(number > other.last.get(day, 0) for day, number in self.last.items())
        return numbers or self.inbox > other.inbox or self.outbox > other.outbox


def given(session: Session) -> Given:
    """What the database says has been given out."""
    latest = select(DayCounter).order_by(DayCounter.day.desc()).limit(DAYS)
    last = {counter.day: counter.last for counter in session.scalars(latest)}
    newest = select(
        select(func.max(Inbox.id)).scalar_subquery(), select(func.max(Outbox.id)).scalar_subquery()
    )
    inbox, outbox = session.execute(newest).one()
    return Given(last, inbox or 0, outbox or 0)


class NumbersFile:
    """Beside the photos, so that it does not go back with the database. Written some seconds after
    what it tells, without waiting for the disk: whoever reads it adds a margin."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._noted: Given | None = None
        self._complained = False

    def note(self, database: Database) -> None:
        """Write what the database says, if that is new."""
        with database.read() as session:
            now = given(session)
        if now != self._noted and self._written(now):
            self._noted = now

    def read(self) -> Given | None:
        """What was noted last; None where nothing was, or nobody can read it."""
        try:
            noted = json.loads(self.path.read_text("utf-8"))
            last = {date.fromisoformat(day): int(n) for day, n in noted["last"].items()}
            return Given(last, int(noted["inbox"]), int(noted["outbox"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, AttributeError) as error:
            log.warning("%s tells nothing: %s", self.path, error)
            return None

    def _written(self, now: Given) -> bool:
        last = {day.isoformat(): number for day, number in sorted(now.last.items())}
        text = json.dumps({"last": last, "inbox": now.inbox, "outbox": now.outbox})
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, "utf-8")
            part.replace(self.path)
        except OSError as error:
            if not self._complained:  # else every ten seconds
                log.warning("%s cannot be written: %s", self.path, error)
            self._complained = True
            return False
        return True
