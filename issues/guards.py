"""What the outbox has to be told about issues, which it does not know: what a notice is about, when
it is not worth telling any more, and whose own news it is.

The outbox hands in the subjects of its rows and gets back a part of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from rules.words import OPEN_STATES, State
from storage import undelivered
from storage.outbox import Doubt, Guard
from storage.tables import Endorsement, Issue

#: Told only as long as somebody has still to do something about it: reminders, cards, requests.
OPEN = "open"
#: Told only as long as it counts as done: requests for a rating.
DONE = "done"
#: Told only as long as there are notices that did not arrive.
HELD = "held"
_ABOUT = "issue:"


def about(issue_id: int | None) -> str:
    """The subject of what is told about an issue; "" about none."""
    return f"{_ABOUT}{issue_id}" if issue_id else ""


def issue_of(subject: str) -> int | None:
    """The issue that a subject names; None if it is something else."""
    return int(subject.removeprefix(_ABOUT)) if subject.startswith(_ABOUT) else None


@dataclass(frozen=True)
class Facts:
    """What has to be still so when a line leaves, besides that somebody has something to do: who
    holds it, when it falls due, that nobody has accepted, which request (the number of its event)
    waits for an answer."""

    holder_id: int | None = None
    due_at: datetime | None = None
    pending: bool = False
    request: int | None = None

    def guard(self) -> str:
        """As the outbox keeps it."""
        said = [
            f"h{self.holder_id}" if self.holder_id else "",
            f"d{_second(self.due_at)}" if self.due_at else "",
            "p" if self.pending else "",
            f"r{self.request}" if self.request else "",
        ]
        facts = ",".join(one for one in said if one)
        return f"{OPEN}:{facts}" if facts else OPEN


#: Nothing else has to be still so.
WHILE_OPEN = Facts()


def not_done(session: Session, doubts: set[Doubt]) -> set[Doubt]:
    """Of these rating requests those about what is being worked on again, or was finished anew."""
    ids = _ids({doubt.subject for doubt in doubts})
    found = select(Issue.id, Issue.state, Issue.resolved_at).where(Issue.id.in_(ids))
    done = {
        (about(row.id), _second(row.resolved_at))
        for row in (session.execute(found) if ids else ())
        if row.state in (State.RESOLVED, State.CLOSED)
    }
    return {doubt for doubt in doubts if (doubt.subject, doubt.facts) not in done}


def of_done(issue: Issue) -> str:
    """The guard of a request to rate what has just been finished."""
    return f"{DONE}:{_second(issue.resolved_at)}"


def _second(moment: datetime | None) -> str:
    return f"{moment.timestamp():.0f}" if moment else ""


def not_so(session: Session, doubts: set[Doubt]) -> set[Doubt]:
    """Of these those about issues that nobody has to do anything about any more, or that have
    changed since in what the line says."""
    ids = _ids({doubt.subject for doubt in doubts})
    if not ids:
        return set()
    now_so = _STANDS.where(Issue.id.in_(ids))
    stands = {about(row.id): row for row in session.execute(now_so)}
    return {doubt for doubt in doubts if _is_over(stands.get(doubt.subject), doubt.facts)}


def _is_over(stands: Row[Any] | None, facts: str) -> bool:
    if stands is None:  # of something else than an issue nothing is known
        return False
    return stands.state not in OPEN_STATES or any(
        not _FACTS[fact[0]](stands, fact[1:]) for fact in facts.split(",") if fact
    )


_STANDS = select(
    Issue.id, Issue.state, Issue.holder_id, Issue.due_at, Issue.wanted, Issue.wanted_data
)
#: By its letter, whether a fact is still so.
_FACTS: Mapping[str, Callable[[Row[Any], str], bool]] = {
    "h": lambda row, said: str(row.holder_id) == said,
    "d": lambda row, said: _second(row.due_at) == said,
    "p": lambda row, said: bool(row.state == State.PENDING),
    "r": lambda row, said: row.wanted is not None and str(row.wanted_data.get("seq")) == said,
}


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


def all_settled(session: Session, doubts: set[Doubt]) -> set[Doubt]:
    """What admins are told of notices that did not arrive, once there are none any more."""
    return set() if undelivered.count_held(session) else doubts


#: What a row may name as its guard.
GUARDS: Mapping[str, Guard] = {OPEN: not_so, DONE: not_done, HELD: all_settled}
