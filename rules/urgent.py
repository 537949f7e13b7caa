"""Emergencies: how long one runs, who is rung at first, and when it is rung again (domain.md §4).

Pure arithmetic; who sits on the levels and what is told is issues/ringing.py's business.
"""

from datetime import datetime, timedelta

from rules.ladder import rank
from rules.words import UnitKind

#: All that the reporter says in this time after his report belongs to it.
RUNS_FOR = timedelta(hours=6)
#: Nobody has accepted or said that he is on his way: rung again, one level higher.
AGAIN_AFTER = timedelta(minutes=10)
#: The same danger in the same 组 within this time is the same fire.
SAME_WITHIN = timedelta(hours=1)
#: Rung at once: everybody up to this level.
AT_FIRST = UnitKind.PIAN


def first_level(holder: UnitKind) -> UnitKind:
    """Up to which level it is rung at once, with somebody of level ``holder`` holding it."""
    return max(AT_FIRST, holder, key=rank)


def runs(reported: datetime, now: datetime) -> bool:
    """Whether what is said now still belongs to it."""
    return now < reported + RUNS_FOR


def next_ring(reported: datetime, now: datetime) -> datetime | None:
    """When it is rung after a ring at ``now``; None once it runs no longer, the marks go on."""
    again = now + AGAIN_AFTER
    return again if runs(reported, again) else None
