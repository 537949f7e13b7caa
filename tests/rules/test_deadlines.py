"""Clock arithmetic against every vector of the regulation, with the 2026 calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines import Clock, Counting, Span, add_months, due
from tests.vectors import VECTORS

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


@pytest.mark.parametrize(("reported", "count", "span", "roll", "last"), VECTORS)
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


BERLIN = ZoneInfo("Europe/Berlin")  # puts the clock forward and back, as China does no more
CLOCKS = [Clock(zone, how, works) for zone in (ZONE, BERLIN) for how in Counting]
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.sampled_from(Span)
clocks = st.sampled_from(CLOCKS)


@given(moments, st.integers(1, 30), spans, st.booleans(), clocks)
def test_nothing_is_due_before_it_was_reported(reported, count, span, roll, clock):
    assert due(reported, count, span, clock, roll=roll) > reported


@given(moments, st.integers(1, 30), spans, st.booleans(), clocks)
def test_a_longer_span_is_never_due_earlier(reported, count, span, roll, clock):
    one, more = (due(reported, n, span, clock, roll=roll) for n in (count, count + 1))
    assert one <= more
    assert roll or one < more


@given(moments, st.integers(0, 86400 * 40), st.integers(1, 30), spans, clocks)
def test_who_reports_later_is_never_promised_an_earlier_day(reported, wait, count, span, clock):
    first, second = (due(reported + timedelta(seconds=s), count, span, clock) for s in (0, wait))
    assert first.astimezone(clock.zone).date() <= second.astimezone(clock.zone).date()


@given(moments, st.integers(1, 30), clocks)
def test_natural_days_are_whole_days_or_hours(reported, count, clock):
    found = due(reported, count, Span.DAYS, clock)
    if clock.counting is Counting.ROLLING:
        assert found - reported == timedelta(days=count)
    else:
        days = (found.date() - reported.astimezone(clock.zone).date()).days
        assert (days, f"{found:%H%M%S}") == (count + 1, "000000")


@given(moments, st.integers(1, 30), spans, st.sampled_from([ZONE, BERLIN]))
def test_civil_gives_the_rest_of_the_last_day_on_top(reported, count, span, zone):
    civil, rolling = (due(reported, count, span, Clock(zone, how, works)) for how in Counting)
    assert timedelta(0) < civil.astimezone(UTC) - rolling.astimezone(UTC) <= timedelta(hours=25)


@given(moments, st.integers(1, 30), clocks)
def test_months_end_on_the_anchor_day_or_at_the_end_of_a_shorter_month(reported, count, clock):
    anchor = reported.astimezone(clock.zone).date()
    found = due(reported, count, Span.MONTHS, clock) - timedelta(seconds=1)
    short = (found.date() + timedelta(days=1)).day == 1
    assert found.day == anchor.day or (short and found.day < anchor.day)


@given(moments, st.integers(1, 30), spans, clocks)
def test_what_rolls_never_ends_on_a_rest_day(reported, count, span, clock):
    found = due(reported, count, span, clock, roll=True)
    civil = clock.counting is Counting.CIVIL
    assert works(found.date() - timedelta(days=1) if civil else found.date())


@given(moments, st.integers(1, 30), clocks)
def test_working_days_have_that_many_worked_days_in_them(reported, count, clock):
    start = reported.astimezone(clock.zone).date()
    found = due(reported, count, Span.WORKDAYS, clock).date()
    last = found - timedelta(days=1) if clock.counting is Counting.CIVIL else found
    between = (start + timedelta(days=n) for n in range(1, (last - start).days + 1))
    assert sum(map(works, between)) == count
