"""The 分工表 as a YAML file: read with the line of every mistake, checked against the roster.

What its lines mean is issues/routes.py's business; a broken one never stops the service.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from bot.config import Config
from files.file_model import FileModel, Text, Texts, build_located, problem_at
from files.problem import FileError, Problem
from files.yaml_lines import Item
from issues.moving import LONGEST_SUB_DAYS
from issues.routes import Period, Route, Routes
from people.town import Town

log = logging.getLogger(__name__)

_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})(?:-|~|—|–|至|到)(\d{1,2})[:：](\d{2})")
_DAYS = re.compile(r"(\d{1,2})[-月.](\d{1,2})日?(?:~|—|–|至|到)(\d{1,2})[-月.](\d{1,2})日?")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _as_period(value: object) -> object:
    """22:00-06:00, or 5月1日至9月30日."""
    if value is None or not isinstance(value, str):
        return value
    written = "".join(value.split())
    hours, days = _HOURS.fullmatch(written), _DAYS.fullmatch(written)
    found, good = hours or days, _is_hour if hours else _is_day
    parts = [int(part) for part in found.groups()] if found else []
    if found and good(*parts[:2]) and good(*parts[2:]):
        start, end = (f"{a:02}{':' if hours else '-'}{b:02}" for a, b in (parts[:2], parts[2:]))
        return Period(start, end)
    raise ValueError(f"「{value}」不是时段，写成 22:00-06:00，或 5月1日至9月30日")


def _is_hour(hour: int, minute: int) -> bool:
    return hour <= 24 and minute < 60 and (hour < 24 or minute == 0)


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _LONGEST_MONTHS[month - 1]


class TableLine(FileModel):
    """One line of the file; Chinese and English names are equal."""

    category: Text = Field(title="类别")
    words: Texts = Field(default=(), title="词")
    places: Texts = Field(default=(), title="地方")
    function: Literal["主办", "协办"] = Field(default="主办", title="职责")
    unit: Text = Field(title="单位")
    days: int | None = Field(default=None, title="期限")
    basis: str = Field(default="", title="依据")
    period: Annotated[Period | None, BeforeValidator(_as_period)] = Field(
        default=None, title="时段"
    )

    @field_validator("days", mode="before")
    @classmethod
    def _days(cls, value: object) -> object:
        written = str(value).removesuffix("个工作日").removesuffix("天").strip()
        if not written.isdecimal() or not 1 <= int(written) <= LONGEST_SUB_DAYS:
            raise ValueError(f"「{value}」不对，写几个工作日，1 到 {LONGEST_SUB_DAYS} 的数字")
        return int(written)

    @field_validator("places", mode="after")
    @classmethod
    def _paths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(place.replace("\\", "/").strip("/ ") for place in value)

    def routes(self) -> Iterator[Route]:
        """One for each place."""
        for place in self.places or ("",):
            yield Route(
                category=self.category,
                words=self.words,
                unit=self.unit.strip("/"),
                lead=self.function == "主办",
                place=place,
                days=self.days,
                basis=self.basis,
                period=self.period,
            )


@dataclass(frozen=True)
class LocatedLine:
    """A line and where it was written."""

    line: TableLine
    item: Item

    def warning(self, field: str, what: str, remedy: str) -> Problem:
        """Something to look at in one of its fields."""
        return problem_at(TableLine, self.item, (field,), what, remedy, severity="warning")


def configured(config: Config) -> Routes:
    """The table of this deployment, as it stands at the start; an empty one without a file.

    A broken file proposes nothing and stops nothing: the log says why, and so does doctor.
    """
    path = config.routing_path()
    try:
        return routes(read(path)) if path else Routes()
    except FileError as error:
        log.error("the table of departments is not used until it is mended:\n%s", error)
        return Routes()


def read(path: Path) -> list[LocatedLine]:
    """All lines of the file. Raises FileError with everything that is wrong with it."""
    return [LocatedLine(line, item) for line, item in build_located(TableLine, path)]


def routes(lines: Sequence[LocatedLine]) -> Routes:
    """The lines as plain values."""
    return Routes(tuple(route for located in lines for route in located.line.routes()))


def oddities(lines: Sequence[LocatedLine]) -> list[Problem]:
    """What can be read in two ways or matches too much, without looking at the roster."""
    return sorted([*_short_words(lines), *_two_leads(lines)])


def unknown_units(town: Town, lines: Sequence[LocatedLine]) -> list[Problem]:
    """Units and places that the roster does not have, or has more than once."""
    return sorted([*_unknown_units(town, lines), *_unknown_places(town, lines)])


def _short_words(lines: Sequence[LocatedLine]) -> Iterator[Problem]:
    for located in lines:
        short = [word for word in (located.line.category, *located.line.words) if len(word) < 2]
        if short:
            what = f"「{short[0]}」只有一个字，别的话里也会有"
            yield located.warning("words", what, "写成两个字以上，如 路灯")


def _two_leads(lines: Sequence[LocatedLine]) -> Iterator[Problem]:
    """The same word in the same place with two who lead: the upper line wins."""
    first: dict[tuple[str, str, str], LocatedLine] = {}
    for located in lines:
        told = False
        for key in _leading(located.line):
            other = first.setdefault(key, located)
            if other.line.unit != located.line.unit and not told:
                told = True
                what = f"「{key[0]}」在第 {other.item.line} 行已由{other.line.unit}主办"
                yield located.warning("unit", what, "只留一个主办，另一个写 职责: 协办")


def _leading(line: TableLine) -> list[tuple[str, str, str]]:
    if line.function != "主办":
        return []
    words = dict.fromkeys([line.category, *line.words])
    return [(w, place, str(line.period)) for w in words for place in line.places or ("",)]


def _unknown_units(town: Town, lines: Sequence[LocatedLine]) -> Iterator[Problem]:
    for located in lines:
        name = located.line.unit
        if not town.units_ending(name):
            what = f"花名册里没有「{name}」"
            yield located.warning("unit", what, "改成花名册里的名称，或在花名册里加上这个单位")


def _unknown_places(town: Town, lines: Sequence[LocatedLine]) -> Iterator[Problem]:
    for located in lines:
        for place in located.line.places:
            found = town.units_ending(place)
            if not found:
                yield located.warning("places", f"花名册里没有「{place}」", "写花名册里的单位")
            elif len(found) > 1:
                paths = "、".join(unit.path for unit in found[:3])
                yield located.warning("places", f"「{place}」不止一个：{paths}", "写全路径")
