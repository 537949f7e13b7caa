"""How fast a roster of 韶山's size goes in, beside bare sqlite3 doing the least that is possible.

The ratio is the figure to watch: it does not depend on the machine. Run it as
`.venv/bin/python benchmarks/roster.py [DATABASE_URL]`; a given database is written to.
"""

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from people.roster import Row, apply, plan, read_roster
from people.sample import write_shaoshan
from storage import schema
from storage.db import Database

TODAY = date(2026, 11, 21)


def main(url: str | None) -> None:
    """Read, plan and apply the sample, then insert the same rows bare."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        write_shaoshan(home / "roster.csv")
        started = perf_counter()
        rows = read_roster(home / "roster.csv")
        _tell("read and check", len(rows), perf_counter() - started)
        _import(url or f"sqlite:///{home}/roster.db", rows)
        whole = perf_counter() - started
        _tell("whole import", len(rows), whole)
        bare = _bare(home / "bare.db", rows)
        _tell("bare sqlite3 executemany", len(rows), bare)
        click.echo(
            f"whole import / bare: {bare / whole:.3f} of its rows/s ({whole / bare:.0f}x slower)"
        )


def _import(url: str, rows: Sequence[Row]) -> None:
    database = Database(url)
    schema.ready(database)
    started = perf_counter()
    with database.read() as session:
        made = plan(session, rows, TODAY)
    _tell("plan (the dry run)", len(rows), perf_counter() - started)
    started = perf_counter()
    database.write(lambda session: apply(session, made))
    _tell("apply", len(rows), perf_counter() - started)
    database.dispose()


def _bare(path: Path, rows: Sequence[Row]) -> float:
    cells = [(r.name, r.userid, r.role.value, r.unit, r.household, r.phone) for r in rows]
    started = perf_counter()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE roster (name, userid, role, unit, household, phone)")
        connection.executemany("INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?)", cells)
    return perf_counter() - started


def _tell(what: str, rows: int, seconds: float) -> None:
    click.echo(f"{what:26} {seconds:6.2f} s {rows / seconds:12,.0f} rows/s")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
