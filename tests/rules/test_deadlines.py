"""Clock arithmetic against every vector of the regulation, with the 2026 calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines import Clock, Counting, Span, add_months, due

ZONE = ZoneInfo("Asia/Shanghai")


def days(*ranges):
    """(5, 1, 5) is 1 May to 5 May 2026."""
    return {date(2026, m, d) for m, first, last in ranges for d in range(first, last + 1)}


REST = days((1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7))
MADE_UP = {date(2026, m, d) for m, d in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]}


def works(day):
    return day in MADE_UP or (day.weekday() < 5 and day not in REST)


CIVIL = Clock(ZONE, Counting.CIVIL, works)
ROLLING = Clock(ZONE, Counting.ROLLING, works)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def end_of(text):
    """24:00 of that day."""
    return at(text) + timedelta(days=1)


@pytest.mark.parametrize(
    ("reported", "count", "span", "roll", "last"),
    [
        ("2026-06-01 09:00", 2, Span.DAYS, False, "2026-06-03"),
        # the Friday before the Spring Festival: its Saturday is worked, then nine days of rest
        ("2026-02-13 21:40", 2, Span.DAYS, False, "2026-02-15"),
        ("2026-02-13 21:40", 2, Span.DAYS, True, "2026-02-24"),
        ("2026-02-13 21:40", 2, Span.WORKDAYS, False, "2026-02-24"),
        # a plain week-end
        ("2026-06-05 10:00", 2, Span.DAYS, False, "2026-06-07"),
        ("2026-06-05 10:00", 2, Span.DAYS, True, "2026-06-08"),
        ("2026-06-05 10:00", 2, Span.WORKDAYS, False, "2026-06-09"),
        # the National Day week, with a worked Saturday after it
        ("2026-09-30 10:00", 7, Span.DAYS, False, "2026-10-07"),
        ("2026-09-30 10:00", 7, Span.DAYS, True, "2026-10-08"),
        ("2026-09-30 10:00", 5, Span.WORKDAYS, False, "2026-10-13"),
        ("2026-09-30 10:00", 7, Span.WORKDAYS, False, "2026-10-15"),
        # the next working day is a Sunday
        ("2026-09-18 10:00", 1, Span.WORKDAYS, False, "2026-09-20"),
        # months keep the anchor day
        ("2026-01-31 10:00", 1, Span.MONTHS, False, "2026-02-28"),
        ("2026-01-31 10:00", 2, Span.MONTHS, False, "2026-03-31"),
        ("2026-01-31 10:00", 3, Span.MONTHS, False, "2026-04-30"),
        ("2028-01-30 10:00", 1, Span.MONTHS, False, "2028-02-29"),
        ("2028-01-30 10:00", 2, Span.MONTHS, False, "2028-03-30"),
        ("2026-12-31 10:00", 2, Span.MONTHS, False, "2027-02-28"),
    ],
)
def test_the_vectors_of_the_regulation(reported, count, span, roll, last):
    assert due(at(reported), count, span, CIVIL, roll=roll) == end_of(last)


def test_one_second_around_midnight_is_a_whole_day():
    late = due(at("2026-06-01 23:59:59"), 2, Span.DAYS, CIVIL)
    early = due(at("2026-06-02 00:00:01"), 2, Span.DAYS, CIVIL)
    assert (late, early - late) == (end_of("2026-06-03"), timedelta(days=1))


def test_rolling_counts_hours_from_the_report():
    assert due(at("2026-06-01 09:00"), 2, Span.DAYS, ROLLING) == at("2026-06-03 09:00")


def test_rolling_months_keep_the_anchor_day_and_the_hour():
    assert due(at("2026-01-31 21:40"), 1, Span.MONTHS, ROLLING) == at("2026-02-28 21:40")


def test_rolling_leaves_one_second_one_second():
    late = due(at("2026-06-01 23:59:59"), 2, Span.DAYS, ROLLING)
    early = due(at("2026-06-02 00:00:01"), 2, Span.DAYS, ROLLING)
    assert early - late == timedelta(seconds=2)


def test_the_day_of_the_report_is_the_local_one():
    utc = datetime(2026, 5, 31, 16, 30, tzinfo=UTC)  # half past midnight of 1 June
    assert due(utc, 2, Span.DAYS, CIVIL) == end_of("2026-06-03")


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"):
        due(datetime(2026, 6, 1), 2, Span.DAYS, CIVIL)  # noqa: DTZ001


def test_a_calendar_that_never_works_is_refused_and_not_waited_for():
    never = Clock(ZONE, Counting.CIVIL, lambda _: False)
    with pytest.raises(ValueError, match="no working day"):
        due(at("2026-06-01 09:00"), 1, Span.WORKDAYS, never)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 60), st.integers(0, 60))
def test_months_never_go_backwards_and_never_leave_the_anchor_by_more_than_three_days(day, a, b):
    low, high = sorted((a, b))
    assert add_months(day, low) <= add_months(day, high)
    assert 0 <= day.day - add_months(day, a).day <= 3


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(ZONE))  # noqa: DTZ001
spans = st.sampled_from([Span.DAYS, Span.MONTHS, Span.WORKDAYS])


@given(moments, st.integers(1, 30), spans, st.booleans(), st.sampled_from([CIVIL, ROLLING]))
def test_nothing_is_due_before_it_was_reported(reported, count, span, roll, clock):
    assert due(reported, count, span, clock, roll=roll) > reported


@given(moments, st.integers(1, 20))
def test_more_days_are_never_due_earlier(reported, count):
    one, more = (due(reported, n, Span.DAYS, CIVIL) for n in (count, count + 1))
    assert more - one == timedelta(days=1)
