"""sanzhang backup and sanzhang restore: the whole of it into a folder, and back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from bot import backup as backups
from bot import restoring
from bot.config import Config
from bot.hours import clock_of
from bot.options import Bar, config_option, err, fail, out, read_config
from storage import schema_version
from storage.copying import CopyFailed
from storage.db import Database, WriteBusy
from storage.given_numbers import NumbersFile
from storage.schema_version import NotReady

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="文件夹", type=FOLDER)
@click.option("--keep", type=click.IntRange(1), help="备份成功以后，删掉这么多天以前的备份")
@config_option
def backup(folder: Path, keep: int | None, config_path: Path | None) -> None:
    """备份数据库和照片：在文件夹里新建一份，不用停服务。"""
    config = read_config(config_path)
    database, now, clock = Database(config.database_url()), datetime.now(UTC), clock_of(config)
    try:
        if schema_version.has_nothing(database):
            fail(f"没有可备份的数据库：{database.engine.url.render_as_string()}")
        taken = backups.take(database, config.media_path(), folder, clock, now, Bar)
        dropped = backups.drop_old(folder, timedelta(days=keep), now, clock) if keep else []
    except (backups.BackupFailed, WriteBusy, OSError) as error:
        fail(f"没有备份成：{error}")
    finally:
        database.dispose()
    told = taken.manifest
    out.print(
        f"已备份到 {taken.folder}："
        f"数据库 {sum(told.tables.values())} 行，照片和语音 {told.media} 个"
    )
    if dropped:
        out.print(f"删掉了 {len(dropped)} 份 {keep} 天以前的备份")
    if taken.problems:
        fail("备份是完整的，可是数据库里有的经过对不上：", *taken.problems[:20])


@click.command()
@click.argument("folder", metavar="备份文件夹", type=FOLDER)
@click.option("--yes", is_flag=True, help="现在的数据库不要了（SQLite 的会改名留在旁边）")
@config_option
def restore(folder: Path, yes: bool, config_path: Path | None) -> None:
    """恢复一份备份：数据库和照片。先停服务。"""
    config, now = read_config(config_path), datetime.now(UTC)
    place = _place(config)
    try:
        _refuse_what_is_there(place.database, now, yes=yes)
        done = restoring.restore(place, folder, now, Bar)
    except (backups.BackupFailed, CopyFailed, NotReady, WriteBusy, OSError) as error:
        fail(f"没有恢复，现在的数据库没有动：{error}")
    finally:
        place.database.dispose()
    _tell(done, config)
    if done.problems:
        fail("已经恢复，可是备份里有的经过对不上：", *done.problems[:20])


def _place(config: Config) -> restoring.RestoreTarget:
    numbers = NumbersFile(config.numbers_path())
    database = Database(config.database_url())
    return restoring.RestoreTarget(database, config.media_path(), numbers, clock_of(config))


def _refuse_what_is_there(database: Database, now: datetime, *, yes: bool) -> None:
    there = restoring.present(database)
    if there is None:
        return
    if there.runs(now):
        fail("服务好像还在运行（一分钟内还有动静）。请先停服务：systemctl stop sanzhang，再恢复。")
    if not yes:
        since = f"，最后一次动静 {there.beat.astimezone():%Y-%m-%d %H:%M}" if there.beat else ""
        fail(
            f"现在的数据库里有数据（{there.messages} 条消息{since}），没有动它。",
            "确实要用备份换掉它，加 --yes。",
        )


def _tell(done: restoring.Restored, config: Config) -> None:
    told = done.manifest
    out.print(f"已恢复到 {told.at.astimezone():%Y-%m-%d %H:%M} 的样子：")
    for table, shown in (("issue", "诉求"), ("event", "经过"), ("person", "人"), ("inbox", "消息")):
        out.print(f"  {shown} {told.tables.get(table, 0)}")
    out.print(f"  照片和语音 {done.media}")
    for day, number in done.noted.numbers.items():
        out.print(f"编号：{day} 这天从 {number + 1:04d} 起（备份以后可能已经给过的编号不再给）")
    if done.noted.held:
        out.print(f"{done.noted.held} 条通知备份以后可能已经发出，先不发，等人决定。")
    if done.aside:
        out.print(f"原来的数据库改名留在 {done.aside}，确认没事了再删。")
    err.print(
        f"备份以后的登记和办理没有了，请翻群聊补登。可以启动服务了（{config.service.name}）。"
    )
