"""Whether the database is there, is ours, has this program's tables and takes what is written."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import inspect, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.examine.examination import Finding, Installation, bad, good
from storage import schema_version
from storage.db import Database, WriteBusy
from storage.tables import Heartbeat

HOW = "头一回安装先运行 sanzhang db upgrade；用过的，停下服务，从备份恢复"


def usable(place: Installation) -> Iterator[Finding]:
    """Never makes one: where there is none, that is what has to be said."""
    path = database_file(place.database)
    if path is not None and not (path.is_file() and path.stat().st_size):
        yield bad("database.missing", f"没有数据库文件 {path}：{HOW}", urgent=True)
        return
    try:
        yield from _tables(place.database)
    except SQLAlchemyError as error:
        told = f"数据库打不开：{_first_line(error)}。请看数据库服务、文件权限和磁盘"
        yield bad("database.broken", told, urgent=True)


def takes_writes(place: Installation) -> Iterator[Finding]:
    """One transaction as the service would write it, which changes no row."""
    try:
        place.database.write(_change_nothing)
    except WriteBusy as error:
        told = f"数据库一直忙，没轮到写：{_first_line(error)}。请看是不是有别的程序占着它"
        yield bad("database.busy", told)
    except SQLAlchemyError as error:
        told = f"数据库写不进去（{_first_line(error)}）：请看文件归谁、磁盘是不是只读、满没满"
        yield bad("database.unwritable", told, urgent=True)
    else:
        yield good("database", "数据库读得到、写得进")


def database_file(database: Database) -> Path | None:
    """The file of an SQLite database; None for every other."""
    name = database.engine.url.database or ""
    plain = database.is_sqlite and name not in ("", ":memory:") and not name.startswith("file:")
    return Path(name) if plain else None


def _tables(database: Database) -> Iterator[Finding]:
    with database.engine.connect() as connection:
        there = inspect(connection).has_table("alembic_version")
    if not there:
        yield bad("database.empty", f"数据库是空的：{HOW}", urgent=True)
        return
    try:
        schema_version.ready(database)
    except schema_version.SchemaBehind as error:
        yield bad("database.behind", str(error), urgent=True)


def _change_nothing(session: Session) -> None:
    session.execute(update(Heartbeat).where(Heartbeat.name == "").values(error=""))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
