"""What leaves: claimed a few at a time by precedence, sent by a few threads, marked.

Nobody waits for a slow call of somebody else's message: a place that is free takes the next one,
and one place is kept for what is urgent. No session is open while something is sent. What may
leave, and what a failure means for its row, is the outbox's business.
"""

import heapq
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count
from threading import Condition, Thread
from time import monotonic

from sqlalchemy.orm import Session

from issues import guards, unreached
from issues.deployment import MEMBER
from issues.work import Work
from scheduler.ticks import Machine
from storage import outbox
from storage.db import PATIENCE, WriteBusy
from storage.outbox import Parcel, Precedence, SendError
from storage.tables import Issue

log = logging.getLogger(__name__)

#: Calls at one time: WeCom refuses the sixth (45033).
SENDERS = 5
#: Those that anything may use; the last place is for what is urgent.
ORDINARY = SENDERS - 1
#: Claimed messages that wait for a place, so that a claim is not made for each single one. After a
#: kill these, and those being sent, wait for their lease to run out.
IN_LINE = SENDERS
#: Seconds within which a claimed message has to be begun; else it is given back.
BEGIN_WITHIN = 15.0
#: How often it is tried to note what has become of a message, and the seconds between the tries.
MARK_TRIES = 4
MARK_PAUSE = 1.0
#: Seconds at the most from a claim to its end, besides the sending itself: less than a lease.
BESIDE_SENDING = BEGIN_WITHIN + 2 * MARK_TRIES * (PATIENCE + MARK_PAUSE)
#: Seconds after which the outbox is looked at again when nothing else happens.
LOOK_EVERY = 1.0


#: Opened around each look and each sending, with its name: for the log.
Around = Callable[[str], AbstractContextManager[object]]
#: Told of each look at the outbox, with the error that it has ended with.
Looked = Callable[[Exception | None], None]


@dataclass(order=True)
class InLine:
    """A claimed message that waits for a place; the first in line is the smallest."""

    precedence: Precedence
    turn: int
    parcel: Parcel = field(compare=False)
    begin_by: float = field(compare=False)
    #: the moment as of which it leaves: its slot is that one's, whenever its answer comes
    claimed_at: datetime = field(compare=False)


class Outgoing:
    """The sending side of one process. ``now`` is the service's clock, ``clock`` counts seconds."""

    def __init__(
        self,
        machine: Machine,
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
        around: Around = nullcontext,
    ) -> None:
        self._machine = machine
        self._now = now
        self._clock = clock
        self._around = around
        self._line: list[InLine] = []
        self._running = dict.fromkeys(Precedence, 0)
        self._turns = count()
        self._changed = Condition()
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sanzhang-send")
        #: messages that have left, and attempts that have come to an end
        self._sent = self._ended = 0
        self._stopped = False
        self._thread: Thread | None = None

    # --- a service's own thread ---

    def start(self, looked: Looked = lambda _: None) -> None:
        """Send in the background what falls due, until stop(); ``looked`` is told the end of every
        look at the outbox, with the error if there was one."""
        self._thread = Thread(
            target=self._run, args=(looked,), name="sanzhang-outgoing", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Let what is being sent end, give back what has not begun."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._give_back(lambda one: True)
        self._pool.shutdown(wait=True)

    def _run(self, looked: Looked) -> None:
        while not self._stopped:
            looked(self._look())
            self._wait(lambda: False)

    def _look(self) -> Exception | None:
        try:
            with self._around("claim"):
                while self.begin():
                    self._wait(lambda: not self._line)
        except WriteBusy as busy:
            log.warning("nothing could be claimed, the next look finds it: %s", busy)
            return busy
        except Exception as error:
            log.exception("the outbox could not be looked at")
            return error
        return None

    def _wait(self, enough: Callable[[], bool]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or enough(), LOOK_EVERY)

    # --- one run, for whoever waits for its end ---

    def run_out(self) -> int:
        """Send all that is due at this moment; how many messages left. Raises WriteBusy."""
        while True:
            ended = self._ended
            begun = self.begin()
            with self._changed:
                if begun:
                    self._changed.wait_for(lambda: not self._line)
                elif self._under_way() or self._ended > ended:
                    # its end may have made room, or opened the way for the others
                    self._changed.wait_for(partial(self._has_ended, ended))
                else:
                    return self._sent

    def _has_ended(self, before: int) -> bool:
        return self._ended > before

    def _under_way(self) -> int:
        return len(self._line) + sum(self._running.values())

    # --- claiming ---

    def begin(self) -> int:
        """Claim what there is room for and send it; how many messages. Raises WriteBusy."""
        ordinary, urgent = self._room()
        only = ordinary <= 0
        if urgent <= 0:
            return 0
        now = self._now()
        with self._machine.database.read() as session:
            if not outbox.due(session, now, urgent_only=only):  # nearly every second
                return 0
        most = urgent if only else ordinary
        claimed = partial(self._claim, now=now, most=most, urgent_only=only)
        parcels = self._machine.store(claimed)
        begin_by = self._clock() + BEGIN_WITHIN
        with self._changed:
            for parcel in parcels:
                one = InLine(parcel.precedence, next(self._turns), parcel, begin_by, now)
                heapq.heappush(self._line, one)
            self._fill()
        return len(parcels)

    def _room(self) -> tuple[int, int]:
        """Messages that may be claimed: of any kind, and of what is urgent."""
        with self._changed:
            running, line = sum(self._running.values()), len(self._line)
            urgent = self._running[Precedence.URGENT]
            urgent += sum(one.precedence is Precedence.URGENT for one in self._line)
        return ORDINARY + IN_LINE - running - line, SENDERS + IN_LINE - urgent

    def _claim(self, session: Session, now: datetime, most: int, urgent_only: bool) -> list[Parcel]:
        """Digests wait while people sleep or a mark is due, so that a stop makes one of them."""
        pace = self._machine.office.pace
        wake = pace.waking(now) if pace.waking(now) > now else None
        hold = bool(wake) or urgent_only or guards.marks_are_due(session, now)
        return outbox.claim(
            session,
            now,
            self._machine.limits,
            guards.GUARDS,
            hold_gathered=hold,
            slot=pace.current(now),
            wake=wake,
            most=most,
            urgent_only=urgent_only,
            hold_unsure=self._machine.hold_unsure,
        )

    # --- places ---

    def _fill(self) -> None:
        """Give every free place to the first in line; called with the lock."""
        while self._line and self._has_place(self._line[0].precedence):
            one = heapq.heappop(self._line)
            self._running[one.precedence] += 1
            self._pool.submit(self._one, one)
        self._changed.notify_all()

    def _has_place(self, precedence: Precedence) -> bool:
        running = sum(self._running.values())
        return running < (SENDERS if precedence is Precedence.URGENT else ORDINARY)

    def _one(self, one: InLine) -> None:
        with self._around("send"):
            self._try(one)

    def _try(self, one: InLine) -> None:
        left = False
        try:
            if self._clock() > one.begin_by:
                self._return(one.parcel)
            else:
                left = self._send(one.parcel, one.claimed_at)
        except Exception:
            log.exception("%s could not be noted, its lease runs out", one.parcel.batch)
        finally:
            with self._changed:
                self._running[one.precedence] -= 1
                self._ended += 1
                self._sent += left
                self._fill()

    def _give_back(self, which: Callable[[Parcel], bool]) -> None:
        """What has been claimed and is not tried stands in line for the next claim."""
        with self._changed:
            back = [one.parcel for one in self._line if which(one.parcel)]
            self._line = [one for one in self._line if not which(one.parcel)]
            heapq.heapify(self._line)
            self._changed.notify_all()
        for parcel in back:
            self._return(parcel)

    def _return(self, parcel: Parcel) -> None:
        back = partial(outbox.give_back, parcel=parcel, now=self._now())
        try:
            self._machine.store(back)
        except WriteBusy as busy:
            log.warning("%s waits for its lease to run out: %s", parcel.batch, busy)

    # --- sending ---

    def _send(self, parcel: Parcel, claimed_at: datetime) -> bool:
        try:
            receipt = self._machine.post(self._prepared(parcel))
        except SendError as error:
            self._not_sent(parcel, error)
            return False
        except Exception as error:
            log.exception("%s to %s could not be made ready", parcel.batch, parcel.target)
            self._not_sent(parcel, SendError(f"{type(error).__name__}: {error}"))
            return False
        sent = partial(outbox.sent, parcel=parcel, now=claimed_at, receipt=receipt)
        self._note(lambda: self._machine.store(sent))
        return True

    def _prepared(self, parcel: Parcel) -> Parcel:
        """With what was made for an earlier attempt, or is made and noted now."""
        made = dict(parcel.prepared) or self._machine.prepare(parcel)
        if made and made != parcel.prepared:
            noted = partial(outbox.prepared, parcel=parcel, made=made)
            self._note(lambda: self._machine.store(noted))
        return replace(parcel, prepared=made)

    def _not_sent(self, parcel: Parcel, failure: SendError) -> None:
        log.warning("%s to %s not sent: %s", parcel.batch, parcel.target, failure)
        self._note(partial(self._note_failure, parcel, failure, self._now()))
        if failure.blocks:  # the others would meet the same
            self._give_back(lambda other: other.channel == parcel.channel and not other.trial)

    def _note_failure(self, parcel: Parcel, failure: SendError, now: datetime) -> None:
        try:
            self._machine.write(now, lambda work: _failed(work, parcel, failure))
        except WriteBusy:
            raise
        except Exception:
            log.exception("nobody could be told that %s does not arrive", parcel.batch)
            noted = partial(outbox.failed, parcel=parcel, now=now, error=failure)
            self._machine.store(noted)

    def _note(self, write: Callable[[], object]) -> None:
        """A busy database is asked again; without the note the message would leave once more."""
        for left in reversed(range(MARK_TRIES)):
            try:
                write()
                return
            except WriteBusy:
                if not left:
                    raise
                with self._changed:
                    self._changed.wait_for(lambda: False, MARK_PAUSE)


def send_outbox(machine: Machine, now: datetime) -> int:
    """Send all that may leave as at ``now`` and wait for it; how many messages left."""
    with machine.database.read() as session:
        if not outbox.due(session, now):
            return 0
    outgoing = Outgoing(machine, lambda: now)
    try:
        return outgoing.run_out()
    finally:
        outgoing.stop()


def set_right(machine: Machine, now: datetime) -> int:
    """Free what a clock that was ahead has put off into the future; how many rows."""
    with machine.database.read() as session:
        if not outbox.astray(session, now):
            return 0
    return machine.store(partial(outbox.set_right, now=now))


def _failed(work: Work, parcel: Parcel, error: SendError) -> None:
    """Later again; what can never be delivered to a member is told in person, or to a level up."""
    if not outbox.failed(work.session, parcel, work.now, error) or parcel.channel != MEMBER:
        return
    for subject, text in outbox.texts(work.session, parcel).items():
        issue = work.session.get(Issue, guards.issue_of(subject) or 0)
        if issue is not None:  # else it is about something else, which nobody tells in person
            unreached.undeliverable(work, issue, parcel.target, text)
