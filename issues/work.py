"""One unit of work over issues: a session, a moment, the town, and how this deployment works.

Every act takes it first; nothing here commits, sends or reads a clock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from issues.deployment import Deployment
from issues.texts import Texts
from people.town import Person, Town, Unit
from rules.deadlines import Clock
from rules.quiet import Pace
from rules.words import Role
from storage import outbox
from storage.outbox import Posting
from storage.tables import Assist, Attachment, CoOwner, Endorsement, Issue, Table

F = TypeVar("F")
R = TypeVar("R", Endorsement, Assist, CoOwner, Attachment)

#: By which column an issue says that it has rows in that table.
THERE: dict[type[Table], str] = {
    Endorsement: "has_joined",
    Assist: "has_asked",
    CoOwner: "has_former",
    Attachment: "has_materials",
}


@dataclass(frozen=True)
class Work:
    """What an act works with. ``now``: aware, the one moment of everything done in it."""

    session: Session
    now: datetime
    office: Deployment
    town: Town
    #: who has joined, helps with or once held an issue, by issue and table
    _known: dict[tuple[int, str], Any] = field(default_factory=dict, compare=False, repr=False)
    #: notices that have still to be stored
    _postings: list[Posting] = field(default_factory=list, compare=False, repr=False)

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

    def after(self, reading: "Work") -> "Work":
        """The same with what an earlier work has read, whose rows are in this session now."""
        return replace(self, _known=reading._known)

    # --- what is read once, and told at the end ---

    def rows(self, issue: Issue, table: type[R]) -> list[R]:
        """What that table has of the issue, in order; read once, and only if there is any."""
        key = (issue.id, table.__tablename__)
        if key not in self._known:
            self._known[key] = self._read(issue, table) if getattr(issue, THERE[table]) else []
        known: list[R] = self._known[key]
        return known

    def worked_out(self, issue: Issue, asked: tuple[object, ...], work_out: Callable[[], F]) -> F:
        """What has been worked out of an issue for the same question, else ``work_out()``."""
        key = (issue.id, "standing")
        found: dict[tuple[object, ...], F] = self._known.setdefault(key, {})
        if asked not in found:
            found[asked] = work_out()
        return found[asked]

    def look(self, issue: Issue) -> None:
        """Remember what the issue has, before writing it makes the database be asked again."""
        for table, there in THERE.items():
            key = (issue.id, table.__tablename__)
            if key not in self._known and not getattr(issue, there):
                self._known[key] = []

    def _read(self, issue: Issue, table: type[R]) -> list[R]:
        found = select(table).where(table.issue_id == issue.id)
        return list(self.session.scalars(found.order_by(*table.__table__.primary_key)))

    def brand_new(self, issue: Issue) -> None:
        """Nobody has joined, helps with or has held an issue of a moment ago."""
        for table in THERE:
            self._known[(issue.id, table.__tablename__)] = []

    def forget(self, issue: Issue, table: type[R]) -> None:
        """Its rows of that table were changed by a statement of its own: read them anew."""
        self._known.pop((issue.id, table.__tablename__), None)
        self.session.expire(issue, [THERE[table]])

    def added(self, row: R) -> R:
        """Store a row of an issue's table."""
        self.session.add(row)
        known = self._known.get((row.issue_id, row.__tablename__))
        if known is not None:
            known.append(row)
        return row

    def removed(self, row: R) -> None:
        """Delete a row of an issue's table."""
        self._known[(row.issue_id, row.__tablename__)].remove(row)
        self.session.delete(row)

    def put(self, posting: Posting) -> None:
        """A notice for the outbox; all of them are stored together."""
        self._postings.append(posting)

    def store(self) -> None:
        """Store the notices that have been put; whoever opens the transaction calls it at the
        end, and whatever looks at stored notices before."""
        outbox.put_all(self.session, self._postings, self.now)
        self._postings.clear()

    @contextmanager
    def trial(self) -> Iterator[None]:
        """What is done inside is undone when something is raised."""
        self.store()  # what was put before is not undone with it
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            self._known.clear()
            self._postings.clear()
            raise

    # --- how this deployment works ---

    @property
    def today(self) -> date:
        """The local calendar day."""
        return self.office.today(self.now)

    @property
    def admins(self) -> list[str]:
        """Userids of whoever has to know what is wrong with the service itself."""
        return sorted({admin.userid for admin in self.town.with_role(Role.ADMIN, self.today)})

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

    def say(self, key: str, /, **values: object) -> str:
        """That sentence in the words of this office."""
        return self.texts.say(key, values)
