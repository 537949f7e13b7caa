"""What an import has changed, row by row, and putting it back (撤回).

Only rows that are still as the import left them are put back; the others are named. What becomes of
the issues is issues/giving_back.py's business.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Date, delete, insert, select, update
from sqlalchemy.orm import Session

from people.reading import Part, changed
from people.roster_plan import ROOT, Plan
from people.town import Town
from rules.words import ROLE_CHINESE, Role
from storage.tables import HouseholdRow, PersonRow, PostRow, Resident, Table, UnitRow

#: The tables of people, those that others refer to last.
TABLES: tuple[Any, ...] = (Resident, PostRow, HouseholdRow, PersonRow, UnitRow)
#: Ids a statement; below the parameter limits of both databases.
CHUNK = 1000

#: A row as JSON knows it, by its column; None where there is none.
Image = dict[str, Any] | None


@dataclass(frozen=True)
class Before:
    """What was there when an import began: the last id of each table, the rows that it changes."""

    last: Mapping[str, int]
    rows: Mapping[str, dict[int, Image]]
    #: accounts that become others
    renamed: tuple[tuple[str, str], ...] = ()


class Reseated(NamedTuple):
    """A seat that an import had given to somebody, and who has it again ("" for nobody)."""

    userid: str
    role: Role
    unit: str
    successor: str


@dataclass
class Undone:
    """What was put back, what was not (in words), and who sits elsewhere by it."""

    posts: int = 0
    homes: int = 0
    refused: list[str] = field(default_factory=list)
    reseated: list[Reseated] = field(default_factory=list)


def before(session: Session, plan: Plan) -> Before:
    """To be read in the transaction of the import, before it writes."""
    old = {one.new: one.old for one in plan.renamed}
    people = [old.get(change.userid, change.userid) for change in plan.changes]
    ended = [key for end in plan.ends for key in plan.state.posts[end.post]]
    terms = [key for post in plan.terms for key in plan.state.posts[post]]
    cards = dict(_of(session, PersonRow, PersonRow.userid, people))
    rows = {
        PostRow.__tablename__: dict(_of(session, PostRow, PostRow.id, [*ended, *terms])),
        PersonRow.__tablename__: cards,
        Resident.__tablename__: dict(
            _of(session, Resident, Resident.id, [plan.state.homes[home] for home in plan.removals])
        ),
        UnitRow.__tablename__: dict(_of(session, UnitRow, UnitRow.path, [ROOT])),
    }
    last = {t.__tablename__: _last(session, t, rows.get(t.__tablename__, {})) for t in TABLES}
    return Before(last, rows, tuple((one.old, one.new) for one in plan.renamed))


def _last(session: Session, table: Any, known: Collection[int]) -> int:
    """The last id that there is; of homes, that is left once those known are removed."""
    gone = known if table is Resident else ()
    latest = session.scalars(select(table.id).order_by(table.id.desc()).limit(len(gone) + 1))
    return next((key for key in latest if key not in gone), 0)


def written(session: Session, then: Before) -> dict[str, Any]:
    """What the import has done since, as JSON for `put_back`."""
    session.flush()
    made: dict[str, list[list[int]]] = {}
    rows: list[list[Any]] = []
    for table in TABLES:
        name = table.__tablename__
        new = session.scalars(select(table.id).where(table.id > then.last[name]))
        made[name] = list(_runs(new))
        known = then.rows.get(name, {})
        # A row of that id may be another one now: SQLite gives the last ids again.
        now = {} if table is Resident else dict(_of(session, table, table.id, known))
        rows += [
            [name, key, was, now.get(key)] for key, was in known.items() if was != now.get(key)
        ]
    seats = dict(_of(session, PostRow, PostRow.id, _ids(made[PostRow.__tablename__])))
    return {
        "made": made,
        "rows": rows,
        "seats": [[key, image] for key, image in seats.items()],
        "renamed": [list(one) for one in then.renamed],
    }


def put_back(session: Session, change: Mapping[str, Any], town: Town, today: date) -> Undone:
    """Undo what `written` says, as far as nobody has changed it since; `clear` does the rest once
    the issues are back."""
    done, made = Undone(), {name: _ids(runs) for name, runs in change["made"].items()}
    _take_homes(session, made[Resident.__tablename__], done)
    _take_seats(session, change["seats"], town, done)
    for name, key, was, now in change["rows"]:
        _restore(session, _TABLE_OF[name], key, (was, now), town, done)
    changed(session, Part.HOMES, Part.SEATS)
    return done


def clear(session: Session, change: Mapping[str, Any]) -> None:
    """Take out the households, people and units that it made, and that nothing refers to now."""
    made = {name: _ids(runs) for name, runs in change["made"].items()}
    for table in (HouseholdRow, PersonRow):
        _delete_unused(session, table, made[table.__tablename__])
    _delete_units(session, made[UnitRow.__tablename__])
    changed(session, Part.HOMES)


_TABLE_OF: dict[str, Any] = {table.__tablename__: table for table in TABLES}


def _take_homes(session: Session, ids: Iterable[int], done: Undone) -> None:
    for chunk in _chunks(ids):
        gone = session.execute(delete(Resident).where(Resident.id.in_(chunk)))
        done.homes += gone.rowcount  # type: ignore[attr-defined]


def _take_seats(
    session: Session, seats: Iterable[tuple[int, Image]], town: Town, done: Undone
) -> None:
    """The posts that the import made; one whose days have been changed since stays."""
    seats = list(seats)
    now = dict(_of(session, PostRow, PostRow.id, [key for key, _ in seats]))
    same = [key for key, image in seats if now.get(key) == image]
    for chunk in _chunks(same):
        session.execute(delete(PostRow).where(PostRow.id.in_(chunk)))
    done.posts += len(same)
    posts = {post.id: post for post in town.posts}
    done.reseated += [
        Reseated(post.person.userid, post.role, post.unit.path, "")
        for key in same
        if (post := posts.get(key))
    ]
    done.refused += [_seat(town, key) for key, image in seats if now.get(key) not in (image, None)]


def _restore(
    session: Session,
    table: Any,
    key: int,
    images: tuple[Image, Image],
    town: Town,
    done: Undone,
) -> None:
    was, left = images
    now = dict(_of(session, table, table.id, [key])).get(key)
    if now != left:
        done.refused.append(_named(town, table, key, was))
    elif now is None and was is not None:
        _give_home(session, was, done)
    elif was is not None:
        session.execute(update(table).where(table.id == key).values(_values(table, was)))
        done.posts += table is PostRow


def _give_home(session: Session, home: dict[str, Any], done: Undone) -> None:
    there = select(Resident.id).where(
        Resident.person_id == home["person_id"], Resident.household_id == home["household_id"]
    )
    if session.scalar(there) is None:
        session.execute(insert(Resident), [home])
        done.homes += 1


def _named(town: Town, table: Any, key: int, was: Image) -> str:
    if table is PostRow:
        return _seat(town, key)
    person = town.by_id(key if table is PersonRow else (was or {}).get("person_id"))
    return f"{person.name if person else key}：之后又改过，不动"


def _seat(town: Town, key: int) -> str:
    post = town.post(key)
    if post is None:
        return f"职务 {key}：之后又改过，不动"
    where = post.unit.path or post.unit.name
    return f"{where} {ROLE_CHINESE[post.role]} {post.person.name}：之后又改过，不动"


def _delete_units(session: Session, ids: Iterable[int]) -> None:
    """The lower ones first: those above have no other below them then."""
    paths = {row.id: row.path for row in session.execute(select(UnitRow.id, UnitRow.path))}
    levels: dict[int, list[int]] = {}
    for key in ids:
        if key in paths:
            levels.setdefault(paths[key].count("/") + bool(paths[key]), []).append(key)
    for _, level in sorted(levels.items(), reverse=True):
        _delete_unused(session, UnitRow, level)


def _delete_unused(session: Session, table: Any, ids: Iterable[int]) -> None:
    """What an issue or anything else refers to stays, as accounts, units and households do."""
    for chunk in _chunks(ids):
        used = {
            key
            for column in _referring(table)
            for key in session.scalars(select(column).where(column.in_(chunk)).distinct())
        }
        unused = [key for key in chunk if key not in used]
        session.execute(delete(table).where(table.id.in_(unused)))


def _referring(table: Any) -> Iterator[Any]:
    """Every column of any table that refers to that one."""
    for other in Table.metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table is table.__table__:
                yield key.parent


def _of(
    session: Session, table: Any, column: Any, values: Iterable[Any]
) -> Iterator[tuple[int, Image]]:
    """The rows in which the column has one of the values, by their ids."""
    columns = [c for c in table.__table__.columns if c.name != "userid"]  # renaming has its own way
    for chunk in _chunks(values):
        for row in session.execute(select(*columns).where(column.in_(chunk))).mappings():
            yield row["id"], {c.name: _plain(row[c.name]) for c in columns}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value


def _values(table: Any, image: Mapping[str, Any]) -> dict[str, Any]:
    """The row that an image is of, but for its id."""
    days = {c.name for c in table.__table__.columns if isinstance(c.type, Date)}
    return {
        name: date.fromisoformat(value) if name in days and value else value
        for name, value in image.items()
        if name != "id"
    }


def _runs(ids: Iterable[int]) -> Iterator[list[int]]:
    """3, 4, 5, 9 -> [3, 5], [9, 9]"""
    run: list[int] = []
    for key in sorted(ids):
        if run and key == run[1] + 1:
            run[1] = key
            continue
        if run:
            yield run
        run = [key, key]
    if run:
        yield run


def _ids(runs: Iterable[list[int]]) -> list[int]:
    return [key for first, last in runs for key in range(first, last + 1)]


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    values = iter(values)
    while chunk := list(islice(values, CHUNK)):
        yield chunk
