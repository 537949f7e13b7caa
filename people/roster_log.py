"""What admins have done to the roster, newest last, and whether the latest of it can be undone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.tables import RosterChange

#: Of so many changes it is kept how it was before: an import of 韶山 is half a megabyte.
UNDOABLE = 5
#: Changes that give a unit another path: {"from": …, "to": …} is in what they said.
OF_UNITS = ("rename", "merge")


class Repathed(NamedTuple):
    """From that moment on a unit, with all in it, has another path."""

    at: datetime
    old: str
    new: str


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


def repathed(session: Session) -> tuple[Repathed, ...]:
    """Every unit that was given another path, in the order in which it was done."""
    found = session.execute(select(RosterChange.at, RosterChange.said).order_by(RosterChange.id))
    return tuple(Repathed(at, old, new) for at, said in found for old, new in said.get("paths", ()))


def path_now(path: str, then: datetime, changes: Iterable[Repathed]) -> str:
    """What a path of that moment is called now."""
    for at, old, new in changes:
        if at > then and f"{path}/".startswith(f"{old}/"):
            path = new + path.removeprefix(old)
    return path


def former_paths(session: Session) -> dict[str, str]:
    """Paths that units had once -> what they became."""
    found = select(RosterChange.said).where(RosterChange.what.in_(OF_UNITS))
    return {said["from"]: said["to"] for said in session.scalars(found.order_by(RosterChange.id))}
