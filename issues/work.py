"""One unit of work over issues: a session, a moment, the town, and how this deployment works.

Every act takes it first; nothing here commits, sends or reads a clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from issues.office import Office
from issues.texts import Texts
from people.town import Person, Town, Unit
from rules.deadlines import Clock
from rules.quiet import Pace
from storage.tables import Issue

T = TypeVar("T")


@dataclass(frozen=True)
class Work:
    """What an act works with. ``now``: aware, the one moment of everything done in it."""

    session: Session
    now: datetime
    office: Office
    town: Town
    #: who has joined, helps with or once held an issue, by issue: read once in a work
    _known: dict[tuple[int, str], Any] = field(default_factory=dict, compare=False, repr=False)

    # --- what an issue's keys mean ---

    def holder(self, issue: Issue) -> Person | None:
        """Who has it now; None where nobody has."""
        return self.town.by_id(issue.holder_id)

    def unit(self, issue: Issue) -> Unit | None:
        """The unit that it belongs to."""
        return self.town.unit(issue.unit_id)

    def lead(self, issue: Issue) -> Unit | None:
        """The department or 驻地单位 that leads, if one does."""
        return self.town.unit(issue.lead_unit_id)

    def on(self, town: Town) -> "Work":
        """The same work once posts or leaves have been changed in it."""
        return replace(self, town=town)

    def once(self, issue: Issue, what: str, read: Callable[[], T]) -> T:
        """What is asked several times of an issue is read the first time."""
        key = (issue.id, what)
        if key not in self._known:
            self._known[key] = read()
        found: T = self._known[key]
        return found

    def forget(self, issue: Issue | None = None) -> None:
        """To be said by whatever has changed who joins, helps or held; without an issue, of all."""
        for key in [key for key in self._known if issue is None or key[0] == issue.id]:
            del self._known[key]

    # --- how this deployment works ---

    @property
    def today(self) -> date:
        """The local calendar day."""
        return self.office.today(self.now)

    @property
    def clock(self) -> Clock:
        return self.office.clock

    @property
    def zone(self) -> ZoneInfo:
        return self.office.clock.zone

    @property
    def pace(self) -> Pace:
        """Slots and quiet hours."""
        return self.office.pace

    @property
    def texts(self) -> Texts:
        return self.office.texts
