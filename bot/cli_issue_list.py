"""sanzhang issues list: what is open, with whom, and until when."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.cells import cell_len
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from bot.hours import clock_of, pace_of
from bot.options import Moment, aware, config_option, open_database, read_config
from issues import masks
from issues.history import one_snapshot
from rules import marks
from rules.deadlines import Clock
from rules.quiet import Pace
from rules.words import OPEN_STATES, STATE_CHINESE, TIER_CHINESE
from storage.db import Database
from storage.tables import Issue, PersonRow, UnitRow, UtcDateTime

#: The columns of the list and how wide they are on a screen.
WIDTHS = {
    "编号": len("SZ-20261121-0042"),
    "状态": 6,
    "难度": 4,
    "答应的时间": len("2026-11-21 08:00"),
    "下一个提醒": len("2026-11-21 08:00"),
    "负责人": 16,
    "单位": 34,
    "内容": 0,
}
#: So much of what was said is enough to know which matter it is; in characters.
MOST_SAID = 40
#: More is read than shown: what is cut inside a telephone number is masked no more.
MOST_READ = 200
COVERED = "（投诉或私事，不列出）"
STATES = click.Choice(["open", "overdue", "bulletin", "all"])


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option(
    "--state",
    type=STATES,
    default="open",
    show_default=True,
    help="open：还没办完的；overdue：已经超期的；bulletin：超期满五个工作日的（通报）；all：全部",
)
@click.option("--at", type=Moment(), help="按这一时刻算超期，默认现在")
@config_option
def list_(as_json: bool, state: str, at: datetime | None, config_path: Path | None) -> None:
    """列出诉求，不写 --state 就是还没办完的。"""
    config = read_config(config_path)
    zone = ZoneInfo(config.service.timezone)
    now = aware(at, config.service.timezone) or datetime.now(UTC)
    found = rows(open_database(config), zone, WANTED[state](now))
    if state == "bulletin":
        pace, clock = pace_of(config), clock_of(config)
        found = (row for row in found if _in_bulletin(row, now, pace, clock))
    _write(_json(found) if as_json else _lines(found))


OPEN = Issue.state.in_(OPEN_STATES)
#: --state -> which issues, as at a moment.
WANTED: dict[str, Callable[[datetime], ColumnElement[bool]]] = {
    "all": lambda now: true(),
    "open": lambda now: OPEN,
    "overdue": lambda now: and_(OPEN, Issue.due_at <= now),
    "bulletin": lambda now: and_(OPEN, Issue.due_at <= now),
}
#: Rows that are in memory at a time.
CHUNK = 1000
LED_BY, REPORTER = aliased(UnitRow), aliased(PersonRow)
#: What the contract's fields are made of: plain columns, since 100,000 issues as objects, each with
#: its people and units, were 718 MB.
COLUMNS = (
    Issue.number,
    type_coerce(Issue.state, String).label("state"),
    type_coerce(Issue.tier, String).label("tier"),
    UnitRow.path.label("unit"),
    type_coerce(Issue.level, String).label("level"),
    PersonRow.userid.label("holder"),
    LED_BY.path.label("lead"),
    Issue.unclaimed,
    Issue.urgent,
    Issue.reported_at,
    Issue.due_at,
    Issue.promised_at,
    Issue.suspended_until,
    type_coerce(Issue.wanted, String).label("wanted"),
    Issue.troubled,
    func.coalesce(Issue.next_mark_at, Issue.next_nudge_at).label("next_mark_at"),
    Issue.resolved_at,
    Issue.closed_at,
    type_coerce(Issue.solved, String).label("solved"),
    type_coerce(Issue.rating, String).label("rating"),
    func.substr(Issue.content, 1, MOST_READ).label("content"),
)
#: What decides how much of the words is shown: whose name is in them, and whether it is a complaint
#: or nobody else's business.
COVERING = (
    REPORTER.name.label("reporter_name"),
    or_(Issue.bypassed.is_not(None), Issue.delicate).label("covered"),
)
NAMES = tuple(column.key for column in COLUMNS)
TIMES = tuple(column.key for column in COLUMNS if isinstance(column.type, UtcDateTime))


def rows(
    database: Database, zone: ZoneInfo, wanted: ColumnElement[bool] | None = None
) -> Iterator[dict[str, Any]]:
    """The issues (all without ``wanted``) as the contract lists them, oldest first.

    Read as they are taken, CHUNK at a time, all from one snapshot.
    """
    with database.read() as session:
        one_snapshot(session)
        found = _listed(true() if wanted is None else wanted).order_by(Issue.id)
        for row in session.execute(found, execution_options={"yield_per": CHUNK}):
            yield _fields(row, zone)


def summary(session: Session, issue: Issue, zone: ZoneInfo) -> dict[str, Any]:
    """The contract's fields of one issue; times in the deployment's zone."""
    return _fields(session.execute(_listed(Issue.id == issue.id)).one(), zone)


def _listed(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    joined = (
        select(*COLUMNS, *COVERING)
        .select_from(Issue)
        .outerjoin(UnitRow, UnitRow.id == Issue.unit_id)
    )
    joined = joined.outerjoin(PersonRow, PersonRow.id == Issue.holder_id)
    joined = joined.outerjoin(REPORTER, REPORTER.userid == Issue.reporter)
    return joined.outerjoin(LED_BY, LED_BY.id == Issue.lead_unit_id).where(wanted)


def _fields(row: Row[*tuple[Any, ...]], zone: ZoneInfo) -> dict[str, Any]:
    fields = dict(zip(NAMES, row, strict=False))
    fields["content"] = _words(*row[len(NAMES) - 1 :])
    for name in TIMES:
        if fields[name] is not None:
            fields[name] = fields[name].astimezone(zone).isoformat()
    return fields


def _words(content: str, name: str | None, covered: bool) -> str:
    """The words on one line, masked as in every list (domain.md §8)."""
    if covered:
        return COVERED
    said = " ".join(masks.text(content, (name,) if name else ()).split())
    return said if len(said) <= MOST_SAID else f"{said[: MOST_SAID - 1]}…"


def _in_bulletin(row: dict[str, Any], now: datetime, pace: Pace, clock: Clock) -> bool:
    """Whether five working days have gone by since it fell due (domain.md §4)."""
    last = (datetime.fromisoformat(row["due_at"]) - timedelta(seconds=1)).date()
    return marks.bulletin(last, pace, clock) <= now


def _json(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A JSON array, an issue a line."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    opening = "[\n"
    for row in found:
        yield opening + encode(row)
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _lines(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A table for people. The columns have fixed widths, so that it can begin before its end is
    known, and be read by another program; what is too long for its column pushes the rest aside."""
    yield _line(WIDTHS)
    for row in found:
        cells = (
            row["number"],
            STATE_CHINESE[row["state"]],
            TIER_CHINESE[row["tier"]],
            row["due_at"][:16].replace("T", " "),
            (row["next_mark_at"] or "")[:16].replace("T", " "),
            row["holder"] or "无",
            row["unit"] or "无",
            row["content"],
        )
        yield _line(cells)


def _line(cells: Iterable[str]) -> str:
    padded = (c + " " * (w - cell_len(c)) for c, w in zip(cells, WIDTHS.values(), strict=True))
    return "  ".join(padded).rstrip() + "\n"


def _write(parts: Iterable[str]) -> None:
    """To standard output, many lines at a time."""
    parts = iter(parts)
    while some := list(islice(parts, CHUNK)):
        click.echo("".join(some), nl=False)
