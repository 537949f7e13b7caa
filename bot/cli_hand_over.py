"""sanzhang issues hand-over: all that somebody holds is given to somebody else at once."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import or_, select

from bot.acting import act_now, admin
from bot.options import config_option, fail
from issues import moving
from issues.work import Work
from people.town import Person, covers
from storage.tables import STILL_OPEN, Issue


@click.command("hand-over")
@click.option("--from", "giver", required=True, help="现在手上有的人的账号")
@click.option("--to", "taker", required=True, help="接手的人的账号，要有职务")
@click.option("--unit", default="", help="只交这个单位里的")
@click.option("--reason", default="管理员交接", show_default=True, help="双方都看得到")
@config_option
def hand_over(giver: str, taker: str, unit: str, reason: str, config_path: Path | None) -> None:
    """把一个人手上没办完的，一次全交给另一个人。"""

    def act(work: Work) -> Iterator[str]:
        former, heir = _person(work, giver), _person(work, taker)
        if former.id == heir.id or not work.town.posts_on(heir.id, work.today):
            fail(f"{heir.name}（{heir.userid}）现在没有职务，或者就是同一个人，不能接手。")
        count, others = 0, []
        for issue in _held(work, former, unit):
            moving.hand_over(work, issue, heir, reason, by=admin())
            count += issue.holder_id == heir.id
            if issue.holder_id != heir.id:
                others.append(issue.number)
        yield f"已交接：{former.name} 手上的 {count} 件交给 {heir.name}，双方和居民都会收到通知。"
        if others:
            yield f"没有交给他的（是他报的，或者反映的就是他）：{'、'.join(others)}"

    act_now(config_path, act)


def _person(work: Work, userid: str) -> Person:
    person = work.town.person(userid)
    if person is None:
        fail(f"花名册里没有 {userid}。账号是企业微信的账号，不是姓名。")
    return person


def _held(work: Work, person: Person, path: str) -> list[Issue]:
    within = work.town.unit_ending(path) if path else work.town.city
    if within is None:
        fail(f"没有 {path} 这个单位，或者同名的不止一个，请写全。")
    his = or_(Issue.holder_id == person.id, Issue.behalf_id == person.id)
    held = work.session.scalars(select(Issue).where(STILL_OPEN, his).order_by(Issue.id))
    return [issue for issue in held if not path or ((u := work.unit(issue)) and covers(within, u))]
