"""sanzhang issues show: all that is known of one issue."""

import json
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli_issue_list import summary
from bot.options import config_option, fail, open_database, out, read_config
from issues import events
from issues.short_numbers import by_number
from issues.texts import cut
from rules.actions import ACTION_CHINESE
from rules.words import STATE_CHINESE
from storage.tables import Assist, Attachment, CoOwner, Endorsement, Issue, PersonRow

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


@click.command()
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


def _print(whole: dict[str, Any]) -> None:
    out.print(f"{whole['number']} {STATE_CHINESE[whole['state']]}", markup=False)
    out.print(f"单位 {whole['unit']}，负责人 {whole['holder']}，答应 {whole['due_at']}")
    out.print(f"内容：{cut(whole['content'], 200)}", markup=False)
    for event in whole["events"]:
        who = event["actor"] or "时钟"
        what = EVENT_CHINESE.get(event["kind"], event["kind"])
        line = f"{event['at'][:16]} {what} {who} {event['reason']} {event['data'] or ''}"
        out.print(line, markup=False)
