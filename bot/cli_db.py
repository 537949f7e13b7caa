"""sanzhang db: the database as this version of the program needs it, and that it was backed up."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.options import config_option, open_database, out, read_config
from storage import heartbeats, schema
from storage.db import Database
from storage.heartbeats import BACKUP, Beat


@click.group()
def db() -> None:
    """数据库。"""


@db.command()
@config_option
def upgrade(config_path: Path | None) -> None:
    """把数据库升到程序要的版本（先备份）。"""
    before, after = schema.upgrade(Database(read_config(config_path).database_url()))
    out.print(f"数据库版本：{before or '空'} → {after}")


@db.command()
@config_option
def backed_up(config_path: Path | None) -> None:
    """记下刚备份好了（自己用 pg_dump 备份的，成功以后运行），doctor 按它看备份旧不旧。"""
    beat = Beat(BACKUP, datetime.now(UTC))
    open_database(read_config(config_path)).write(lambda s: heartbeats.put(s, [beat]))
    out.print("记下了：刚备份好")
