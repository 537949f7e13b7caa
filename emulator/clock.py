"""The emulated time: real time plus an offset, in Shanghai.

Whatever expires or is counted per minute in this room asks this clock. Only the waiting for an
answer (the five-second cut) is real time, and callbacks.py keeps that.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta, timezone
from threading import RLock

#: China has had no summer time since 1991, and a fixed offset needs no tz database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


class FakeClock:
    """Real time plus an offset that tests and the chat page may change."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = RLock()
        self._offset = timedelta(0)
        self._frozen_at: datetime | None = None
        self._watchers: list[Callable[[datetime], None]] = []
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        with self._lock:
            return self._frozen_at or real_now() + self._offset

    def timestamp(self) -> int:
        return int(self.now().timestamp())

    def advance(self, step: timedelta) -> datetime:
        with self._lock:
            if self._frozen_at is not None:
                self._frozen_at += step
            self._offset += step
        return self._tell()

    def set(self, moment: datetime) -> datetime:
        """Go to a moment, forwards or backwards; a frozen clock stays frozen there."""
        moment = aware(moment)
        with self._lock:
            if self._frozen_at is not None:
                self._frozen_at = moment
            self._offset = moment - real_now()
        return self._tell()

    def next_month(self) -> datetime:
        return self.set(month_later(self.now()))

    def next_of(self, times: Iterable[time]) -> datetime:
        """Go to the next of these times of day; without any, stay."""
        return self.set(next_of(self.now(), times))

    def freeze(self) -> None:
        with self._lock:
            self._frozen_at = self.now()

    def thaw(self) -> None:
        with self._lock:
            if self._frozen_at is not None:
                self._offset = self._frozen_at - real_now()
            self._frozen_at = None

    def watch(self, watcher: Callable[[datetime], None]) -> None:
        """Call `watcher(now)` after every jump: the demo runs the service's ticks from here."""
        self._watchers.append(watcher)

    def _tell(self) -> datetime:
        moment = self.now()
        for watcher in self._watchers:
            watcher(moment)
        return moment


def real_now() -> datetime:
    return datetime.now(UTC).astimezone(SHANGHAI)


def aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the emulated clock needs a moment with a time zone")
    return moment.astimezone(SHANGHAI)


def month_later(moment: datetime) -> datetime:
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def next_of(moment: datetime, times: Iterable[time]) -> datetime:
    """The first of these times of day after ``moment``; the moment itself where there are none."""
    days = (moment.date(), moment.date() + timedelta(days=1))
    found = [datetime.combine(day, one, moment.tzinfo) for day in days for one in times]
    return min((one for one in found if one > moment), default=moment)
