"""A county to measure on: a roster of 韶山's size and any number of issues with all their rows.

Most issues are closed and lie spread over three years, a few of the last days are open, as in a
county that has used the program for long. What is measured on it is the other modules' business.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import track
from sqlalchemy import insert, select
from sqlalchemy.orm import DeclarativeBase, Session

from issues.events import digest
from people.roster import apply, plan, read_roster
from people.sample import write_demo, write_shaoshan
from rules import marks
from rules.deadlines import Clock
from rules.ladder import HOLDER
from rules.words import Rating, Solved, State, Tier, UnitKind
from storage import schema
from storage.db import Database
from storage.tables import (
    Event,
    HouseholdRow,
    Inbox,
    Issue,
    Outbox,
    PersonRow,
    PostRow,
    Resident,
    UnitRow,
)

ZONE = ZoneInfo("Asia/Shanghai")
CLOCK = Clock(ZONE)
#: The moment at which the county is looked at, and how far its issues reach back.
NOW = datetime(2026, 8, 24, 2, tzinfo=UTC)
DAYS = 3 * 365
#: Two of a hundred issues are still open; they are the newest.
OPEN_SHARE = 0.02
BATCH = 2000
CONTENTS = (
    "村口的路灯坏了三天没人修，晚上老人走路怕摔，电话 13800001234",
    "门口水沟堵了，下雨就往屋里灌水，请来看看",
    "隔壁装修半夜还在打钻，孩子要上学，说了几次都不听",
    "=1+1 自来水又停了，身份证 430302198001011234 登记过的那户",
)
RESULTS = ("已换灯泡，晚上去看过，亮了", "清了沟，居民在场看过", "上门调解，双方都同意了")
SOLVED = [Solved.YES] * 8 + [Solved.PARTLY, Solved.NO]
RATINGS = [Rating.VERY_GOOD] * 5 + [Rating.GOOD] * 3 + [Rating.FAIR, Rating.BAD]

Values = dict[str, Any]


class Rows(NamedTuple):
    """One issue as rows of the tables."""

    issue: Values
    events: list[Values]
    messages: list[Values]
    notices: list[Values]


def fill(
    database: Database,
    count: int,
    *,
    chained: bool = True,
    small: bool = False,
    now: datetime = NOW,
) -> None:
    """A roster and ``count`` issues that lead up to ``now``, into an empty database.

    ``chained``: events carry real hashes, which `issues verify` wants and which costs most of the
    time. ``small``: the demo's roster instead of 42,000 people.
    """
    schema.upgrade(database)
    take_roster(database, write_demo if small else write_shaoshan)
    with database.read() as session:
        generator = Generator(session, now, chained=chained)
    firsts = range(1, count + 1, BATCH)
    quiet = Console(stderr=True)
    for first in track(firsts, description="issues", console=quiet, transient=True):
        keys = range(first, min(first + BATCH, count + 1))
        store(database, [generator.one(key, count) for key in keys])


def take_roster(database: Database, write: Callable[[Path], None]) -> None:
    """Import one of the sample rosters."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.csv"
        write(file)
        read = read_roster(file)
    with database.read() as session:
        planned = plan(session, read, date(2023, 1, 1))
    database.write(lambda session: apply(session, planned), patience=60)


def store(database: Database, made: list[Rows]) -> None:
    """Write those issues with everything that belongs to them, in one transaction."""

    def write(session: Session) -> None:
        _insert(session, Issue, (one.issue for one in made))
        _insert(session, Event, (row for one in made for row in one.events))
        _insert(session, Inbox, (row for one in made for row in one.messages))
        _insert(session, Outbox, (row for one in made for row in one.notices))

    database.write(write, patience=60)


def _insert(session: Session, table: type[DeclarativeBase], rows: Iterable[Values]) -> None:
    # Past the mapper: its bulk insert of a million rows takes several times as long.
    session.connection().execute(insert(table.__table__), list(rows))  # type: ignore[arg-type]


class Generator:
    """Issues as rows, the same from one seed."""

    def __init__(self, session: Session, now: datetime = NOW, *, chained: bool = True) -> None:
        self.now = now
        self.chained = chained
        self.dice = Random(4)
        units = select(UnitRow.id, UnitRow.path, UnitRow.parent_id)
        self.units = {unit.id: unit for unit in session.execute(units)}
        seats = session.execute(select(PostRow.unit_id, PostRow.role, PostRow.person_id))
        self.seats = {(unit, role): person for unit, role, person in seats}
        people = session.execute(select(PersonRow.id, PersonRow.userid))
        self.userids: dict[int | None, str] = {row.id: row.userid for row in people}
        homes = select(Resident.person_id, HouseholdRow.id, HouseholdRow.lin_id).join(HouseholdRow)
        self.homes = list(session.execute(homes))

    def one(self, key: int, count: int) -> Rows:
        """Issue ``key`` of ``count``; the first was reported three years ago, the last just now."""
        reported = self._reported(key, count)
        person, household, lin = self.dice.choice(self.homes)
        issue = _born(key, reported, lin, household, self.userids[person])
        self._give(issue, self.seats.get((lin, HOLDER[UnitKind.LIN])), UnitKind.LIN)
        life = [self._opened(issue, self.units[lin].path)]
        life += self._life(issue, self.units[lin], still_open=key > count * (1 - OPEN_SHARE))
        self._chain(issue, life)
        told = [self._notice(issue, event) for event in life]
        return Rows(issue, life, [_message(issue)], told)

    def _reported(self, key: int, count: int) -> datetime:
        """Even over the years but for the open ones, which are of the last 36 hours."""
        early = count * (1 - OPEN_SHARE)
        if key > early:
            return self.now - timedelta(hours=36) * ((count - key) / (count - early))
        return self.now - timedelta(days=DAYS - (DAYS - 30) * key / early)

    def _opened(self, issue: Values, path: str) -> Values:
        data = {
            **self._where(issue),
            "tier": "ordinary",
            "reported_at": issue["reported_at"].isoformat(),
            "due_at": issue["due_at"].isoformat(),
            "unit": path,
            "household": issue["household_id"],
        }
        return _event(issue, "opened", issue["reported_at"], issue["reporter"], data=data)

    def _life(self, issue: Values, unit: Any, *, still_open: bool) -> Iterator[Values]:
        """Nothing yet; or accepted, told about, perhaps raised, resolved, rated or not."""
        if still_open:
            issue["next_mark_at"] = issue["due_at"]
            return
        at, dice = issue["reported_at"], self.dice
        at += timedelta(hours=dice.expovariate(1 / 10))
        holder = self.userids.get(issue["holder_id"], "")
        yield _event(issue, "accept", at, holder, after=State.ACCEPTED)
        if dice.random() < 0.3:
            at += timedelta(hours=2)
            seat = self.seats.get((unit.parent_id, HOLDER[UnitKind.ZU]))
            self._give(issue, seat, UnitKind.ZU)
            data = self._where(issue)
            yield _event(issue, "raise", at, holder, reason="要动公家的线路", data=data)
        holder = self.userids.get(issue["holder_id"], "")
        at += timedelta(hours=dice.expovariate(1 / 20))
        yield _event(issue, "progress", at, holder, reason="已联系师傅", after=State.WORKING)
        at += timedelta(hours=dice.expovariate(1 / 20))
        issue["result"], issue["resolved_at"] = dice.choice(RESULTS), at
        yield _event(issue, "resolve", at, holder, reason=issue["result"], after=State.RESOLVED)
        yield self._verdict(issue, at)

    def _verdict(self, issue: Values, at: datetime) -> Values:
        issue["asked"] = 1
        if self.dice.random() < 0.3:
            issue["closed_at"] = at + timedelta(days=7)
            return _event(issue, "closed", issue["closed_at"], "", after=State.CLOSED)
        issue["closed_at"] = at + timedelta(hours=3)
        issue["solved"], issue["rating"] = self.dice.choice(SOLVED), self.dice.choice(RATINGS)
        data = {"solved": issue["solved"], "rating": issue["rating"]}
        who = issue["reporter"]
        return _event(issue, "rate", issue["closed_at"], who, after=State.CLOSED, data=data)

    def _give(self, issue: Values, person: int | None, level: UnitKind) -> None:
        issue["holder_id"], issue["level"] = person, level

    def _where(self, issue: Values) -> Values:
        return {"holder": self.userids.get(issue["holder_id"], ""), "level": issue["level"]}

    def _chain(self, issue: Values, events: list[Values]) -> None:
        """Number the events and chain them as issues/events.py does."""
        previous = ""
        for seq, row in enumerate(events, start=1):
            row |= {"seq": seq, "previous": previous}
            row["hash"] = digest(Event(**row), issue["number"]) if self.chained else f"{seq:064}"
            previous = row["hash"]

    def _notice(self, issue: Values, event: Values) -> Values:
        """What was sent because of an event: to the holder when it was reported, else back."""
        opened = event["kind"] == "opened"
        target = self.userids.get(issue["holder_id"], "") if opened else issue["reporter"]
        return {
            "key": f"issue:{issue['id']}:{event['seq']}",
            "channel": "app",
            "target": target,
            "notice": {"text": f"{issue['number']} {issue['content']}", "line": issue["number"]},
            "state": "sent",
            "batch": "",
            "next_at": event["at"],
            "tries": 1,
            "created_at": event["at"],
            "sent_at": event["at"],
            "error": "",
            "receipt": {},
        }


def _born(key: int, reported: datetime, lin: int, household: int, reporter: str) -> Values:
    promised = marks.promised(reported, Tier.ORDINARY, CLOCK, marks.TIER_VERSION)
    return {
        "id": key,
        "number": f"SZ-{reported.astimezone(ZONE):%Y%m%d}-{key:06d}",
        "state": State.PENDING,
        "tier": Tier.ORDINARY,
        "tier_version": 1,
        "urgent": False,
        "delicate": False,
        "content": CONTENTS[key % len(CONTENTS)],
        "reporter": reporter,
        "household_id": household,
        "channel": "app",
        "unit_id": lin,
        "unclaimed": False,
        "reported_at": reported,
        "due_at": promised,
        "promised_at": promised,
        "held_since": reported,
        "marked_until": reported,
        "next_mark_at": None,
        "resolved_at": None,
        "closed_at": None,
        "result": "",
        "wanted_data": {},
        "extended": 0,
        "suspended": 0,
        "returned": 0,
        "reassigned": 0,
        "forced": False,
        "troubled": False,
        "asked": 0,
        "solved": None,
        "rating": None,
        "redone": 0,
        "version": 1,
    }


def _event(
    issue: Values,
    kind: str,
    at: datetime,
    actor: str,
    *,
    reason: str = "",
    after: State | None = None,
    data: Values | None = None,
) -> Values:
    before, issue["state"] = issue["state"], after or issue["state"]
    return {
        "issue_id": issue["id"],
        "at": at,
        "kind": kind,
        "actor": actor,
        "role": "linzhang" if actor else "clock",
        "behalf": "",
        "channel": "app",
        "reason": reason,
        "before": before if kind != "opened" else "",
        "after": issue["state"],
        "data": data or {},
    }


def _message(issue: Values) -> Values:
    return {
        "channel": "app",
        "key": f"old-{issue['id']}",
        "received_at": issue["reported_at"],
        "userid": issue["reporter"],
        "state": "done",
        "handler": "report",
        "message": {"text": issue["content"], "userid": issue["reporter"]},
        "reply": {"text": f"已登记，编号 {issue['number']}"},
        "tries": 0,
        "error": "",
    }
