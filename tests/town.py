"""A small town for tests: everybody who can hold an issue, two households, one office.

Made with the roster import itself, so that the rows are those of a real deployment.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import select

from handlers import accusations
from issues import (
    helping,
    joining,
    judging,
    marking,
    merging,
    moving,
    registering,
    requesting,
    ringing,
    splitting,
    standing,
    unreached,
    working,
)
from issues.deployment import Deployment
from issues.events import Actor
from issues.guards import GUARDS
from issues.registering import Report
from issues.work import Work
from people.reading import read
from people.roster import Roster, apply, plan, read_roster
from people.town import Town
from rules.deadlines import Clock
from rules.quiet import Pace, QuietHours
from storage import outbox
from storage.db import Database
from storage.tables import Issue, Outbox

ZONE = ZoneInfo("Asia/Shanghai")
PIAN = "清溪镇/韶山村/一片"
ZU = f"{PIAN}/长冲组"
LIN, NEXT_LIN = f"{ZU}/一邻", f"{ZU}/二邻"
HEAD = "姓名,账号,角色,单位,户,手机号"
STAFF = (
    "管某,guan,管理员,,,",
    "孙某,sun,督办,韶山市,,",
    "郭某,guo,乡镇干部,清溪镇,,",
    "谢某,xie,村干部,清溪镇/韶山村,,",
    f"谭某,tan,片长,{PIAN},,",
    f"彭某,peng,组长,{ZU},,",
    f"张某,zhang,邻长,{LIN},张家,13800000001",
    f"陈某,chen,邻长,{NEXT_LIN},陈家,",
)
RESIDENTS = (
    f"毛某,mao_mou,居民,{LIN},毛家,",
    f"刘某,liu_mou,居民,{LIN},刘家,",
    f"胡某,hu_mou,居民,{NEXT_LIN},胡家,",
)
TOWN = (*STAFF, *RESIDENTS)
CHAT = "wr-yipian"

OFFICE = Deployment(
    name="韶山三长",
    clock=Clock(ZONE),
    pace=Pace(ZONE, QuietHours(time(22), time(7, 30)), (time(7, 45), time(12, 15), time(19))),
    bot_name="三长助手",
    chats={CHAT: "韶山村/一片"},
    boards=frozenset({"韶山村/一片"}),
)
AT_SLOT = replace(OFFICE, new_issue_at_once=False)


def at(text: str) -> datetime:
    """2026-06-01 09:00 on the wall in the town hall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def settle(db: Database, *lines: str, day: date = date(2026, 1, 1), head: str = HEAD) -> None:
    """Import a roster; without lines, the whole town."""
    rows = _roster(head, *(lines or TOWN))
    db.write(lambda session: apply(session, plan(session, rows, day)))


@cache
def _roster(*lines: str) -> Roster:
    """The rows of a file with these lines; a hundred tests settle the same town."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "名单.csv"
        path.write_text("\n".join(lines), "utf-8")
        return read_roster(path)


def without(*userids: str) -> list[str]:
    """The town's roster but for these people."""
    return [line for line in TOWN if line.split(",")[1] not in userids]


#: The rooms of what can be done to an issue, or asked about it.
ROOMS = (
    helping,
    joining,
    judging,
    marking,
    merging,
    moving,
    registering,
    requesting,
    ringing,
    splitting,
    standing,
    unreached,
    working,
)


class Acting(Work):
    """A unit of work whose acts tests call by name: ``work.accept(issue, by)``."""

    def __getattr__(self, name: str) -> Any:
        for room in ROOMS:
            if act := vars(room).get(name):
                return partial(act, self)
        raise AttributeError(name)


#: The towns that are known, as a process of the service knows its own.
KNOWN: WeakKeyDictionary[Database, Town] = WeakKeyDictionary()


def acting(db: Database, now: datetime, office: Deployment, act_on: Callable[[Acting], Any]) -> Any:
    """Act in one transaction of its own."""

    def transaction(session):
        town = KNOWN[db] = read(session, KNOWN.get(db))
        work = Acting(session, now, office, town)
        done = act_on(work)
        work.store()
        return done

    return db.write(transaction)


#: So many messages a minute that nobody ever waits for them.
ROOMY = {"app": 1000, "webhook": 1000}


class Day:
    """One deployment's issues at a moment that the test moves; every step its own transaction."""

    def __init__(self, db: Database, start: str, office: Deployment = OFFICE) -> None:
        self.db = db
        self.now = at(start)
        self.office = office

    def go(self, text: str) -> "Day":
        """Later: a date and time, or only a time of the same day."""
        full = text if "-" in text else f"{self.now.astimezone(ZONE):%Y-%m-%d} {text}"
        self.now = at(full)
        return self

    def report(self, userid: str = "mao_mou", text: str = "路灯不亮", **more: Any) -> str:
        """Open an issue now; its number."""
        said = Report(userid, text, self.now, "app", **more)

        def open_it(work: Acting) -> str:
            level = accusations.accused(work, userid, said.chat_id or "", text)
            accuses = said.accuses or level
            return str(work.open_issue(replace(said, accuses=accuses)).number)

        return str(self.work(open_it))

    def work(self, act_on):
        """Act in one transaction."""
        return acting(self.db, self.now, self.office, act_on)

    def do(self, number: str, userid: str, action: str, *words, **more):
        """What somebody does to an issue: do(number, "zhang", "resolve", "换了灯泡")."""

        def act(work: Acting):
            issue = work.session.scalar(select(Issue).where(Issue.number == number))
            return getattr(work, action)(issue, actor(work, userid), *words, **more)

        return self.work(act)

    def clock(self, number: str, step: str = "pass_mark"):
        """What the clock does to an issue now."""

        def act(work: Acting):
            issue = work.session.scalar(select(Issue).where(Issue.number == number))
            return getattr(work, step)(issue)

        return self.work(act)

    def issue(self, number: str) -> Issue:
        """The issue as it stands, with its holder."""
        with self.db.read() as session:
            issue = session.scalars(select(Issue).where(Issue.number == number)).one()
            _ = issue.holder, issue.unit
            return issue

    def deliver(self) -> "Day":
        """Everything that may leave now has arrived, as by the tick that sends."""
        pace, now = self.office.pace, self.now
        wake = pace.waking(now) if pace.waking(now) > now else None

        def send(session):
            slot = pace.current(now)
            while parcels := outbox.claim(
                session, now, ROOMY, GUARDS, hold_gathered=bool(wake), slot=slot, wake=wake
            ):
                for parcel in parcels:
                    outbox.sent(session, parcel, now, {})

        self.db.write(send)
        return self

    def holder(self, number: str) -> str:
        holder = self.issue(number).holder
        return holder.userid if holder else ""

    def notices(self, target: str = "") -> list[Outbox]:
        """What has been put into the outbox (for one target), oldest first."""
        rows = select(Outbox).order_by(Outbox.id)
        with self.db.read() as session:
            found = list(session.scalars(rows))
        return [row for row in found if target in ("", row.target)]

    def told(self, target: str) -> list[str]:
        """The texts for one target, oldest first."""
        return [row.notice["text"] for row in self.notices(target)]


def actor(work: Acting, userid: str) -> Actor:
    person = work.town.person(userid)
    posts = work.town.posts_on(person.id, work.now.date()) if person else []
    role = posts[0].role if posts else "resident"
    return Actor(userid, role, "app", person.id if person else None)


def local(moment: datetime) -> str:
    """06-01 09:00"""
    return f"{moment.astimezone(ZONE):%m-%d %H:%M}"
