"""Transactions over issues: each a Work with the town as that very transaction sees it.

Whoever is at the edge (a message, a tick, a command) opens one here and says the moment; the acts
never commit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from issues.deployment import Deployment
from issues.work import Work
from people.reading import CurrentTown, Look
from people.town import Town
from storage.db import PATIENCE, Database

T = TypeVar("T")


class Transactions:
    """Over one database, for one deployment; shared by all threads of a process."""

    def __init__(self, database: Database, office: Deployment) -> None:
        self.database = database
        self.office = office
        self.town = CurrentTown(database)

    @contextmanager
    def read(self, now: datetime) -> Iterator[Work]:
        """A work that sees one snapshot and changes nothing."""
        with self.database.read() as session:
            yield Work(session, now, self.office, self.town.read(session))

    @contextmanager
    def glance(self, now: datetime) -> Iterator[Work]:
        """The same with the town as it was known last: for what is only told, or is looked at
        again in the transaction that writes."""
        with self.database.read() as session:
            yield Work(session, now, self.office, self.town.latest(session))

    def write(
        self,
        now: datetime,
        act: Callable[[Work], T],
        patience: float = PATIENCE,
        look: Look | None = None,
    ) -> T:
        """Run ``act`` in one transaction and return its plain value after the commit. It may be
        begun again: nothing but the database may remember a first try.

        Raises WriteBusy if the turn does not come within ``patience`` seconds.
        """

        def transaction(session: Session, town: Town) -> T:
            work = Work(session, now, self.office, town)
            done = act(work)
            work.store()
            return done

        return self.town.write(transaction, patience, look)
