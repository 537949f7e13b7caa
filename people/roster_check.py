"""What only several rows of a roster together show: contradictions, and gaps in the coverage.

Single rows are checked by roster_row, what the database says is left to roster_plan.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from files.problem import Problem
from people.roster_row import DEPTH, SINGLE_SEATS, RosterRow, kind_of
from rules.words import ROLE_CHINESE, Role, UnitKind

#: A 邻 is 5-15 households (domain.md §1).
FEWEST_HOUSEHOLDS = 5
MOST_HOUSEHOLDS = 15

#: Who is missed when nobody sits there.
_SEATS = {
    UnitKind.LIN: Role.LINZHANG,
    UnitKind.ZU: Role.ZUZHANG,
    UnitKind.PIAN: Role.PIANZHANG,
}
_KIND_CHINESE = {
    UnitKind.TOWNSHIP: "乡镇",
    UnitKind.DEPARTMENT: "部门",
    UnitKind.ZU: "组",
    UnitKind.RESIDENT_UNIT: "驻地单位",
}


class Term(Protocol):
    """The first and the last day of a post; None: not limited."""

    @property
    def starts(self) -> date | None: ...

    @property
    def ends(self) -> date | None: ...


def contradictions(rows: Sequence[RosterRow]) -> list[Problem]:
    """Errors between rows; each names both."""
    return [*_two_names(rows), *_two_on_a_seat(rows), *_two_terms(rows), *_two_kinds(rows)]


def oddities(rows: Sequence[RosterRow]) -> list[Problem]:
    """Warnings between rows: the import goes on, and says what it will do."""
    return [*_repeated(rows), *_two_phones(rows), *_lost_households(rows)]


def units_of(rows: Iterable[RosterRow]) -> dict[str, tuple[UnitKind, RosterRow]]:
    """Every unit that the rows name, the upper ones included, with its first row."""
    units: dict[str, tuple[UnitKind, RosterRow]] = {}
    for row in _first_of_each_unit(rows):
        for path, kind in _named_units(row):
            units.setdefault(path, (kind, row))
    return units


def gaps(
    units: Mapping[str, tuple[UnitKind, RosterRow]],
    seats: Collection[tuple[Role, str]],
    households: Mapping[str, int],
) -> list[Problem]:
    """Warnings: empty seats, and lin that are too big or too small; `households` by lin path."""
    problems = []
    for path, (kind, row) in units.items():
        for what in _gaps_of(path, kind, seats, households):
            problems.append(
                Problem(row.file, row.number, "单位", f"{path}：{what}", severity="warning")
            )
    return problems


def _gaps_of(
    path: str,
    kind: UnitKind,
    seats: Collection[tuple[Role, str]],
    households: Mapping[str, int],
) -> Iterator[str]:
    role = _SEATS.get(kind)
    if role and (role, path) not in seats:
        yield f"还没有{ROLE_CHINESE[role]}"
    if kind is not UnitKind.LIN:
        return
    count = households.get(path, 0)
    if count < FEWEST_HOUSEHOLDS:
        yield f"只有 {count} 户，少于 {FEWEST_HOUSEHOLDS} 户"
    if count > MOST_HOUSEHOLDS:
        yield f"有 {count} 户，多于 {MOST_HOUSEHOLDS} 户"


def _first_of_each_unit(rows: Iterable[RosterRow]) -> Iterator[RosterRow]:
    """Rows of one role in one unit name the same units: a tenth of them says all."""
    seen: set[tuple[Role, str]] = set()
    for row in rows:
        named = (row.role, row.unit)
        if named not in seen:
            seen.add(named)
            yield row


def _named_units(row: RosterRow) -> Iterator[tuple[str, UnitKind]]:
    if row.role not in DEPTH:
        return
    parts = row.unit.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth]), kind_of(Role.RESIDENT, depth)
    yield row.unit, kind_of(row.role, len(parts))


def _two_names(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    first: dict[str, RosterRow] = {}
    for row in (r for r in rows if r.userid):
        other = first.setdefault(row.userid, row)
        if other.name != row.name:
            yield _problem(
                row,
                "姓名",
                f"账号 {row.userid} 在{_at(other, row)}是 {other.name}，这一行是 {row.name}",
                "一个账号只能是一个人：改正姓名，或换成他自己的账号",
            )


def _two_on_a_seat(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    """One after the other is fine: until 12-31 the one, from 01-01 the other."""
    seated: dict[tuple[Role, str], list[RosterRow]] = {}
    for row in (r for r in rows if r.role in SINGLE_SEATS):
        before = seated.setdefault((row.role, row.unit), [])
        others = [other for other in before if other.userid != row.userid]
        before.append(row)
        other = next((other for other in others if overlap(row, other)), None)
        if other:
            role = ROLE_CHINESE[row.role]
            yield _problem(
                row,
                "角色",
                f"{row.unit} 有两个{role}：{_at(other, row)} {other.name}，这一行 {row.name}",
                f"只留一个{role}；前后接任的，写上前一位的「止」和后一位的「起」",
            )


def overlap(one: Term, other: Term) -> bool:
    """Whether two terms have a day in common; a day that is not said is no limit."""
    first = max(one.starts or date.min, other.starts or date.min)
    return first <= min(one.ends or date.max, other.ends or date.max)


def _two_terms(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    first: dict[tuple[str, Role, str], RosterRow] = {}
    for row in rows:
        other = first.setdefault((row.userid, row.role, row.unit), row)
        if (other.starts, other.ends) != (row.starts, row.ends):
            what = f"和{_at(other, row)}是同一个职务，起止不同"
            yield _problem(row, "起", what, "一个人的一个职务只写一段起止")


def _two_kinds(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    units = units_of(rows)
    told = set()
    for row in _first_of_each_unit(rows):
        for path, kind in _named_units(row):
            other, first = units[path]
            if other is kind or path in told:
                continue
            told.add(path)
            yield _problem(
                row,
                "单位",
                f"{path} 在{_at(first, row)}是{_KIND_CHINESE[other]}，"
                f"这一行是{_KIND_CHINESE[kind]}",
                "给其中一个换个名称",
            )


def _repeated(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    first: dict[tuple[str, Role, str, str], RosterRow] = {}
    for row in rows:
        who = row.userid or f"{row.name} {row.phone}"
        other = first.setdefault((who, row.role, row.unit, row.household), row)
        if other is not row:
            yield _warning(row, "", f"和{_at(other, row)}重复，只算一次")


def _two_phones(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    first: dict[str, RosterRow] = {}
    for row in (r for r in rows if r.phone and r.userid):
        other = first.setdefault(row.userid, row)
        if other.phone != row.phone:
            at = _at(other, row)
            yield _warning(row, "手机号", f"和{at}的号码不同，以{at}为准")


def _lost_households(rows: Sequence[RosterRow]) -> Iterator[Problem]:
    for row in rows:
        if row.household and row.role not in {Role.RESIDENT, Role.LINZHANG}:
            yield _warning(
                row,
                "户",
                f"{ROLE_CHINESE[row.role]}这一行的户不导入",
                "他住在哪一户，另写一行「居民」",
            )


def _at(other: RosterRow, row: RosterRow) -> str:
    """Where another row stands, as seen from this one."""
    sheet = "" if other.file == row.file else other.file
    return f"{sheet}第 {other.number} 行"


def _problem(row: RosterRow, column: str, what: str, remedy: str) -> Problem:
    return Problem(row.file, row.number, column, what, remedy)


def _warning(row: RosterRow, column: str, what: str, remedy: str = "") -> Problem:
    return Problem(row.file, row.number, column, what, remedy, severity="warning")
