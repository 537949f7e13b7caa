"""Every fault that keeps a promise from being kept is named by doctor, with what to do about it,
and by /healthz where the service does not do what it is for."""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from bot.cli import main
from bot.config import Config, load
from bot.configured import office as office_of
from bot.examine.checks import examine
from bot.examine.examination import Finding, Installation
from bot.health import Health
from bot.trusted_clock import CLOCK
from scheduler import clockwork
from scheduler.clockwork import TICK, Runs
from storage import heartbeats, inbox, outbox
from storage.db import Database
from storage.heartbeats import BACKUP, Beat
from storage.notice import Notice
from storage.outbox import Posting, SendError
from storage.tables import Attachment, Heartbeat, Inbox, PostRow
from tests.bot.conftest import CONFIG
from tests.bot_room import Room
from tests.town import at

MONDAY = at("2026-06-01 12:00")
REFUSED = SendError("errcode 60020", retry_after=600)
HOURS = timedelta(hours=1)


@dataclass
class Office:
    """A deployment at a moment, and what is found there."""

    database: Database
    config: Config
    now: datetime = MONDAY

    def found(self) -> dict[str, Finding]:
        place = Installation.of(self.config, self.database, self.now)
        return {finding.name: finding for finding in examine(place, quick=True)}

    def health(self) -> dict[str, Any]:
        faq = SimpleNamespace(book=SimpleNamespace(entries=()))
        service: Any = SimpleNamespace(
            database=self.database,
            config=self.config,
            office=office_of(self.config),
            now=lambda: self.now,
            faq=faq,
        )
        return Health(service).state()

    def beat(self, *beats: Beat) -> None:
        self.database.write(lambda session: heartbeats.put(session, beats))

    def put(self, first: datetime, written: datetime | None = None, **more: Any) -> None:
        posting = Posting("k1", "app", "zhang", Notice("话"), first, **more)
        self.database.write(lambda session: outbox.put(session, posting, written or first))

    def refuse(self, first: datetime, last: datetime) -> None:
        """As the sender does it between these moments, with WeCom refusing everything."""
        moment = first
        while moment <= last:
            self.now = moment
            self.database.write(self._refused)
            moment += timedelta(minutes=10)
        self.now = last

    def _refused(self, session: Any) -> None:
        wake = self._wake()
        for parcel in outbox.claim(session, self.now, {}, {}, wake=wake):
            outbox.failed(session, parcel, self.now, REFUSED)

    def _wake(self) -> datetime | None:
        waking = Installation.of(self.config, self.database, self.now).office.pace.waking(self.now)
        return waking if waking > self.now else None


@pytest.fixture
def config(tmp_path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG.format(url="sqlite:///not-used.db"), "utf-8")
    return load(tmp_path / "config.toml", {})


@pytest.fixture
def office(town_db, config) -> Office:
    """All is well: people, a heartbeat, a backup of this night."""
    made = Office(town_db, config)
    made.beat(Beat(TICK, MONDAY), *Runs(MONDAY).beats(), Beat(BACKUP, MONDAY - 10 * HOURS))
    return made


def message(office: Office, key: str, state: str, received: datetime) -> None:
    row = {"received_at": received, "userid": "mao_mou", "message": {}, "state": state}
    office.database.write(lambda session: inbox.store(session, "app", key, **row))


def photo(office: Office, **values: Any) -> None:
    """A photo of somebody's issue, as far as it has been fetched."""
    room = Room(office.database, office.now)
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.photo("mao_mou", "P1")
    office.database.write(lambda session: session.execute(update(Attachment).values(**values)))


def stuck(office: Office) -> None:
    office.put(MONDAY, by_night=True)
    office.refuse(MONDAY, MONDAY + 54 * HOURS)
    office.beat(Beat(TICK, office.now), Beat(BACKUP, office.now), *Runs(office.now).beats())


def never_claimed(office: Office) -> None:
    office.put(MONDAY - 2 * HOURS)


def put_off_for_long(office: Office) -> None:
    message(office, "m1", "failed", MONDAY - HOURS)


def given_up(office: Office) -> None:
    message(office, "m1", "dead", MONDAY - HOURS)


def photo_late(office: Office) -> None:
    late = {"tries": 5, "fetch_at": MONDAY + HOURS, "added_at": MONDAY - HOURS}
    photo(office, path="", **late)


def photo_lost(office: Office) -> None:
    photo(office, path="", tries=9, fetch_at=None, added_at=MONDAY - 100 * HOURS)


def silent(office: Office) -> None:
    office.beat(Beat(TICK, MONDAY - timedelta(minutes=4)))


def beating_in_the_future(office: Office) -> None:
    office.beat(Beat(TICK, MONDAY + HOURS))


def one_tick_raises(office: Office) -> None:
    runs = Runs(MONDAY - HOURS)
    runs.failed("remind_due", MONDAY, ValueError("no such column"))
    for name in {beat.name.partition(":")[2] for beat in runs.beats()} - {"remind_due"}:
        runs.ended(name, MONDAY)
    office.beat(*runs.beats())


def one_tick_hangs(office: Office) -> None:
    office.beat(Beat(f"{TICK}:send_outbox", MONDAY - HOURS))


def clock_set_back(office: Office) -> None:
    message(office, "m1", "done", MONDAY + HOURS)


def clock_jumped(office: Office) -> None:
    office.beat(Beat(CLOCK, MONDAY, "本机时钟一下子快了 365 天", MONDAY))


def nobody_there(office: Office) -> None:
    office.database.write(lambda session: session.execute(delete(PostRow)))


def backup_old(office: Office) -> None:
    office.beat(Beat(BACKUP, MONDAY - 49 * HOURS))


def never_backed_up(office: Office) -> None:
    message(office, "m1", "done", MONDAY - 72 * HOURS)
    gone = delete(Heartbeat).where(Heartbeat.name == BACKUP)
    office.database.write(lambda session: session.execute(gone))


#: fault, the finding's name, its sign, whether /healthz is 503
FAULTS: list[tuple[Callable[[Office], None], str, str, bool]] = [
    (stuck, "outbox.stuck", "✗", True),
    (never_claimed, "outbox.stuck", "✗", True),
    (put_off_for_long, "inbox.failed", "✗", False),
    (given_up, "inbox.dead", "✗", False),
    (photo_late, "media.late", "✗", False),
    (photo_lost, "media.lost", "!", False),
    (silent, "ticks.silent", "✗", True),
    (beating_in_the_future, "ticks.future", "✗", True),
    (one_tick_raises, "ticks.remind_due", "✗", True),
    (one_tick_hangs, "ticks.send_outbox", "✗", True),
    (clock_set_back, "clock.behind", "✗", False),
    (clock_jumped, "clock.jumped", "✗", False),
    (nobody_there, "roster.empty", "✗", False),
    (backup_old, "backup.old", "✗", False),
    (never_backed_up, "backup.none", "✗", False),
]
#: What every finding that is not good has: something to do.
TO_DO = re.compile("请|看|查|运行|重启")


def test_where_all_is_well_nothing_is_found(office):
    assert [one for one in office.found().values() if one.sign != "✓"] == []
    state = office.health()
    assert (state["ok"], state["problems"]) == (True, [])


@pytest.mark.parametrize(
    ("fault", "name", "sign", "urgent"), FAULTS, ids=lambda v: getattr(v, "__name__", str(v))
)
def test_a_fault_is_named_with_what_to_do(office, fault, name, sign, urgent):
    fault(office)
    finding = office.found()[name]
    assert (finding.sign, finding.urgent) == (sign, urgent)
    assert TO_DO.search(finding.text)
    state = office.health()
    assert (state["ok"], name in state["problems"]) == (not urgent, sign == "✗")


def test_the_age_is_that_of_the_first_moment_and_the_reason_is_told(office):
    stuck(office)
    text = office.found()["outbox.stuck"].text
    assert "54 小时" in text
    assert "可信 IP" in text


def test_a_tick_that_raised_once_is_no_alarm_and_its_error_is_kept(office):
    runs = Runs(MONDAY)
    runs.failed("remind_due", MONDAY, ValueError("no such column"))
    office.beat(*runs.beats())
    assert (office.found()["ticks.remind_due"].sign, office.health()["ok"]) == ("!", True)
    runs.ended("remind_due", MONDAY + timedelta(minutes=1))
    assert runs.beats()[5].error == "ValueError: no such column"


def test_a_tick_as_at_another_moment_is_no_sign_of_life(office):
    room = Room(office.database, MONDAY + 1000 * HOURS)
    clockwork.once(room.machine, room.now, travels=True)
    assert office.found()["ticks"].sign == "✓"
    clockwork.once(room.machine, MONDAY)
    assert office.health()["ok"]


def test_what_is_planned_for_tomorrow_is_not_late(office):
    office.put(MONDAY + timedelta(minutes=5), written=MONDAY - 30 * HOURS)
    assert "outbox.stuck" not in office.found()


def test_what_has_failed_in_the_evening_waits_for_the_morning_without_an_alarm(office):
    evening = at("2026-06-01 21:40")
    office.put(evening)
    office.refuse(evening, at("2026-06-02 07:50"))
    assert "outbox.stuck" not in office.found()


def test_what_was_late_already_stays_late_by_night(office):
    afternoon = at("2026-06-01 14:00")
    office.put(afternoon)
    office.refuse(afternoon, at("2026-06-02 03:00"))
    assert "13 小时" in office.found()["outbox.stuck"].text


def test_an_emergency_is_late_at_any_hour(office):
    night = at("2026-06-01 23:00")
    office.put(night, by_night=True)
    office.refuse(night, night + 2 * HOURS)
    assert "outbox.stuck" in office.found()


# --- what is not in the database ---


@pytest.mark.parametrize(("left", "urgent"), [(400, False), (5, True)])
def test_a_full_disk_is_named_by_what_lies_on_it(office, monkeypatch, left, urgent):
    usage = shutil.disk_usage("/")._replace(free=left * 1024 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    finding = office.found()["disk.full"]
    assert (f"{left} MB" in finding.text, finding.urgent) == (True, urgent)


def test_the_folder_of_the_photos_is_looked_at_by_itself(office, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "media_path" in office.found()["media.unwritable"].text


def test_a_year_without_a_calendar_is_bad_once_it_has_begun(office, monkeypatch):
    monkeypatch.setattr("bot.workdays._announced", lambda year: year < 2026)
    assert office.found()["calendar.year"].bad
    monkeypatch.setattr("bot.workdays._announced", lambda year: year < 2027)
    assert "calendar.year" not in office.found()
    office.now = at("2026-12-01 12:00")
    assert office.found()["calendar.year"].sign == "!"


def test_doctor_makes_no_database_where_there_is_none(tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG.format(url="sqlite:///lost.db"), "utf-8")
    config = load(tmp_path / "config.toml", {})
    office = Office(Database(config.database_url()), config)
    finding = office.found()["database.unready"]
    assert (finding.urgent, "sanzhang db upgrade" in finding.text) == (True, True)
    assert (office.health()["ok"], (tmp_path / "lost.db").exists()) == (False, False)


@pytest.mark.parametrize("content", [b"", b"this is no database at all, only some words" * 40])
def test_a_file_that_is_no_database_is_named(tmp_path, content):
    (tmp_path / "odd.db").write_bytes(content)
    (tmp_path / "config.toml").write_text(CONFIG.format(url="sqlite:///odd.db"), "utf-8")
    config = load(tmp_path / "config.toml", {})
    found = Office(Database(config.database_url()), config).found()
    assert found.keys() & {"database.unready", "database.broken"}


def test_a_database_that_may_only_be_read_is_named(sqlite_url, config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = sqlite_url.removeprefix("sqlite:///")
    database = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    found = [one.name for one in examine(Installation.of(config, database, MONDAY)) if one.urgent]
    assert "database.unwritable" in found


def test_an_unlinked_file_is_seen_while_the_service_still_reads_it(sqlite_url, config):
    database = Database(sqlite_url)
    office = Office(database, config)
    office.beat(Beat(TICK, MONDAY))
    os.unlink(sqlite_url.removeprefix("sqlite:///"))
    assert "database.lost" in office.health()["problems"]


def test_findings_of_one_deployment_do_not_depend_on_another_moment(office):
    later = replace(office, now=MONDAY + timedelta(minutes=10))
    assert later.found()["ticks.silent"].bad
    assert office.found()["ticks"].sign == "✓"


def test_a_backup_that_was_made_by_hand_is_noted_by_a_command(tmp_path, sqlite_url):
    (tmp_path / "config.toml").write_text(CONFIG.format(url=sqlite_url), "utf-8")
    done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "db", "backed-up"])
    assert done.exit_code == 0, done.output
    with Database(sqlite_url).read() as session:
        assert BACKUP in heartbeats.known(session)


def test_the_first_message_counts_as_the_beginning(office):
    with office.database.read() as session:
        assert session.query(Inbox).count() == 0
    assert office.found()["backup"].sign == "✓"
