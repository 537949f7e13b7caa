"""空缺: seats that nobody sits on, people on leave without a delegate, posts that end soon.

Reads only. What becomes of the issues meanwhile is rules/ladder.py's business; an import warns of
the same gaps in its own file (roster_check.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from people import tree
from rules.ladder import HOLDER
from rules.words import ROLE_CHINESE, Role, UnitKind
from storage.tables import Leave, Person, Post, Unit

#: Early enough to find somebody.
SOON = timedelta(days=14)
#: Who is missed where nobody sits; the city has its 督办 by other means.
SEATS: dict[UnitKind, Role] = {
    **{kind: role for kind, role in HOLDER.items() if kind is not UnitKind.CITY},
    UnitKind.DEPARTMENT: Role.DEPARTMENT,
    UnitKind.RESIDENT_UNIT: Role.RESIDENT_UNIT,
}


@dataclass(frozen=True)
class Vacancy:
    """One seat to look at. ``kind``: vacant, away (on leave, no delegate) or ending."""

    kind: str
    unit: str
    role: Role
    userid: str = ""
    name: str = ""
    until: date | None = None
    #: who takes over when it ends
    successor: str = ""

    def __str__(self) -> str:
        where = f"{self.unit} {ROLE_CHINESE[self.role]}"
        if self.kind == "vacant":
            return f"空缺：{where}"
        if self.kind == "away":
            return f"请假没有代班：{where} {self.name}，到 {self.until}"
        heir = f"由 {self.successor} 接任" if self.successor else "还没有接任的人"
        return f"快到期：{where} {self.name}，到 {self.until}，{heir}"

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return {
            "kind": self.kind,
            "unit": self.unit,
            "role": str(self.role),
            "userid": self.userid,
            "name": self.name,
            "until": self.until.isoformat() if self.until else None,
            "successor": self.successor,
        }


def find(session: Session, today: date) -> list[Vacancy]:
    """Everything to look at on that day: empty seats, leaves, ends; each in the roster's order."""
    return [*_vacant(session, today), *_away(session, today), *_ending(session, today)]


def counted(found: list[Vacancy]) -> str:
    """2 个职务空缺，1 人请假没有代班; "" when all is well."""
    kinds = {"vacant": "个职务空缺", "away": "人请假没有代班", "ending": "个职务两周内到期"}
    numbers = {kind: sum(one.kind == kind for one in found) for kind in kinds}
    return "，".join(f"{n} {kinds[kind]}" for kind, n in numbers.items() if n)


def _vacant(session: Session, today: date) -> Iterator[Vacancy]:
    seated = select(Post.unit_id, Post.role).where(tree.in_office(today))
    taken = {(row.unit_id, row.role) for row in session.execute(seated)}
    for unit in session.execute(select(Unit.id, Unit.kind, Unit.path).order_by(Unit.path)):
        role = SEATS.get(unit.kind)
        if role and (unit.id, role) not in taken:
            yield Vacancy("vacant", unit.path, role)


def _away(session: Session, today: date) -> Iterator[Vacancy]:
    """Everybody on leave whom nobody stands in for, with the post that is left alone."""
    leaves = select(Leave).where(
        Leave.from_on <= today, Leave.to_on >= today, Leave.ended_at.is_(None)
    )
    for leave in session.scalars(leaves.order_by(Leave.id)):
        covered = tree.away(session, [leave.person_id], today).get(leave.person_id)
        posts = [] if covered else tree.posts(session, leave.person_id, today)
        for post in (p for p in posts if SEATS.get(p.unit.kind) is p.role):
            who = leave.person
            yield Vacancy("away", post.unit.path, post.role, who.userid, who.name, leave.to_on)


def _ending(session: Session, today: date) -> Iterator[Vacancy]:
    ends = select(Post).where(
        tree.in_office(today), Post.ends_on.is_not(None), Post.ends_on <= today + SOON
    )
    for post in session.scalars(ends.order_by(Post.ends_on, Post.id)):
        who, heir = post.person, _successor(session, post)
        name = heir.name if heir else ""
        yield Vacancy("ending", post.unit.path, post.role, who.userid, who.name, post.ends_on, name)


def _successor(session: Session, post: Post) -> Person | None:
    """Somebody who has the same post when this one is over."""
    assert post.ends_on is not None  # that is why it is asked about
    after = post.ends_on + timedelta(days=1)
    next_one = (
        select(Person)
        .join(Post, Post.person_id == Person.id)
        .where(
            Post.unit_id == post.unit_id,
            Post.role == post.role,
            Post.id != post.id,
            Post.starts_on <= after,
            or_(Post.ends_on.is_(None), Post.ends_on >= after),
        )
    )
    return session.scalar(next_one.order_by(Post.id).limit(1))
