"""Rates, ledger and verification over a large generated database: seconds and peak memory.

Makes a county of 韶山's size with issues whose events are chained as real ones are, then runs each
command in a process of its own. Run: python -m benchmarks.ledger [ISSUES]
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from rich.progress import track
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from issues.events import digest
from people.roster import apply, plan, read_roster
from people.sample import write_shaoshan
from rules import marks
from rules.deadlines import Clock
from rules.ladder import HOLDER, LEVELS
from rules.words import Rating, Solved, State, Tier, UnitKind
from storage import schema
from storage.db import Database
from storage.tables import Event, Household, Issue, Person, Post, Resident, Unit
from tests.town import ZONE

CLOCK = Clock(ZONE)
FIRST = datetime(2025, 1, 1, 1, tzinfo=UTC)
DAYS = 600
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
COMMANDS = {
    "rates": ["rates", "--from", "2026-01-01", "--to", "2026-08-23"],
    "ledger export": ["ledger", "export", "--by", "量一量", "out.xlsx"],
    "issues verify": ["issues", "verify"],
}
CONFIG = """
[service]
database_url = "sqlite:///bench.db"
[wecom]
corp_id = "wwbench"
[wecom.app]
agent_id = 1
secret = "bench"
token = "benchToken"
encoding_aes_key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
"""


class Generator:
    """Issues with their events as rows, from one seed."""

    def __init__(self, session: Session) -> None:
        self.dice = Random(4)
        units = {u.id: u for u in session.scalars(select(Unit))}
        self.units = units
        seats = session.execute(select(Post.unit_id, Post.role, Post.person_id))
        self.seats = {(unit, role): person for unit, role, person in seats}
        self.userids = dict(session.execute(select(Person.id, Person.userid)).all())
        homes = select(Resident.person_id, Household.id, Household.lin_id).join(Household)
        self.homes = list(session.execute(homes))

    def one(self, key: int, count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The row of issue ``key`` of ``count`` and the rows of its events."""
        reported = FIRST + timedelta(days=DAYS * key / count, minutes=self.dice.randrange(600))
        person, household, lin = self.dice.choice(self.homes)
        unit = self.units[lin]
        issue = _born(key, reported, lin, household, self.userids[person])
        seat = self.seats.get((lin, HOLDER[UnitKind.LIN]))
        self._give(issue, seat, UnitKind.LIN)
        events = [self._opened(issue, unit.path)]
        for step in self._life(issue, unit):
            events.append(step)
        return _finished(issue, events)

    def _opened(self, issue: dict[str, Any], path: str) -> dict[str, Any]:
        data = {
            **self._where(issue),
            "tier": "ordinary",
            "reported_at": issue["reported_at"].isoformat(),
            "due_at": issue["due_at"].isoformat(),
            "unit": path,
            "household": issue["household_id"],
        }
        return _event(issue, "opened", issue["reported_at"], issue["reporter"], data=data)

    def _life(self, issue: dict[str, Any], unit: Unit) -> Iterator[dict[str, Any]]:
        """Accepted, told about, perhaps raised, resolved, rated or not."""
        at, dice = issue["reported_at"], self.dice
        at += timedelta(hours=dice.expovariate(1 / 10))
        holder = self.userids.get(issue["holder_id"] or 0, "")
        yield _event(issue, "accept", at, holder, after=State.ACCEPTED)
        if dice.random() < 0.3:
            at += timedelta(hours=2)
            zu = self.units[unit.parent_id or 0]
            self._give(issue, self.seats.get((zu.id, HOLDER[UnitKind.ZU])), UnitKind.ZU)
            data = self._where(issue)
            yield _event(issue, "raise", at, holder, reason="要动公家的线路", data=data)
        holder = self.userids.get(issue["holder_id"] or 0, "")
        at += timedelta(hours=dice.expovariate(1 / 20))
        yield _event(issue, "progress", at, holder, reason="已联系师傅", after=State.WORKING)
        at += timedelta(hours=dice.expovariate(1 / 20))
        issue["result"], issue["resolved_at"] = dice.choice(RESULTS), at
        yield _event(issue, "resolve", at, holder, reason=issue["result"], after=State.RESOLVED)
        yield self._verdict(issue, at)

    def _verdict(self, issue: dict[str, Any], at: datetime) -> dict[str, Any]:
        if self.dice.random() < 0.3:
            issue["closed_at"] = at + timedelta(days=7)
            return _event(issue, "closed", issue["closed_at"], "", after=State.CLOSED)
        issue["closed_at"] = at + timedelta(hours=3)
        issue["solved"], issue["rating"] = self.dice.choice(SOLVED), self.dice.choice(RATINGS)
        data = {"solved": issue["solved"], "rating": issue["rating"]}
        who = issue["reporter"]
        return _event(issue, "rate", issue["closed_at"], who, after=State.CLOSED, data=data)

    def _give(self, issue: dict[str, Any], person: int | None, level: UnitKind) -> None:
        issue["holder_id"], issue["level"] = person, level

    def _where(self, issue: dict[str, Any]) -> dict[str, Any]:
        holder = self.userids.get(issue["holder_id"] or 0, "")
        return {"holder": holder, "level": issue["level"]}


def _born(key: int, reported: datetime, lin: int, household: int, reporter: str) -> dict[str, Any]:
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
        "level": LEVELS[0],
        "reported_at": reported,
        "due_at": marks.promised(reported, Tier.ORDINARY, CLOCK, marks.TIER_VERSION),
        "marked_until": reported,
        "resolved_at": None,
        "closed_at": None,
        "result": "",
        "asked": 1,
        "solved": None,
        "rating": None,
        "redone": 0,
        "version": 1,
    }


def _event(
    issue: dict[str, Any],
    kind: str,
    at: datetime,
    actor: str,
    *,
    reason: str = "",
    after: State | None = None,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
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


def _finished(
    issue: dict[str, Any], events: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The issue with its events chained as issues/events.py chains them."""
    previous = ""
    for seq, row in enumerate(events, start=1):
        row |= {"seq": seq, "previous": previous}
        row["hash"] = previous = digest(Event(**row), issue["number"])
    return issue, events


def fill(database: Database, count: int) -> None:
    """A county with ``count`` issues and about six events each."""
    schema.ready(database)
    with tempfile.TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.csv"
        write_shaoshan(roster)
        read = read_roster(roster)
    with database.read() as session:
        planned = plan(session, read, date(2024, 1, 1))
    database.write(lambda session: apply(session, planned), patience=60)
    with database.read() as session:
        generator = Generator(session)
    for first in track(range(1, count + 1, BATCH), description="issues"):
        keys = range(first, min(first + BATCH, count + 1))
        made = [generator.one(key, count) for key in keys]
        database.write(lambda session, made=made: _store(session, made))  # type: ignore[misc]


def _store(session: Session, made: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    session.execute(insert(Issue), [issue for issue, _ in made])
    session.execute(insert(Event), [event for _, events in made for event in events])


def measure(folder: Path, words: list[str]) -> tuple[float, float, int]:
    """Seconds by the wall and of the processor, and peak megabytes, of one command by itself."""
    started = perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "bot", *words, "--config", str(folder / "config.toml")],
        {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} failed")
    spent = usage.ru_utime + usage.ru_stime
    return perf_counter() - started, spent, usage.ru_maxrss // 1024


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        fill(Database(f"sqlite:///{folder}/bench.db"), count)
        for title, words in COMMANDS.items():
            there = [str(folder / w) if w.endswith(".xlsx") else w for w in words]
            seconds, spent, megabytes = measure(folder, there)
            print(
                f"{title:14} {seconds:7.1f} s   processor {spent:7.1f} s"
                f"  {count / spent:8,.0f} issues/s   {megabytes:5} MB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
