"""An import of a roster that is not the last one again: read, compared, written, handed over.

Loaded when there is such a file: the same one again (people/roster_known.py) needs none of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import Config
from bot.configured import office
from bot.on_record import account
from bot.options import Bar, err, fail, out, warn
from files.problem import FileError, Problem
from issues import departure, giving_back
from issues.deployment import Deployment
from issues.handover import EndedPost, hand_over
from issues.work import Work
from people import roster_log, roster_undo
from people.reading import read
from people.roster import Plan, PlanOutdated, Roster, apply, plan, read_roster, remember
from people.town import Town
from storage.db import Database, WriteBusy
from storage.tables import STILL_OPEN, Issue

#: An import is one transaction; others wait for it.
PATIENCE = 120.0
#: A complete file that ends more than this share of all posts and homes is likely not complete.
MOST_DROPPED = 0.10
#: Gaps in the coverage that are told one by one.
MOST_GAPS = 20


@dataclass(frozen=True)
class ImportOptions:
    """How the import is to go."""

    dry_run: bool
    full: bool
    #: end also more than MOST_DROPPED
    yes: bool
    #: what is said last
    end: str


def run(
    config: Config, database: Database, file: Path, digest: str, now: datetime, asked: ImportOptions
) -> None:
    """Read the file, say what it changes, and change it unless only that was asked.
    Raises SystemExit where it cannot be done, with a word; then nothing has been written."""
    rows, customs = read_file(file), office(config)
    try:
        with database.read() as session:
            planned = plan(session, rows, customs.today(now), full=asked.full)
            staying = _staying(session, planned)
        _tell(planned, staying)
        if asked.dry_run:
            out.print(asked.end)
            return
        _not_too_many(planned, asked)
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
    out.print(asked.end)
    remember(database, planned, digest, [*_warnings(rows), *_gaps(planned.warnings)])


def read_file(file: Path) -> Roster:
    """The rows of a good file; what is to be looked at in it is said. Raises SystemExit."""
    try:
        with err.status(f"读 {file.name}"):
            rows = read_roster(file)
    except FileError as error:
        fail(*error.problems, f"共 {len(error.problems)} 处要改。")
    warn(_warnings(rows))
    return rows


def _tell(planned: Plan, staying: int) -> None:
    warn([*(one.marked for one in planned.questions), *_gaps(planned.warnings)])
    for line in planned.lines() if planned.writes else planned.summary():
        out.print(line, markup=False)
    if staying:
        told = f"搬家的人有 {staying} 件没办完的诉求：留在报的时候那个邻继续办，新报的归新的邻长。"
        out.print(told, markup=False)


def _gaps(warnings: tuple[Problem, ...]) -> Iterator[str]:
    yield from (one.marked for one in warnings[:MOST_GAPS])
    if len(warnings) > MOST_GAPS:
        yield f"……空缺和户数上的提醒还有 {len(warnings) - MOST_GAPS} 处"


def _staying(session: Session, planned: Plan) -> int:
    """How many open issues those who move have reported: a matter stays at its place."""
    moved = {move.userid for move in planned.moves}
    if not moved:
        return 0
    reporters = session.scalars(select(Issue.reporter).where(STILL_OPEN))
    return sum(reporter in moved for reporter in reporters)


def _not_too_many(planned: Plan, asked: ImportOptions) -> None:
    if asked.yes or planned.share_dropped <= MOST_DROPPED:
        return
    fail(
        f"按完整名册，要结束 {planned.dropped} 项（上面的卸任和移出），"
        f"是现有的 {planned.share_dropped:.0%}，超过 {MOST_DROPPED:.0%}：像是文件不全，没有写入。",
        "核对过确实要这样，再加上 --yes；文件只有一部分人的，去掉 --full。",
    )


def _write(
    database: Database, planned: Plan, progress: Bar, now: datetime, customs: Deployment
) -> int:
    """Apply the plan and hand over what the posts that end by it hold; how many issues.

    The town is read before: while this writes, everybody else waits.
    """
    over = [ended for ended in planned.ends if ended.last < planned.today]
    ended = [EndedPost(e.post.userid, e.post.unit, e.successor, e.post.role) for e in over]
    before = _town(database) if ended or planned.renamed else None

    def write(session: Session) -> int:
        if not planned.writes:
            apply(session, planned)
            return 0
        then = roster_undo.before(session, planned)
        images = giving_back.images(session, _people(before, planned, ended))
        apply(session, planned, progress)
        for one in planned.renamed:
            assert before is not None  # read where anybody is renamed
            departure.rename(Work(session, now, customs, before), one.old, one.new)
        handed = _hand_over(session, now, customs, before, ended) if before else 0
        undo = {
            **roster_undo.written(session, then),
            "issues": giving_back.handed(session, images),
        }
        said = {"file": planned.rows[0].file if planned.rows else "", "lines": planned.summary()}
        roster_log.note(session, now, account(), "import", said, undo)
        return handed

    return database.write(write, PATIENCE)


def _people(before: Town | None, planned: Plan, ended: Iterable[EndedPost]) -> set[int]:
    """Who sits on the posts that end, by the accounts that they have till now."""
    old = {one.new: one.old for one in planned.renamed}
    found = (before.person(old.get(e.userid, e.userid)) for e in ended) if before else ()
    return {person.id for person in found if person}


def _hand_over(
    session: Session, now: datetime, customs: Deployment, before: Town, ended: list[EndedPost]
) -> int:
    work = Work(session, now, customs, read(session, before))
    handed = hand_over(work, ended)
    work.store()
    return handed


def _town(database: Database) -> Town:
    with database.read() as session:
        return read(session)


def _warnings(rows: Roster) -> list[str]:
    return [warning.marked for warning in rows.warnings]
