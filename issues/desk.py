"""Everything that can be done to an issue, by people and by the clock (domain.md §3-§6).

Cards, words and the console all come through here. The Desk asks rules/ what is allowed and when,
writes the change and its event, and puts the notices into the outbox; it never commits nor sends.
"""

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from issues.asking import Asking
from issues.bench import NeedsWords
from issues.keeping import Keeping
from issues.moving import Target
from issues.opening import Material, Opening, Report
from people import tree
from rules.ladder import LEVELS, rank
from rules.words import OPEN_STATES
from storage.tables import Assist, CoOwner, Endorsement, Issue, Unit

__all__ = ["Desk", "Material", "NeedsWords", "Report", "Target", "visible"]

#: A short number can mean one of this many; the full number is looked up among all.
MOST_VISIBLE = 200


class Desk(Opening, Asking, Keeping):
    """One unit of work over issues, at one moment."""

    def under(self, units: list[Unit]) -> list[Issue]:
        """The open issues of these units and of all below them, oldest first."""
        inside = or_(*(_seen_from(unit) for unit in units)) if units else false()
        found = select(Issue).join(Unit, Unit.id == Issue.unit_id)
        still = found.where(inside, Issue.state.in_(OPEN_STATES)).order_by(Issue.id)
        return list(self.session.scalars(still))


def visible(session: Session, userid: str, person_id: int | None) -> list[Issue]:
    """The newest issues that somebody reported, joined, holds, helps with or once held: what his
    words can mean."""
    joined = Endorsement.userid == userid.lower()
    mine = [
        select(Issue).where(Issue.reporter == userid.lower()),
        select(Issue).join(Endorsement, Endorsement.issue_id == Issue.id).where(joined),
    ]
    if person_id is not None:
        helps = Assist.person_id == person_id
        mine += [
            select(Issue).where(or_(Issue.holder_id == person_id, Issue.behalf_id == person_id)),
            select(Issue).join(CoOwner).where(CoOwner.person_id == person_id),
            select(Issue).join(Assist, Assist.issue_id == Issue.id).where(helps),
        ]
    newest = [query.order_by(Issue.id.desc()).limit(MOST_VISIBLE) for query in mine]
    found = {issue.id: issue for query in newest for issue in session.scalars(query)}
    return sorted(found.values(), key=lambda issue: issue.id)


def _seen_from(unit: Unit) -> ColumnElement[bool]:
    """Issues of the unit and below, but for complaints about its own level or a higher one."""
    hidden = [level for level in LEVELS if unit.kind in LEVELS and rank(level) >= rank(unit.kind)]
    open_to = or_(Issue.bypassed.is_(None), Issue.bypassed.not_in(hidden))
    return and_(tree.inside(unit), open_to)
