"""What an examination is made of: what is examined, what is found, and one line of its table.

A finding has a name that stays, whatever its words become: other programs and the notices to the
admins go by it. Its words say in Chinese what to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.config import Config
from bot.configured import office
from issues.deployment import Deployment
from storage.db import Database


@dataclass(frozen=True)
class Installation:
    """One deployment at one moment, as it is examined."""

    config: Config
    database: Database
    now: datetime
    office: Deployment

    @classmethod
    def of(cls, config: Config, database: Database, now: datetime) -> "Installation":
        """As its files say that it works."""
        return cls(config, database, now, office(config))


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``urgent``: what the service is for does not happen, /healthz is 503."""

    name: str
    sign: str
    text: str
    urgent: bool = False

    @property
    def bad(self) -> bool:
        return self.sign == "✗"


def good(name: str, text: str) -> Finding:
    return Finding(name, "✓", text)


def note(name: str, text: str) -> Finding:
    return Finding(name, "!", text)


def bad(name: str, text: str, *, urgent: bool = False) -> Finding:
    return Finding(name, "✗", text, urgent)


#: Looks at one thing; changes nothing.
Look = Callable[[Installation], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """``reads``: cannot be done without the database. ``quick``: costs milliseconds and asks no
    other machine, so that the running service does it again and again."""

    look: Look
    reads: bool = True
    quick: bool = False
