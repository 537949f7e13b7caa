"""What has to be so once an older state of the database is put back (docs/adr/0023-restored.md).

Numbers go on beyond all that may have been told to somebody since; notices that may have left since
are held for a person to decide. Both in the transaction that puts the state back or finds it.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import undelivered
from storage.db import put_row
from storage.given_numbers import Given
from storage.tables import DayCounter, Restoration

#: Numbers go on at the next hundred, so many at least beyond the last one that is known.
MARGIN = 100


def put_back(
    session: Session,
    now: datetime,
    days: Iterable[date],
    known: Given | None,
    source: str = "",
    taken_at: datetime | None = None,
) -> Restoration:
    """All of it, noted in a row. ``days``: on which numbers may have been given since; ``known``:
    what was noted outside of the database."""
    row = Restoration(
        at=now,
        taken_at=taken_at,
        source=source,
        held=undelivered.make_unsure(session, taken_at or now, now),
        numbers=_go_ahead(session, days, known),
    )
    session.add(row)
    session.flush()
    return row


def _go_ahead(session: Session, days: Iterable[date], known: Given | None) -> dict[str, int]:
    """Move the counters of these days; by day, after which number they go on."""
    last = {counter.day: counter.last for counter in session.scalars(select(DayCounter))}
    outside = known.last if known else {}
    busiest = session.scalar(select(func.max(DayCounter.last))) or 0
    margin = MARGIN if known else max(MARGIN, 2 * busiest)
    moved = {}
    for day in sorted({*days, *(day for day, n in outside.items() if n > last.get(day, 0))}):
        told = max(last.get(day, 0), outside.get(day, 0))
        moved[day] = -(-(told + margin) // 100) * 100
        put_row(session, DayCounter, {"day": day, "last": moved[day]})
    return {day.isoformat(): number for day, number in moved.items()}
