"""sanzhang db: the database as this version of the program needs it, or in another place; and that
it was backed up."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.chain import unbelievable
from bot.config import Config
from bot.hours import clock_of
from bot.options import Bar, config_option, fail, open_database, out, read_config
from rules.deadlines import Clock
from storage import copying, heartbeats, schema, schema_version
from storage.db import Database, WriteBusy
from storage.given_numbers import NumbersFile
from storage.heartbeats import BACKUP, Beat
from storage.schema_version import NotReady


@click.group()
def db() -> None:
    """数据库。"""


@db.command()
@click.argument("source", metavar="从")
@click.argument("target", metavar="到")
@config_option
def copy(source: str, target: str, config_path: Path | None) -> None:
    """把一个数据库整个复制到另一个空的里（SQLite、PostgreSQL 都行）；先停服务。

    两边都写 database_url 那样的地址，例如 sqlite:////var/lib/sanzhang/sanzhang.db
    """
    given, made = Database(source), Database(target)
    clock = clock_of(read_config(config_path))
    try:
        schema_version.ready(given)
        if schema_version.has_nothing(made):
            schema.upgrade(made)
        schema_version.ready(made)  # somebody's older one is not touched either
        with Bar("复制") as progress:
            there = copying.copy(given, made, progress, partial(_spoilt, given, clock))
    except (NotReady, copying.CopyFailed, WriteBusy, SQLAlchemyError) as error:
        fail(str(error))
    finally:
        given.dispose()
        made.dispose()
    for table, rows in there.items():
        out.print(f"{table}  {rows}")
    out.print(f"共 {sum(there.values())} 行，两边一样多，每件诉求的经过和原来一样。")


def _refuse_where_one_was(config: Config) -> None:
    """A database that has vanished is not made anew by somebody who only does what he is told."""
    noted = NumbersFile(config.numbers_path()).read()
    if noted and noted.inbox:
        day, number = max(noted.last.items(), default=("", 0))
        fail(
            f"这里以前有过数据库（最后的编号是 {day} 的 {number:04d}），现在不见了。没有新建。",
            "先看 database_url 写得对不对、盘挂上没有；"
            "真的没了，从备份恢复：sanzhang restore 备份文件夹",
            "确实要从头开始，加 --new。",
        )


def _spoilt(given: Database, clock: Clock, copied: Session) -> list[str]:
    """What the copy's histories say wrongly and those of the source did not."""
    problems = unbelievable(copied, clock)
    if not problems:
        return []
    with given.read() as session:
        before = set(unbelievable(session, clock))
    return [problem for problem in problems if problem not in before]


@db.command()
@click.option("--new", is_flag=True, help="这里以前有过数据库，确实要重新建一个空的")
@config_option
def upgrade(new: bool, config_path: Path | None) -> None:
    """把数据库升到程序要的版本（先备份）；第一次就是建库。"""
    config = read_config(config_path)
    database = Database(config.database_url())
    try:
        if not new and schema_version.has_nothing(database):
            _refuse_where_one_was(config)
        before, after = schema.upgrade(database)
    except NotReady as error:
        fail(str(error))
    finally:
        database.dispose()
    out.print(f"数据库版本：{before or '空'} → {after}")


@db.command()
@config_option
def backed_up(config_path: Path | None) -> None:
    """记下刚备份好了（自己用 pg_dump 备份的，成功以后运行），doctor 按它看备份旧不旧。"""
    beat = Beat(BACKUP, datetime.now(UTC))
    open_database(read_config(config_path)).write(lambda s: heartbeats.put(s, [beat]))
    out.print("记下了：刚备份好")
