"""The three marks of every open issue and the nudges around its promise (domain.md §4).

Marks stand 2 days, 1 week and 1 month after the report, then monthly; which of them is the promise
depends on the tier. Pure tables and arithmetic: who is told is the Desk's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from rules.deadlines import Clock, Span, due
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


@dataclass(frozen=True)
class Mark:
    """One mark of one issue: its name (also part of every notice's key) and its moment."""

    name: str
    at: datetime
    months: int = 0

    @property
    def chinese(self) -> str:
        if self.months:
            return f"{self.months} 个月"
        return {"two_days": "2 天", "week": "1 周"}[self.name]


def promised(reported: datetime, tier: Tier, clock: Clock, version: int = TIER_VERSION) -> datetime:
    """When the promise made at ``reported`` falls due."""
    promise = TIERS[version][tier]
    return due(reported, promise.count, promise.span, clock)


def marks(reported: datetime, clock: Clock) -> Iterator[Mark]:
    """All marks of an issue in order of time, without end: 2 days, 1 week, then every month."""
    yield Mark("two_days", due(reported, 2, Span.DAYS, clock))
    yield Mark("week", due(reported, 7, Span.DAYS, clock))
    for months in count(1):
        name = "month" if months == 1 else f"month:{months}"
        yield Mark(name, due(reported, months, Span.MONTHS, clock), months)


def next_mark(reported: datetime, after: datetime, clock: Clock) -> Mark:
    """The first mark later than ``after``."""
    return next(mark for mark in marks(reported, clock) if mark.at > after)


def passed(reported: datetime, since: datetime, now: datetime, clock: Clock) -> list[Mark]:
    """The marks in (since, now], earliest first."""
    found: list[Mark] = []
    for mark in marks(reported, clock):
        if mark.at > now:
            return found
        if mark.at > since:
            found.append(mark)
    raise AssertionError("marks() has no end")


class NudgeKind(StrEnum):
    SECOND_SLOT = "second_slot"  #: two pick-up slots have gone by and nobody has accepted
    THIRD_SLOT = "third_slot"  #: and a third one
    HALF = "half"  #: half of the time is gone and nobody has accepted
    DUE_DAY = "due_day"  #: the morning of the day on which it falls due
    SUPERVISE = "supervise"  #: 督办 to one level up, three days after


@dataclass(frozen=True)
class Nudge:
    kind: NudgeKind
    at: datetime


#: 接单 is looked for at these pick-up slots after the report (domain.md §4).
ACCEPTED_BY = {NudgeKind.SECOND_SLOT: 2, NudgeKind.THIRD_SLOT: 3}


def nudges(reported: datetime, due_at: datetime, pace: Pace, clock: Clock) -> list[Nudge]:
    """The reminders around one promise, earliest first.

    A morning that is not after the report (a rolling promise of a few hours) is left out.
    """
    last = (due_at - timedelta(seconds=1)).astimezone(clock.zone).date()
    day = datetime.combine(last, pace.quiet.end, clock.zone)
    planned = [
        *(Nudge(kind, pace.slot_after(reported, nth)) for kind, nth in ACCEPTED_BY.items()),
        Nudge(NudgeKind.HALF, reported + (due_at - reported) / 2),
        Nudge(NudgeKind.DUE_DAY, day),
        Nudge(NudgeKind.SUPERVISE, due_at + timedelta(days=3)),
    ]
    return sorted((n for n in planned if n.at > reported), key=lambda nudge: nudge.at)
