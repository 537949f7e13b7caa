"""Putting a backup back: into an SQLite file or a PostgreSQL database, whichever is configured.

Everything is made ready beside it first; the last step alone changes the database, and what was
there before is kept (SQLite) or goes in the same transaction (PostgreSQL).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from bot.backup import DATABASE, MEDIA, BackupFailed, Manifest, Steps, files_in, opened
from bot.chain import unbelievable
from rules.deadlines import Clock
from scheduler.clockwork import TICK
from storage import copying, heartbeats, schema, schema_version
from storage.db import Database
from storage.given_numbers import DAYS, NumbersFile
from storage.heartbeats import STOPPED
from storage.put_back import put_back
from storage.tables import Inbox, Restoration

#: The service beats every ten seconds: a beat so young may be that of one that still runs.
ALIVE = timedelta(seconds=60)
BESIDE = ".restoring"


@dataclass(frozen=True)
class RestoreTarget:
    """Where a backup is put back."""

    database: Database
    media: Path
    numbers: NumbersFile
    clock: Clock


@dataclass(frozen=True)
class Restored:
    """What was put back, and where what was there before lies now (None: there was none)."""

    manifest: Manifest
    noted: Restoration
    aside: Path | None
    media: int
    #: what in its histories cannot be believed, as in the backup itself
    problems: list[str]


@dataclass(frozen=True)
class Present:
    """What is there now."""

    messages: int
    beat: datetime | None
    stopped: datetime | None

    def runs(self, now: datetime) -> bool:
        """Whether a service seems to be at work on it."""
        if self.beat is None or (self.stopped and self.stopped >= self.beat):
            return False
        return abs(now - self.beat) < ALIVE


def present(database: Database) -> Present | None:
    """What a restore would replace; None where there is nothing."""
    if schema_version.has_nothing(database):
        return None
    try:
        schema_version.ready(database)
    except schema_version.NotReady:
        return Present(0, None, None)
    with database.read() as session:
        beats = {name: beat.at for name, beat in heartbeats.known(session).items()}
        messages = session.scalar(select(func.count()).select_from(Inbox)) or 0
        if copying.is_empty(session.connection()):
            return None
    return Present(messages, beats.get(TICK), beats.get(STOPPED))


def restore(place: RestoreTarget, folder: Path, now: datetime, steps: Steps) -> Restored:
    """Put the backup back. Raises BackupFailed, and the database is as it was."""
    with steps("校验备份") as progress:
        manifest = opened(folder, progress)
    if manifest.schema > schema_version.newest():
        raise BackupFailed(f"这份备份是新版程序的（{manifest.schema}），请先把程序换成新版。")
    with _beside(place.database) as file:
        shutil.copyfile(folder / DATABASE, file)
        ready = Database(f"sqlite:///{file}")
        try:
            noted, problems = _made_ready(ready, place, manifest, folder.name, now, steps)
            media = _put_media(folder / MEDIA, place.media, steps)
            aside = _put_database(ready, place, now, steps)
        finally:
            ready.dispose()
    place.numbers.note(place.database)
    return Restored(manifest, noted, aside, media, problems)


@contextmanager
def _beside(database: Database) -> Iterator[Path]:
    """Where the database is made ready: on the same disk, so that it can be moved into place."""
    if not database.file:
        with TemporaryDirectory(prefix="sanzhang-restore") as home:
            yield Path(home) / DATABASE
        return
    path = database.file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + BESIDE)
    try:
        yield beside
    finally:
        for left in path.parent.glob(f"{beside.name}*"):
            left.unlink()


def _made_ready(
    ready: Database,
    place: RestoreTarget,
    manifest: Manifest,
    name: str,
    now: datetime,
    steps: Steps,
) -> tuple[Restoration, list[str]]:
    """The newest schema, numbers ahead, doubtful notices held; what in it cannot be believed."""
    schema.upgrade(ready)
    known, days = place.numbers.read(), _days_since(manifest.at, now, place.clock)
    noted = ready.write(lambda s: put_back(s, now, days, known, name, manifest.at))
    with steps("核对经过") as progress, ready.read() as session:
        return noted, unbelievable(session, place.clock, progress)


def _days_since(taken: datetime, now: datetime, clock: Clock) -> list[date]:
    """On which numbers may have been given since; none is given for a day longer ago."""
    today = now.astimezone(clock.zone).date()
    days = [today - timedelta(days=ago) for ago in range(DAYS)]
    return [day for day in days if day >= taken.astimezone(clock.zone).date()]


def _put_media(source: Path, media: Path, steps: Steps) -> int:
    """Into the folder of photos; what is there besides stays."""
    files = list(files_in(source))
    with steps("照片和语音") as progress:
        for done, relative in enumerate(files, start=1):
            (media / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / relative, media / relative)
            progress(done, len(files))
    return len(files)


def _put_database(
    ready: Database, place: RestoreTarget, now: datetime, steps: Steps
) -> Path | None:
    if not place.database.file:
        schema.upgrade(place.database)
        with steps("写进数据库") as progress:
            copying.copy(ready, place.database, progress, lambda _: [], over=True)
        return None
    ready.dispose()
    place.database.dispose()
    assert ready.file  # always SQLite
    ready.file.make_single()
    path = place.database.file.path
    aside = _moved_aside(path, f"{now.astimezone(place.clock.zone):%Y%m%d-%H%M%S}")
    ready.file.path.replace(path)
    place.database.file.forget()
    return aside


def _moved_aside(path: Path, stamp: str) -> Path | None:
    """With what belongs to it: a -wal beside another database would be read into that one."""
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.old-{stamp}")
    for end in ("-wal", "-shm", ""):
        part = path.with_name(path.name + end)
        if part.exists():
            part.replace(path.with_name(aside.name + end))
    return aside
