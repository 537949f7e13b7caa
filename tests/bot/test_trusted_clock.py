"""A clock that jumps under the running service is not believed until it is confirmed: nothing that
is meant for later leaves, what is urgent leaves, nothing leaves twice."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.trusted_clock import TrustedClock
from tests.bot_room import Room
from tests.town import at

START = at("2026-06-01 09:00")
HOUR, YEAR, MINUTE = timedelta(hours=1), timedelta(days=365), timedelta(minutes=1)


class Clocks:
    """The machine's clock, which can be set, and the seconds since its start, which cannot."""

    def __init__(self) -> None:
        self.wall, self.elapsed = START.astimezone(UTC), 0.0
        self.trusted = TrustedClock(lambda: self.wall, lambda: self.elapsed)

    def wait(self, span: timedelta) -> datetime:
        self.wall += span
        self.elapsed += span.total_seconds()
        return self.trusted.now()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def test_as_long_as_nothing_jumps_it_is_the_machines_time(clocks):
    for _ in range(100):
        assert clocks.wait(MINUTE) == clocks.wall
    assert clocks.trusted.jump == timedelta(0)


@pytest.mark.parametrize("jump", [2 * HOUR, YEAR, -HOUR, -YEAR], ids=str)
def test_a_jump_is_not_believed_and_time_goes_on(clocks, jump):
    clocks.wall += jump
    assert clocks.wait(MINUTE) == START + MINUTE
    assert clocks.wait(HOUR) == START + MINUTE + HOUR
    assert clocks.trusted.jump == jump


@pytest.mark.parametrize("step", [HOUR, 5 * MINUTE, -5 * MINUTE], ids=str)
def test_a_step_of_the_time_service_is_believed(clocks, step):
    clocks.wall += step
    assert clocks.wait(MINUTE) == clocks.wall


def test_a_clock_that_is_set_right_again_lets_go_by_itself(clocks):
    clocks.wall += YEAR
    clocks.wait(MINUTE)
    clocks.wall -= YEAR
    assert clocks.wait(MINUTE) == clocks.wall == START + 2 * MINUTE
    assert clocks.trusted.jump == timedelta(0)


def test_many_small_steps_are_no_jump(clocks):
    """A machine whose clock is drawn along for days."""
    for _ in range(200):
        clocks.wall += 2 * MINUTE
        clocks.wait(HOUR)
    assert clocks.trusted.jump == timedelta(0)


def test_it_is_believed_when_somebody_has_the_same_time(clocks):
    clocks.wall += YEAR
    clocks.wait(MINUTE)
    assert not clocks.trusted.confirmed_by(None)
    assert not clocks.trusted.confirmed_by(START + MINUTE)
    assert clocks.trusted.confirmed_by(clocks.wall + MINUTE)
    assert clocks.trusted.now() == clocks.wall


def go_round(room: Room, clocks: Clocks, minutes: int = 5) -> None:
    """The service runs on for so long, a round of ticks every minute."""
    for _ in range(minutes):
        room.now = clocks.wait(MINUTE)
        room.tick()


@pytest.fixture
def room(town_db) -> Room:
    """One issue, told to its 邻长; the digests of noon are waiting."""
    room = Room(town_db, START)
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.tick()
    room.say("zhang", "接单")
    return room


@pytest.mark.parametrize("jump", [YEAR, -YEAR, HOUR * 3, -HOUR], ids=str)
def test_a_jump_sends_nothing_that_is_not_due(room, clocks, jump):
    go_round(room, clocks)
    before = {who: room.read(who) for who in room.phones}
    clocks.wall += jump
    go_round(room, clocks)
    assert {who: room.read(who) for who in room.phones} == before


@pytest.mark.parametrize("jump", [YEAR, -YEAR, HOUR, -HOUR], ids=str)
def test_while_it_is_not_believed_nothing_stops(room, clocks, jump):
    clocks.wall += jump
    go_round(room, clocks)
    before = len(room.phones["zhang"])
    room.say("liu_mou", "我家着火了")
    room.tick()
    assert len(room.phones["zhang"]) == before + 1


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=str)
def test_there_and_back_nothing_leaves_twice(room, clocks, jump):
    for step in (jump, -jump):
        clocks.wall += step
        go_round(room, clocks)
        clocks.trusted.confirmed_by(clocks.wall)
        go_round(room, clocks)
    keys = [parcel.batch for phone in room.phones.values() for parcel in phone]
    assert len(keys) == len(set(keys))


def test_once_it_is_confirmed_what_has_become_due_leaves(room, clocks):
    clocks.wall += timedelta(days=3)
    go_round(room, clocks)
    before = len(room.phones["zhang"])
    clocks.trusted.confirmed_by(clocks.wall)
    go_round(room, clocks, 60)
    assert len(room.phones["zhang"]) > before
