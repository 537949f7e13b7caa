"""sanzhang outbox list | show | retry | drop: notices that did not arrive, or may not have.

Who decides what becomes of one is written down with his account on the machine.
"""

import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from bot.channels.code_meanings import reason
from bot.hours import clock_of
from bot.options import config_option, err, fail, open_database, out, read_config
from issues.deployment import BOARD, BOT
from people.reading import read
from people.town import Town
from storage import undelivered
from storage.notice import Notice
from storage.outbox import Precedence
from storage.tables import Outbox, OutboxDecision

STATES = click.Choice(["held", "dead", "unsure", "waiting"])
#: More than these are not listed at once.
MOST = 1000
STATE_WORDS = {
    "dead": "送不到",
    "unsure": "不确定",
    "waiting": "等着发",
    "sending": "正在发",
    "sent": "已送出",
    "dropped": "不发了",
}
PRECEDENCE_WORDS = {
    Precedence.URGENT: "急事",
    Precedence.ANSWER: "回话",
    Precedence.CARD: "新诉求",
    Precedence.OTHER: "其他",
}
ACT_WORDS = {"retry": "再发一次", "drop": "不再发"}


@click.group()
def outbox() -> None:
    """没送到的、不知道到了没有的通知：看，再发，或不发了。"""


@outbox.command("list")
@click.option(
    "--state",
    type=STATES,
    default="held",
    show_default=True,
    help="held：要人管的（送不到和不确定）；dead：送不到；unsure：不确定；waiting：等着发的",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def list_(state: str, as_json: bool, config_path: Path | None) -> None:
    """列出通知：号、给谁、多久了、为什么，怎么办。"""
    config = read_config(config_path)
    now, zone = datetime.now(UTC), clock_of(config).zone
    with open_database(config).read() as session:
        town = read(session)
        found = undelivered.listed(session, state, MOST)
        rows = [_row(one, town, now, zone) for one in found]
    if len(rows) == MOST:
        err.print(f"只列出最早的 {MOST} 条。")
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        out.print(_line(row), markup=False)
    if not rows:
        out.print("没有这样的通知。")


@outbox.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def show(number: int, as_json: bool, config_path: Path | None) -> None:
    """一条通知：说了什么，给谁，试过几次，谁决定过什么。"""
    config = read_config(config_path)
    now, zone = datetime.now(UTC), clock_of(config).zone
    with open_database(config).read() as session:
        one = session.get(Outbox, number)
        if one is None:
            fail(f"没有 {number} 号通知。先运行 sanzhang outbox list 看号。")
        row = _row(one, read(session), now, zone)
        row["text"] = Notice.from_dict(one.notice).text
        row["decisions"] = [_decided(d, zone) for d in undelivered.decisions(session, number)]
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False, indent=1))
        return
    out.print(_line(row), markup=False)
    out.print(f"试过 {row['tries']} 次；最早可发 {row['due_at']}；关于 {row['subject'] or '—'}")
    if row["error"]:
        out.print(f"记下的错误：{row['error']}", markup=False)
    for decided in row["decisions"]:
        out.print(f"{decided['at']} {decided['account']}：{decided['words']}", markup=False)
    out.print(f"内容：\n{row['text']}", markup=False)


@outbox.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
@config_option
def retry(numbers: tuple[int, ...], config_path: Path | None) -> None:
    """把这几条再发一次（送不到的、不确定的）；同一条消息里的一起发。"""

    def act(session: Session, account: str, now: datetime) -> int:
        return len(undelivered.retry(session, numbers, account, now))

    done = _decide(config_path, act)
    out.print(f"{done} 条会马上再发；夜里不急的等到早上。")


@outbox.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.option("--why", required=True, help="为什么不发了，会记下来")
@config_option
def drop(numbers: tuple[int, ...], why: str, config_path: Path | None) -> None:
    """这几条不再发了（送不到的、不确定的），写明原因。"""

    def act(session: Session, account: str, now: datetime) -> int:
        return len(undelivered.drop(session, numbers, account, why, now))

    done = _decide(config_path, act)
    out.print(f"{done} 条不再发了，原因和您的账号已记下。")


def _decide(config_path: Path | None, act: Callable[[Session, str, datetime], int]) -> int:
    database = open_database(read_config(config_path))
    account, now = getpass.getuser(), datetime.now(UTC)
    try:
        return database.write(lambda session: act(session, account, now))
    except undelivered.UnknownRows as unknown:
        numbers = "、".join(map(str, unknown.numbers))
        fail(f"{numbers} 不是送不到或不确定的通知，什么也没有改。先运行 sanzhang outbox list。")


def _row(one: Outbox, town: Town, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    since = one.due_at or one.created_at
    person = town.person(one.target) if one.channel not in (BOARD, BOT) else None
    return {
        "number": one.id,
        "state": one.state,
        "channel": one.channel,
        "target": one.target,
        "name": person.name if person else "",
        "precedence": Precedence(one.precedence).name.lower(),
        "subject": one.subject,
        "due_at": since.astimezone(zone).isoformat(timespec="seconds"),
        "age_seconds": max(0, int((now - since).total_seconds())),
        "tries": one.tries,
        "error": one.error,
        "reason": reason(one.error, one.state) if one.error or one.state == "unsure" else "",
    }


def _line(row: dict[str, Any]) -> str:
    whom = f"{row['name']}（{row['target']}）" if row["name"] else _unnamed(row)
    what = PRECEDENCE_WORDS[Precedence[row["precedence"].upper()]]
    age = _age(timedelta(seconds=row["age_seconds"]))
    why = f"：{row['reason']}" if row["reason"] else ""
    return f"{row['number']}  {STATE_WORDS[row['state']]}  {what}  给{whom}  {age}{why}"


def _unnamed(row: dict[str, Any]) -> str:
    if row["channel"] == BOARD:
        return f"“{row['target']}”的群"
    return "机器人在原处的回话" if row["channel"] == BOT else str(row["target"])


def _age(span: timedelta) -> str:
    """As people count: 3 天, 5 小时, 12 分钟."""
    hours, minutes = span // timedelta(hours=1), span // timedelta(minutes=1)
    if span.days:
        return f"{span.days} 天"
    return f"{hours} 小时" if hours else f"{minutes} 分钟"


def _decided(one: OutboxDecision, zone: ZoneInfo) -> dict[str, str]:
    words = f"{STATE_WORDS[one.before]}，{ACT_WORDS[one.act]}"
    return {
        "at": one.at.astimezone(zone).isoformat(timespec="seconds"),
        "account": one.account,
        "act": one.act,
        "why": one.why,
        "words": f"{words}：{one.why}" if one.why else words,
    }
