"""交接: when a post ends, its open issues change hands with it, in the same transaction.

14 % of the 邻长 posts change hands in a year. Which posts end is the roster import's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issues.desk import Desk
from issues.office import Office
from people import tree
from rules.words import OPEN_STATES
from storage.tables import Issue, Unit


@dataclass(frozen=True)
class EndedPost:
    """Who no longer sits in which unit, and who does now ("" for nobody)."""

    userid: str
    unit: str
    successor: str


def hand_over(session: Session, now: datetime, office: Office, ended: Iterable[EndedPost]) -> int:
    """Give every open issue of those posts to the successor or the next seat; how many."""
    desk = Desk(session, now, office)
    return sum(_hand_over_one(session, desk, post) for post in ended)


def _hand_over_one(session: Session, desk: Desk, post: EndedPost) -> int:
    issues = _held(session, post)
    successor = tree.person(session, post.successor) if post.successor else None
    for issue in issues:
        desk.hand_over(issue, successor, f"{post.unit} 换人")
    return len(issues)


def _held(session: Session, post: EndedPost) -> list[Issue]:
    """The open issues that the one who left holds on the level of that very unit."""
    former, unit = tree.person(session, post.userid), tree.unit_at(session, post.unit)
    if former is None or unit is None:
        return []
    held = (
        select(Issue)
        .join(Unit, Unit.id == Issue.unit_id)
        .where(
            Issue.holder_id == former.id,
            Issue.level == unit.kind,
            Issue.state.in_(OPEN_STATES),
        )
    )
    return [i for i in session.scalars(held.order_by(Issue.id)) if _is_in(i.unit, post.unit)]


def _is_in(unit: Unit | None, path: str) -> bool:
    return unit is not None and f"{unit.path}/".startswith(f"{path}/")
