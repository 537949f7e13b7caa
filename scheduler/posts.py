"""Posts whose last day has passed: what is still open goes to whoever sits there now.

One transaction each, safe to run twice; what changes hands is issues/handover.py's business.
"""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from issues import handover
from issues.work import Work
from scheduler.ticks import Machine, each
from storage.tables import Post


def hand_over_ended(machine: Machine, now: datetime) -> int:
    """Hand over what belongs to posts that have ended by themselves; how many issues moved."""
    today = machine.office.today(now)
    with machine.database.read() as session:
        ended = handover.due(session, today)
    return each(machine, ended, partial(_hand_over, machine=machine, now=now), "post")


def _hand_over(session: Session, key: int, machine: Machine, now: datetime) -> int:
    post = session.get(Post, key, with_for_update={"skip_locked": True})
    if post is None or post.ends_on is None or post.ends_on >= machine.office.today(now):
        return 0
    return handover.hand_over_ended(Work(session, now, machine.office), post)
