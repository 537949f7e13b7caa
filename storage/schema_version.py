"""Whether a database has the tables that the program works with, which every command asks first.

Alembic takes a third of the time in which a command starts, and has to be there only when tables
are made: that is schema.py's business.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.db import Database

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"

#: What is said of a database that cannot be worked with, and which command helps.
MISSING = (
    "没有数据库：{where}（{what}）。第一次安装，请运行：sanzhang db upgrade\n"
    "以前用过的，不要新建：先看 database_url 写得对不对、盘挂上没有；"
    "真的没了，从备份恢复：sanzhang restore 备份文件夹"
)
FOREIGN = (
    "数据库 {where} 里已经有别的表（{what}），不是 sanzhang db upgrade 建的。"
    "请换一个空的数据库，再运行：sanzhang db upgrade"
)
BEHIND = "数据库是旧版本（{what}），程序要的是 {newest}。请先备份，再运行：sanzhang db upgrade"
AHEAD = (
    "数据库是新版本（{what}），这个程序只认到 {newest}。请把程序换成新版；"
    "一定要用旧版程序，只能恢复升级以前的备份：sanzhang restore 备份文件夹"
)


class NotReady(Exception):
    """Not a database that this program can work with; says in Chinese which command helps."""


def ready(database: Database) -> None:
    """Raises NotReady unless the database has exactly the tables of this version. Makes nothing:
    what is not there is never taken for a new county."""
    said = _unfit(database)
    if said:
        where = database.engine.url.render_as_string(hide_password=True)
        raise NotReady(said[0].format(where=where, what=said[1], newest=newest()))


def refuse_newer(current: str | None) -> None:
    """Raises NotReady if that is no version that this program knows."""
    if current and current > newest():
        raise NotReady(AHEAD.format(what=current, newest=newest()))


def has_nothing(database: Database) -> bool:
    """Whether there are no tables yet, nor a file."""
    if database.file and database.file.empty:
        return True
    with database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def _unfit(database: Database) -> tuple[str, str] | None:
    """What is wrong, and the detail of it."""
    if database.file and database.file.empty:
        return MISSING, "文件是空的" if database.file.path.exists() else "没有这个文件"
    with database.engine.connect() as connection:
        current = _current(connection)
        tables = inspect(connection).get_table_names() if current is None else []
    if current is None:
        return (FOREIGN, "、".join(sorted(tables)[:3])) if tables else (MISSING, "里面没有表")
    if current == newest():
        return None
    return (AHEAD if current > newest() else BEHIND), current


def _current(connection: Connection) -> str | None:
    """What Alembic has noted; None in a database without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    noted: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return noted


@cache
def newest() -> str:
    """The last migration: their files are numbered in order."""
    return max(path.name[:4] for path in MIGRATIONS.glob("0*.py"))
