"""What the sender is in the middle of, as speech/understanding.py takes it: plain values made of
what has been read already.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from rules.words import OPEN_STATES, Role, State
from speech.situation import (
    Kind,
    Matter,
    Mine,
    OpenQuestion,
    RunningEmergency,
    Situation,
)
from storage.tables import Dialogue, Issue

#: All that is said so soon after an emergency belongs to it (domain.md §4).
EMERGENCY_RUNS = timedelta(hours=6)
#: 没修好 is heard so long after the end (domain.md §5).
REDO_WITHIN = timedelta(days=15)
_KINDS = frozenset(get_args(Kind))


@dataclass(frozen=True)
class Speaker:
    """Who speaks: the account, the person, the roles of his posts, the issues that he has joined
    as a resident."""

    userid: str
    person_id: int | None
    roles: frozenset[Role]
    joined: Collection[int]


def situation(
    speaker: Speaker,
    issues: Iterable[Issue],
    asked: Iterable[Dialogue],
    now: datetime,
    *,
    watched: Iterable[Issue] = (),
    quote: str = "",
    in_group: bool = False,
) -> Situation:
    """The situation of somebody to whom these issues are known, the oldest first; ``watched``:
    what others have in hand in the units that he answers for."""
    live = [issue for issue in issues if _is_live(issue, now)]
    own = [issue for issue in live if issue.reporter == speaker.userid]
    still = [issue for issue in own if issue.state in OPEN_STATES]
    matters = [found for issue in live if (found := _matter(speaker, issue)) is not None]
    known = {matter.number for matter in matters}
    above = [
        Matter(w.number, w.content, w.state, "above") for w in watched if w.number not in known
    ]
    return Situation(
        roles=speaker.roles or frozenset({Role.RESIDENT}),
        in_group=in_group,
        quote=quote,
        since_report_min=min((_minutes(now, one.reported_at) for one in still), default=None),
        matters=(*matters, *above),
        asked=_question(asked),
        emergency=_running(still, now),
        finished=tuple(
            Matter(one.number, one.content, one.state, "held")
            for one in live
            if one.state is State.RESOLVED and _standing(speaker, one) == "held"
        ),
    )


def _is_live(issue: Issue, now: datetime) -> bool:
    if issue.state in OPEN_STATES or issue.state is State.RESOLVED:
        return True
    closed = issue.closed_at
    return issue.state is State.CLOSED and closed is not None and now <= closed + REDO_WITHIN


def _matter(speaker: Speaker, issue: Issue) -> Matter | None:
    mine = _standing(speaker, issue)
    if mine is None or (mine not in ("reported", "joined") and issue.state not in OPEN_STATES):
        return None
    asked = issue.state is State.RESOLVED and mine in ("reported", "joined")
    return Matter(issue.number, issue.content, issue.state, mine, rating_asked=asked)


def _standing(speaker: Speaker, issue: Issue) -> Mine | None:
    """What the speaker is to it; who had it before a rise goes on with it, as who helps does."""
    if issue.reporter == speaker.userid:
        return "reported"
    if issue.id in speaker.joined:
        return "joined"
    holds = speaker.person_id is not None and speaker.person_id in (
        issue.holder_id,
        issue.behalf_id,
    )
    if holds:
        return "held"
    helps = speaker.person_id is not None and bool(speaker.roles) and issue.bypassed is None
    return "helps" if helps else None


def _question(asked: Iterable[Dialogue]) -> OpenQuestion | None:
    newest = next((one for one in asked if one.kind in _KINDS), None)
    return OpenQuestion(newest.kind) if newest else None  # type: ignore[arg-type]


def _running(still: Iterable[Issue], now: datetime) -> RunningEmergency | None:
    urgent = (one for one in still if one.urgent and now <= one.reported_at + EMERGENCY_RUNS)
    newest = max(urgent, key=lambda one: one.reported_at, default=None)
    return RunningEmergency("", _minutes(now, newest.reported_at)) if newest else None


def _minutes(now: datetime, then: datetime) -> float:
    return max((now - then).total_seconds() / 60, 0.0)
