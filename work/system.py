"""What every system of work/ is given and gives back: the mould of a folder (docs/adr/0013).

Plain values and the callables of the core that a system may use. Where systems are mounted is
handlers/systems.py's business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from files.says import Says
from people.town import Household, Person, Post, Town
from speech.utterance import Utterance


@dataclass(frozen=True)
class SystemWork:
    """What an act of a system works with. ``now``: aware; ``today``: the local calendar day;
    ``says``: the system's own sentences.

    Nothing here commits or sends.
    """

    session: Session
    now: datetime
    today: date
    town: Town
    says: Says


@dataclass(frozen=True)
class Opened:
    """An issue that has been made: its number, who has it in words, and whether a resident of the
    household is its reporter, who has got the number and will rate it. ``in_person``: he has no
    account and has got nothing."""

    number: str
    holder: str
    resident: bool
    in_person: bool = False


@dataclass(frozen=True)
class InTheNameOf:
    """A report that somebody makes for others. ``household`` None: it is his own.

    ``told``: what a resident of the household reads above the receipt.
    """

    household: Household | None
    words: str
    by: Person
    told: str


@dataclass(frozen=True)
class Core:
    """What the core does for a system; another callable is added when a system needs it."""

    open_issue: Callable[[InTheNameOf], Opened]


@dataclass(frozen=True)
class Heard:
    """One message to a system: what was said, by whom, and its own question that is open here.

    ``asked``: the data of that question if it was the last one asked. ``awaited``: somebody else
    waits for a sentence of his, so that only a plain command is meant for a system.
    """

    said: Utterance
    speaker: Person
    posts: tuple[Post, ...]
    town: Town
    today: date
    asked: Mapping[str, Any] | None = None
    awaited: bool = False


@dataclass(frozen=True)
class Question:
    """What the answer needs, as JSON, and how long it is waited for. Silence changes nothing."""

    data: dict[str, Any]
    good_for: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Told:
    """What the speaker reads in private; in a group ``in_group`` stands there and no word more."""

    text: str
    in_group: str
    question: Question | None = field(default=None)


class System(Protocol):
    """The module that is mounted, a system's hears.py. ``NAME`` is the folder's name."""

    NAME: str
    SAYS: Says

    def matches(self, heard: Heard, /) -> Any:
        """What is wanted, None if it is not for this system. Cheap; changes and reads nothing."""

    def run(self, work: SystemWork, heard: Heard, wish: Any, core: Core, /) -> Told: ...
