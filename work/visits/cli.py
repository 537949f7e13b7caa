"""sanzhang visits list: what has been noted of visits, newest first."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from people.town import Town
from storage.tables import HouseholdRow, PersonRow, UnitRow
from work.system_command import reads
from work.visits.tables import Visit


@click.group()
def visits() -> None:
    """走访。"""


@visits.command("list")
@click.option("--unit", "unit_path", default="", help="单位，如 清溪镇/韶山村；默认全市")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起（含这一天），如 2026-06-01"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@reads
def list_(
    session: Session, town: Town, unit_path: str, since: datetime | None, as_json: bool
) -> None:
    """列出记下的走访，近的在前。"""
    found = rows(session, _inside(town, unit_path), since.date() if since else None)
    if as_json:
        click.echo(json.dumps(list(found), ensure_ascii=False, indent=1))
        return
    count = 0
    for count, row in enumerate(found, start=1):  # noqa: B007 - how many there were
        click.echo(_line(row))
    if not count:
        click.echo("还没有记下走访。")


def rows(session: Session, units: list[int] | None, since: date | None) -> Iterator[dict[str, Any]]:
    """The visits in these units (None: everywhere) since that local day, newest first."""
    found = (
        select(Visit, PersonRow.userid, UnitRow.path, HouseholdRow.name)
        .join(PersonRow, PersonRow.id == Visit.person_id)
        .join(UnitRow, UnitRow.id == Visit.unit_id)
        .outerjoin(HouseholdRow, HouseholdRow.id == Visit.household_id)
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
    )
    if units is not None:
        found = found.where(Visit.unit_id.in_(units))
    if since:
        found = found.where(Visit.visited_on >= since)
    for visit, userid, path, household in session.execute(found):
        yield {
            "day": visit.visited_on.isoformat(),
            "visitor": userid,
            "unit": path,
            "household": household or visit.said_of or None,
            "known": household is not None,
            "households": visit.households,
            "nobody_home": visit.nobody_home,
            "words": visit.words,
            "issue": visit.issue or None,
        }


def _inside(town: Town, path: str) -> list[int] | None:
    """The keys of the unit and all below it, None without a name; ends with status 1 if there is
    none of that name."""
    if not path.strip("/ "):
        return None
    unit = town.unit_at(path) or town.unit_ending(path)
    if unit is None:
        raise click.ClickException(f"没有（或不止一个）单位“{path}”，请照花名册写全路径。")
    return [one.id for one in town.inside(unit)]


def _line(row: dict[str, Any]) -> str:
    who = row["household"] or f"{row['households']} 户"
    nobody = "（没人在家）" if row["nobody_home"] else ""
    issue = f" → {row['issue']}" if row["issue"] else ""
    head = f"{row['day']} {row['visitor']} {row['unit']} {who}{nobody}"
    return f"{head} {' '.join(row['words'].split())}".rstrip() + issue
