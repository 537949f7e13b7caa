"""A backup: one folder with the whole database and the photos, or none at all.

Always one SQLite file, whichever database is in use, so that every backup can be put back into
either. Written under a temporary name, checked, and only then called by its own.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.chain import unbelievable
from rules.deadlines import Clock
from storage import copying, heartbeats, schema, schema_version
from storage.database_file import DatabaseFile
from storage.db import Database
from storage.heartbeats import Beat
from storage.schema_version import NotReady

DATABASE, MEDIA = "sanzhang.db", "media"
SUMS, MANIFEST = "SHA256SUMS", "backup.json"
NAME = re.compile(r"sanzhang-\d{8}-\d{6}")
#: What is still being written, or was never finished.
PART = ".part"
PAGES = 2000
BLOCK = 1 << 20

Progress = Callable[[int, int], None]
#: Opens the bar of one step, by its Chinese name.
Steps = Callable[[str], AbstractContextManager[Progress]]


class BackupFailed(Exception):
    """There is no new backup, or it is none; says why in Chinese."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    taken_at: str
    schema: str
    kind: str
    tables: dict[str, int]
    media: int

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)


@dataclass(frozen=True)
class NewBackup:
    """A new backup, and what in its histories cannot be believed (as in the database itself)."""

    folder: Path
    manifest: Manifest
    problems: list[str]


def take(
    database: Database, media: Path, folder: Path, clock: Clock, now: datetime, steps: Steps
) -> NewBackup:
    """Back up into a new folder under ``folder``; other processes may go on writing meanwhile.

    Raises BackupFailed, WriteBusy or OSError, and leaves nothing that looks like a backup.
    """
    final = folder / f"sanzhang-{now.astimezone(clock.zone):%Y%m%d-%H%M%S}"
    part = folder / f"{final.name}{PART}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _room_for(database, media, folder)
    part.mkdir(mode=0o700)
    try:
        manifest, problems = _filled(part, database, media, clock, now, steps)
        part.rename(final)
        _settle(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if manifest.schema == schema_version.newest():  # an older one may have no place for it
        made = [Beat(heartbeats.BACKUP, now)]
        database.write(lambda session: heartbeats.put(session, made), patience=60)
    return NewBackup(final, manifest, problems)


def _filled(
    part: Path, database: Database, media: Path, clock: Clock, now: datetime, steps: Steps
) -> tuple[Manifest, list[str]]:
    copied = part / DATABASE
    with steps("数据库") as progress:
        _copy_database(database, copied, progress)
    with closing(sqlite3.connect(copied)) as plain:
        verdict = plain.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise BackupFailed(f"备份出来的数据库有损坏，没有留下：{verdict}")
        schema_now = plain.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        tables = _counted(plain)
    problems = []
    if schema_now == schema_version.newest():
        with steps("核对经过") as progress:
            problems = _checked(copied, clock, progress)
    DatabaseFile(str(copied)).make_single()
    with steps("照片和语音") as progress:
        sums = _copy_media(media, part / MEDIA, newest(part.parent), progress)
    kind = "sqlite" if database.is_sqlite else "postgresql"
    manifest = Manifest(now.isoformat(), schema_now, kind, tables, len(sums))
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (part / MANIFEST).write_text(text, "utf-8")
    sums |= {name: digest(part / name) for name in (DATABASE, MANIFEST)}
    lines = "".join(f"{each}  {name}\n" for name, each in sorted(sums.items()))
    (part / SUMS).write_text(lines, "utf-8")
    for name in (DATABASE, MANIFEST, SUMS):
        _settle(part / name)
    return manifest, problems


def _copy_database(database: Database, to: Path, progress: Progress) -> None:
    if not database.file:
        _copy_rows(database, to, progress)
        return
    to.touch(0o600)
    with (
        closing(sqlite3.connect(database.file.uri, uri=True, timeout=30)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        # A reader sees one moment; without it, every write of others would begin the copy anew.
        source.isolation_level = None
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(
            target,
            pages=PAGES,
            progress=lambda _status, left, total: progress(total - left, total),
        )


def _copy_rows(database: Database, to: Path, progress: Progress) -> None:
    try:
        schema_version.ready(database)
    except NotReady as error:
        raise BackupFailed(f"{error}\n（PostgreSQL 请用升级以前的程序备份）") from error
    target = Database(f"sqlite:///{to}")
    try:
        schema.upgrade(target)
        copying.copy(database, target, progress, lambda _: [])
    except copying.CopyFailed as error:
        raise BackupFailed(str(error)) from error
    finally:
        target.dispose()


def _counted(plain: sqlite3.Connection) -> dict[str, int]:
    names = plain.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return {n: plain.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0] for (n,) in sorted(names)}


def _checked(copied: Path, clock: Clock, progress: Progress) -> list[str]:
    database = Database(f"sqlite:///{copied}")
    try:
        with database.read() as session:
            problems = unbelievable(session, clock, progress)
    finally:
        database.dispose()
    return problems


# --- photos ---


def _copy_media(media: Path, to: Path, before: Path | None, progress: Progress) -> dict[str, str]:
    """Copy them, with their checksums. A photo never changes: what the backup before has already
    is not stored a second time."""
    known = checksums(before) if before else {}
    files, sums = list(files_in(media)), {}
    for done, relative in enumerate(files, start=1):
        name, target = f"{MEDIA}/{relative.as_posix()}", to / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (before and _linked(media / relative, before / name, target)):
            try:
                shutil.copy2(media / relative, target)
            except FileNotFoundError:
                continue  # taken out by the retention at this very moment
            known.pop(name, None)
        sums[name] = known.get(name) or digest(target)
        progress(done, len(files))
    return sums


def _linked(source: Path, before: Path, target: Path) -> bool:
    """Whether the older copy is the same and now stands for the new one as well."""
    try:
        now, then = source.stat(), before.stat()
        if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns):
            return False
        os.link(before, target)
    except OSError:
        return False
    return True


def files_in(folder: Path) -> Iterator[Path]:
    """Every file under it, by its path in it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder)


# --- reading one ---


def opened(folder: Path, progress: Progress) -> Manifest:
    """What a backup says, once every file in it is what it was. Raises BackupFailed."""
    if folder.name.endswith(PART) or not (folder / SUMS).exists():
        raise BackupFailed(f"{folder} 不是一份完整的备份（没有 {SUMS}，或者没有写完）。")
    sums = checksums(folder)
    for done, (name, each) in enumerate(sums.items(), start=1):
        if not (folder / name).is_file() or digest(folder / name) != each:
            raise BackupFailed(f"{folder / name} 缺了，或者和备份时不一样。请换一份备份。")
        progress(done, len(sums))
    if not {DATABASE, MANIFEST} <= sums.keys():
        raise BackupFailed(f"{folder / SUMS} 不全。请换一份备份。")
    return Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))


def checksums(folder: Path) -> dict[str, str]:
    """By the file's path in the backup."""
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    return {name: each for each, _, name in (line.partition("  ") for line in lines)}


def newest(folder: Path) -> Path | None:
    """The latest whole backup in it."""
    return max(whole(folder), default=None)


def whole(folder: Path) -> list[Path]:
    """The whole backups in it."""
    return [p for p in folder.iterdir() if NAME.fullmatch(p.name) and (p / SUMS).exists()]


def drop_old(folder: Path, keep: timedelta, now: datetime, clock: Clock) -> list[Path]:
    """Remove the backups that are older, but never the latest one, and what was never finished a
    day ago; which ones."""
    old = [p for p in sorted(whole(folder))[:-1] if now - _taken(p, clock) > keep]
    broken = [p for p in folder.glob(f"sanzhang-*{PART}") if _is_left(p, now)]
    for path in (*old, *broken):
        shutil.rmtree(path)
    return old


def _taken(folder: Path, clock: Clock) -> datetime:
    stamp = folder.name.partition("-")[2]
    return datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=clock.zone)


def _is_left(part: Path, now: datetime) -> bool:
    return now.timestamp() - part.stat().st_mtime > timedelta(days=1).total_seconds()


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _room_for(database: Database, media: Path, folder: Path) -> None:
    """Photos may be there already: only the new ones need room."""
    before = newest(folder)
    held = set(files_in(before / MEDIA)) if before else set()
    new = (media / p for p in files_in(media) if p not in held)
    file = database.file.path.stat().st_size if database.file else 0
    needed = int(1.1 * file) + sum(path.stat().st_size for path in new)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupFailed(f"{folder} 只剩 {free >> 20} MB，备份要 {needed >> 20} MB。请腾出空间。")


def _settle(path: Path) -> None:
    """Onto the disk, whatever happens to the power."""
    if os.name == "nt" and path.is_dir():
        return
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
