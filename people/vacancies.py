"""空缺: seats that nobody sits on, people on leave without a delegate, posts that end soon.

Reads only. What becomes of the issues meanwhile is rules/ladder.py's business; an import warns of
the same gaps in its own file (roster_check.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from people.town import Person, Post, Town
from rules.ladder import HOLDER
from rules.words import ROLE_CHINESE, Role, UnitKind

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


def find(town: Town, today: date) -> list[Vacancy]:
    """Everything to look at on that day: empty seats, leaves, ends; each in the roster's order."""
    return [*_vacant(town, today), *_away(town, today), *_ending(town, today)]


def counted(found: list[Vacancy]) -> str:
    """2 个职务空缺，1 人请假没有代班; "" when all is well."""
    kinds = {"vacant": "个职务空缺", "away": "人请假没有代班", "ending": "个职务两周内到期"}
    numbers = {kind: sum(one.kind == kind for one in found) for kind in kinds}
    return "，".join(f"{n} {kinds[kind]}" for kind, n in numbers.items() if n)


def _vacant(town: Town, today: date) -> Iterator[Vacancy]:
    taken = {(post.unit_id, post.role) for post in town.held(today)}
    for unit in sorted(town.homes.units.values(), key=lambda unit: unit.path):
        role = SEATS.get(unit.kind)
        if role and not unit.gone and (unit.id, role) not in taken:
            yield Vacancy("vacant", unit.path, role)


def _away(town: Town, today: date) -> Iterator[Vacancy]:
    """Everybody on leave whom nobody stands in for, with the post that is left alone."""
    for leave in (one for one in town.leaves if one.from_on <= today <= one.to_on):
        covered = town.away([leave.person_id], today).get(leave.person_id)
        posts = [] if covered else town.posts_on(leave.person_id, today)
        for post in (p for p in posts if SEATS.get(p.unit.kind) is p.role):
            who = post.person
            yield Vacancy("away", post.unit.path, post.role, who.userid, who.name, leave.to_on)


def _ending(town: Town, today: date) -> Iterator[Vacancy]:
    soon = [
        (p.ends_on, p.id, p) for p in town.held(today) if p.ends_on and p.ends_on <= today + SOON
    ]
    for ends_on, _, post in sorted(soon, key=lambda one: one[:2]):
        heir = _successor(town, post, ends_on + timedelta(days=1))
        who, name = post.person, heir.name if heir else ""
        yield Vacancy("ending", post.unit.path, post.role, who.userid, who.name, ends_on, name)


def _successor(town: Town, post: Post, after: date) -> Person | None:
    """Somebody who has the same post when this one is over."""
    others = (other for other in town.posts_in[post.unit_id] if other.id != post.id)
    heirs = (other.person for other in others if other.role is post.role and other.held_on(after))
    return next(heirs, None)
