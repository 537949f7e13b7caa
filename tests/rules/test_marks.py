"""The three marks of every issue and the nudges around its promise."""

from datetime import datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines import Clock, Counting, Span, due
from rules.marks import (
    TIER_VERSION,
    NudgeKind,
    cycle_start,
    marks,
    next_mark,
    nudges,
    passed,
    promised,
    schedule,
    unaccepted,
)
from rules.quiet import Pace, QuietHours
from rules.words import Tier

ZONE = ZoneInfo("Asia/Shanghai")
CLOCK = Clock(ZONE)
PACE = Pace(ZONE, QuietHours(time(22), time(7, 30)), (time(7, 45), time(12, 15), time(19)))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


MONDAY = at("2026-06-01 09:00")


def test_every_issue_has_two_days_one_week_one_month_then_every_month():
    first = list(islice(marks(MONDAY, CLOCK), 5))
    assert [(m.name, m.at) for m in first] == [
        ("two_days", at("2026-06-04 00:00")),
        ("week", at("2026-06-09 00:00")),
        ("month", at("2026-07-02 00:00")),
        ("month:2", at("2026-08-02 00:00")),
        ("month:3", at("2026-09-02 00:00")),
    ]


def test_marks_have_names_that_people_read():
    chinese = [mark.chinese for mark in islice(marks(MONDAY, CLOCK), 4)]
    assert chinese == ["2 天", "1 周", "1 个月", "2 个月"]


@pytest.mark.parametrize(
    ("tier", "due"),
    [
        (Tier.ORDINARY, "2026-06-04 00:00"),
        (Tier.HARD, "2026-06-09 00:00"),
        (Tier.COMPLEX, "2026-07-02 00:00"),
    ],
)
def test_each_tier_promises_one_of_the_marks(tier, due):
    assert promised(MONDAY, tier, CLOCK, TIER_VERSION) == at(due)


def test_a_mark_counts_from_its_very_moment_on():
    mark = at("2026-06-04 00:00")
    just_before = passed(MONDAY, mark, MONDAY, mark - timedelta(seconds=1), CLOCK)
    assert (just_before, passed(MONDAY, mark, MONDAY, mark, CLOCK)[0].name) == ([], "two_days")


def test_the_next_mark_is_later_than_the_moment_asked_about():
    assert next_mark(MONDAY, at("2026-06-04 00:00"), at("2026-06-04 00:00"), CLOCK).name == "week"


def test_after_a_power_cut_of_two_months_four_marks_have_passed():
    due = at("2026-06-04 00:00")
    found = passed(MONDAY, due, MONDAY, at("2026-08-10 00:00"), CLOCK)
    assert [mark.name for mark in found] == ["two_days", "week", "month", "month:2"]


def test_rolling_marks_keep_the_hour_of_the_report():
    rolling = Clock(ZONE, Counting.ROLLING)
    assert [m.at for m in islice(marks(MONDAY, rolling), 2)] == [
        at("2026-06-03 09:00"),
        at("2026-06-08 09:00"),
    ]


def test_the_nudges_stand_before_and_after_the_promise():
    found = nudges(MONDAY, at("2026-06-04 00:00"), PACE, CLOCK)
    assert [(n.kind, n.at) for n in found] == [
        (NudgeKind.HALF, at("2026-06-02 16:30")),
        (NudgeKind.DUE_DAY, at("2026-06-03 07:30")),
        (NudgeKind.URGE, at("2026-06-04 07:30")),
        (NudgeKind.SUPERVISE, at("2026-06-07 00:00")),
        (NudgeKind.BULLETIN, at("2026-06-10 07:30")),
    ]


@pytest.mark.parametrize(
    ("delivered", "told", "moments"),
    [
        ("2026-06-01 09:00", 0, ["2026-06-01 19:00", "2026-06-02 07:45"]),
        ("2026-06-01 12:15", 0, ["2026-06-02 07:45", "2026-06-02 12:15"]),
        ("2026-06-01 12:15", 1, ["2026-06-02 12:15"]),
        ("2026-06-01 12:15", 2, []),
    ],
)
def test_accepting_is_looked_for_from_when_the_card_was_delivered(delivered, told, moments):
    """The slot that delivers it does not count."""
    found = unaccepted(at(delivered), told, PACE)
    assert [nudge.at for nudge in found] == [at(moment) for moment in moments]


def test_a_promise_that_was_moved_is_a_mark_of_its_own():
    found = list(islice(schedule(MONDAY, at("2026-06-06 00:00"), CLOCK), 3))
    assert [(m.name, m.at) for m in found][1:] == [
        ("due:202606060000", at("2026-06-06 00:00")),
        ("week", at("2026-06-09 00:00")),
    ]
    assert found[1].chinese == "约定的时间"


def test_a_promise_on_a_mark_is_no_second_one():
    found = list(islice(schedule(MONDAY, at("2026-06-09 00:00"), CLOCK), 3))
    assert [m.name for m in found] == ["two_days", "week", "month"]


def test_a_recurring_promise_counts_progress_from_the_month_before():
    february = due(at("2026-01-31 10:00"), 1, Span.MONTHS, CLOCK)
    march = due(at("2026-01-31 10:00"), 2, Span.MONTHS, CLOCK)
    assert cycle_start(at("2026-01-31 10:00"), march, CLOCK) == february
    assert cycle_start(at("2026-01-31 10:00"), february, CLOCK) == at("2026-01-31 10:00")


def test_a_morning_before_the_report_is_no_nudge():
    found = nudges(MONDAY, at("2026-06-01 20:00"), PACE, CLOCK)
    assert NudgeKind.DUE_DAY not in [nudge.kind for nudge in found]


clocks = st.sampled_from([CLOCK, Clock(ZONE, Counting.ROLLING)])
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(ZONE))  # noqa: DTZ001
waits = st.lists(st.integers(0, 90 * 24 * 3600), min_size=1, max_size=6)


@given(moments, clocks)
def test_marks_strictly_increase_and_stand_after_the_report(reported, clock):
    times = [reported, *(mark.at for mark in islice(marks(reported, clock), 30))]
    assert all(one < other for one, other in pairwise(times))


@given(moments, clocks, waits, st.integers(1, 60))
def test_marks_are_the_same_however_the_time_is_split(reported, clock, seconds, moved):
    split, since, due_at = [], reported, reported + timedelta(days=moved)
    for wait in seconds:
        split += passed(reported, due_at, since, since + timedelta(seconds=wait), clock)
        since += timedelta(seconds=wait)
    assert split == passed(reported, due_at, reported, since, clock)


@given(moments, clocks, st.sampled_from(Tier))
def test_a_promise_is_always_one_of_the_marks(reported, clock, tier):
    assert promised(reported, tier, clock, TIER_VERSION) in [
        m.at for m in islice(marks(reported, clock), 3)
    ]


@given(moments, clocks, st.sampled_from(Tier))
def test_nudges_are_in_order_and_none_is_before_the_report(reported, clock, tier):
    found = [
        n.at for n in nudges(reported, promised(reported, tier, clock, TIER_VERSION), PACE, clock)
    ]
    assert found == sorted(found)
    assert all(moment > reported for moment in found)
