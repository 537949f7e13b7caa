"""Posts whose last day has passed: what is still open goes to whoever sits there now.

One transaction each, safe to run twice; what changes hands is issues/handover.py's business.
"""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from issues import handover
from scheduler.ticks import Machine
from storage.tables import Post

log = logging.getLogger(__name__)


def hand_over_ended(machine: Machine, now: datetime) -> int:
    """Hand over what belongs to posts that have ended by themselves; how many issues moved."""
    today = machine.office.today(now)
    with machine.database.read() as session:
        ended = handover.due(session, today)
    done = 0
    for key in ended:
        try:
            done += machine.database.write(partial(_hand_over, machine=machine, key=key, now=now))
        except Exception:
            log.exception("post %s could not be handed over, the others go on", key)
    return done


def _hand_over(session: Session, machine: Machine, key: int, now: datetime) -> int:
    post = session.get(Post, key, with_for_update={"skip_locked": True})
    if post is None or post.ends_on is None or post.ends_on >= machine.office.today(now):
        return 0
    return handover.hand_over_ended(session, now, machine.office, post)
