"""The last roster file that went in whole: the same file again, on the same people, is known.

Reading, checking and comparing 42,000 rows is nearly all that an import costs, also when nothing
has changed. What a file is compared with is left to roster.py and roster_plan.py.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.db import insert_new
from storage.tables import HouseholdRow, PersonRow, PostRow, Resident, RosterImport, UnitRow

#: To be raised when the program reads something else out of the same file than before.
READING = 2
#: All that an import compares its rows with. The rows themselves are looked at, not a note of who
#: has changed them: departures, other imports and a hand in the database all count.
PEOPLE = tuple(
    f"SELECT {', '.join(table.__table__.columns.keys())} FROM {table.__tablename__} ORDER BY id"
    for table in (UnitRow, PersonRow, PostRow, HouseholdRow, Resident)
)


class Known(NamedTuple):
    """What an import of that file has to say, line by line: what to look at in the file, and that
    nothing changes."""

    warnings: tuple[str, ...]
    summary: tuple[str, ...]


def digest_of(path: Path, today: date, *, full: bool) -> str:
    """Names the file with all that decides what its import does; "" when it cannot be read.

    The day counts, since posts begin and end by themselves; the name, since warnings say it.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return ""  # read_roster says what is wrong with it
    asked = f"{READING} {path.name} {today} {full}\n".encode()
    return hashlib.sha256(asked + content).hexdigest()


def recall(session: Session, digest: str) -> Known | None:
    """What was kept of that import; None when it is not the last one or people have changed."""
    last = session.scalar(select(RosterImport).where(RosterImport.digest == digest))
    if not digest or last is None or last.people != people_digest(session):
        return None
    return Known(tuple(last.said["warnings"]), tuple(last.said["summary"]))


def keep(session: Session, digest: str, people: str, known: Known) -> None:
    """Keep that this file changes nothing on the people of that digest (`people_digest`)."""
    said = {"warnings": list(known.warnings), "summary": list(known.summary)}
    session.execute(delete(RosterImport))
    insert_new(session, RosterImport, {"digest": digest, "people": people, "said": said})


def people_digest(session: Session) -> str:
    """A digest of every row of the five tables, some 130,000 for 韶山.

    As the driver gives them: making words and days of them would take most of the time.
    """
    found, connection = hashlib.sha256(), session.connection()
    for rows in PEOPLE:
        for part in connection.exec_driver_sql(rows).partitions(10_000):
            found.update(repr([tuple(row) for row in part]).encode())
    return found.hexdigest()
