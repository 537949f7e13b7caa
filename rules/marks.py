"""The three marks of every open issue and the nudges around its promise (domain.md §4).

Marks stand 2 days, 1 week and 1 month after the report, then monthly; which of them is the promise
depends on the tier. Pure tables and arithmetic: who is told is issues/marking.py's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count, takewhile

from rules.deadlines import Clock, Span, due, last_day
from rules.quiet import Pace
from rules.words import Tier


@dataclass(frozen=True)
class Promise:
    """What a tier promises: after how many spans, and by which mark that is told."""

    count: int
    span: Span
    mark: str


#: 一般 2 天反馈结果, 较难 1 周反馈结果, 复杂 1 个月反馈进展. Versioned: an issue keeps the version
#: it was born under, so a later table is added beside this one and never replaces it.
TIERS: dict[int, dict[Tier, Promise]] = {
    1: {
        Tier.ORDINARY: Promise(2, Span.DAYS, "two_days"),
        Tier.HARD: Promise(7, Span.DAYS, "week"),
        Tier.COMPLEX: Promise(1, Span.MONTHS, "month"),
    }
}
TIER_VERSION = max(TIERS)
#: No month is shorter: what lies at least so long before a monthly promise belongs to the last one.
SHORTEST_MONTH = timedelta(days=27)
#: 通报, in working days after the promise.
BULLETIN_AFTER = 5


@dataclass(frozen=True)
class Mark:
    """One mark of one issue: its name (also part of every notice's key) and its moment."""

    name: str
    at: datetime
    months: int = 0

    @property
    def chinese(self) -> str:
        return mark_chinese(self.name)


def mark_chinese(name: str) -> str:
    """2 天, 1 周, 3 个月, of a mark's name as events remember it."""
    kind, _, count = name.partition(":")
    if kind == "month":
        return f"{count or 1} 个月"
    return {"two_days": "2 天", "week": "1 周"}.get(kind, "约定的时间")


def promised(reported: datetime, tier: Tier, clock: Clock, version: int) -> datetime:
    """When the promise made at ``reported`` falls due, by that version of the tier table."""
    promise = TIERS[version][tier]
    return due(reported, promise.count, promise.span, clock)


def marks(reported: datetime, clock: Clock) -> Iterator[Mark]:
    """All marks of an issue in order of time, without end: 2 days, 1 week, then every month."""
    yield Mark("two_days", due(reported, 2, Span.DAYS, clock))
    yield Mark("week", due(reported, 7, Span.DAYS, clock))
    for months in count(1):
        name = "month" if months == 1 else f"month:{months}"
        yield Mark(name, due(reported, months, Span.MONTHS, clock), months)


def schedule(reported: datetime, due_at: datetime, clock: Clock) -> Iterator[Mark]:
    """The marks of one issue with its own promise among them, if an 延期 or a 挂起 has moved that
    to a day of its own; in order of time, without end."""
    own: Mark | None = Mark(f"due:{due_at:%Y%m%d%H%M}", due_at)
    for mark in marks(reported, clock):
        if own and own.at <= mark.at:
            if own.at < mark.at:
                yield own
            own = None
        yield mark


def next_mark(reported: datetime, due_at: datetime, after: datetime, clock: Clock) -> Mark:
    """The first mark later than ``after``."""
    return next(mark for mark in schedule(reported, due_at, clock) if mark.at > after)


def next_month(reported: datetime, due_at: datetime, now: datetime, clock: Clock) -> datetime:
    """Until when 复杂 has to show the next progress: its promise, or the next month mark once that
    has gone by."""
    if due_at > now:
        return due_at
    return next(mark.at for mark in marks(reported, clock) if mark.months and mark.at > now)


def passed(
    reported: datetime, due_at: datetime, since: datetime, now: datetime, clock: Clock
) -> list[Mark]:
    """The marks in (since, now], earliest first."""
    before = takewhile(lambda mark: mark.at <= now, schedule(reported, due_at, clock))
    return [mark for mark in before if mark.at > since]


def cycle_start(reported: datetime, due_at: datetime, clock: Clock) -> datetime:
    """From when progress counts for a recurring promise (复杂) that falls due at ``due_at``: the
    month mark before it, else the report."""
    last = due_at - SHORTEST_MONTH
    months = [m.at for m in takewhile(lambda m: m.at <= last, marks(reported, clock)) if m.months]
    return months[-1] if months else reported


class NudgeKind(StrEnum):
    SECOND_SLOT = "second_slot"  #: two pick-up slots have gone by and nobody has accepted
    THIRD_SLOT = "third_slot"  #: and a third one
    HALF = "half"  #: half of the time is gone and nobody has accepted
    DUE_DAY = "due_day"  #: the morning of the day on which it falls due
    URGE = "urge"  #: 催办, the morning after
    SUPERVISE = "supervise"  #: 督办 to one level up, three days after
    BULLETIN = "bulletin"  #: the 通报 list, five working days after
    RESUME = "resume"  #: a 挂起 has run out
    SUB_DUE = "sub_due"  #: the sub-deadline of the department that leads
    ASSIST_DUE = "assist_due"  #: the sub-deadline of a helper (协办)


#: These change something, each by itself; of the others only the latest is told after a stop.
ACTING = frozenset({NudgeKind.RESUME, NudgeKind.SUB_DUE, NudgeKind.ASSIST_DUE})


@dataclass(frozen=True)
class Nudge:
    kind: NudgeKind
    at: datetime


#: 接单 is looked for at these pick-up slots after the first holder's card was delivered (domain.md
#: §4), for whoever sits on the level above: 组长, then 片长.
ACCEPTED_BY = {NudgeKind.SECOND_SLOT: 2, NudgeKind.THIRD_SLOT: 3}


def unaccepted(since: datetime, told: int, pace: Pace) -> list[Nudge]:
    """When it is told that nobody accepts, of which ``told`` has been told; the slot in which the
    card was delivered (``since``) does not count."""
    left = list(ACCEPTED_BY.items())[told:]
    return [Nudge(kind, pace.slot_after(since, nth)) for kind, nth in left]


def nudges(reported: datetime, due_at: datetime, pace: Pace, clock: Clock) -> list[Nudge]:
    """The reminders around one promise, earliest first.

    A morning that is not after the report (a rolling promise of a few hours) is left out.
    """
    last = (due_at - timedelta(seconds=1)).astimezone(clock.zone).date()
    planned = [
        Nudge(NudgeKind.HALF, reported + (due_at - reported) / 2),
        Nudge(NudgeKind.DUE_DAY, pace.morning(last)),
        Nudge(NudgeKind.URGE, pace.morning(last + timedelta(days=1))),
        Nudge(NudgeKind.SUPERVISE, due_at + timedelta(days=3)),
        Nudge(NudgeKind.BULLETIN, bulletin(last, pace, clock)),
    ]
    return sorted((n for n in planned if n.at > reported), key=lambda nudge: nudge.at)


def bulletin(last: date, pace: Pace, clock: Clock) -> datetime:
    """When what fell due on the day ``last`` enters the 通报 list: five working days after."""
    return pace.morning(last_day(last, BULLETIN_AFTER, Span.WORKDAYS, clock.is_workday))
