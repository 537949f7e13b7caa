"""When a notice may leave: quiet hours and the pick-up slots (domain.md §3, §4).

Quiet hours delay notices, never deadlines. What is not urgent waits for the next slot, the seed's
三长定时接. Who is told what is not decided here.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From ``start`` to ``end`` local time, across midnight when start is the later one."""

    start: time
    end: time

    def covers(self, at: time) -> bool:
        """Whether a notice at that local time has to wait."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True)
class Slot:
    """The time from one pick-up slot to the next: a person gets one digest in it."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Pace:
    """When people are written to: quiet hours, and slots in ascending order of local time."""

    zone: ZoneInfo
    quiet: QuietHours
    slots: tuple[time, ...]

    def waking(self, at: datetime) -> datetime:
        """``at`` itself, or the end of the quiet hours it falls into."""
        local = at.astimezone(self.zone)
        if not self.quiet.covers(local.time()):
            return at
        end = datetime.combine(local.date(), self.quiet.end, self.zone)
        return end if end > local else end + timedelta(days=1)

    def morning(self, day: date) -> datetime:
        """When people may be written to on that day."""
        return datetime.combine(day, self.quiet.end, self.zone)

    def slot(self, at: datetime) -> datetime:
        """The first pick-up slot at or after ``at``; without slots, the next waking moment."""
        if not self.slots:
            return self.waking(at)
        slots = (self._nth_slot(at, n) for n in count())
        return next(slot for slot in slots if slot >= at)

    def slot_after(self, at: datetime, nth: int) -> datetime:
        """The nth pick-up slot after ``at`` (1 = the next one)."""
        moment = at
        for _ in range(nth):
            moment = self.slot(moment + timedelta(seconds=1))
        return moment

    def current(self, at: datetime) -> Slot | None:
        """The slot that ``at`` lies in; None in an office without slots."""
        if not self.slots:
            return None
        begun = [self._nth_slot(at, n) for n in range(-len(self.slots), len(self.slots))]
        start = max(moment for moment in begun if moment <= at)
        return Slot(start, self.slot_after(at, 1))

    def _nth_slot(self, at: datetime, n: int) -> datetime:
        days, index = divmod(n, len(self.slots))
        day = at.astimezone(self.zone).date() + timedelta(days=days)
        return datetime.combine(day, self.slots[index], self.zone)
