"""How waitress serves, for `serve`, demo and benchmarks, and how much waits for a thread.

Requests are buffered before a thread sees them, so slow clients hold none; the body limit is a
backstop, the small one with the empty answer is channels/request.py's. What is done in a storm is
web.py's business, here it is only measured (docs/adr/0011-storms.md).
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest

THREADS = 16
SERVER = {
    "connection_limit": 500,
    "channel_timeout": 30,
    "max_request_body_size": 8 * 1024 * 1024,
    "max_request_header_size": 32 * 1024,
    "ident": None,
}
#: Threads for what comes in while others wait too long: each needs milliseconds of work, and waits
#: for the next commit, which all of them share.
QUICK_THREADS = 32
#: Seconds of queued work; beyond that an answer would come after WeCom's five seconds.
MOST_QUEUED = 3.0
#: So many requests, the latest ones, say what one costs.
LATEST = 64

#: What the WSGI environment tells besides the usual: when the request was complete (monotonic
#: seconds), and whether more than MOST_QUEUED seconds of work waited before it.
ARRIVED = "sanzhang.arrived"
CROWDED = "sanzhang.crowded"

Application = Callable[..., Any]


class Cost:
    """What one request costs the server as a whole: seconds from one answer to the next while
    there is something to do. Threads that work at the same time are counted once."""

    def __init__(self, since: float = 0.0) -> None:
        self._gaps: deque[float] = deque(maxlen=LATEST)
        self._last = since
        self._lock = Lock()

    @property
    def seconds(self) -> float:
        """The mean over the latest requests; 0 while nothing is known."""
        with self._lock:
            return sum(self._gaps) / len(self._gaps) if self._gaps else 0.0

    def done(self, arrived: float, now: float) -> None:
        """A request that had come in then is answered now."""
        with self._lock:
            self._gaps.append(max(0.0, now - max(self._last, arrived)))
            self._last = now


class Lanes:
    """The dispatcher of a server: the usual threads, and a few for when these have too much to do.

    ``elsewhere`` gives the seconds of work that wait behind the threads (for the database).
    """

    def __init__(
        self, threads: int, elsewhere: Callable[[], float], clock: Callable[[], float] = monotonic
    ) -> None:
        self._usual, self._quick = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self._usual.set_thread_count(threads)
        self._quick.set_thread_count(QUICK_THREADS)
        self._elsewhere = elsewhere
        self._clock = clock
        self._cost = Cost()
        self._waiting: deque[float] = deque()  # when each of them came in, oldest first

    @property
    def queued_seconds(self) -> float:
        """How long a request that came in now would wait: by what requests have cost lately, and
        at least as long as the oldest of them has waited already."""
        oldest = self._clock() - self._waiting[0] if self._waiting else 0.0
        return max(len(self._waiting) * self._cost.seconds + self._elsewhere(), oldest)

    def add_task(self, channel: Any) -> None:
        """Called by the thread that reads the sockets, when a request is complete."""
        channel.arrived, channel.crowded = self._clock(), self.queued_seconds > MOST_QUEUED
        if channel.crowded:
            self._quick.add_task(channel)
            return
        self._waiting.append(channel.arrived)
        self._usual.add_task(_Measured(channel, self, channel.arrived))

    def forget_costs(self) -> None:
        """Begin anew: waiting for the service to start was no work."""
        self._cost = Cost(self._clock())

    def begun(self) -> None:
        """One more of the usual requests has got its thread."""
        self._waiting.popleft()

    def done(self, arrived: float) -> None:
        """One that came in then is answered."""
        self._cost.done(arrived, self._clock())

    def set_thread_count(self, count: int) -> None:
        self._usual.set_thread_count(count)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        self._quick.shutdown(cancel_pending, timeout)
        return bool(self._usual.shutdown(cancel_pending, timeout))


class _Measured:
    """A request of the usual threads, so that its beginning and its end are known."""

    def __init__(self, channel: Any, lanes: Lanes, arrived: float) -> None:
        self._channel = channel
        self._lanes = lanes
        self._arrived = arrived  # by the time it is done, the connection may have its next request

    def service(self) -> None:
        self._lanes.begun()
        try:
            self._channel.service()
        finally:
            self._lanes.done(self._arrived)

    def cancel(self) -> None:
        self._channel.cancel()


class _TimedTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Tells the application when its request came in, and whether it was crowded then."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[ARRIVED], environ[CROWDED] = self.channel.arrived, self.channel.crowded
        return environ


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; what it cannot read is the sender's mistake and none of this server's."""

    def received(self, data: bytes) -> int:
        self.error: Any
        taken = int(super().received(data))
        if self.error is not None and self.error.code >= 500:
            self.error = BadRequest("not a request that is served here")
        return taken


class TimedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection; the two values are of the request that it serves."""

    task_class = _TimedTask
    parser_class = _Parser
    arrived = 0.0
    crowded = False
    #: its thread is writing the answer at this moment
    sending = False

    def write_soon(self, data: Any) -> int:
        """Called by the thread that answers; what it cannot send at once is left to the loop."""
        self.sending = True
        try:
            return int(super().write_soon(data))
        finally:
            self.sending = False
            if self.total_outbufs_len:
                self.server.pull_trigger()

    def writable(self) -> bool:
        """Whether the loop that reads the sockets has something to send here.

        Not while the thread sends and holds the lock: the socket is ready, the loop cannot have the
        lock, and goes round and round instead, a hundred times an answer under load, while the
        thread waits for the interpreter. More than the high mark of waitress is the loop's again.
        """
        if self.sending and self.total_outbufs_len <= self.adj.outbuf_high_watermark:
            return bool(self.will_close)
        return bool(super().writable())


def listening(
    app: Application, host: str, port: int, elsewhere: Callable[[], float] = lambda: 0.0
) -> Any:
    """A waitress server on that address; port 0 takes a free one. ``elsewhere``: see Lanes."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # else a line a request in a storm
    lanes = Lanes(THREADS, elsewhere)
    server = create_server(app, host=host, port=port, _dispatcher=lanes, **SERVER)
    server.channel_class = TimedChannel
    return server


@contextmanager
def in_background(
    app: Application,
    host: str = "127.0.0.1",
    port: int = 0,
    elsewhere: Callable[[], float] = lambda: 0.0,
) -> Iterator[int]:
    """Serve in a thread while the block runs; gives the port.

    The thread that reads the sockets also closes them: closed from outside, a descriptor could
    belong to somebody else by the time the loop looks at it.
    """
    server, stop = listening(app, host, port, elsewhere), Event()
    thread = Thread(target=_loop, args=(server, stop), name="sanzhang-http", daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        stop.set()
        server.pull_trigger()
        thread.join(timeout=10)


def _loop(server: Any, stop: Event) -> None:
    loop(server, stop)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    server.asyncore.close_all(server._map, ignore_all=True)


def loop(server: Any, stop: Event) -> None:
    """Read the sockets until ``stop``; ``server.pull_trigger()`` makes it look at once."""
    while not stop.is_set():
        server.asyncore.loop(timeout=0.5, use_poll=True, map=server._map, count=1)
