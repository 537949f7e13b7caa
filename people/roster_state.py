"""What the database holds of people, as the plain values that a roster is compared with.

Reading it is roster.py's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from rules.words import Role, UnitKind


class PostKey(NamedTuple):
    """Who holds which role where; account and path mean the same in file and database."""

    userid: str
    role: Role
    unit: str


class Home(NamedTuple):
    """Somebody lives in a household of a lin."""

    userid: str
    lin: str
    household: str


class NameCard(NamedTuple):
    """What is known of a person."""

    name: str
    phone: str


class Dates(NamedTuple):
    """The first and the last day of a post; None: not limited."""

    starts: date | None = None
    ends: date | None = None

    def cover(self, day: date) -> bool:
        """Whether the post is held that day."""
        return (self.starts or date.min) <= day <= (self.ends or date.max)


@dataclass(frozen=True)
class RosterState:
    """What the database holds today or later; the ids of posts and homes are for the writer."""

    city: str | None = None
    units: Mapping[str, UnitKind] = field(default_factory=dict)
    people: Mapping[str, NameCard] = field(default_factory=dict)
    posts: Mapping[PostKey, list[int]] = field(default_factory=dict)
    dates: Mapping[PostKey, Dates] = field(default_factory=dict)
    homes: Mapping[Home, int] = field(default_factory=dict)
    households: frozenset[tuple[str, str]] = frozenset()
    #: paths that are no more -> what the units are called now
    former: Mapping[str, str] = field(default_factory=dict)
