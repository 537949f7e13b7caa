"""sanzhang roster check | import | vacancies | sample: the people file, with a dry run first."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from bot.configured import office
from bot.options import Bar, config_option, err, fail, open_database, out, read_config
from files.problem import FileError
from issues.deployment import Deployment
from issues.handover import EndedPost, hand_over
from issues.work import Work
from people import roster_known, vacancies
from people.reading import read
from people.roster import Plan, PlanOutdated, Roster, apply, plan, read_roster, remember
from people.roster_known import Known
from people.sample import write_demo, write_shaoshan
from people.town import Town
from storage.db import Database, WriteBusy

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
#: An import is one transaction; others wait for it.
PATIENCE = 120.0
DRY, DONE = "以上是试算，没有写入。", "导入完成。"


@click.group()
def roster() -> None:
    """花名册：谁住哪一户、谁是哪一级的长。"""


@roster.command()
@FILE
def check(file: Path) -> None:
    """只检查文件，不碰数据库。"""
    rows = _read(file)
    out.print(f"{file}：{len(rows)} 行，没有错误。", markup=False)


@roster.command("import")
@FILE
@click.option("--dry-run", is_flag=True, help="只看会改什么，不写入")
@click.option("--full", is_flag=True, help="文件是完整名册：文件里没有的职务到昨天为止")
@config_option
def import_(file: Path, dry_run: bool, full: bool, config_path: Path | None) -> None:
    """导入花名册；重复导入不会重复登记。"""
    config = read_config(config_path)
    database = open_database(config)
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(config.service.timezone)).date()
    digest = roster_known.digest_of(file, today, full=full)
    with database.read() as session:
        known = roster_known.recall(session, digest)
    if known:
        _tell_known(known, dry_run=dry_run)
        return
    rows, customs = _read(file), office(config)
    try:
        with database.read() as session:
            planned = plan(session, rows, today, full=full)
        for line in planned.lines() if planned.writes else planned.summary():
            out.print(line, markup=False)
        if dry_run:
            out.print(DRY)
            return
        with Bar("写入") as progress:
            handed = _write(database, planned, progress, now, customs)
    except FileError as error:
        fail(*error.problems, "没有写入任何内容。")
    except PlanOutdated as error:
        fail(str(error))
    except WriteBusy:
        fail("数据库正忙，没有写入任何内容。请过一分钟再运行一次。")
    if handed:
        out.print(f"交接：{handed} 件没办完的诉求换了负责人，双方和居民都会收到通知。")
    out.print(DONE)
    remember(database, planned, digest, _warnings(rows))


@roster.command("vacancies")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def vacancies_(as_json: bool, config_path: Path | None) -> None:
    """哪里没有人：空缺的职务、请假没有代班的、两周内到期的。"""
    config = read_config(config_path)
    town = _town(open_database(config))
    found = vacancies.find(town, office(config).today(datetime.now(UTC)))
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        out.print(str(one), markup=False)
    out.print(vacancies.counted(found) or "每个职务都有人。")


@roster.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--demo", is_flag=True, help="小样例（演示用）；默认是韶山规模")
def sample(file: Path, demo: bool) -> None:
    """生成一份虚构的样例花名册。"""
    (write_demo if demo else write_shaoshan)(file)
    out.print(f"已生成 {file}（虚构样例）", markup=False)


def _write(
    database: Database, planned: Plan, progress: Bar, now: datetime, customs: Deployment
) -> int:
    """Apply the plan and hand over what the posts that end by it hold; how many issues.

    The town is read before: while this writes, everybody else waits.
    """
    over = [ended for ended in planned.ends if ended.last < planned.today]
    ended = [EndedPost(e.post.userid, e.post.unit, e.successor, e.post.role) for e in over]
    before = _town(database) if ended else None

    def write(session: Session) -> int:
        apply(session, planned, progress)
        if not ended:
            return 0
        work = Work(session, now, customs, read(session, before))
        handed = hand_over(work, ended)
        work.store()
        return handed

    return database.write(write, PATIENCE)


def _town(database: Database) -> Town:
    with database.read() as session:
        return read(session)


def _tell_known(known: Known, *, dry_run: bool) -> None:
    """The same file on the same people: what was said of it is still so."""
    _warn(known.warnings)
    for line in known.summary:
        out.print(line, markup=False)
    out.print(DRY if dry_run else DONE)


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        err.print(warning, markup=False)


def _warnings(rows: Roster) -> list[str]:
    return [warning.marked for warning in rows.warnings]


def _read(file: Path) -> Roster:
    try:
        with err.status(f"读 {file.name}"):
            rows = read_roster(file)
    except FileError as error:
        fail(*error.problems, f"共 {len(error.problems)} 处要改。")
    _warn(_warnings(rows))
    return rows
