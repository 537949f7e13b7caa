"""sanzhang roster rename | merge | split | move | account: what changes without a file."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import delete, func, select

from bot.acting import act_now, admin
from bot.config import Config
from bot.on_record import account as typed_by
from bot.options import config_option, fail, read_config
from faq.entries import load_entries
from files.problem import FileError
from issues import departure, following
from issues.work import Work
from people import roster_log, roster_units
from people.reading import Part, changed, read
from people.town import Town, Unit, covers, has_account
from storage.tables import STILL_OPEN, Issue, Resident

UNIT = click.argument("unit")


@click.command()
@UNIT
@click.argument("name")
@config_option
def rename(unit: str, name: str, config_path: Path | None) -> None:
    """单位改名：人、户、诉求都跟着，不用重新导入。"""
    config = read_config(config_path)

    def act(work: Work) -> Iterator[str]:
        old = roster_units.found(work.town, unit)
        new = roster_units.rename(work.session, work.town, old, name)
        said = f"已改名：{old.path} → {new}"
        yield from _noted(work, "rename", said, old.path, new, [[old.path, new]])
        yield from _to_do(config, work, old)

    act_now(config_path, act)


@click.command()
@UNIT
@click.argument("into")
@config_option
def merge(unit: str, into: str, config_path: Path | None) -> None:
    """两个单位并成一个：没办完的诉求跟着人走，办结的留在原来的单位。"""
    config = read_config(config_path)

    def act(work: Work) -> Iterator[str]:
        old = roster_units.found(work.town, unit)
        new = roster_units.found(work.town, into, old)
        former = roster_units.end_posts(work.session, work.town, old, new, work.today)
        # While everything still lies where it was reported.
        following.to_who_sits(work.on(_now(work)), old, new, former)
        look = roster_units.merge(work.session, work.town, old, new, work.today)
        lower = roster_units.below(work.town, old)
        paths = roster_units.paths_below(lower, new.path)
        count = following.into_another(work, old, new, admin())
        said = f"已合并：{old.path} 并入 {new.path}，{count} 件没办完的诉求一起过去"
        yield from _noted(work, "merge", said, old.path, new.path, paths)
        yield from look
        yield from _to_do(config, work, old)

    act_now(config_path, act)


@click.command()
@UNIT
@click.argument("name")
@click.option("--part", "parts", multiple=True, required=True, help="分出去的户；组以上写下一级")
@config_option
def split(unit: str, name: str, parts: tuple[str, ...], config_path: Path | None) -> None:
    """一个单位分成两个：--part 写分出去的，可以写几次；没办完的诉求跟着走。"""
    config = read_config(config_path)

    def act(work: Work) -> Iterator[str]:
        old = roster_units.found(work.town, unit)
        former = {post.person_id for post in work.town.posts_in.get(old.id, ())}
        parting = roster_units.part_of(work.session, work.town, old, parts)
        path = roster_units.split(work.session, work.town, old, name, parting)
        now = work.on(_now(work))
        new = now.town.unit_at(path)
        assert new is not None  # it has just been made
        households = parting.households
        count = following.with_their_people(now, old, new, households, former, admin())
        paths = roster_units.paths_below(parting.units, path)
        said = f"已分开：{'、'.join(parts)} 从 {old.path} 分到 {path}，{count} 件没办完的诉求跟着"
        yield from _noted(work, "split", said, old.path, path, paths)
        yield f"{path} 还没有人任职：在花名册里写上，导入一次。"
        yield from _to_do(config, work, old)

    act_now(config_path, act)


@click.command()
@click.argument("lin")
@click.argument("household")
@click.argument("to")
@config_option
def move(lin: str, household: str, to: str, config_path: Path | None) -> None:
    """一户搬到另一个邻。没办完的诉求留在原来的地方办。"""

    def act(work: Work) -> Iterator[str]:
        here = roster_units.found(work.town, lin)
        there = roster_units.found(work.town, to, here)
        people = roster_units.move_household(work.session, work.town, here, household, there)
        said = f"已搬家：{household}（{len(people)} 人）{here.path} → {there.path}"
        yield from _noted(work, "move", said, here.path, there.path)
        mine = select(func.count()).select_from(Issue).where(STILL_OPEN)
        count = work.session.scalar(mine.where(Issue.reporter.in_(people)))
        if count:
            yield f"他们有 {count} 件没办完的，留在原来的邻继续办；新报的归新的邻长。"

    act_now(config_path, act)


@click.command()
@click.argument("old")
@click.argument("new")
@config_option
def account(old: str, new: str, config_path: Path | None) -> None:
    """一个人换了账号，或者有两个账号：OLD 的职务、诉求都归 NEW。"""

    def act(work: Work) -> Iterator[str]:
        person, known = work.town.person(old), work.town.person(new)
        if person is None or not has_account(new) or person is known:
            fail(f"花名册里没有 {old}，或者 {new} 不是另一个企业微信账号。")
        if known and work.town.home(known.id):
            homes = delete(Resident).where(Resident.person_id == person.id)
            work.session.execute(homes)
            changed(work.session, Part.HOMES)
        departure.rename(work, old, new)
        said = f"已合并账号：{person.name} {old} → {new.lower()}"
        yield from _noted(work, "account", said, old.lower(), new.lower())
        if known and known.name != person.name:
            yield f"两个账号的姓名不同：{person.name}、{known.name}。请核对是不是同一个人。"

    act_now(config_path, act)


def _now(work: Work) -> Town:
    work.session.flush()
    return read(work.session)


def _noted(
    work: Work, what: str, line: str, old: str, new: str, paths: Sequence[list[str]] = ()
) -> Iterator[str]:
    """``paths``: of units, old and new, where they have changed by it."""
    said: dict[str, Any] = {"from": old, "to": new, "lines": [line], "paths": list(paths)}
    roster_log.note(work.session, work.now, typed_by(), what, said)
    yield line


def _to_do(config: Config, work: Work, old: Unit) -> Iterator[str]:
    """Where the old name still stands, which only a person can change."""
    names = [
        *(("config.toml 的 [[wecom.webhook]] unit", hook.unit) for hook in config.wecom.webhook),
        *(
            ("分工表", text)
            for line in work.office.routes.lines
            for text in (line.place, line.unit)
        ),
        *_scopes(config),
    ]
    found = sorted({(where, name) for where, name in names if _means(work.town, name, old)})
    if found:
        yield "还要自己改的："
        yield from (f"  {where}：{name}" for where, name in found)


def _scopes(config: Config) -> Iterable[tuple[str, str]]:
    try:
        entries = load_entries(config.faq_path())
    except FileError:
        return [("问答里的「适用」（问答文件有错，没有查）", "")]
    return [
        (f"问答 {one.entry.id} 的「适用」", path) for one in entries for path in one.entry.scope
    ]


def _means(town: Town, name: str, unit: Unit) -> bool:
    """Whether that name, which may leave upper levels out, is the unit's or of one inside."""
    meant = town.units_ending(name) if name else []
    return any(covers(unit, one) for one in meant)
