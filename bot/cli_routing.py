"""sanzhang routing check | ask: is the 分工表 right, and whom does it name for a sentence."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from bot import departments
from bot.config import CHECKOUT
from bot.departments import LocatedLine
from bot.options import Moment, aware, config_option, fail, has_config, out, read_config
from files.problem import FileError, Problem
from issues.routes import Route
from people.reading import read
from storage import schema_version
from storage.db import Database
from storage.tables import UnitRow

SAMPLE = CHECKOUT / "samples/departments.yaml"
FILE = click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def routing() -> None:
    """分工表：哪类事、在哪里、归哪个部门或驻地单位。"""


@routing.command("check")
@FILE
@config_option
def check(file: Path | None, config_path: Path | None) -> None:
    """检查分工表：写法、重复，以及单位在不在花名册里。"""
    path = file or _configured(config_path)
    lines = _read(path)
    problems = departments.oddities(lines) + _against_roster(lines, config_path)
    for problem in problems:
        out.print(problem.marked, markup=False)
    out.print(f"{path}：{len(lines)} 行，没有错误，{len(problems)} 处请留意。", markup=False)


@routing.command("ask")
@click.argument("sentence")
@click.option("--unit", default="", help="事情在哪里，如 清溪镇/韶山村")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="另一份分工表")
@click.option("--at", type=Moment(), help="什么时候报的，默认现在")
@config_option
def ask(
    sentence: str,
    unit: str,
    file: Path | None,
    at: datetime | None,
    config_path: Path | None,
) -> None:
    """说一句话，看按分工表归谁、为什么，还能找谁。"""
    zone = read_config(config_path).service.timezone if has_config(config_path) else "Asia/Shanghai"
    moment = aware(at, zone) or datetime.now(UTC)
    table = departments.routes(_read(file or _configured(config_path)))
    found = table.find(sentence, unit.strip("/ "), moment.astimezone(ZoneInfo(zone)))
    if not found:
        out.print("分工表里没有对得上的，由三长按级办理或上交。")
    for number, route in enumerate(found, 1):
        out.print(f"{number}. {_told(route)}", markup=False)


def _told(route: Route) -> str:
    days = f"，期限 {route.days} 个工作日" if route.days else ""
    return f"{route.explain()}{days}"


def _configured(config_path: Path | None) -> Path:
    """The table of the configuration, else the shipped example."""
    named = read_config(config_path).routing_path() if has_config(config_path) else None
    return named or SAMPLE


def _read(path: Path) -> list[LocatedLine]:
    try:
        return departments.read(path)
    except FileError as error:
        fail(*error.problems)


def _against_roster(lines: list[LocatedLine], config_path: Path | None) -> list[Problem]:
    """What the roster does not know; nothing where there is no roster yet."""
    if not has_config(config_path):
        return []
    database = Database(read_config(config_path).database_url())
    try:
        schema_version.ready(database)
    except schema_version.NotReady:
        return []
    with database.read() as session:
        empty = session.scalar(select(UnitRow.id).limit(1)) is None
        return [] if empty else departments.unknown_units(read(session), lines)
