"""Time for APScheduler that cannot be set: what drives the ticks goes on when a clock is changed.

APScheduler 3 asks for the time by ``datetime.now(timezone)`` and for the next run by a trigger;
both are given to it here. Set back by an hour the machine's clock would stop it for an hour, set
forward by ten days it would list 864,000 missed seconds (docs/adr/0022-a-jump-is-not-believed.md).
"""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from time import monotonic

from apscheduler.triggers.base import BaseTrigger

#: Any date will do: only differences are used.
_BEGIN = datetime(2000, 1, 1)  # noqa: DTZ001 - its zone is the one below


class SteadyTime(tzinfo):
    """A zone in which it is as late as ``elapsed`` seconds say, whatever the machine's clock."""

    def __init__(self, elapsed: Callable[[], float] = monotonic) -> None:
        self._elapsed = elapsed

    def fromutc(self, _utc: datetime) -> datetime:
        """The time, for whoever asks ``datetime.now`` with this zone."""
        return (_BEGIN + timedelta(seconds=self._elapsed())).replace(tzinfo=self)

    def utcoffset(self, _at: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _at: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _at: datetime | None) -> str:
        return "steady"


class Every(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """Every so many seconds; what was missed is caught up once."""

    def __init__(self, seconds: float) -> None:
        self._gap = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Called by APScheduler with times of its own zone."""
        planned = (previous or now) + self._gap
        return planned if planned > now else now + self._gap
