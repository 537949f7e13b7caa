"""sanzhang db upgrade: the database as this version of the program needs it."""

from pathlib import Path

import click

from bot.options import config_option, fail, out, read_config
from storage import schema
from storage.db import Database
from storage.schema_version import NotReady


@click.group()
def db() -> None:
    """数据库。"""


@db.command()
@config_option
def upgrade(config_path: Path | None) -> None:
    """把数据库升到程序要的版本（先备份）。"""
    try:
        before, after = schema.upgrade(Database(read_config(config_path).database_url()))
    except NotReady as error:
        fail(str(error))
    out.print(f"数据库版本：{before or '空'} → {after}")
