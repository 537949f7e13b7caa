"""Posts whose last day has passed: what is still open goes to whoever sits there now.

One transaction each, safe to run twice; what changes hands is issues/handover.py's business.
"""

from datetime import datetime

from issues import handover
from issues.work import Work
from scheduler.ticks import Machine, each


def hand_over_ended(machine: Machine, now: datetime) -> int:
    """Hand over what belongs to posts that have ended by themselves; how many issues moved."""
    today = machine.office.today(now)
    with machine.database.read() as session:
        ended = list(session.scalars(handover.due(today)))
    return each(machine, now, ended, _hand_over, "post")


def _hand_over(work: Work, key: int) -> int:
    post = work.town.post(key)
    if post is None or post.ends_on is None or post.ends_on >= work.today:
        return 0
    return handover.hand_over_ended(work, post)
