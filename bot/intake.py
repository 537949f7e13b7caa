"""What becomes of a message that has come in: answered now, answered later, or sent again.

In a storm the sender's five seconds decide, and how often WeCom has sent it already
(docs/adr/0011-storms.md). What the answer is, is handlers/' business.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from bot.channels.contract import Channel
from bot.listening import ARRIVED, CROWDED
from handlers.dispatch import Dispatcher, Outcome
from handlers.message import NOTHING, Incoming
from storage.db import PATIENCE

log = logging.getLogger(__name__)

#: WeCom hangs up after so long and sends again (developer centre 90238).
CUT = timedelta(seconds=5)
#: So many messages are remembered, for as long as it takes to send each of them three times.
REMEMBERED = 20_000
#: Kinds that open or change nothing: not answering them loses nothing.
FLEETING = frozenset({"enter", "other"})


class Crowded(Exception):
    """Not worked on: too much waits, or the sender has hung up. WeCom sends it again."""


@dataclass(frozen=True)
class Received:
    """When a request was complete (monotonic seconds), and whether too much waited before it."""

    at: float
    crowded: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> "Received":
        """As the server saw it; without ours (tests, another server) it has come in just now."""
        return cls(environ.get(ARRIVED) or monotonic(), bool(environ.get(CROWDED)))


class Sendings:
    """How often each of the latest messages has come in."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = Lock()

    def count(self, incoming: Incoming, now: datetime) -> int:
        """Which sending this is, beginning with 1.

        Also by the message's own time: another process may have seen the earlier ones.
        """
        by_age = 1 + max(0, (now - incoming.at) // CUT)
        with self._lock:
            seen = self._seen.pop((incoming.channel, incoming.key), 0) + 1
            self._seen[incoming.channel, incoming.key] = seen
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return max(seen, by_age)


class Intake:
    """Decides for each message. ``rouse`` tells whoever answers what was put off."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        rouse: Callable[[], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._dispatcher = dispatcher
        self._rouse = rouse
        self._clock = clock
        self._sendings = Sendings()

    def take(
        self, channel: Channel, incoming: Incoming, arrival: Received, now: datetime
    ) -> Outcome:
        """The answer for now. Raises Crowded or WriteBusy: say 503."""
        sending = self._sendings.count(incoming, now)
        left = channel.LISTENS - (self._clock() - arrival.at)
        if arrival.crowded or left <= 0:
            return self._later(channel, incoming, sending, now)
        last = sending >= channel.SENDINGS
        outcome = self._dispatcher.receive(incoming, now, PATIENCE if last else min(PATIENCE, left))
        if last and self._clock() - arrival.at > channel.LISTENS:
            self._dispatcher.answer_late(incoming, outcome.reply, now)
        return outcome

    def _later(self, channel: Channel, incoming: Incoming, sending: int, now: datetime) -> Outcome:
        """The first sending is refused; the next is stored and answered by a message.

        Not only the last: how soon WeCom sends again is not documented, and of several processes
        each sees but some of the sendings.
        """
        if sending < min(2, channel.SENDINGS):
            raise Crowded(f"sending {sending} of {incoming.key}")
        if incoming.kind in FLEETING:
            return Outcome(NOTHING, "put_off")
        outcome = self._dispatcher.put_off(incoming, now)
        self._rouse()
        return outcome


class Backlog:
    """A thread that answers what was put off as soon as there is some, one after the other.

    What it does not get to (the process ends) the sweep finds later: it is stored like a message
    whose handler failed.
    """

    def __init__(self, sweep: Callable[[], int]) -> None:
        self._sweep = sweep
        self._roused, self._stopped = Event(), Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        self._stopped.clear()
        self._thread = Thread(target=self._run, name="sanzhang-backlog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._stopped.set()
            self._roused.set()
            self._thread.join()
            self._thread = None

    def rouse(self) -> None:
        """Something was put off."""
        self._roused.set()

    def _run(self) -> None:
        while self._roused.wait() and not self._stopped.is_set():
            self._roused.clear()
            try:
                while self._sweep() and not self._stopped.is_set():
                    pass
            except Exception:
                log.exception("what was put off waits for the next sweep")
