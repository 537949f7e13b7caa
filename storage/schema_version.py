"""Whether a database has the tables that the program works with, which every command asks first.

Alembic takes a third of the time in which a command starts, and has to be there only when tables
are made: that is schema.py's business.
"""

from functools import cache
from pathlib import Path
from pkgutil import resolve_name

from sqlalchemy import Connection, inspect, text

from storage.db import Database

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
#: Makes the tables, or brings them to the newest version.
UPGRADE = "storage.schema:upgrade"


class SchemaBehind(Exception):
    """The database was made by an older version; says which command helps."""


def ready(database: Database) -> None:
    """Make the tables in an empty database; raises SchemaBehind if an older version made them."""
    with database.engine.connect() as connection:
        current = _current(connection)
    if current is None:
        resolve_name(UPGRADE)(database)
    elif current != newest():
        raise SchemaBehind(
            f"数据库是旧版本（{current}），程序要的是 {newest()}。"
            "请先备份，再运行：sanzhang db upgrade"
        )


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
