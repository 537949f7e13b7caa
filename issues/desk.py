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
from storage.tables import Assist, CoOwner, Endorsement, Issue, Person, Unit

__all__ = ["Desk", "Material", "NeedsWords", "Report", "Target", "visible"]

#: A short number can mean one of this many; the full number is looked up among all.
MOST_VISIBLE = 200


class Desk(Opening, Asking, Keeping):
    """One unit of work over issues, at one moment."""

    def under(self, units: list[Unit], person_id: int | None = None) -> list[Issue]:
        """The open issues of these units and of all below them, and what they lead or help with,
        oldest first; for ``person_id`` without complaints about him or those above him, whatever
        other seats he has."""
        seen = or_(*(_seen_from(unit) for unit in units)) if units else false()
        found = select(Issue).outerjoin(Unit, Unit.id == Issue.unit_id)
        still = found.where(seen, Issue.state.in_(OPEN_STATES)).order_by(Issue.id)
        issues = list(self.session.scalars(still))
        if person_id is None:
            return issues
        return [i for i in issues if not i.bypassed or person_id not in self._shut_out(i)]

    def worked_on(self, issue: Issue, person_id: int) -> bool:
        """Whether somebody, or the unit that he sits in, holds, held or was asked to help."""
        if person_id in self._shut_out(issue):
            return False
        asked = self.assists(issue)
        units = {post.unit_id for post in tree.posts(self.session, person_id, self._today)}
        helped = any(a.person_id == person_id or a.unit_id in units for a in asked)
        held = self.session.get(CoOwner, (issue.id, person_id)) is not None
        return self._leads(issue, person_id) or held or helped

    def absent(self, issue: Issue) -> Person | None:
        """For whom the holder stands in, if for anybody."""
        return tree.by_id(self.session, issue.behalf_id)


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
    """Issues of the unit and below, but for complaints about its own level or a higher one; of a
    department or 驻地单位 what it leads, and what it still has to help with."""
    if unit.kind not in LEVELS:
        asked = select(Assist.issue_id).where(
            Assist.unit_id == unit.id, Assist.answered_at.is_(None)
        )
        return or_(Issue.lead_unit_id == unit.id, Issue.id.in_(asked))
    hidden = [level for level in LEVELS if rank(level) >= rank(unit.kind)]
    open_to = or_(Issue.bypassed.is_(None), Issue.bypassed.not_in(hidden))
    return and_(tree.inside(unit), open_to)
