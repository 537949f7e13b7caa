"""Quiet hours delay notices, and everything that is not urgent waits for a slot."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.quiet import Pace, QuietHours

ZONE = ZoneInfo("Asia/Shanghai")
QUIET = QuietHours(time(22), time(7, 30))
PACE = Pace(ZONE, QUIET, (time(7, 45), time(12, 15), time(19)))
NO_SLOTS = Pace(ZONE, QUIET, ())


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("2026-06-01 21:59", "2026-06-01 21:59"),
        ("2026-06-01 22:00", "2026-06-02 07:30"),
        ("2026-06-02 00:10", "2026-06-02 07:30"),
        ("2026-06-02 07:29", "2026-06-02 07:30"),
        ("2026-06-02 07:30", "2026-06-02 07:30"),
    ],
)
def test_what_is_said_at_night_leaves_in_the_morning(said, left):
    assert PACE.waking(at(said)) == at(left)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("2026-06-01 07:44", "2026-06-01 07:45"),
        ("2026-06-01 07:45", "2026-06-01 07:45"),
        ("2026-06-01 07:46", "2026-06-01 12:15"),
        ("2026-06-01 13:00", "2026-06-01 19:00"),
        ("2026-06-01 19:01", "2026-06-02 07:45"),
        ("2026-06-04 00:00", "2026-06-04 07:45"),
    ],
)
def test_what_is_not_urgent_waits_for_the_next_slot(said, left):
    assert PACE.slot(at(said)) == at(left)


def test_without_slots_only_the_night_is_waited_for():
    assert NO_SLOTS.slot(at("2026-06-01 10:00")) == at("2026-06-01 10:00")
    assert NO_SLOTS.slot(at("2026-06-01 23:00")) == at("2026-06-02 07:30")


def test_the_second_and_third_slot_after_a_report():
    monday = at("2026-06-01 09:00")
    found = [PACE.slot_after(monday, nth) for nth in (1, 2, 3)]
    assert found == [at("2026-06-01 12:15"), at("2026-06-01 19:00"), at("2026-06-02 07:45")]


def test_quiet_hours_may_lie_within_one_day():
    siesta = Pace(ZONE, QuietHours(time(12), time(14)), ())
    assert siesta.waking(at("2026-06-01 12:30")) == at("2026-06-01 14:00")
    assert siesta.waking(at("2026-06-01 23:00")) == at("2026-06-01 23:00")


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(ZONE))  # noqa: DTZ001


@given(moments, st.sampled_from([PACE, NO_SLOTS]))
def test_nobody_is_woken_and_nothing_waits_longer_than_a_night(said, pace):
    for left in (pace.waking(said), pace.slot(said)):
        assert not QUIET.covers(left.astimezone(ZONE).time())
        assert timedelta(0) <= left - said <= timedelta(hours=13)
