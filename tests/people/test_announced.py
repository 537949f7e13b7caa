"""Everything that changes people says so in the same transaction (people/reading.py `changed`)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from handlers.message import Contact
from issues import departure, leave
from issues.events import CLOCK
from tests.bot_room import Room
from tests.town import LIN, TOWN, acting, at, settle, without

PEOPLE = re.compile(
    r"(?:INSERT INTO|UPDATE|DELETE FROM) (?:unit|person|post|household|resident|leave)\b"
)
NOW = at("2026-06-01 09:00")


class Transactions:
    """What each transaction has written: of people, and that they have changed."""

    def __init__(self, database):
        self.silent = []
        self.of_people = 0
        self._open = [False, False]
        event.listen(database.engine, "begin", self._begin)
        event.listen(database.engine, "before_cursor_execute", self._hear)
        event.listen(database.engine, "commit", self._commit)

    def _begin(self, _connection):
        self._open, self._said = [False, False], []

    def _hear(self, _connection, _cursor, statement, *_more):
        if PEOPLE.match(statement):
            self._open[0] = True
            self._said.append(statement)
        if "roster_version" in statement and not statement.startswith("SELECT"):
            self._open[1] = True

    def _commit(self, _connection):
        people, announced = self._open
        self.of_people += people
        if people and not announced:
            self.silent.append(self._said)


@pytest.fixture
def room(lite):
    settle(lite)
    return Room(lite, NOW)


def taken(room, userid="zhang", delegate=None):
    def act(work):
        person = work.town.person(userid)
        other = work.town.person(delegate) if delegate else None
        leave.take(work, person, work.today, work.today + timedelta(days=2), other, CLOCK)

    acting(room.database, room.now, room.office, act)


def left(room):
    def act(work):
        person = work.town.person("zhang")
        assert person
        departure.depart(work, person, "k")

    acting(room.database, NOW, room.office, act)


def renamed(room, new="zhang_new"):
    acting(room.database, NOW, room.office, lambda work: departure.rename(work, "zhang", new))


def by_callback(room):
    room.receive(room.incoming("zhang", kind="contact", contact=Contact(left=True)))


def leave_over(room):
    taken(room)
    room.go("2026-06-10 09:00").tick()


def leave_begun(room):
    def act(work):
        person = work.town.person("zhang")
        assert person
        first, last = work.today + timedelta(days=2), work.today + timedelta(days=4)
        leave.take(work, person, first, last, None, CLOCK)

    acting(room.database, NOW, room.office, act)
    room.go("2026-06-03 09:00").tick()


NEWCOMER = f"新某,xin,居民,{LIN},新家,"
CHANGES = {
    "import": lambda room: settle(room.database, *TOWN, NEWCOMER),
    "full import": lambda room: settle(room.database, *without("chen"), day=NOW.date()),
    "leave": taken,
    "leave with delegate": lambda room: taken(room, delegate="chen"),
    "leave begun by itself": leave_begun,
    "leave over by itself": leave_over,
    "leave said in words": lambda room: room.say("zhang", "我请假 到周五 陈某代"),
    "departure": left,
    "departure by callback": by_callback,
    "rename": renamed,
    "rename to somebody known": lambda room: renamed(room, "chen"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_people_says_so(room, change):
    heard = Transactions(room.database)
    CHANGES[change](room)
    assert heard.silent == []
    if change != "full import":  # without --full nobody is taken off the roster
        assert heard.of_people
