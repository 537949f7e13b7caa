"""What admins have done to the roster, newest last, and whether the latest of it can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.tables import RosterChange

#: Of so many changes it is kept how it was before: an import of 韶山 is half a megabyte.
UNDOABLE = 5
#: Changes that give a unit another path: {"from": …, "to": …} is in what they said.
OF_UNITS = ("rename", "merge")


def note(
    session: Session,
    now: datetime,
    by: str,
    what: str,
    said: dict[str, Any],
    undo: dict[str, Any] | None = None,
) -> None:
    """Put a change on the record, in the transaction that does it."""
    session.add(RosterChange(at=now, by=by, what=what, said=said, undo=undo or {}))
    session.flush()
    kept = select(RosterChange.id).order_by(RosterChange.id.desc()).offset(UNDOABLE)
    old = list(session.scalars(kept))
    session.execute(update(RosterChange).where(RosterChange.id.in_(old)).values(undo={}))


def latest(session: Session) -> RosterChange | None:
    """The newest change that is not undone; only that one can be."""
    standing = select(RosterChange).where(RosterChange.undone_at.is_(None))
    return session.scalar(standing.order_by(RosterChange.id.desc()).limit(1))


def former_paths(session: Session) -> dict[str, str]:
    """Paths that units had once -> what they became."""
    found = select(RosterChange).where(RosterChange.what.in_(OF_UNITS)).order_by(RosterChange.id)
    return {one.said["from"]: one.said["to"] for one in session.scalars(found)}
