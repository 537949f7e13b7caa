"""sanzhang issues list | show: what is open, with whom, and until when."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from rich.table import Table
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from bot.office import office
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
from issues import events, story, words
from issues.audit import audit
from issues.numbers import by_number
from issues.office import Office
from rules import marks
from rules.words import ACTION_CHINESE, OPEN_STATES, STATE_CHINESE, TIER_CHINESE
from storage.db import Database
from storage.tables import Assist, Attachment, CoOwner, Endorsement, Issue, Person

EVENT_CHINESE: dict[str, str] = {
    **{str(action): text for action, text in ACTION_CHINESE.items()},
    "opened": "登记",
    "mark": "到时限",
    "nudge": "提醒",
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
LONGEST_NUMBER = len("SZ-20261121-0042")
STATES = click.Choice(["open", "overdue", "bulletin", "all"])


@click.group()
def issues() -> None:
    """诉求。"""


@issues.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option(
    "--state",
    type=STATES,
    default="all",
    help="open：还没办完的；overdue：已经超期的；bulletin：超期满五个工作日的（通报）",
)
@click.option("--at", type=Moment(), help="按这一时刻算超期，默认现在")
@config_option
def list_(as_json: bool, state: str, at: datetime | None, config_path: Path | None) -> None:
    """列出诉求。"""
    config = read_config(config_path)
    customs = office(config)
    zone = customs.clock.zone
    now = aware(at, config.service.timezone) or datetime.now(UTC)
    wanted = WANTED[state](now)
    found = rows(open_database(config), zone, wanted)
    if state == "bulletin":
        found = [row for row in found if _in_bulletin(row, now, customs)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        out.print(_table(found))


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
        story.one_snapshot(session)
        total = story.count(session)
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


def rows(
    database: Database, zone: ZoneInfo, wanted: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """The issues (all without ``wanted``) as the contract lists them, oldest first."""
    found = select(Issue).where(true() if wanted is None else wanted).order_by(Issue.id)
    with database.read() as session:
        return [summary(issue, zone) for issue in session.scalars(found)]


def _in_bulletin(row: dict[str, Any], now: datetime, customs: Office) -> bool:
    """Whether five working days have gone by since it fell due (domain.md §4)."""
    last = (datetime.fromisoformat(row["due_at"]) - timedelta(seconds=1)).date()
    return marks.bulletin(last, customs.pace, customs.clock) <= now


def summary(issue: Issue, zone: ZoneInfo) -> dict[str, Any]:
    """The contract's fields; times in the deployment's zone."""

    def local(at: Any) -> str | None:
        return at.astimezone(zone).isoformat() if at else None

    return {
        "number": issue.number,
        "state": str(issue.state),
        "tier": str(issue.tier),
        "unit": issue.unit.path if issue.unit else None,
        "level": str(issue.level),
        "holder": issue.holder.userid if issue.holder else None,
        "lead": issue.lead_unit.path if issue.lead_unit else None,
        "unclaimed": issue.unclaimed,
        "urgent": issue.urgent,
        "reported_at": local(issue.reported_at),
        "due_at": local(issue.due_at),
        "promised_at": local(issue.promised_at),
        "suspended_until": local(issue.suspended_until),
        "wanted": issue.wanted and str(issue.wanted),
        "troubled": issue.troubled,
        "next_mark_at": local(issue.next_mark_at or issue.next_nudge_at),
        "resolved_at": local(issue.resolved_at),
        "closed_at": local(issue.closed_at),
        "solved": issue.solved and str(issue.solved),
        "rating": issue.rating and str(issue.rating),
    }


def detail(session: Session, issue: Issue, zone: ZoneInfo) -> dict[str, Any]:
    """Everything about one issue: words, materials, co-owners and events."""
    owners = select(Person.userid).join(CoOwner).where(CoOwner.issue_id == issue.id)
    added = select(Attachment).where(Attachment.issue_id == issue.id).order_by(Attachment.id)
    return {
        **summary(issue, zone),
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


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table("编号", "状态", "难度", "单位", "负责人", "答应的时间", "下一个提醒")
    table.columns[0].no_wrap = True
    table.columns[0].min_width = LONGEST_NUMBER
    for row in found:
        table.add_row(
            row["number"],
            STATE_CHINESE[row["state"]],
            TIER_CHINESE[row["tier"]],
            row["unit"] or "",
            row["holder"] or "无",
            row["due_at"][:16].replace("T", " "),
            (row["next_mark_at"] or "")[:16].replace("T", " "),
        )
    return table


def _print(whole: dict[str, Any]) -> None:
    out.print(f"{whole['number']} {STATE_CHINESE[whole['state']]}", markup=False)
    out.print(f"单位 {whole['unit']}，负责人 {whole['holder']}，答应 {whole['due_at']}")
    out.print(f"内容：{words.cut(whole['content'], 200)}", markup=False)
    for event in whole["events"]:
        who = event["actor"] or "时钟"
        what = EVENT_CHINESE.get(event["kind"], event["kind"])
        line = f"{event['at'][:16]} {what} {who} {event['reason']} {event['data'] or ''}"
        out.print(line, markup=False)
