"""--unit, --from and --to of the commands that report: which unit, which local days.

A wrong one is answered with what to write instead.
"""

from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from bot.options import fail
from issues.rate_board import Days
from people.reading import read
from people.town import Town, Unit

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A local calendar day."""

    name = "DAY"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} 不是日期，应形如 2026-06-01（没有的日子也不行）", param, ctx)


def period_options(command: Command) -> Command:
    """--unit, --from and --to, handed on as unit_path, first and last."""
    for option in (
        click.option("--to", "last", type=Day(), help="到哪一天报的（含这一天），默认到今天"),
        click.option("--from", "first", type=Day(), help="从哪一天报的（含这一天），默认不限"),
        click.option("--unit", "unit_path", default="", help="单位，如 清溪镇/韶山村；默认全市"),
    ):
        command = option(command)
    return command


def period(first: date | None, last: date | None, today: date) -> Days:
    """Those days; ends with status 2 if they lie the wrong way round."""
    until = last or max(today, first or today)
    if first and first > until:
        raise click.UsageError(f"--from {first} 在 --to {until} 之后，请对调。")
    return Days(first, until)


def find_unit(session: Session, path: str) -> Unit:
    """The unit of that path or end of a path, the city without one; else what is close to it."""
    town = read(session)
    city = town.city
    if not path.strip("/ "):
        return city or fail("还没有花名册，请先 sanzhang roster import。")
    if city and path.strip("/ ") == city.name:
        return city
    found = town.unit_at(path) or town.unit_ending(path)
    return found or _no_unit(town, path)


def _no_unit(town: Town, path: str) -> Unit:
    known = list(town.homes.paths)
    ends = [one for one in known if one.endswith(f"/{path}")]
    close = ends or get_close_matches(path, known, n=3)
    hint = f"是不是：{'、'.join(close[:3])}" if close else "请照花名册写全路径，如 清溪镇/韶山村"
    what = "不止一个" if ends else "没有"
    return fail(f"{what}单位“{path}”。{hint}")
