"""Nobody acts on a town that is gone: what another process changes is seen by the very next act."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from issues import registering
from issues.events import Actor
from issues.registering import Report
from issues.transactions import Transactions
from people.reading import CurrentTown, Part, changed, read, version
from storage.db import Database
from tests.town import LIN, OFFICE, TOWN, at, settle, without

NOW = at("2026-06-01 09:00")
CHECKOUT = Path(__file__).resolve().parent.parent.parent
ELSEWHERE = """
import sys
from datetime import timedelta
from issues import departure, leave
from issues.events import CLOCK
from issues.transactions import Transactions
from storage.db import Database
from tests.town import OFFICE, at, settle, without

def departed(work):
    departure.depart(work, work.town.person("zhang"), "k1")
def on_leave(work):
    until = work.today + timedelta(days=3)
    leave.take(work, work.town.person("zhang"), work.today, until, None, CLOCK)
for line in sys.stdin:
    url, what = line.split()
    database = Database(url)
    if what == "import":
        settle(database, *without("zhang"), "张二,zhang_er,邻长,清溪镇/韶山村/一片/长冲组/一邻,,",
               day=at("2026-06-01 09:00").date())
    else:
        act = {"departure": departed, "leave": on_leave}[what]
        Transactions(database, OFFICE).write(at("2026-06-01 09:00"), act)
    database.dispose()
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def elsewhere():
    """Another process of the same deployment, which does something: elsewhere(url, "leave")."""
    command, pipe = [sys.executable, "-c", ELSEWHERE], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=CHECKOUT) as other:

        def does(url: str, what: str) -> None:
            assert other.stdin is not None
            assert other.stdout is not None
            print(url, what, file=other.stdin, flush=True)
            assert other.stdout.readline() == "done\n"

        yield does


def report(transactions):
    """Who holds what 毛某 reports now."""

    def act(work):
        issue = registering.open_issue(work, Report("mao_mou", "路灯不亮", NOW, "app"))
        holder = work.holder(issue)
        return holder.userid if holder else ""

    return transactions.write(NOW, act)


@pytest.mark.parametrize("what", ["departure", "leave"])
def test_what_another_process_does_is_seen_by_the_next_report(db, db_url, elsewhere, what):
    settle(db)
    here = Transactions(db, OFFICE)
    assert report(here) == "zhang"
    elsewhere(db_url, what)
    assert report(here) == "peng"


def test_an_import_by_another_process_is_seen_by_the_next_report(db, db_url, elsewhere):
    settle(db, *without("zhang"))
    here = Transactions(db, OFFICE)
    assert report(here) == "peng"
    elsewhere(db_url, "import")
    assert report(here) == "zhang_er"


def test_an_act_on_a_town_that_is_gone_is_begun_again(lite: Database):
    settle(lite)
    here = CurrentTown(lite)
    seen = []

    def act(session, town):
        seen.append(town.version)
        return town.person("zhang").name

    here.write(act)
    lite.write(lambda session: changed(session, Part.SEATS))
    assert here.write(act) == "张某"
    assert seen[1].seats == seen[0].seats + 1  # the old one was never acted on again


def test_two_processes_that_change_people_at_one_moment_both_do_it(town_postgres):
    """Both look at the version before either raises it, so that PostgreSQL has to undo one."""
    meet = threading.Barrier(2)
    first = threading.local()

    def act(session, town):
        if not getattr(first, "done", False):
            first.done = True
            meet.wait(20)
        changed(session, Part.SEATS)

    def one():
        database = Database(town_postgres.url)
        CurrentTown(database).write(act)
        database.dispose()

    with town_postgres.read() as session:
        before = version(session)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(one), pool.submit(one)]:
            done.result(60)
    with town_postgres.read() as session:
        assert version(session).seats == before.seats + 2


def test_only_posts_and_leaves_are_read_again_when_only_they_have_changed(lite: Database):
    settle(lite)
    with lite.read() as session:
        before = read(session)
    lite.write(lambda session: changed(session, Part.SEATS))
    with lite.read() as session:
        after = read(session, before)
    assert after is not before
    assert after.homes is before.homes


def test_a_town_that_nobody_has_changed_is_the_same(lite: Database):
    settle(lite)
    here = CurrentTown(lite)
    with lite.read() as session:
        assert here.read(session) is here.read(session)


def test_an_import_that_changes_nothing_leaves_the_town_as_it_is(lite: Database):
    settle(lite, day=date(2026, 1, 1))
    with lite.read() as session:
        before = version(session)
    settle(lite, *TOWN, day=date(2026, 1, 1))
    with lite.read() as session:
        assert version(session) == before


def test_everybody_sits_where_the_roster_says(lite: Database):
    settle(lite)
    with lite.read() as session:
        town = read(session)
    unit = town.unit_at(LIN)
    assert unit is not None
    taken = [town.by_id(seat.person) for seat in town.seats(unit, date(2026, 6, 1))]
    assert [p.userid if p else None for p in taken] == ["zhang", "peng", "tan", "xie", "guo", "sun"]


def test_a_stranger_is_nobody(lite: Database):
    settle(lite)
    with lite.read() as session:
        town = read(session)
    assert town.person("nobody") is None
    assert town.unit_ending("没有这个村") is None


def test_who_acts_is_found_whatever_the_case_of_the_account(lite: Database):
    settle(lite)
    with lite.read() as session:
        person = read(session).person("ZHANG")
    assert person is not None
    assert Actor(person.userid, "linzhang", "app").userid == "zhang"
