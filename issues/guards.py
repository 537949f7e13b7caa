"""What the outbox has to be told about issues, which it does not know: what a notice is about, when
it is not worth telling any more, and whose own news it is.

The outbox hands in the subjects of its rows and gets back a part of them.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rules.words import OPEN_STATES
from storage.outbox import Guard
from storage.tables import Endorsement, Issue

#: Told only as long as somebody has still to do something about it: reminders, cards, requests.
OPEN = "open"
_ABOUT = "issue:"


def about(issue_id: int | None) -> str:
    """The subject of what is told about an issue; "" about none."""
    return f"{_ABOUT}{issue_id}" if issue_id else ""


def issue_of(subject: str) -> int | None:
    """The issue that a subject names; None if it is something else."""
    return int(subject.removeprefix(_ABOUT)) if subject.startswith(_ABOUT) else None


def not_open(session: Session, subjects: set[str]) -> set[str]:
    """Of these issues those that nobody has to do anything about any more."""
    ids = _ids(subjects)
    closed = select(Issue.id).where(Issue.id.in_(ids), Issue.state.not_in(OPEN_STATES))
    return {about(key) for key in session.scalars(closed)} if ids else set()


def own(session: Session, userid: str, subjects: set[str]) -> set[str]:
    """Of these issues those that somebody has reported or joined: their news is his own."""
    ids = _ids(subjects)
    joined = select(Endorsement.issue_id).where(Endorsement.userid == userid)
    mine = or_(Issue.reporter == userid, Issue.id.in_(joined))
    found = select(Issue.id).where(Issue.id.in_(ids), mine)
    return {about(key) for key in session.scalars(found)} if ids else set()


def marks_are_due(session: Session, now: datetime) -> bool:
    """Whether the clock still has something to say, which belongs into the same digests."""
    # Two questions, for each has its own index; with "or" the tables' size would be paid for.
    for moment in (Issue.next_mark_at, Issue.next_nudge_at):
        if session.scalar(select(Issue.id).where(moment <= now).limit(1)) is not None:
            return True
    return False


def _ids(subjects: set[str]) -> set[int]:
    return {key for key in map(issue_of, subjects) if key is not None}


#: What a row may name as its guard.
GUARDS: Mapping[str, Guard] = {OPEN: not_open}
