"""Which days are worked: the national calendar (调休 included) and this county's own changes.

chinesecalendar knows the years that the State Council has announced; nothing is looked up on the
network. What is counted with these days is rules/deadlines.py's business.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import chinese_calendar
from pydantic import BeforeValidator, Field

from files.dates import read_day
from files.file_model import FileModel, build, problem_at
from files.problem import FileError, Problem
from files.yaml_lines import Item, read_items
from rules.deadlines import LONGEST_REST

log = logging.getLogger(__name__)

#: Fewer days off than this are local changes; as many are a whole year's holidays written down.
A_WHOLE_YEAR = 10
#: So far ahead are working days counted; a year that begins within this time has to be known.
AHEAD = timedelta(days=45)
KINDS = {"上班": True, "work": True, "休息": False, "rest": False}
HOW = "写成 2026-12-01，或 2026-12-01..2026-12-03"


def _dates(value: Any) -> tuple[date, date]:
    """The first and the last of the days, ``HOW`` they are written or as people write dates."""
    first, _, last = str(value or "").partition("..")
    begins, ends = read_day(first), read_day(last or first)
    if begins is None or ends is None:
        raise ValueError(f"「{value or ''}」不是日期，{HOW}")
    if {begins.year // 100, ends.year // 100} != {20}:
        raise ValueError(f"「{value}」的年份像是写错了")
    if ends < begins:
        raise ValueError(f"「{value}」前后颠倒了，早的日子写在前面")
    if ends - begins >= LONGEST_REST:
        raise ValueError(f"「{value}」太长，一条最多 {LONGEST_REST.days} 天，请看看年份有没有写错")
    return begins, ends


def _kind(value: Any) -> bool:
    worked = KINDS.get(str(value).strip().lower())
    if worked is None:
        raise ValueError(f"「{value or ''}」看不懂，只能写 上班 或 休息")
    return worked


class OwnDays(FileModel):
    """One line of the file: these days are worked, or not, whatever the nation does."""

    spellings: ClassVar[dict[str, str]] = {"date": "dates", "day": "worked"}

    dates: Annotated[tuple[date, date], BeforeValidator(_dates)] = Field(title="日期")
    worked: Annotated[bool, BeforeValidator(_kind)] = Field(title="安排")
    note: str | None = Field(default=None, title="说明")

    @property
    def days(self) -> Iterator[date]:
        first, last = self.dates
        return (first + timedelta(days=n) for n in range((last - first).days + 1))


@dataclass(eq=False)
class Workdays:
    """Tells whether a day is worked; warns once for each year that it can only guess."""

    changes: Mapping[date, bool] = field(default_factory=dict)
    _warned: set[int] = field(default_factory=set)
    #: looked up already; every new issue counts its days anew
    _known: dict[date, bool] = field(default_factory=dict)

    def __call__(self, day: date) -> bool:
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._look_up(day)
        return known

    def _look_up(self, day: date) -> bool:
        if day.year not in self._warned and self.guesses(day.year):
            self._warned.add(day.year)
            log.warning("CALENDAR: %s", _advice(day.year))
        return _worked(day, self.changes)

    def guesses(self, year: int) -> bool:
        """Whether nothing but weekdays is known of that year."""
        if _announced(year):
            return False
        off = [day for day, worked in self.changes.items() if day.year == year and not worked]
        return len(off) < A_WHOLE_YEAR

    def missing(self, today: date) -> list[str]:
        """For doctor and `config check`: which year is a guess that is counted in, and the cure."""
        years = sorted({today.year, (today + AHEAD).year})
        return [_advice(year) for year in years if self.guesses(year)]


def read(path: Path | None) -> Workdays:
    """The calendar with the changes in that file, if any. Raises FileError with all mistakes."""
    return Workdays(_changes(path)) if path else Workdays()


def _worked(day: date, changes: Mapping[date, bool]) -> bool:
    if day in changes:
        return changes[day]
    if not _announced(day.year):
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


@cache
def _announced(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:  # raised for a year that the package does not have
        return False
    return True


def _advice(year: int) -> str:
    return (
        f"工作日历里没有 {year} 年的放假安排，先按周一到周五算工作日。"
        f"请升级程序，或把 {year} 年的放假和调休写进 [deadlines] calendar 指的文件"
    )


def _changes(path: Path) -> dict[date, bool]:
    """Worked or not, by day. Raises FileError with all that is wrong with the file."""
    days: dict[date, tuple[bool, Item]] = {}
    problems: list[Problem] = []
    for item in read_items(path):
        told = build(OwnDays, item)
        problems += told if isinstance(told, list) else _take(told, item, days)
    changes = {day: worked for day, (worked, _) in days.items()}
    problems = problems or list(_endless(changes, days))
    if problems:
        raise FileError(problems)
    return changes


def _take(change: OwnDays, item: Item, days: dict[date, tuple[bool, Item]]) -> Iterator[Problem]:
    """Put the days of one line among the others; tell of the first that stands there already."""
    for day in change.days:
        _, before = days.setdefault(day, (change.worked, item))
        if before is not item:
            told = f"{day} 在第 {before.line} 行已经写过"
            yield problem_at(OwnDays, item, ("dates",), told, "留下一条")
            return


def _endless(changes: dict[date, bool], days: dict[date, tuple[bool, Item]]) -> Iterator[Problem]:
    """A rest without end would leave deadlines without a day to fall on."""
    ahead = [timedelta(days=n) for n in range(1, LONGEST_REST.days)]
    for day, worked in sorted(changes.items()):
        if not worked and not any(_worked(day + step, changes) for step in ahead):
            told = f"从 {day} 起 {LONGEST_REST.days} 天里没有一个工作日"
            yield problem_at(OwnDays, days[day][1], ("dates",), told, "请看看年份有没有写错")
            return
