"""The ladder 邻长 → 组长 → 片长 → 村(社区) → 乡镇 → 市 (domain.md §1): who comes next.

Works on seats that somebody else has looked up, so that a vacancy, an absence or one person on two
seats is decided in one place.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rules.words import Role, UnitKind

#: From the household upwards, and who answers for an issue that stands on each level.
LEVELS: tuple[UnitKind, ...] = (
    UnitKind.LIN,
    UnitKind.ZU,
    UnitKind.PIAN,
    UnitKind.VILLAGE,
    UnitKind.TOWNSHIP,
    UnitKind.CITY,
)
HOLDER: dict[UnitKind, Role] = {
    UnitKind.LIN: Role.LINZHANG,
    UnitKind.ZU: Role.ZUZHANG,
    UnitKind.PIAN: Role.PIANZHANG,
    UnitKind.VILLAGE: Role.VILLAGE_CADRE,
    UnitKind.TOWNSHIP: Role.TOWNSHIP_CADRE,
    UnitKind.CITY: Role.SUPERVISOR,
}
LEVEL_CHINESE: dict[UnitKind, str] = {
    UnitKind.LIN: "邻长",
    UnitKind.ZU: "组长",
    UnitKind.PIAN: "片长",
    UnitKind.VILLAGE: "村(社区)",
    UnitKind.TOWNSHIP: "乡镇",
    UnitKind.CITY: "市",
}


@dataclass(frozen=True)
class Seat:
    """One rung: the unit, and who sits there now (None: vacant or away without a delegate)."""

    level: UnitKind
    unit: int
    person: int | None
    #: who is away, if the person stands in for somebody
    behalf: int | None = None


def rank(level: UnitKind) -> int:
    """0 for 邻, 5 for 市. Raises ValueError for a unit beside the ladder."""
    return LEVELS.index(level)


def first(seats: Sequence[Seat], excluded: Collection[int] = ()) -> Seat | None:
    """The lowest seat with somebody on it: an absent 邻长's issues go straight to the 组长."""
    return next((s for s in seats if s.person and s.person not in excluded), None)


def beyond(
    seats: Sequence[Seat], bypassed: UnitKind | None, out: Collection[int] = ()
) -> list[Seat]:
    """The ladder without the level that is complained about and all below it.

    ``out``: who serves down there; they are not asked in a higher seat either, that one counts as
    vacant.
    """
    if bypassed is None:
        return list(seats)
    higher = [s for s in seats if rank(s.level) > rank(bypassed)]
    return [replace(s, person=None, behalf=None) if s.person in out else s for s in higher]


def above(seats: Sequence[Seat], level: UnitKind, excluded: Collection[int] = ()) -> Seat | None:
    """The next taken seat above ``level``, skipping vacancies and the people in ``excluded``.

    None when the ladder ends: the issue then stays where it stands.
    """
    return first([s for s in seats if rank(s.level) > rank(level)], excluded)
