"""The time that the running service goes by: the machine's, unless its clock jumps under it.

A clock that is an hour further at once would send what is meant for later, and one that goes back
would keep what has to leave. So a jump is not believed until WeCom or a person says that it is
right; meanwhile the time goes on as before (docs/adr/0022-a-jump-is-not-believed.md). Somebody who
starts the service says by that what time it is.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

log = logging.getLogger(__name__)

#: The name of its mark among the heartbeats, and of the word of a person that it is right.
CLOCK, ACCEPTED = "clock", "clock:accepted"
#: More than this at once is a jump: forward it would make due what is not, backward it would keep
#: what is tried again in seconds waiting.
FORWARD, BACKWARD = timedelta(hours=1), timedelta(minutes=5)
#: Whoever confirms agrees with the machine's clock to this.
AGREES = timedelta(minutes=2)


class TrustedClock:
    """``wall`` is the machine's clock, ``elapsed`` seconds of one that cannot be set."""

    def __init__(self, wall: Callable[[], datetime], elapsed: Callable[[], float]) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._lock = Lock()
        self._known = (wall(), elapsed())
        self._jumped = timedelta(0)

    def now(self) -> datetime:
        """The machine's time, or what it would be without the jump."""
        with self._lock:
            wall, elapsed = self._wall(), self._elapsed()
            moment, when = self._known
            expected = moment + timedelta(seconds=elapsed - when)
            gone = wall - expected
            if -BACKWARD <= gone <= FORWARD:
                self._known = (wall, elapsed)
                self._note(timedelta(0))
                return wall
            self._note(gone)
            return expected

    @property
    def jump(self) -> timedelta:
        """How far the machine's clock is from the time that is believed; 0 if it has not jumped."""
        self.now()
        return self._jumped

    def confirmed_by(self, theirs: datetime | None) -> bool:
        """Believe the machine if somebody else says, at this moment, that it is right."""
        if theirs is None or abs(self._wall() - theirs) > AGREES:
            return False
        with self._lock:
            self._known = (self._wall(), self._elapsed())
            self._note(timedelta(0))
        return True

    def _note(self, gone: timedelta) -> None:
        if gone and not self._jumped:
            log.error("CLOCK: jumped by %s and is not believed until it is confirmed", gone)
        if self._jumped and not gone:
            log.warning("CLOCK: is believed again")
        self._jumped = gone
