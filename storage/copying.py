"""All rows of one database into another one, of either kind.

One transaction over the target: whoever is interrupted leaves nothing behind. Both have the newest
schema; making it is schema.py's business.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from storage.db import Database
from storage.tables import RosterVersion
from storage.tables import Table as Tables

#: Rows that are in memory at a time.
ROWS = 1000
#: Has its row from the beginning: the migrations make it.
SEEDED = RosterVersion.__tablename__

Progress = Callable[[int, int], None]
#: What is wrong with what was copied, in words; nothing, if all is well
#: (or as bad as in the source).
Check = Callable[[Session], list[str]]


class CopyFailed(Exception):
    """The target is as it was; says why in Chinese."""


def tables() -> list[Table]:
    """All of them, each behind those that it refers to."""
    return list(Tables.metadata.sorted_tables)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables()}


def is_empty(connection: Connection) -> bool:
    """Whether nobody has ever worked with it; its tables are there."""
    return not any(n for table, n in counts(connection).items() if table != SEEDED)


def copy(
    source: Database, target: Database, progress: Progress, check: Check, *, over: bool = False
) -> dict[str, int]:
    """Copy every row and give the counts by table. ``over``: instead of what the target has.

    Raises CopyFailed, and the target is as it was: when it is not empty, when a value does not fit
    in, when the counts differ, or by what ``check`` says of the copy.
    """
    with source.read() as reading, target.whole() as writing:
        given = reading.connection()
        there = counts(given)
        if not over and not is_empty(writing):
            raise CopyFailed("目标数据库里已经有数据，没有动它。请换一个空的数据库。")
        for table in reversed(tables()):
            writing.execute(delete(table))
        _rows(given, writing, there, progress)
        _set_sequences(writing)
        _compare(there, counts(writing))
        problems = check(Session(writing, join_transaction_mode="rollback_only"))
        if problems:
            raise CopyFailed("复制过去的对不上：\n" + "\n".join(problems[:20]))
    return there


def _rows(
    source: Connection, target: Connection, there: dict[str, int], progress: Progress
) -> None:
    total, done = sum(there.values()), 0
    for table in tables():
        try:
            for rows in _pages(source, table):
                _insert(target, table, rows)
                done += len(rows)
                progress(done, total)
            _refer_to_own(source, target, table)
        except (DataError, IntegrityError) as error:
            raise CopyFailed(f"表 {table.name} 有一行放不进目标数据库：{error.orig}") from error


def _pages(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """In the order of the key, so that the same database gives the same copy."""
    found = source.execution_options(stream_results=True).execute(
        select(table).order_by(*table.primary_key)
    )
    for page in found.mappings().partitions(ROWS):
        yield [dict(row) for row in page]


def _insert(target: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Without what refers to rows of the same table (a unit's parent): they may come later."""
    alone = dict.fromkeys(column.name for column in _own(table))
    target.execute(insert(table), [{**row, **alone} for row in rows])


def _refer_to_own(source: Connection, target: Connection, table: Table) -> None:
    for column in _own(table):
        (key,) = table.primary_key
        put = update(table).where(key == bindparam("which")).values({column: bindparam("to")})
        for rows in _pages(source, table):
            target.execute(put, [{"which": r[key.name], "to": r[column.name]} for r in rows])


def _own(table: Table) -> list[Column[Any]]:
    return [c for c in table.c if any(key.column.table is table for key in c.foreign_keys)]


def _set_sequences(target: Connection) -> None:
    """PostgreSQL's counters behind the keys go on after the highest; SQLite looks by itself."""
    if target.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is None:
            continue
        highest = select(func.max(column)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        ahead = func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))
        target.execute(select(ahead))


def _compare(there: dict[str, int], copied: dict[str, int]) -> None:
    wrong = [f"{name} {n} → {copied[name]}" for name, n in there.items() if copied[name] != n]
    if wrong:
        raise CopyFailed("复制前后行数不同：" + "，".join(wrong))
