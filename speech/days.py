"""Days and spans as people say them: 周五, 本月底, 12月1日, 三天后, 两周, 到周五, 48小时.

Relative to a day that the caller gives. What the days are for is the caller's business.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from rules.deadlines import add_months
from rules.numerals import numeral

#: A number in digits or in Chinese, for patterns.
SAID_NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百]{1,7})"
#: A day of a month that is further back than this is next year's.
LONG_PAST = timedelta(days=180)
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六")} | {"日": 6, "天": 6, "末": 6}
_NEAR = {"今": 0, "明": 1, "后": 2, "大后": 3}
_WEEKS = {"上": -1, "这": 0, "这个": 0, "本": 0, "下": 1, "下个": 1, "下下": 2}


class NoSuchDay(ValueError):
    """The words name a day that no calendar has; the text says so kindly."""


@dataclass(frozen=True)
class FoundDay:
    """A day that was found in the words, where, and the words without it."""

    day: date
    start: int
    rest: str


@dataclass(frozen=True)
class FoundSpan:
    """The same for a span in days."""

    days: int
    start: int
    rest: str


#: Between two pieces that are taken apart.
_EDGES = " \t\n,，。、:：;；"


def _without(said: str, match: re.Match[str]) -> str:
    parts = (said[: match.start()].strip(_EDGES), said[match.end() :].strip(_EDGES))
    return " ".join(part for part in parts if part)


def find_day(said: str, today: date) -> FoundDay | None:
    """The first day named in the words. Raises NoSuchDay for a 2月30日."""
    match = _DAY.search(said)
    if match is None:
        return None
    groups = {name: text for name, text in match.groupdict().items() if text}
    day = next(read(groups, today) for name, read in _READERS.items() if name in groups)
    rest = _without(said, match)
    return FoundDay(day, match.start(), rest)


def find_span(said: str) -> FoundSpan | None:
    """The first span named in the words."""
    match = _SPAN.search(said)
    if match is None:
        return None
    if match["half"]:
        days = 15
    elif match["hours"]:
        days = -(-_number(match["hours"]) // 24)
    else:
        days = _number(match["n"]) * _PER[match["unit"]]
    rest = _without(said, match)
    return FoundSpan(days, match.start(), rest)


@dataclass(frozen=True)
class Until:
    """How long, as a span of days or as a last day, and what else was said."""

    days: int | None
    day: date | None
    rest: str


def until(said: str, today: date) -> Until:
    """到周五 等配件 / 3天 等配件 / 等配件 三天. Raises NoSuchDay."""
    day, span = find_day(said, today), find_span(said)
    if day and (span is None or day.start < span.start):
        return Until(None, day.day, _without_to(day.rest))
    return Until(span.days, None, _without_to(span.rest)) if span else Until(None, None, said)


def _without_to(said: str) -> str:
    return re.sub(r"^[到至]\s+|^[到至]$", "", said).strip(_EDGES)


# --- how each way of saying a day is read ---

_N = SAID_NUMBER
_DAY = re.compile(
    rf"(?P<iso>\d{{4}})[-/.年](?P<iso_month>\d{{1,2}})[-/.月](?P<iso_day>\d{{1,2}})[日号]?"
    rf"|(?P<month>{_N})月(?P<day>{_N})[日号]?"
    r"|(?<![\d.])(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d.%米块元斤吨万寸])[日号]?"
    rf"|(?P<later>{_N})[天日](?:之后|以后|后)"
    r"|(?P<near>大后|今|明|后)[天日晚早]"
    r"|(?P<week>上|这个?|本|下下|下个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
    r"|(?P<end>(?:本|这个?|下个?)?月[底末])"
    rf"|(?P<only>{_N})[日号](?![楼线])"
)
_SPAN = re.compile(
    rf"(?P<half>半个?月)|(?P<hours>\d{{1,3}}|[一二两三四五六七八九十]{{1,7}})个?(?:小时|钟头)"
    rf"|(?P<n>{_N})个?(?P<unit>工作日|天|周|星期|礼拜|(?<=个)月)(?![前后])"
)
_PER = {"工作日": 1, "天": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}


def _number(said: str) -> int:
    found = numeral(said)
    assert found is not None  # the pattern has seen to it
    return found


def _day(year: int, month: int, day: int, said: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NoSuchDay(f"没有{said}这一天，请再看看日历。") from error


def _full(groups: dict[str, str], today: date) -> date:
    year, month, day = (int(groups[name]) for name in ("iso", "iso_month", "iso_day"))
    return _day(year, month, day, f"{year}年{month}月{day}日")


def _of_month(month: int, day: int, today: date) -> date:
    """This year's, or next year's when this year's is long past."""
    said = f"{month}月{day}日"
    this_year = _day(today.year, month, day, said)
    if this_year >= today - LONG_PAST:
        return this_year
    return _day(today.year + 1, month, day, said)


def _month_day(groups: dict[str, str], today: date) -> date:
    return _of_month(_number(groups["month"]), _number(groups["day"]), today)


def _numbers(groups: dict[str, str], today: date) -> date:
    return _of_month(int(groups["m"]), int(groups["d"]), today)


def _later(groups: dict[str, str], today: date) -> date:
    return today + timedelta(days=_number(groups["later"]))


def _near(groups: dict[str, str], today: date) -> date:
    return today + timedelta(days=_NEAR[groups["near"]])


def _weekday(groups: dict[str, str], today: date) -> date:
    """周五 alone is the next one, today included; 这周五 may be past, 下周五 is next week's."""
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=_WEEKDAYS[groups["weekday"]])
    if "week" in groups:
        return day + timedelta(weeks=_WEEKS[groups["week"]])
    return day if day >= today else day + timedelta(weeks=1)


def _month_end(groups: dict[str, str], today: date) -> date:
    first = today.replace(day=1)
    if groups["end"].startswith("下"):
        first = add_months(first, 1)
    return add_months(first, 1) - timedelta(days=1)


def _only_day(groups: dict[str, str], today: date) -> date:
    """3号 is the next one, today included, in the next month that has it."""
    wanted = _number(groups["only"])
    if not 1 <= wanted <= 31:
        raise NoSuchDay(f"没有{groups['only']}号这一天，请再看看日历。")
    first = today.replace(day=1)
    months = (add_months(first, n) for n in range(3))
    days = [
        m.replace(day=wanted) for m in months if wanted <= calendar.monthrange(m.year, m.month)[1]
    ]
    return next(day for day in days if day >= today)


#: The group that tells each way of saying a day, and how it is read; in the pattern's order.
_READERS: dict[str, Callable[[dict[str, str], date], date]] = {
    "iso": _full,
    "month": _month_day,
    "m": _numbers,
    "later": _later,
    "near": _near,
    "weekday": _weekday,
    "end": _month_end,
    "only": _only_day,
}
