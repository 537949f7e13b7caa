"""The roster import (花名册导入): a file of people and posts into units, posts and households.

`read_roster`, `plan`, `apply` and `remember` are what the CLI calls; the row, the file, the checks
between rows, the comparison and what is known of the last file each have a module of their own.
Opening the transaction is the caller's, but for `remember`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import DeclarativeBase, Session

from files.problem import FileError, Problem
from people import roster_known, roster_log
from people.reading import Part, changed, still, version
from people.roster_check import contradictions, oddities
from people.roster_file import read_roster_sheets
from people.roster_known import Known
from people.roster_plan import ROOT, Ended, Plan, compare
from people.roster_row import RosterRow, depth_of, parse_row
from people.roster_state import Dates, Home, NameCard, PostKey, RosterState
from people.town import Version
from rules.words import Role, UnitKind
from storage.db import Database, WriteBusy
from storage.tables import HouseholdRow, PersonRow, PostRow, Resident, UnitRow

__all__ = [
    "Plan",
    "PlanOutdated",
    "Roster",
    "RosterRow",
    "apply",
    "plan",
    "read_roster",
    "remember",
]

#: Rows a statement; below the parameter limits of both databases.
CHUNK = 1000

T = TypeVar("T")
#: Called with (rows written, rows to write).
Progress = Callable[[int, int], None]


class Roster(list[RosterRow]):
    """The rows of a good file, and what the admin should still look at."""

    def __init__(self, rows: Iterable[RosterRow], warnings: Iterable[Problem]) -> None:
        super().__init__(rows)
        self.warnings = tuple(warnings)


class PlanOutdated(Exception):
    """The database has changed since the plan was made; nothing was written."""


def read_roster(path: Path | str) -> Roster:
    """The rows of a CSV or XLSX file. Raises FileError with everything that is wrong with it."""
    sheets = read_roster_sheets(Path(path))
    parsed = [parse_row(s.file, number, cells) for s in sheets for number, cells in s.rows]
    rows = [row for row in parsed if isinstance(row, RosterRow)]
    problems = [problem for wrong in parsed if isinstance(wrong, list) for problem in wrong]
    problems += contradictions(rows)
    if problems:
        raise FileError(problems)
    told = [warning for sheet in sheets for warning in sheet.warnings]
    return Roster(rows, [*told, *oddities(rows)])


def plan(session: Session, rows: Sequence[RosterRow], today: date, full: bool = False) -> Plan:
    """What an import would change; reads only. Raises FileError where rows and database clash."""
    made = compare(rows, _state(session, today), today, full=full)
    return replace(made, version=version(session))


def apply(session: Session, plan: Plan, progress: Progress | None = None) -> bool:
    """Write the plan; whether people have changed by it (here, and nowhere else in an import).

    Others wait meanwhile: what can be found out before is in the plan. Raises PlanOutdated if
    people have changed since it was made.
    """
    if not still(session, plan.version):
        raise PlanOutdated("花名册刚刚被别人改动过，请重新运行一次")
    if not plan.writes:
        return False
    done = _Counter(plan.writes, progress)
    _write_units(session, plan, done)
    _write_people(session, plan, done)
    _write_posts(session, plan, done)
    _write_homes(session, plan, done)
    homes, seats = [Part.HOMES] * bool(plan.home_writes), [Part.SEATS] * bool(plan.seat_writes)
    changed(session, *homes, *seats)
    return True


def remember(database: Database, applied: Plan, digest: str, warnings: Iterable[str]) -> None:
    """Once the plan is committed: keep that this file changes nothing any more, if that is so.

    In transactions of its own: finding it out takes seconds, and nobody has to wait for it. Where
    it does not succeed, the file is read once more the next time.
    """
    with suppress(FileError, WriteBusy), database.read() as session:
        after = plan(session, applied.rows, applied.today, applied.full)
        if not digest or after.writes:
            return
        people = roster_known.people_digest(session)
        known = Known(tuple(warnings), tuple(after.summary()))
        database.write(lambda last: _keep(last, after.version, digest, people, known))


def _keep(session: Session, seen: Version, digest: str, people: str, known: Known) -> None:
    if version(session) == seen:
        roster_known.keep(session, digest, people, known)


class _Counter:
    """Counts what is written, and tells whoever wants to know."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done = 0
        self.total = total
        self.progress = progress

    def add(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(self.done, self.total)


def _state(session: Session, today: date) -> RosterState:
    units = {
        u.id: u
        for u in session.execute(
            select(UnitRow.id, UnitRow.path, UnitRow.kind, UnitRow.name, UnitRow.gone_on)
        )
    }
    people = {
        p.id: p
        for p in session.execute(
            select(PersonRow.id, PersonRow.userid, PersonRow.name, PersonRow.phone)
        )
    }
    lins = {
        h.id: (units[h.lin_id].path, h.name)
        for h in session.execute(select(HouseholdRow.id, HouseholdRow.lin_id, HouseholdRow.name))
    }
    posts, dates = _posts(session, today, units, people)
    return RosterState(
        city=next((u.name for u in units.values() if u.path == ROOT), None),
        units={u.path: UnitKind(u.kind) for u in units.values() if u.gone_on is None},
        former=roster_log.former_paths(session),
        people={p.userid: NameCard(p.name, p.phone) for p in people.values()},
        posts=posts,
        dates=dates,
        homes={
            Home(people[r.person_id].userid, *lins[r.household_id]): r.id
            for r in session.execute(select(Resident.id, Resident.person_id, Resident.household_id))
        },
        households=frozenset(lins.values()),
    )


def _posts(
    session: Session, today: date, units: dict[int, Any], people: dict[int, Any]
) -> tuple[dict[PostKey, list[int]], dict[PostKey, Dates]]:
    """Those that are held today, and those still to come."""
    held = select(
        PostRow.id,
        PostRow.person_id,
        PostRow.unit_id,
        PostRow.role,
        PostRow.starts_on,
        PostRow.ends_on,
    ).where(or_(PostRow.ends_on.is_(None), PostRow.ends_on >= today))
    posts: dict[PostKey, list[int]] = defaultdict(list)
    dates: dict[PostKey, Dates] = {}
    for row in session.execute(held.order_by(PostRow.id)):
        key = PostKey(people[row.person_id].userid, Role(row.role), units[row.unit_id].path)
        posts[key].append(row.id)
        dates[key] = Dates(row.starts_on, row.ends_on)
    return dict(posts), dates


def _write_units(session: Session, plan: Plan, done: _Counter) -> None:
    """The root first, then level by level: each needs the ids of the one above."""
    if plan.new_city:
        _name_city(session, plan.city)
        done.add(1)
    for _, level in groupby(plan.units, key=lambda unit: depth_of(unit[0])):
        ids = _unit_ids(session)
        rows = [
            {
                "path": path,
                "kind": kind.value,
                "name": path.rpartition("/")[2],
                "parent_id": ids[path.rpartition("/")[0]],
            }
            for path, kind in level
        ]
        _insert(session, UnitRow, rows, done)


def _name_city(session: Session, name: str) -> None:
    root = session.scalar(select(UnitRow).where(UnitRow.path == ROOT))
    if root is None:
        root = UnitRow(kind=UnitKind.CITY, path=ROOT, parent_id=None)
        session.add(root)
    root.name = name
    session.flush()


def _write_people(session: Session, plan: Plan, done: _Counter) -> None:
    for one in plan.renamed:
        called = update(PersonRow).where(PersonRow.userid == one.old)
        session.execute(called.values(userid=one.new))
        done.add(1)
    new = [{"userid": u, "name": card.name, "phone": card.phone} for u, card in plan.people]
    _insert(session, PersonRow, new, done)
    if not plan.changes:
        return
    ids = _person_ids(session)
    changed = [
        {"id": ids[c.userid], "name": c.after.name, "phone": c.after.phone} for c in plan.changes
    ]
    for chunk in _chunks(changed):
        session.execute(update(PersonRow), chunk)
        done.add(len(chunk))


def _write_posts(session: Session, plan: Plan, done: _Counter) -> None:
    for last, group in groupby(sorted(plan.ends, key=_last_day), key=_last_day):
        for ended in _chunks(group):
            ids = [post_id for end in ended for post_id in plan.state.posts[end.post]]
            session.execute(update(PostRow).where(PostRow.id.in_(ids)).values(ends_on=last))
            done.add(len(ended))
    for post in plan.terms:
        starts, ends = plan.dates[post]
        changed = update(PostRow).where(PostRow.id.in_(plan.state.posts[post]))
        session.execute(changed.values(starts_on=starts, ends_on=ends))
        done.add(1)
    if not plan.posts:
        return
    people, units = _person_ids(session), _unit_ids(session)
    rows = [
        {
            "person_id": people[post.userid],
            "unit_id": units[post.unit],
            "role": post.role.value,
            "starts_on": plan.dates[post].starts,
            "ends_on": plan.dates[post].ends,
        }
        for post in plan.posts
    ]
    _insert(session, PostRow, rows, done)


def _last_day(ended: Ended) -> date:
    return ended.last


def _write_homes(session: Session, plan: Plan, done: _Counter) -> None:
    for removed in _chunks(plan.removals):
        ids = [plan.state.homes[home] for home in removed]
        session.execute(delete(Resident).where(Resident.id.in_(ids)))
        done.add(len(removed))
    if not plan.homes:
        return
    units, people = _unit_ids(session), _person_ids(session)
    new = [{"lin_id": units[lin], "name": name} for lin, name in plan.households]
    _insert(session, HouseholdRow, new, done)
    households = {
        (h.lin_id, h.name): h.id
        for h in session.execute(select(HouseholdRow.id, HouseholdRow.lin_id, HouseholdRow.name))
    }
    rows = [
        {
            "person_id": people[home.userid],
            "household_id": households[units[home.lin], home.household],
        }
        for home in plan.homes
    ]
    _insert(session, Resident, rows, done)


def _unit_ids(session: Session) -> dict[str, int]:
    return {row.path: row.id for row in session.execute(select(UnitRow.path, UnitRow.id))}


def _person_ids(session: Session) -> dict[str, int]:
    return {row.userid: row.id for row in session.execute(select(PersonRow.userid, PersonRow.id))}


def _insert(
    session: Session, table: type[DeclarativeBase], rows: list[dict[str, Any]], done: _Counter
) -> None:
    for chunk in _chunks(rows):
        session.execute(insert(table), chunk)
        done.add(len(chunk))


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
