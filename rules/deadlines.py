"""Clock arithmetic (domain.md §3): when a promise falls due.

Civil counting (民法典 §201-203) by default: the day of the report does not count and day N ends at
24:00, which as an instant is 00:00 of the next day. Marks and reminders are in marks.py.
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

IsWorkday = Callable[[date], bool]

#: A calendar that never finds a working day would loop; no country rests for so long.
LONGEST_REST = timedelta(days=60)


class Counting(StrEnum):
    CIVIL = "civil"  #: whole days, the day of the report not counted
    ROLLING = "rolling"  #: N x 24 hours from the report


class Span(StrEnum):
    DAYS = "days"  #: natural days
    WORKDAYS = "workdays"  #: working days of the calendar, make-up days (调休) included
    MONTHS = "months"  #: calendar months that keep the anchor day


@dataclass(frozen=True)
class Clock:
    """How this deployment counts: the zone, civil or rolling, and which days are worked."""

    zone: ZoneInfo
    counting: Counting = Counting.CIVIL
    is_workday: IsWorkday = lambda day: day.weekday() < 5


def due(
    reported: datetime, count: int, span: Span, clock: Clock, *, roll: bool = False
) -> datetime:
    """The instant at which ``count`` spans after ``reported`` (aware) have run out.

    ``roll`` moves a last day that is a rest day to the next working day (民法典 §203): for a
    department's sub-deadline, never for the public promise. Returns an aware datetime in the
    clock's zone. Raises ValueError for a naive ``reported``.
    """
    if reported.tzinfo is None:
        raise ValueError("the report time must be aware")
    if clock.counting is Counting.ROLLING and span is Span.DAYS and not roll:
        return (reported.astimezone(UTC) + timedelta(days=count)).astimezone(clock.zone)
    local = reported.astimezone(clock.zone)
    last = last_day(local.date(), count, span, clock.is_workday)
    if roll:
        last = _next_workday(last, clock.is_workday)
    if clock.counting is Counting.ROLLING:
        return datetime.combine(last, local.timetz())
    return end_of(last, clock.zone)


def last_day(reported: date, count: int, span: Span, is_workday: IsWorkday) -> date:
    """The day on whose end the span runs out; the day of the report is not counted."""
    if span is Span.MONTHS:
        return add_months(reported, count)
    if span is Span.DAYS:
        return reported + timedelta(days=count)
    day = reported
    for _ in range(count):
        day = _next_workday(day + timedelta(days=1), is_workday)
    return day


def add_months(anchor: date, months: int) -> date:
    """Month arithmetic that keeps the anchor day: 31 Jan -> 28 Feb -> 31 Mar (民法典 §202)."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of the day."""
    return datetime.combine(day + timedelta(days=1), time(0), zone)


def _next_workday(day: date, is_workday: IsWorkday) -> date:
    limit = day + LONGEST_REST
    while not is_workday(day):
        day += timedelta(days=1)
        if day > limit:
            raise ValueError(f"the calendar has no working day in the 60 days before {day}")
    return day
