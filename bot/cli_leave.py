"""sanzhang leave take | back | list: an admin notes who is away, as a 长 can by a message.

What becomes of the issues is issues/leave.py's business.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.office import office
from bot.options import config_option, fail, open_database, out, read_config
from bot.period import Day
from issues import leave as leaves
from issues.desk import Desk
from issues.events import Actor
from people import tree
from rules.transitions import NotAllowed
from storage.tables import Leave, Person

ADMIN = Actor("admin", "admin", "cli")


@click.group()
def leave() -> None:
    """请假和代班。"""


@leave.command()
@click.argument("userid")
@click.option("--from", "first", type=Day(), help="从哪天起，默认今天")
@click.option("--to", "last", type=Day(), required=True, help="到哪天（含当天）")
@click.option("--delegate", help="代班人的账号；不写就由上一级直接接手")
@config_option
def take(
    userid: str, first: date | None, last: date, delegate: str | None, config_path: Path | None
) -> None:
    """替一位三长请假：手上的诉求交给代班人或上一级。"""

    def work(desk: Desk) -> str:
        person, other = _person(desk, userid), _person(desk, delegate) if delegate else None
        first_day = first or desk.office.today(desk.now)
        said = leaves.take(desk, person, first_day, last, other, ADMIN)
        return f"记下了：{_told(said)}"

    _at_the_desk(config_path, work)


@leave.command()
@click.argument("userid")
@config_option
def back(userid: str, config_path: Path | None) -> None:
    """销假：代班人手上还没办完的，交还本人。"""

    def work(desk: Desk) -> str:
        person = _person(desk, userid)
        leaves.back(desk, person, ADMIN)
        return f"{person.name}已销假。"

    _at_the_desk(config_path, work)


@leave.command("list")
@config_option
def list_(config_path: Path | None) -> None:
    """现在和以后谁请假，谁代班。"""
    database = open_database(read_config(config_path))
    with database.read() as session:
        said = select(Leave).where(Leave.ended_at.is_(None)).order_by(Leave.from_on, Leave.id)
        lines = [_told(one) for one in session.scalars(said)]
    for line in lines or ["没有人请假。"]:
        out.print(line, markup=False)


def _at_the_desk(config_path: Path | None, work: Callable[[Desk], str]) -> None:
    config = read_config(config_path)
    now, customs = datetime.now(UTC), office(config)

    def write(session: Session) -> str:
        return work(Desk(session, now, customs))

    try:
        out.print(open_database(config).write(write), markup=False)
    except NotAllowed as refusal:
        fail(str(refusal))


def _person(desk: Desk, userid: str) -> Person:
    person = tree.person(desk.session, userid)
    if person is None or not tree.posts(desk.session, person.id, desk.office.today(desk.now)):
        fail(f"花名册里没有担任职务的 {userid}。账号是企业微信的账号，不是姓名。")
    return person


def _told(said: Leave) -> str:
    stands_in = f"{said.delegate.name}代班" if said.delegate else "没有代班人，由上一级接手"
    return f"{said.person.name}（{said.person.userid}）{said.from_on} 到 {said.to_on}，{stands_in}"
