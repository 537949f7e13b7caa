"""Leaves that begin or end by themselves: one transaction each, safe to run twice.

What happens then is issues/leave.py's business.
"""

from datetime import datetime

from issues import leave as leaves
from issues.work import Work
from scheduler.ticks import Machine, each
from storage.tables import Leave


def change_leaves(machine: Machine, now: datetime) -> int:
    """Hand over what belongs to people whose leave begins, and back where it is over."""
    today = machine.office.today(now)
    with machine.database.read() as session:
        due = list(session.scalars(leaves.due(today)))
    return each(machine, now, due, _change, "leave")


def _change(work: Work, key: int) -> int:
    leave = work.session.get(Leave, key, with_for_update={"skip_locked": True})
    if leave is None or leave.ended_at is not None:
        return 0
    if leave.to_on < work.today:
        leaves.end(work, leave)
    elif leave.started_at is None:
        leaves.begin(work, leave)
    return 1
