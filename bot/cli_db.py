"""sanzhang db: the database as this version of the program needs it, or in another place; and that
it was backed up."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.chain import unbelievable
from bot.hours import clock_of
from bot.options import Bar, config_option, fail, open_database, out, read_config
from rules.deadlines import Clock
from storage import copying, heartbeats, schema, schema_version
from storage.db import Database, WriteBusy
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
        schema.upgrade(made)
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


def _spoilt(given: Database, clock: Clock, copied: Session) -> list[str]:
    """What the copy's histories say wrongly and those of the source did not."""
    problems = unbelievable(copied, clock)
    if not problems:
        return []
    with given.read() as session:
        before = set(unbelievable(session, clock))
    return [problem for problem in problems if problem not in before]


@db.command()
@config_option
def upgrade(config_path: Path | None) -> None:
    """把数据库升到程序要的版本（先备份）。"""
    try:
        before, after = schema.upgrade(Database(read_config(config_path).database_url()))
    except NotReady as error:
        fail(str(error))
    out.print(f"数据库版本：{before or '空'} → {after}")


@db.command()
@config_option
def backed_up(config_path: Path | None) -> None:
    """记下刚备份好了（自己用 pg_dump 备份的，成功以后运行），doctor 按它看备份旧不旧。"""
    beat = Beat(BACKUP, datetime.now(UTC))
    open_database(read_config(config_path)).write(lambda s: heartbeats.put(s, [beat]))
    out.print("记下了：刚备份好")
