"""Everything that can be done to an issue, by people and by the clock (domain.md §3-§6).

Cards, words and the console all come through here. The Desk asks rules/ what is allowed and when,
writes the change and its event, and puts the notices into the outbox; it never commits nor sends.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from issues.asking import Asking
from issues.bench import NeedsWords
from issues.keeping import Keeping
from issues.moving import Target
from issues.opening import Material, Opening, Report
from people import tree
from storage.tables import Assist, CoOwner, Endorsement, Issue, Person

__all__ = ["Desk", "Material", "NeedsWords", "Report", "Target", "visible"]

#: A short number can mean one of this many; the full number is looked up among all.
MOST_VISIBLE = 200


class Desk(Opening, Asking, Keeping):
    """One unit of work over issues, at one moment."""

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
