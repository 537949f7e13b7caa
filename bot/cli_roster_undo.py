"""sanzhang roster undo: the last import is taken back, with the issues that it has handed over."""

from collections.abc import Iterable
from pathlib import Path

import click

import handlers.systems  # noqa: F401 - what any system refers to stays
from bot.acting import act_now, admin
from bot.options import config_option
from issues import departure, giving_back
from issues.handover import EndedPost, hand_over
from issues.work import Work
from people import roster_log, roster_undo
from people.reading import read
from people.roster_undo import Reseated, Undone
from rules.transitions import NotAllowed
from storage.tables import RosterChange

#: How that is undone instead, where the last change was no import.
INSTEAD = {
    "rename": "改名用 roster rename 改回去",
    "merge": "合并用 roster split 分开",
    "split": "分开的用 roster merge 合回去",
    "move": "搬家用 roster move 搬回去",
    "account": "合并过的账号分不开",
}


@click.command()
@config_option
def undo(config_path: Path | None) -> None:
    """撤回最近一次导入：职务、住处、没办完的诉求都回到导入以前。"""
    act_now(config_path, _undo)


def _undo(work: Work) -> list[str]:
    change = roster_log.latest(work.session)
    _may_be_undone(change)
    assert change is not None  # else it may not
    for old, new, *_ in reversed(change.undo["renamed"]):
        departure.rename(work, new, old)
    done = roster_undo.put_back(work.session, change.undo, work.town, work.today)
    work.session.flush()
    work = work.on(read(work.session))
    issues = giving_back.give_back(work, change.undo["issues"], admin())
    handed = hand_over(work, _vacated(work, done.reseated))
    work.store()
    roster_undo.clear(work.session, change.undo)
    change.undone_at = work.now
    return [*_told(work, change, done), *_told_of(issues, handed)]


def _may_be_undone(change: RosterChange | None) -> None:
    if change is None:
        raise NotAllowed("没有可以撤回的导入。")
    if change.what != "import":
        raise NotAllowed(f"最近一次改动不是导入，不能撤回：{INSTEAD[change.what]}。")
    if not change.undo:
        raise NotAllowed("这次导入太久了，没有留下以前的样子，不能撤回。")


def _vacated(work: Work, reseated: Iterable[Reseated]) -> list[EndedPost]:
    """What they hold goes to who has the seat again."""
    return [
        EndedPost(one.userid, one.unit, _sits(work, one), one.role)
        for one in reseated
        if one.userid != _sits(work, one)
    ]


def _sits(work: Work, seat: Reseated) -> str:
    unit = work.town.unit_at(seat.unit) or work.town.city
    posts = work.town.posts_in.get(unit.id, ()) if unit else ()
    held = (post for post in posts if post.role is seat.role and post.held_on(work.today))
    return next((post.person.userid for post in held), "")


def _told(work: Work, change: RosterChange, done: Undone) -> Iterable[str]:
    at, file = change.at.astimezone(work.zone), change.said["file"]
    counts = f"职务 {done.posts} 项，居民 {done.homes} 项"
    yield f"已撤回 {at:%Y-%m-%d %H:%M} 的导入（{file}）：{counts}。"
    yield from (f"没有撤回：{line}" for line in done.refused)


def _told_of(issues: giving_back.GivenBack, handed: int) -> Iterable[str]:
    if issues.same:
        yield f"{issues.same} 件没办完的诉求，回到导入以前的样子。"
    for number in issues.worked_on:
        yield f"{number} 导入以后有人办过，不能照原样撤回：交接给了原来的负责人，办过的都在。"
    if handed:
        yield f"导入以后才有的 {handed} 件诉求，交接给了现在的负责人。"
