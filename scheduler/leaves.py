"""Leaves that begin or end by themselves: one transaction each, safe to run twice.

What happens then is issues/leave.py's business.
"""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from issues import leave as leaves
from issues.desk import Desk
from scheduler.ticks import Machine
from storage.tables import Leave

log = logging.getLogger(__name__)


def change_leaves(machine: Machine, now: datetime) -> int:
    """Hand over what belongs to people whose leave begins, and back where it is over."""
    today = machine.office.today(now)
    with machine.database.read() as session:
        due = leaves.due(session, today)
    done = 0
    for key in due:
        try:
            done += machine.database.write(partial(_change, machine=machine, key=key, now=now))
        except Exception:
            log.exception("leave %s could not be changed, the others go on", key)
    return done


def _change(session: Session, machine: Machine, key: int, now: datetime) -> int:
    leave = session.get(Leave, key, with_for_update={"skip_locked": True})
    today = machine.office.today(now)
    if leave is None or leave.ended_at is not None:
        return 0
    desk = Desk(session, now, machine.office)
    if leave.to_on < today:
        leaves.end(desk, leave)
    elif leave.started_at is None:
        leaves.begin(desk, leave)
    return 1
