"""Which days are worked: the national calendar (调休 included) and this county's own changes.

chinesecalendar knows the years that the State Council has announced; nothing is looked up on the
network. What is counted with these days is rules/deadlines.py's business.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import chinese_calendar
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from faq.problems import FaqError, Problem
from faq.reading import Item, read_items
from rules.deadlines import LONGEST_REST

log = logging.getLogger(__name__)

#: Fewer days off than this are local changes; as many are a whole year's holidays written down.
A_WHOLE_YEAR = 10
#: So far ahead are working days counted; a year that begins within this time has to be known.
AHEAD = timedelta(days=45)
KINDS = {"上班": True, "work": True, "休息": False, "rest": False}
HOW = "写成 2026-12-01，或 2026-12-01..2026-12-03"


class CalendarError(Exception):
    """The local calendar cannot be used; ``problems`` has a line with the place for each mistake"""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = [str(problem) for problem in sorted(problems)]
        super().__init__("\n".join(self.problems))


def _dates(value: Any) -> tuple[date, date]:
    first, _, last = str(value or "").partition("..")
    try:
        begins = date.fromisoformat(first.strip())
        ends = date.fromisoformat(last.strip()) if last else begins
    except ValueError:
        raise ValueError(f"「{value or ''}」不是日期，{HOW}") from None
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


class Change(BaseModel):
    """One line of the file: these days are worked, or not, whatever the nation does."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    dates: Annotated[tuple[date, date], BeforeValidator(_dates)] = Field(
        validation_alias=AliasChoices("日期", "date")
    )
    worked: Annotated[bool, BeforeValidator(_kind)] = Field(
        validation_alias=AliasChoices("安排", "day")
    )
    note: str | None = Field(default=None, validation_alias=AliasChoices("说明", "note"))

    @property
    def days(self) -> Iterator[date]:
        first, last = self.dates
        return (first + timedelta(days=n) for n in range((last - first).days + 1))


@dataclass(eq=False)
class Workdays:
    """Tells whether a day is worked; warns once for each year that it can only guess."""

    changes: Mapping[date, bool] = field(default_factory=dict)
    _warned: set[int] = field(default_factory=set)

    def __call__(self, day: date) -> bool:
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
    """The calendar with the changes in that file, if any; CalendarError with all its mistakes."""
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
    try:
        items = read_items(path)
    except FaqError as error:
        raise CalendarError(error.problems) from error
    problems: list[Problem] = []
    days: dict[date, tuple[bool, Item]] = {}
    for item in items:
        problems += _take(item, days)
    problems = problems or list(_endless({day: worked for day, (worked, _) in days.items()}, days))
    if problems:
        raise CalendarError(problems)
    return {day: worked for day, (worked, _) in days.items()}


def _take(item: Item, days: dict[date, tuple[bool, Item]]) -> list[Problem]:
    """Put the days of one line among the others; what is wrong with it."""
    if not isinstance(item.value, dict):
        return [_problem(item, (), "要写成「日期: …」「安排: …」两项", "")]
    try:
        change = Change.model_validate(item.value)
    except ValidationError as error:
        return [_as_problem(item, detail) for detail in error.errors()]
    for day in change.days:
        _, before = days.setdefault(day, (change.worked, item))
        if before is not item:
            told = f"{day} 在第 {before.line} 行已经写过"
            return [_problem(item, ("日期",), told, "留下一条")]
    return []


def _endless(changes: dict[date, bool], days: dict[date, tuple[bool, Item]]) -> Iterator[Problem]:
    """A rest without end would leave deadlines without a day to fall on."""
    ahead = [timedelta(days=n) for n in range(1, LONGEST_REST.days)]
    for day, worked in sorted(changes.items()):
        if not worked and not any(_worked(day + step, changes) for step in ahead):
            told = f"从 {day} 起 {LONGEST_REST.days} 天里没有一个工作日"
            yield _problem(days[day][1], ("日期",), told, "请看看年份有没有写错")
            return


def _as_problem(item: Item, detail: Any) -> Problem:
    """What pydantic found, in Chinese; it names the first of a field's two names."""
    name = str(detail["loc"][0])
    if detail["type"] == "missing":
        return _problem(item, (), f"缺少「{name}」", "日期、安排都要写")
    if detail["type"] == "extra_forbidden":
        return _problem(item, (name,), "没有这一项", "可写的有：日期、安排、说明")
    if detail["type"] == "value_error":
        told = str(detail["msg"]).removeprefix("Value error, ")
        return _problem(item, (name,), told, "")
    return _problem(item, (name,), "应当是一段文字", "")


def _problem(item: Item, path: tuple[str, ...], message: str, advice: str) -> Problem:
    place = path[0] if path else ""
    return Problem(item.file, item.line_of(path), place, message, advice=advice)
