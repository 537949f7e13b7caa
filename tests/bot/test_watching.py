"""Who is told when something goes bad: the admins, once each, and who waits for a sign of life."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from bot import alarm, watching
from bot.cli import main
from bot.config import load
from bot.examine.checks import examine
from bot.examine.examination import Installation
from bot.trusted_clock import ACCEPTED, CLOCK, TrustedClock
from scheduler.clockwork import TICK, Runs
from storage import heartbeats
from storage.heartbeats import BACKUP, Beat
from tests.bot.conftest import CONFIG
from tests.bot_room import Room
from tests.town import at

NOON = at("2026-06-01 12:00")
HOUR = timedelta(hours=1)


class Watched(Room):
    """A room with what a service has for its own health; the backup is what goes bad here."""

    config: Any = None
    trusted: TrustedClock | None = None

    def service(self) -> Any:
        return SimpleNamespace(
            config=self.config,
            office=self.office,
            database=self.database,
            now=lambda: self.now,
            transactions=self.dispatcher.transactions,
            trusted=self.trusted,
        )

    def call(self, api_base: str = "", ping_url: str = "") -> None:
        """Other machines are there."""
        wecom = self.config.wecom.model_copy(update={"api_base": api_base})
        health = self.config.health.model_copy(update={"ping_url": ping_url})
        self.config = self.config.model_copy(update={"wecom": wecom, "health": health})

    def beat(self, *beats: Beat) -> None:
        self.database.write(lambda session: heartbeats.put(session, beats))

    def backed_up(self, ago: timedelta) -> None:
        self.beat(Beat(BACKUP, self.now - ago))

    def watch(self, minutes: int) -> list[str]:
        """The service watches itself for so long; what the admin was told."""
        before = len(self.read("guan"))
        for _ in range(minutes):
            self.wait(minutes=1)
            self.beat(Beat(TICK, self.now), *Runs(self.now).beats())
            watching.tell_trouble(self.service(), self.now)
            self.tick()
        return self.read("guan")[before:]


@pytest.fixture
def room(town_lite, tmp_path) -> Watched:
    (tmp_path / "config.toml").write_text(CONFIG.format(url="sqlite:///not-used.db"), "utf-8")
    made = Watched(town_lite, NOON)
    made.config = load(tmp_path / "config.toml", {})
    made.backed_up(HOUR)
    return made


def test_while_all_is_well_nobody_is_told_anything(room):
    assert room.watch(30) == []


def test_the_admin_is_told_once_what_lasts_and_once_that_it_is_over(room):
    room.backed_up(72 * HOUR)
    [told] = room.watch(120)
    assert "最近一次备份" in told
    room.backed_up(HOUR)
    [well] = room.watch(120)
    assert "已经好了" in well
    assert room.watch(30) == []


def test_what_comes_and_goes_within_minutes_is_not_told(room):
    for _ in range(5):
        room.backed_up(72 * HOUR)
        assert room.watch(3) == []
        room.backed_up(HOUR)
        assert room.watch(12) == []


def test_a_moment_of_peace_is_not_the_end(room):
    room.backed_up(72 * HOUR)
    room.watch(10)
    room.backed_up(HOUR)
    assert room.watch(5) == []
    room.backed_up(72 * HOUR)
    assert room.watch(60) == []


def test_at_night_it_waits_for_the_morning(room):
    room.go("23:00").backed_up(72 * HOUR)
    assert room.watch(60) == []
    room.now = at("2026-06-02 07:29")
    assert len(room.watch(5)) == 1


def test_who_has_not_heard_the_bad_news_does_not_hear_the_good(room):
    room.go("23:00").backed_up(72 * HOUR)
    room.watch(30)
    room.backed_up(HOUR)
    room.watch(30)
    room.now = at("2026-06-02 07:29")
    assert room.watch(30) == []


# --- a sign of life ---


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A machine on loopback that answers with its Date; its address, and what it was asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_the_ping_goes_out_while_the_service_does_its_work(room):
    with listening() as (url, asked):
        room.call(ping_url=f"{url}/alive")
        room.beat(Beat(TICK, room.now), *Runs(room.now).beats())
        watching.ping(room.service(), room.now)
        room.wait(minutes=10)  # and nothing has beaten
        watching.ping(room.service(), room.now)
    assert asked == ["/alive"]


def test_a_ping_that_does_not_arrive_breaks_nothing(room, caplog):
    room.beat(Beat(TICK, room.now), *Runs(room.now).beats())
    room.call(ping_url="http://127.0.0.1:9/secret")
    watching.ping(room.service(), room.now)
    assert ("ping_url failed" in caplog.text, "secret" in caplog.text) == (True, False)


def test_without_an_address_nobody_is_pinged(room):
    assert "ping" not in [errand.name for errand in watching.errands(room.service())]


# --- the clock ---


class Shifted:
    """The real time, so many hours away, and the word of WeCom on loopback."""

    def __init__(self, hours: int) -> None:
        self.hours = hours
        self.trusted = TrustedClock(self.wall, monotonic)

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.hours * HOUR


def mark(room: Watched) -> Beat:
    with room.database.read() as session:
        return heartbeats.known(session)[CLOCK]


def test_a_clock_that_was_wrong_and_is_set_right_is_believed_when_wecom_says_so(room):
    clock = Shifted(-3)
    room.trusted = clock.trusted
    clock.hours = 0
    assert clock.trusted.jump > 2 * HOUR
    with listening() as (url, _):
        room.call(url)
        watching.ClockWatch(room.service(), clock.trusted).look(room.now)
    assert clock.trusted.jump == timedelta(0)
    assert not mark(room).failing


def test_a_clock_that_jumps_is_not_believed_against_wecom_and_doctor_says_so(room):
    clock = Shifted(0)
    room.trusted = clock.trusted
    clock.hours = 30
    with listening() as (url, _):
        room.call(url)
        watching.ClockWatch(room.service(), clock.trusted).look(room.now)
    assert "快了 30 小时" in mark(room).error
    found = {
        one.name: one for one in examine(Installation.of(room.config, room.database, room.now))
    }
    assert "sanzhang clock accept" in found["clock.jumped"].text


def test_a_person_can_say_that_it_is_right_where_wecom_cannot_be_reached(room):
    clock = Shifted(0)
    room.trusted = clock.trusted
    room.call("http://127.0.0.1:9")
    watch = watching.ClockWatch(room.service(), clock.trusted)
    watch.look(room.now)
    clock.hours = 30
    room.beat(Beat(ACCEPTED, clock.wall() - HOUR))  # of another day
    watch.look(room.now)
    assert mark(room).failing
    room.beat(Beat(ACCEPTED, clock.wall()))
    watch.look(room.now)
    assert (mark(room).failing, clock.trusted.jump) == (False, timedelta(0))


def test_a_tick_by_hand_does_not_believe_what_the_service_does_not(town_lite, type_):
    doubt = Beat(CLOCK, NOON, "本机时钟一下子快了 365 天", NOON)
    town_lite.write(lambda session: heartbeats.put(session, [doubt]))
    assert "clock accept" in type_(town_lite, "tick", status=1)
    type_(town_lite, "tick", "--at", "2026-06-01T12:00+08:00")
    type_(town_lite, "clock", "accept")
    assert "到期提醒和升级" in type_(town_lite, "tick")


# --- a unit of systemd has failed ---


@pytest.fixture
def failed(room, monkeypatch):
    """failed(unit): as its OnFailure= runs it; what was sent past the service."""
    sent: list[tuple[str, str]] = []

    def send(parcel):
        sent.append((parcel.target, parcel.notices[0].text))
        return {"msgid": "m1"}

    monkeypatch.setattr(alarm, "channels", lambda *_: {"app": SimpleNamespace(send=send)})

    def _failed(unit):
        place = Installation.of(room.config, room.database, room.now)
        alarm.tell_failed(place, unit, [])
        return sent

    return _failed


def test_when_the_service_is_down_the_admin_is_told_past_it_once_a_day(room, failed):
    room.go("23:30")
    [(target, text)] = failed("sanzhang.service")
    assert (target, "systemctl status sanzhang.service" in text) == ("guan", True)
    assert len(failed("sanzhang.service")) == 1
    room.tick()
    assert room.read("guan") == []  # what has left is not sent again by the service


def test_without_a_database_nobody_can_be_told_and_none_is_made(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(url="sqlite:///lost.db"), "utf-8")
    done = CliRunner().invoke(main, ["--config", str(path), "doctor", "--tell", "x.service"])
    assert (done.exit_code, "没能告诉" in done.output) == (1, True)
    assert not (tmp_path / "lost.db").exists()


def test_when_the_backup_fails_the_service_tells_it(room, failed):
    room.beat(Beat(TICK, room.now))
    assert failed("sanzhang-backup.service") == []
    room.tick()
    assert "sanzhang-backup.service" in room.read("guan")[0]
