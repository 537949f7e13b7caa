"""One unit of work over issues: a session, a moment, and how this deployment works.

Every act takes it first; nothing here commits, sends or reads a clock.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from issues.office import Office
from issues.texts import Texts
from rules.deadlines import Clock
from rules.quiet import Pace


@dataclass(frozen=True)
class Work:
    """What an act works with. ``now``: aware, the one moment of everything done in it."""

    session: Session
    now: datetime
    office: Office

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
