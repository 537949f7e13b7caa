"""sanzhang issues list | show: what is open, with whom, and until when."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
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
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from bot.configured import office
from bot.options import (
    Bar,
    Moment,
    aware,
    config_option,
    fail,
    open_database,
    out,
    read_config,
)
from issues import events, history, wording
from issues.audit import audit
from issues.deployment import Deployment
from issues.short_numbers import by_number
from rules import marks
from rules.actions import ACTION_CHINESE
from rules.words import OPEN_STATES, STATE_CHINESE, TIER_CHINESE
from storage.db import Database
from storage.tables import (
    Assist,
    Attachment,
    CoOwner,
    Endorsement,
    Issue,
    PersonRow,
    UnitRow,
    UtcDateTime,
)

EVENT_CHINESE: dict[str, str] = {
    **{str(action): text for action, text in ACTION_CHINESE.items()},
    "opened": "登记",
    "mark": "到时限",
    "nudge": "提醒",
    "ring": "急事再通知",
    "cannot_come": "去不了",
    "scene": "被通知的人说",
    "urgent": "转为急事",
    "asked": "再请评价",
    "closed": "结案",
    "handover": "交接",
    "undeliverable": "通知送不到",
    "helper_left": "协办换人",
    "assist_overdue": "协办超期",
    "sub_due": "部门期限已过",
    "troubled": "问题工单",
    "renamed": "换了账号",
    "named_view": "看了姓名",
    "told_in_person": "已当面告知",
    "household": "同户补充",
    "endorse_withdrawn": "撤回附议",
}
#: The columns of the list and how wide they are on a screen.
WIDTHS = {
    "编号": len("SZ-20261121-0042"),
    "状态": 6,
    "难度": 4,
    "答应的时间": len("2026-11-21 08:00"),
    "下一个提醒": len("2026-11-21 08:00"),
    "负责人": 16,
    "单位": 0,
}
STATES = click.Choice(["open", "overdue", "bulletin", "all"])


@click.group()
def issues() -> None:
    """诉求。"""


@issues.command("list")
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
        customs = office(config)
        found = (row for row in found if _in_bulletin(row, now, customs))
    _write(_json(found) if as_json else _lines(found))


@issues.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def show(number: str, as_json: bool, config_path: Path | None) -> None:
    """一件诉求的全部经过。"""
    config = read_config(config_path)
    zone = ZoneInfo(config.service.timezone)
    with open_database(config).read() as session:
        issue = by_number(session, number)
        if issue is None:
            fail(f"没有编号 {number}。")
        whole = detail(session, issue, zone)
    if as_json:
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
    else:
        _print(whole)


@issues.command()
@config_option
def verify(config_path: Path | None) -> None:
    """核对每件诉求的经过有没有被改动过（哈希链），表里的和经过里的是不是一样。"""
    config = read_config(config_path)
    bad: list[str] = []
    count = 0
    with open_database(config).read() as session, Bar("核对") as bar:
        history.one_snapshot(session)
        total = history.count(session)
        for count, found in enumerate(audit(session, office(config).clock), start=1):
            bad += [f"{found.number}：{problem}" for problem in found.problems]
            bar(count, total)
    if bad:
        fail(*bad)
    out.print(f"{count} 件诉求的经过都对得上。")


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
LED_BY = aliased(UnitRow)
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
        history.one_snapshot(session)
        found = _listed(true() if wanted is None else wanted).order_by(Issue.id)
        for row in session.execute(found, execution_options={"yield_per": CHUNK}):
            yield _fields(row, zone)


def summary(session: Session, issue: Issue, zone: ZoneInfo) -> dict[str, Any]:
    """The contract's fields of one issue; times in the deployment's zone."""
    return _fields(session.execute(_listed(Issue.id == issue.id)).one(), zone)


def _listed(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    joined = select(*COLUMNS).select_from(Issue).outerjoin(UnitRow, UnitRow.id == Issue.unit_id)
    joined = joined.outerjoin(PersonRow, PersonRow.id == Issue.holder_id)
    return joined.outerjoin(LED_BY, LED_BY.id == Issue.lead_unit_id).where(wanted)


def _fields(row: Row[*tuple[Any, ...]], zone: ZoneInfo) -> dict[str, Any]:
    fields = dict(zip(NAMES, row, strict=True))
    for name in TIMES:
        if fields[name] is not None:
            fields[name] = fields[name].astimezone(zone).isoformat()
    return fields


def _in_bulletin(row: dict[str, Any], now: datetime, customs: Deployment) -> bool:
    """Whether five working days have gone by since it fell due (domain.md §4)."""
    last = (datetime.fromisoformat(row["due_at"]) - timedelta(seconds=1)).date()
    return marks.bulletin(last, customs.pace, customs.clock) <= now


def detail(session: Session, issue: Issue, zone: ZoneInfo) -> dict[str, Any]:
    """Everything about one issue: words, materials, co-owners and events."""
    owners = select(PersonRow.userid).join(CoOwner).where(CoOwner.issue_id == issue.id)
    added = select(Attachment).where(Attachment.issue_id == issue.id).order_by(Attachment.id)
    return {
        **summary(session, issue, zone),
        "content": issue.content,
        "reporter": issue.reporter,
        "channel": issue.channel,
        "chat_id": issue.chat_id,
        "result": issue.result,
        "co_owners": list(session.scalars(owners)),
        "assists": [_assist(one, zone) for one in _of(session, Assist, issue)],
        "endorsements": [_endorsement(one) for one in _of(session, Endorsement, issue)],
        "attachments": [_attachment(one) for one in session.scalars(added)],
        "events": [
            {
                "seq": event.seq,
                "at": event.at.astimezone(zone).isoformat(),
                "kind": event.kind,
                "actor": event.actor,
                "role": event.role,
                "reason": event.reason,
                "before": event.before,
                "after": event.after,
                "data": event.data,
            }
            for event in events.of(session, issue.id)
        ],
    }


Part = TypeVar("Part", Assist, Endorsement)


def _of(session: Session, table: type[Part], issue: Issue) -> list[Part]:
    mine = select(table).where(table.issue_id == issue.id).order_by(table.id)
    return list(session.scalars(mine))


def _assist(one: Assist, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "unit": one.unit.path,
        "helper": one.person.userid,
        "request": one.request,
        "due_at": one.due_at.astimezone(zone).isoformat(),
        "answered_at": one.answered_at and one.answered_at.astimezone(zone).isoformat(),
        "answer": one.answer,
        "overdue": one.overdue,
        "named": one.named,
    }


def _endorsement(one: Endorsement) -> dict[str, Any]:
    return {
        "userid": one.userid,
        "household": one.household_id,
        "content": one.content,
        "solved": one.solved and str(one.solved),
        "rating": one.rating and str(one.rating),
    }


def _attachment(one: Attachment) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "text": one.text,
        "path": one.path,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "media_id": one.media_id,
    }


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
    known; what is too long for its column (a unit, at the end, may be) pushes the rest aside."""
    yield _line(WIDTHS)
    for row in found:
        cells = (
            row["number"],
            STATE_CHINESE[row["state"]],
            TIER_CHINESE[row["tier"]],
            row["due_at"][:16].replace("T", " "),
            (row["next_mark_at"] or "")[:16].replace("T", " "),
            row["holder"] or "无",
            row["unit"] or "",
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


def _print(whole: dict[str, Any]) -> None:
    out.print(f"{whole['number']} {STATE_CHINESE[whole['state']]}", markup=False)
    out.print(f"单位 {whole['unit']}，负责人 {whole['holder']}，答应 {whole['due_at']}")
    out.print(f"内容：{wording.cut(whole['content'], 200)}", markup=False)
    for event in whole["events"]:
        who = event["actor"] or "时钟"
        what = EVENT_CHINESE.get(event["kind"], event["kind"])
        line = f"{event['at'][:16]} {what} {who} {event['reason']} {event['data'] or ''}"
        out.print(line, markup=False)
