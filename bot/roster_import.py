"""An import of a roster that is not the last one again: read, compared, written, handed over.

Loaded when there is such a file: the same one again (people/roster_known.py) needs none of it.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.config import Config
from bot.configured import office
from bot.options import Bar, err, fail, out, warn
from files.problem import FileError
from issues.deployment import Deployment
from issues.handover import EndedPost, hand_over
from issues.work import Work
from people.reading import read
from people.roster import Plan, PlanOutdated, Roster, apply, plan, read_roster, remember
from people.town import Town
from storage.db import Database, WriteBusy

#: An import is one transaction; others wait for it.
PATIENCE = 120.0


def run(
    config: Config,
    database: Database,
    file: Path,
    digest: str,
    now: datetime,
    *,
    dry_run: bool,
    full: bool,
    end: str,
) -> None:
    """Read the file, say what it changes, change it unless only that was asked, and say ``end``.
    Raises SystemExit where it cannot be done, with a word; then nothing has been written."""
    rows, customs = read_file(file), office(config)
    try:
        with database.read() as session:
            planned = plan(session, rows, customs.today(now), full=full)
        for line in planned.lines() if planned.writes else planned.summary():
            out.print(line, markup=False)
        if dry_run:
            out.print(end)
            return
        with Bar("写入") as progress:
            handed = _write(database, planned, progress, now, customs)
    except FileError as error:
        fail(*error.problems, "没有写入任何内容。")
    except PlanOutdated as error:
        fail(str(error))
    except WriteBusy:
        fail("数据库正忙，没有写入任何内容。请过一分钟再运行一次。")
    if handed:
        out.print(f"交接：{handed} 件没办完的诉求换了负责人，双方和居民都会收到通知。")
    out.print(end)
    remember(database, planned, digest, _warnings(rows))


def read_file(file: Path) -> Roster:
    """The rows of a good file; what is to be looked at in it is said. Raises SystemExit."""
    try:
        with err.status(f"读 {file.name}"):
            rows = read_roster(file)
    except FileError as error:
        fail(*error.problems, f"共 {len(error.problems)} 处要改。")
    warn(_warnings(rows))
    return rows


def _write(
    database: Database, planned: Plan, progress: Bar, now: datetime, customs: Deployment
) -> int:
    """Apply the plan and hand over what the posts that end by it hold; how many issues.

    The town is read before: while this writes, everybody else waits.
    """
    over = [ended for ended in planned.ends if ended.last < planned.today]
    ended = [EndedPost(e.post.userid, e.post.unit, e.successor, e.post.role) for e in over]
    before = _town(database) if ended else None

    def write(session: Session) -> int:
        apply(session, planned, progress)
        if not ended:
            return 0
        work = Work(session, now, customs, read(session, before))
        handed = hand_over(work, ended)
        work.store()
        return handed

    return database.write(write, PATIENCE)


def _town(database: Database) -> Town:
    with database.read() as session:
        return read(session)


def _warnings(rows: Roster) -> list[str]:
    return [warning.marked for warning in rows.warnings]
