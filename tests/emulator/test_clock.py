"""The clock that tests and the page may move."""

from datetime import UTC, datetime, time, timedelta

import pytest

from emulator.clock import SHANGHAI, FakeClock, next_of, real_now

NEW_YEAR = datetime(2026, 1, 31, 9, 0, tzinfo=SHANGHAI)


def test_it_starts_with_the_real_time_in_shanghai():
    now = FakeClock().now()
    assert abs(now - real_now()) < timedelta(seconds=2)
    assert now.utcoffset() == timedelta(hours=8)


def test_it_goes_on_from_where_it_was_set():
    clock = FakeClock(NEW_YEAR)
    assert timedelta(0) <= clock.now() - NEW_YEAR < timedelta(seconds=2)


def test_it_advances_by_a_step():
    clock = FakeClock(NEW_YEAR)
    clock.freeze()
    before = clock.now()
    assert clock.advance(timedelta(days=2)) == before + timedelta(days=2)


def test_a_frozen_clock_stands_still_until_it_is_thawed():
    clock = FakeClock(NEW_YEAR)
    clock.freeze()
    assert clock.now() == clock.now()
    clock.set(NEW_YEAR + timedelta(hours=1))
    clock.thaw()
    assert clock.now() > NEW_YEAR + timedelta(hours=1)


def test_a_month_keeps_the_day_where_there_is_one():
    clock = FakeClock(NEW_YEAR)
    clock.freeze()
    assert [clock.next_month().day, clock.next_month().month] == [28, 3]


def test_december_is_followed_by_january():
    clock = FakeClock(datetime(2026, 12, 31, 9, 0, tzinfo=UTC))
    assert (clock.next_month().year, clock.now().month) == (2027, 1)


def test_it_wants_to_know_the_zone():
    with pytest.raises(ValueError, match="time zone"):
        FakeClock().set(datetime(2026, 1, 1))  # noqa: DTZ001


def test_it_tells_its_watchers_where_it_jumped_to():
    clock = FakeClock(NEW_YEAR)
    heard: list[datetime] = []
    clock.watch(heard.append)
    clock.advance(timedelta(days=1))
    assert [moment.day for moment in heard] == [1]


def test_the_timestamp_is_in_whole_seconds():
    clock = FakeClock(NEW_YEAR)
    clock.freeze()
    assert clock.timestamp() == int(clock.now().timestamp())


SLOTS = (time(7, 45), time(12, 15), time(19, 0))


@pytest.mark.parametrize(
    ("now", "then"),
    [("09:00", "31 12:15"), ("12:15", "31 19:00"), ("19:30", "01 07:45"), ("00:10", "31 07:45")],
)
def test_it_goes_to_the_next_time_of_day(now, then):
    clock = FakeClock(datetime.combine(NEW_YEAR, time.fromisoformat(now), SHANGHAI))
    clock.freeze()
    assert next_of(clock.now().replace(second=0, microsecond=0), SLOTS).strftime("%d %H:%M") == then
    assert clock.next_of(SLOTS).strftime("%H:%M") in ("07:45", "12:15", "19:00")


def test_without_times_it_stays():
    assert next_of(NEW_YEAR, ()) == NEW_YEAR
