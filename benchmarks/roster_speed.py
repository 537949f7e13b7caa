"""How fast a roster of 韶山's size goes in, and the same file again.

`sanzhang roster import` twice as a person types it (second ÷ first is the figure to watch), and the
parts of the first beside bare sqlite3 doing the least that is possible.
Run: python -m benchmarks.roster_speed [--small]
"""

import argparse
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TypeVar

from benchmarks.figures import Figure, show
from benchmarks.ledger_speed import CONFIG, measure
from people.roster import RosterRow, apply, plan, read_roster
from people.sample import write_demo, write_shaoshan
from storage import schema
from storage.db import Database

TODAY = date(2026, 11, 21)
T = TypeVar("T")


def run(*, small: bool = False) -> list[Figure]:
    """The command twice, then its parts."""
    with TemporaryDirectory() as name:
        home = Path(name)
        file = home / "roster.csv"
        (write_demo if small else write_shaoshan)(file)
        return [*_twice(home, file), *_parts(home, file)]


def _twice(home: Path, file: Path) -> list[Figure]:
    (home / "config.toml").write_text(CONFIG, "utf-8")
    schema.upgrade(Database(f"sqlite:///{home}/bench.db"))
    first, second = (measure(home, ["roster", "import", str(file)]) for _ in range(2))
    return [
        Figure(
            "unchanged second import ÷ first",
            f"{second.cpu / first.cpu:.2f}",
            f"CPU {first.cpu:.1f} and {second.cpu:.1f} s, {first.megabytes} MB",
            "≤ 0.3",
        )
    ]


def _parts(home: Path, file: Path) -> list[Figure]:
    database = Database(f"sqlite:///{home}/parts.db")
    schema.upgrade(database)
    rows, reading = _timed(lambda: read_roster(file))
    with database.read() as session:
        made, planning = _timed(lambda: plan(session, rows, TODAY))
    _, writing = _timed(lambda: database.write(lambda session: apply(session, made), 120))
    database.dispose()
    _, bare = _timed(lambda: _bare(home / "bare.db", rows))
    parts = {"read and check": reading, "plan (a dry run)": planning, "apply": writing}
    figures = [
        Figure(what, f"{spent / bare:.0f} x bare", f"CPU {spent:.2f} s")
        for what, spent in parts.items()
    ]
    said = f"CPU {bare:.2f} s, {len(rows):,} rows"
    return [*figures, Figure("bare sqlite3 executemany", "1 x bare", said)]


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    start = process_time()
    done = act()
    return done, process_time() - start


def _bare(path: Path, rows: Sequence[RosterRow]) -> None:
    cells = [(r.name, r.userid, r.role.value, r.unit, r.household, r.phone) for r in rows]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE roster (name, userid, role, unit, household, phone)")
        connection.executemany("INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?)", cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the demo's roster")
    show("roster import", run(small=parser.parse_args().small))


if __name__ == "__main__":
    main()
