"""Whether the database is there, is ours, has this program's tables and takes what is written."""

import re
from collections.abc import Iterator

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.examine.examination import Finding, Installation, bad, good
from storage import schema_version
from storage.db import PATIENCE, WriteBusy
from storage.tables import Heartbeat

#: What waiting does not mend, in SQLite's and PostgreSQL's words.
_REFUSED = re.compile(r"readonly|read-only|disk is full|disk I/O|No space left")
LOST = "数据库文件 {path} 被移走或换掉了：停下服务，看磁盘挂上没有，放回原来的文件或从备份恢复"


def usable(place: Installation) -> Iterator[Finding]:
    """Never makes one: where there is none, that is what has to be said."""
    if place.database.file and place.database.file.lost:
        yield bad("database.lost", LOST.format(path=place.database.file.path), urgent=True)
        return
    try:
        schema_version.ready(place.database)
    except schema_version.NotReady as error:
        yield bad("database.unready", str(error), urgent=True)
    except SQLAlchemyError as error:
        told = f"数据库打不开：{_first_line(error)}。请看数据库服务、文件权限和磁盘"
        yield bad("database.broken", told, urgent=True)


def takes_writes(place: Installation) -> Iterator[Finding]:
    """One transaction as the service would write it, which changes no row."""
    try:
        place.database.write(_change_nothing, PATIENCE)
    except (WriteBusy, SQLAlchemyError) as error:
        yield _not_written(error)
    else:
        yield good("database", "数据库读得到、写得进")


def _not_written(error: Exception) -> Finding:
    if isinstance(error, WriteBusy) and not _REFUSED.search(str(error)):
        told = f"数据库一直忙，没轮到写：{_first_line(error)}。请看是不是有别的程序占着它"
        return bad("database.busy", told)
    told = f"数据库写不进去（{_first_line(error)}）：请看文件归谁、磁盘是不是只读、满没满"
    return bad("database.unwritable", told, urgent=True)


def _change_nothing(session: Session) -> None:
    session.execute(update(Heartbeat).where(Heartbeat.name == "").values(error=""))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
