"""Reading the town out of the database, and seeing that nobody acts on one that is gone.

A version in one row is raised with every change of people (`changed`); it is looked at in every
transaction that writes. The town itself is town.py's.
"""

import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from people.town import Away, Homes, Household, Person, Post, Town, Unit, Version
from storage import tables
from storage.db import PATIENCE, Database, insert_new, one_at_a_time
from storage.tables import RosterVersion

#: How often an act is begun again because the town has changed meanwhile.
TRIES = 5

T = TypeVar("T")
#: Reads the version that a transaction sees.
Look = Callable[[Session], Version]


class Part(StrEnum):
    """What of the town has changed."""

    HOMES = "homes"
    SEATS = "seats"


class TownOutdated(Exception):
    """Somebody has changed the town since it was read; nothing was done."""


def changed(session: Session, *parts: Part) -> None:
    """Say, in the transaction that does it, that people have changed."""
    raised = {part.value: getattr(RosterVersion, part.value) + 1 for part in parts}
    done = session.execute(update(RosterVersion).values(raised))
    if not done.rowcount:  # type: ignore[attr-defined]
        insert_new(session, RosterVersion, {"id": 1, "homes": 1, "seats": 1})


def version(session: Session) -> Version:
    """The version that this transaction sees."""
    row = session.connection().execute(_VERSION).first()
    return Version(row.homes, row.seats) if row else Version(0, 0)


_VERSION = select(RosterVersion.homes, RosterVersion.seats)


def held(session: Session) -> Version:
    """The same for who acts on it: on PostgreSQL nobody changes people till the act is done."""
    return hold(session.execute(HOLDING).first())


#: Several may hold it at once; SQLite has one writer anyway.
HOLDING = _VERSION.with_for_update(read=True, of=RosterVersion)


def hold(row: Sequence[Any] | None) -> Version:
    """The version in a row that begins with it."""
    return Version(row[0], row[1]) if row else Version(0, 0)


def still(session: Session, known: Version) -> bool:
    """Whether nobody has changed people since ``known``; if so, nobody else does until the end of
    this transaction."""
    one_at_a_time(session, "people.changing")  # for as long as there is no row to be locked
    row = session.execute(_VERSION.with_for_update()).first()
    return known == (tuple(row) if row else (0, 0))


def read(session: Session, known: Town | None = None) -> Town:
    """The town as this transaction sees it; what has not changed is taken from ``known``."""
    now = version(session)
    if known is not None and known.version == now:
        return known
    same = known is not None and known.version.homes == now.homes
    homes = known.homes if known is not None and same else _homes(session)
    return _seated(session, homes, now)


def again(session: Session, town: Town) -> Town:
    """The town after posts or leaves have been changed in this very transaction."""
    session.flush()
    return _seated(session, town.homes, version(session))


class CurrentTown:
    """The one town that all threads of a process share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._town: Town | None = None
        self._making = threading.Lock()

    def read(self, session: Session) -> Town:
        """The town as this transaction sees it; one that is new is made here, by one thread."""
        town = self._town
        if town is not None and town.version == version(session):
            return town
        with self._making:
            self._town = read(session, self._town)
            return self._town

    def latest(self, session: Session) -> Town:
        """The town as it was known last; seconds old where only an answer is read from it, for a
        tick looks whether there is a new one (`refresh`)."""
        return self._town or self.read(session)

    def refresh(self) -> None:
        """Read the town again if it has changed."""
        self._renewed()

    def write(
        self,
        act: Callable[[Session, Town], T],
        patience: float = PATIENCE,
        look: Look | None = None,
    ) -> T:
        """Run ``act`` in one transaction with the town as it stands then.

        A new town is made outside of the writer's turn, and the act begun again. ``look``: reads
        the version together with something else.
        """
        for _ in range(TRIES):
            town = self._town or self._renewed()
            try:
                return self._database.write(_on(town, act, look or held), patience)
            except TownOutdated:
                self._renewed()
        raise TownOutdated("people keep changing")

    def _renewed(self) -> Town:
        with self._database.read() as session:
            return self.read(session)


def _on(town: Town, act: Callable[[Session, Town], T], look: Look) -> Callable[[Session], T]:
    def work(session: Session) -> T:
        if look(session) != town.version:
            raise TownOutdated
        return act(session, town)

    return work


def _homes(session: Session) -> Homes:
    rows = session.execute(
        select(
            tables.UnitRow.id,
            tables.UnitRow.kind,
            tables.UnitRow.name,
            tables.UnitRow.path,
            tables.UnitRow.parent_id,
            tables.UnitRow.gone_on.is_not(None),
        ).order_by(tables.UnitRow.id)
    )
    units = {row[0]: Unit(*row) for row in rows}
    found = session.execute(
        select(
            tables.PersonRow.id,
            tables.PersonRow.userid,
            tables.PersonRow.name,
            tables.PersonRow.phone,
        ).order_by(tables.PersonRow.id)
    )
    people = {row[0]: Person(*row) for row in found}
    households = {
        row.id: Household(row.id, row.name, units[row.lin_id])
        for row in session.execute(
            select(tables.HouseholdRow.id, tables.HouseholdRow.name, tables.HouseholdRow.lin_id)
        )
    }
    lives: dict[int, tuple[Household, ...]] = {}
    homes = select(tables.Resident.person_id, tables.Resident.household_id)
    for person_id, household_id in session.execute(homes.order_by(tables.Resident.id)):
        lives[person_id] = (*lives.get(person_id, ()), households[household_id])
    return Homes(units, people, lives)


def _seated(session: Session, homes: Homes, now: Version) -> Town:
    rows = session.execute(
        select(
            tables.PostRow.id,
            tables.PostRow.person_id,
            tables.PostRow.unit_id,
            tables.PostRow.role,
            tables.PostRow.starts_on,
            tables.PostRow.ends_on,
        ).order_by(tables.PostRow.id)
    )
    posts = tuple(
        Post(key, homes.people[person_id], homes.units[unit_id], role, starts_on, ends_on)
        for key, person_id, unit_id, role, starts_on, ends_on in rows
    )
    leaves = session.execute(
        select(
            tables.Leave.person_id,
            tables.Leave.delegate_id,
            tables.Leave.from_on,
            tables.Leave.to_on,
        )
        .where(tables.Leave.ended_at.is_(None))
        .order_by(tables.Leave.id)
    )
    return Town(now, homes, posts, tuple(Away(*row) for row in leaves))
