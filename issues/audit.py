"""Whether an issue can be believed: its chain of events is whole and its row says what they say.

Reads only, a chunk of issues at a time; what is said about it is the command's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from issues import history
from issues.events import digest
from issues.history import Case
from rules.deadlines import Clock
from rules.ladder import LEVEL_CHINESE
from rules.words import (
    RATING_CHINESE,
    SOLVED_CHINESE,
    STATE_CHINESE,
    TIER_CHINESE,
    Rating,
    Solved,
    State,
    Tier,
    UnitKind,
)
from storage.tables import Event


@dataclass(frozen=True)
class Mismatch:
    """One issue and what is wrong with it; nothing, if all is well."""

    number: str
    problems: tuple[str, ...]


def audit(session: Session, clock: Clock) -> Iterator[Mismatch]:
    """Every issue in order of its id, with what does not fit."""
    for case in history.cases(session):
        yield Mismatch(case.issue.number, tuple(_problems(case, clock)))


def _problems(case: Case, clock: Clock) -> Iterator[str]:
    broken = _broken_link(case)
    if broken or not case.events:
        yield f"第 {broken or 1} 条经过对不上"
        return
    try:
        told = history.life(case, clock)
    except (KeyError, ValueError, StopIteration) as error:
        yield f"经过读不懂（{error}）"
        return
    for what, row, event in history.differences(case, told):
        yield f"{what}对不上：表里是 {_read(row, clock.zone)}，经过里是 {_read(event, clock.zone)}"


def _broken_link(case: Case) -> int | None:
    """The first event that does not fit the chain, counted as it should be."""
    previous = ""
    for seq, event in enumerate(case.events, start=1):
        whole = digest(cast(Event, event), case.issue.number)  # the same fields
        if (event.seq, event.previous, event.hash) != (seq, previous, whole):
            return seq
        previous = event.hash
    return None


def _read(value: Any, zone: ZoneInfo) -> str:
    """A value as people read it."""
    match value:
        case None | "":
            return "空"
        case datetime():
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        case State():
            return STATE_CHINESE[value]
        case Tier():
            return TIER_CHINESE[value]
        case Solved():
            return SOLVED_CHINESE[value]
        case Rating():
            return RATING_CHINESE[value]
        case UnitKind():
            return LEVEL_CHINESE.get(value, str(value))
        case _:
            return str(value)
