"""The rates of a unit and of those below it, for a period, beside the same window of last year.

An issue belongs to the period in which it was reported, and counts as it stands at ``at``. Units
stand in the order of the roster and are never ranked, persons not at all (domain.md §8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from issues import history
from issues.history import Window
from people.town import Unit
from rules.deadlines import Clock, add_months, end_of
from rules.rates import Rates, Tally, Year
from rules.words import UnitKind
from storage import tables

Progress = Callable[[int, int], None]
#: Issues of the unit itself, and (in the city) of no unit yet.
ITSELF, NOWHERE = "本级", "还没有单位的"


@dataclass(frozen=True)
class Days:
    """Local days, both included; an end that is None is open."""

    first: date | None = None
    last: date | None = None

    def window(self, clock: Clock) -> Window:
        """The moments between which those days lie."""
        since = end_of(self.first - timedelta(days=1), clock.zone) if self.first else None
        return Window(since, end_of(self.last, clock.zone) if self.last else None)

    @property
    def year_before(self) -> "Days | None":
        """The same days a year earlier; None without a beginning to compare."""
        if self.first is None or self.last is None:
            return None
        return Days(add_months(self.first, -12), add_months(self.last, -12))


@dataclass(frozen=True)
class RateLine:
    """One unit: its name and its rates, this year's and last year's (同比)."""

    name: str
    path: str
    rates: Rates
    before: Rates | None

    @property
    def year(self) -> Year | None:
        """Both years beside each other, where there is a window to compare."""
        return Year(self.rates, self.before) if self.before is not None else None


@dataclass(frozen=True)
class Board:
    """The unit's own sum and the lines that add up to it."""

    total: RateLine
    lines: tuple[RateLine, ...]


def board(
    session: Session,
    unit: Unit,
    period: Days,
    *,
    clock: Clock,
    at: datetime,
    progress: Progress | None = None,
) -> Board:
    """Count the issues of the unit by the units below it, as they stand at ``at``."""
    now = _Counting(session, unit, clock, progress).count(period, at)
    earlier, before = period.year_before, None
    if earlier:
        before = _Counting(session, unit, clock, progress).count(earlier, year_before(at, clock))
    lines = [_line(path, name, now, before) for path, name in _rows(session, unit, now)]
    whole = [tally.rates for tally in now.values()]
    past = [tally.rates for tally in before.values()] if before is not None else None
    total = RateLine(unit.name, unit.path, sum(whole, Rates()), _sum(past))
    return Board(total, tuple(lines))


def year_before(at: datetime, clock: Clock) -> datetime:
    """The same local moment a year earlier: last year is counted as it stood then."""
    local = at.astimezone(clock.zone)
    return datetime.combine(add_months(local.date(), -12), local.timetz())


Counts = dict[str | None, Tally]


class _Counting:
    """One pass over the issues of a period."""

    def __init__(
        self, session: Session, unit: Unit, clock: Clock, progress: Progress | None
    ) -> None:
        self.session = session
        self.unit = unit
        self.clock = clock
        self.progress = progress

    def count(self, period: Days, at: datetime) -> Counts:
        """A tally for every line that has an issue; None stands for no unit."""
        window = period.window(self.clock)
        total = history.count(self.session, window)
        tallies: Counts = {}
        for done, life in enumerate(history.lives(self.session, self.clock, window, at), start=1):
            if inside(life.unit, self.unit) and life.events:
                line = _child(life.unit, self.unit)
                tallies.setdefault(line, Tally()).add(life.story, at)
            if self.progress and (done % history.CHUNK == 0 or done == total):
                self.progress(done, total)
        return tallies


def inside(path: str | None, unit: Unit) -> bool:
    """Whether an issue of that unit belongs to ``unit`` or to one below it."""
    if unit.kind is UnitKind.CITY:
        return True
    return path is not None and f"{path}/".startswith(f"{unit.path}/")


def _child(path: str | None, unit: Unit) -> str | None:
    """The unit just below ``unit`` to which the path leads; ``unit``'s own path for itself."""
    if path is None or path == unit.path:
        return path
    start = len(unit.path) + 1 if unit.path else 0
    return path[:start] + path[start:].split("/", 1)[0]


def _rows(session: Session, unit: Unit, counted: Counts) -> list[tuple[str | None, str]]:
    """The units below in roster order, then what belongs to none of them and has issues."""
    below = (
        select(tables.UnitRow.path, tables.UnitRow.name)
        .where(tables.UnitRow.parent_id == unit.id)
        .order_by(tables.UnitRow.id)
    )
    rows: list[tuple[str | None, str]] = [(row.path, row.name) for row in session.execute(below)]
    known = {path for path, _ in rows}
    others = sorted((path for path in counted if path not in known), key=lambda path: path or "")
    return [*rows, *((path, _name(path, unit)) for path in others)]


def _name(path: str | None, unit: Unit) -> str:
    if path is None:
        return NOWHERE
    return f"{unit.name}{ITSELF}" if path == unit.path else path.rpartition("/")[2]


def _line(path: str | None, name: str, now: Counts, before: Counts | None) -> RateLine:
    past = before.get(path, Tally()).rates if before is not None else None
    return RateLine(name, path or "", now.get(path, Tally()).rates, past)


def _sum(parts: list[Rates] | None) -> Rates | None:
    return sum(parts, Rates()) if parts is not None else None
