"""Room for what is kept, in every folder where something is kept: each may be a disk of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bot.examine.examination import Finding, Installation, bad, good

LEAST_DISK = 500 * 1024 * 1024
#: Less than this and the next message may not be stored any more.
FULL = 20 * 1024 * 1024


def free(place: Installation) -> Iterator[Finding]:
    """Free bytes where the configuration, the database and the photos are."""
    found: dict[int, tuple[str, Path, int]] = {}
    for what, folder in _folders(place).items():
        there = _existing(folder)
        found.setdefault(there.stat().st_dev, (what, there, shutil.disk_usage(there).free))
    short = [one for one in found.values() if one[2] < LEAST_DISK]
    for what, folder, left in short:
        megabytes = left // 1024 // 1024
        told = f"放{what}的磁盘只剩 {megabytes} MB（{folder}）：请腾出空间，先看旧日志、旧备份"
        yield bad("disk.full", told, urgent=left < FULL)
    if not short:
        least = min(left for _, _, left in found.values())
        yield good("disk", f"磁盘还有 {least // 1024**3} GB")


def writable(place: Installation) -> Iterator[Finding]:
    """Whether photos and voices can be stored; the database says it by itself."""
    folder = _existing(place.config.media_path())
    if not os.access(folder, os.W_OK | os.X_OK):
        told = (
            f"照片存不进去：{folder} 不让写。请改权限，或把 [service] media_path 指到能写的文件夹"
        )
        yield bad("media.unwritable", told, urgent=True)


def _folders(place: Installation) -> dict[str, Path]:
    database = place.database.file
    folders = {"数据库": database.path.parent} if database else {}
    return {**folders, "照片": place.config.media_path(), "配置": place.config.home}


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if one.is_dir())
