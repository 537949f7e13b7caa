"""改名、合并、分开: what becomes of units, their posts and their households.

Closed issues stay with the unit that they were closed in; what becomes of the open ones is
issues/following.py's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from people.reading import Part, changed
from people.town import Town, Unit
from rules.transitions import NotAllowed
from rules.words import Role, UnitKind
from storage.tables import HouseholdRow, PersonRow, PostRow, Resident, UnitRow

#: As in the columns.
LONGEST_NAME, LONGEST_PATH = 100, 500
#: Whose posts end when the unit is no more; the others go over to the one that it is part of now.
SEATED = frozenset({Role.LINZHANG, Role.ZUZHANG, Role.PIANZHANG})


@dataclass(frozen=True)
class Parting:
    """What is taken out of a unit: households of a lin, or the units right below it."""

    households: frozenset[int] = frozenset()
    units: tuple[Unit, ...] = ()


def found(town: Town, path: str, beside: Unit | None = None) -> Unit:
    """The unit with that path, or with its end where that is clear: the one ``beside`` another if
    there is one. Raises NotAllowed."""
    path = path.strip("/ ")
    exact = town.unit_at(path) if path else None
    several = [exact] if exact else [u for u in town.units_ending(path) if u.path]
    near = [unit for unit in several if beside and unit.parent_id == beside.parent_id]
    several = near if len(near) == 1 else several
    if len(several) == 1:
        return several[0]
    if several:
        names = "、".join(unit.path for unit in several[:5])
        raise NotAllowed(f"叫 {path} 的有 {len(several)} 个：{names}。请写全。")
    raise NotAllowed(f"没有 {path} 这个单位。从乡镇写起，例如 清溪镇/韶山村/一片。")


def rename(session: Session, town: Town, unit: Unit, name: str) -> str:
    """Give it, and everything in it, the new path; which one."""
    head = unit.path.rpartition("/")[0]
    if "/" in name.strip("/ "):
        above, _, name = name.strip("/ ").rpartition("/")
        if above != head:
            raise NotAllowed(f"改名只换最后一级，上面还是 {head}。换到别处去，用 merge。")
    path = _free(town, head, name.strip("/ "))
    _repath(session, town, unit, path)
    changed(session, Part.HOMES)
    return path


def end_posts(session: Session, town: Town, unit: Unit, into: Unit, today: date) -> list[str]:
    """Before a merger: whose seat is no more (their accounts); other posts go over to ``into``."""
    if unit.kind is not into.kind or unit.id == into.id or into.gone:
        raise NotAllowed(f"{unit.path} 和 {into.path} 不是同一类的两个单位，不能合并。")
    posts = town.posts_in.get(unit.id, ())
    ahead = [post for post in posts if post.ends_on is None or post.ends_on >= today]
    over = [post for post in ahead if post.role in SEATED]
    others = [post.id for post in ahead if post.role not in SEATED]
    ended = update(PostRow).where(PostRow.id.in_([post.id for post in over]))
    session.execute(ended.values(ends_on=today - timedelta(days=1)))
    session.execute(update(PostRow).where(PostRow.id.in_(others)).values(unit_id=into.id))
    changed(session, Part.SEATS)
    return [post.person.userid for post in over]


def paths_below(units: Iterable[Unit], into: str) -> list[list[str]]:
    """Which path becomes which where these units are put into another one."""
    return [[unit.path, f"{into}/{unit.name}"] for unit in units]


def merge(session: Session, town: Town, unit: Unit, into: Unit, today: date) -> list[str]:
    """Everybody and everything of ``unit`` belongs to ``into``; what is to be looked at."""
    for lower in below(town, unit):
        _free(town, into.path, lower.name, f"两边都有 {lower.name}，先给一边改名：")
    for lower in below(town, unit):
        move_unit(session, town, lower, into)
    told = [f"户名两边都有，改成了 {name}" for name in _move_households(session, unit, into)]
    session.execute(update(UnitRow).where(UnitRow.id == unit.id).values(gone_on=today))
    changed(session, Part.HOMES)
    return told


def split(session: Session, town: Town, unit: Unit, name: str, parting: Parting) -> str:
    """A new unit beside it, of the same kind, with what is taken out; its path."""
    head = unit.path.rpartition("/")[0]
    path = _free(town, head, name.strip("/ "))
    row = UnitRow(kind=unit.kind, name=path.rpartition("/")[2], path=path, parent_id=unit.parent_id)
    session.add(row)
    session.flush()
    moved = update(HouseholdRow).where(HouseholdRow.id.in_(parting.households))
    session.execute(moved.values(lin_id=row.id))
    new = Unit(row.id, unit.kind, row.name, path, unit.parent_id)
    for lower in parting.units:
        move_unit(session, town, lower, new)
    changed(session, Part.HOMES)
    return path


def part_of(session: Session, town: Town, unit: Unit, names: Iterable[str]) -> Parting:
    """The households of a lin, or the units right below any other, of those names."""
    named = list(dict.fromkeys(names))
    if unit.kind is UnitKind.LIN:
        here = select(HouseholdRow.name, HouseholdRow.id).where(HouseholdRow.lin_id == unit.id)
        known: dict[str, Any] = {row.name: row.id for row in session.execute(here)}
    else:
        known = {lower.name: lower for lower in below(town, unit)}
    wrong = [name for name in named if name not in known]
    if wrong:
        raise NotAllowed(f"{unit.path} 里没有 {'、'.join(wrong)}。有的是：{'、'.join(known)}。")
    if len(named) >= len(known):
        raise NotAllowed("全都分出去就是改名，用 roster rename。")
    chosen = [known[name] for name in named]
    if unit.kind is UnitKind.LIN:
        return Parting(households=frozenset(chosen))
    return Parting(units=tuple(chosen))


def move_household(session: Session, town: Town, lin: Unit, name: str, to: Unit) -> list[str]:
    """A household with everybody in it lives in another lin; the userids of its people."""
    if to.kind is not UnitKind.LIN or lin.kind is not UnitKind.LIN:
        raise NotAllowed("户只能从一个邻搬到另一个邻。")
    households = select(HouseholdRow).where(HouseholdRow.name == name)
    home = session.scalar(households.where(HouseholdRow.lin_id == lin.id))
    if home is None:
        raise NotAllowed(f"{lin.path} 没有 {name} 这一户。")
    if session.scalar(households.where(HouseholdRow.lin_id == to.id)):
        raise NotAllowed(f"{to.path} 已经有 {name} 了：在花名册里给一户换个户名再搬。")
    home.lin_id = to.id
    session.flush()
    changed(session, Part.HOMES)
    lives = select(PersonRow.userid).join(Resident, Resident.person_id == PersonRow.id)
    return list(session.scalars(lives.where(Resident.household_id == home.id)))


def move_unit(session: Session, town: Town, unit: Unit, into: Unit) -> None:
    """It hangs under another one, with everything in it."""
    _repath(session, town, unit, f"{into.path}/{unit.name}")
    session.execute(update(UnitRow).where(UnitRow.id == unit.id).values(parent_id=into.id))


def below(town: Town, unit: Unit) -> list[Unit]:
    """The units right below it."""
    return [one for one in town.inside(unit) if one.parent_id == unit.id and not one.gone]


def _free(town: Town, head: str, name: str, why: str = "") -> str:
    """The path of that name there, which nothing else has."""
    path = f"{head}/{name}".strip("/")
    if not name or "/" in name or len(name) > LONGEST_NAME or len(path) > LONGEST_PATH:
        raise NotAllowed(f"名称「{name}」不能用：1 到 {LONGEST_NAME} 个字，不带斜杠。")
    if town.unit_at(path):
        raise NotAllowed(f"{why}{path} 已经有了。两个合成一个，用 roster merge。")
    return path


def _repath(session: Session, town: Town, unit: Unit, path: str) -> None:
    for one in town.inside(unit):
        new = path + one.path.removeprefix(unit.path)
        if len(new) > LONGEST_PATH:
            raise NotAllowed(f"{new} 太长了。")
        values = {"path": new, "name": new.rpartition("/")[2]}
        session.execute(update(UnitRow).where(UnitRow.id == one.id).values(values))


def _move_households(session: Session, unit: Unit, into: Unit) -> list[str]:
    """Two families of one name stay two; the names that had to be changed."""
    there = set(session.scalars(select(HouseholdRow.name).where(HouseholdRow.lin_id == into.id)))
    renamed = []
    for home in session.scalars(select(HouseholdRow).where(HouseholdRow.lin_id == unit.id)):
        if home.name in there:
            home.name = f"{home.name}（{unit.name}）"
            renamed.append(home.name)
        home.lin_id = into.id
    session.flush()
    return renamed
