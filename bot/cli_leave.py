"""sanzhang leave take | back | list: an admin notes who is away, as a 长 can by a message.

What becomes of the issues is issues/leave.py's business.
"""

from datetime import date
from pathlib import Path

import click
from sqlalchemy import select

from bot.acting import act_now
from bot.options import config_option, fail, open_database, out, read_config
from bot.period import Day
from issues import leave as leaves
from issues.events import Actor
from issues.work import Work
from people.reading import read
from people.town import Person, Town
from storage.tables import Leave

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

    def act(work: Work) -> str:
        person, other = _person(work, userid), _person(work, delegate) if delegate else None
        first_day = first or work.today
        said = leaves.take(work, person, first_day, last, other, ADMIN)
        return f"记下了：{_told(work.town, said)}"

    act_now(config_path, act)


@leave.command()
@click.argument("userid")
@config_option
def back(userid: str, config_path: Path | None) -> None:
    """销假：代班人手上还没办完的，交还本人。"""

    def act(work: Work) -> str:
        person = _person(work, userid)
        leaves.back(work, person, ADMIN)
        return f"{person.name}已销假。"

    act_now(config_path, act)


@leave.command("list")
@config_option
def list_(config_path: Path | None) -> None:
    """现在和以后谁请假，谁代班。"""
    database = open_database(read_config(config_path))
    with database.read() as session:
        town = read(session)
        said = select(Leave).where(Leave.ended_at.is_(None)).order_by(Leave.from_on, Leave.id)
        lines = [_told(town, one) for one in session.scalars(said)]
    for line in lines or ["没有人请假。"]:
        out.print(line, markup=False)


def _person(work: Work, userid: str) -> Person:
    person = work.town.person(userid)
    if person is None or not work.town.posts_on(person.id, work.today):
        fail(f"花名册里没有担任职务的 {userid}。账号是企业微信的账号，不是姓名。")
    return person


def _told(town: Town, said: Leave) -> str:
    person, delegate = town.by_id(said.person_id), town.by_id(said.delegate_id)
    assert person is not None  # a foreign key
    stands_in = f"{delegate.name}代班" if delegate else "没有代班人，由上一级接手"
    return f"{person.name}（{person.userid}）{said.from_on} 到 {said.to_on}，{stands_in}"
