"""A PostgreSQL that has stopped answering is given up by whoever asks it.

A server that hangs (stopped, its disk gone) keeps its connections and tells nobody: its own time
limits do not run either. Imported by its name when PostgreSQL is in use: the driver is an extra.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg

V = TypeVar("V")

#: Seconds that a statement may take, longer than the server's own limits (db.py).
ANSWERS = 2.6
#: Seconds in which nobody asks it again.
REST = 2.0


class Silence:
    """Shared by all connections of one engine: whether the server has just not answered."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        return monotonic() < self._until

    def begin(self) -> None:
        self._until = monotonic() + REST

    def connect(self, *args: Any, **named: Any) -> "ImpatientConnection":
        """A new connection; at once an error while the silence lasts. Raises
        psycopg.OperationalError."""
        if self.lasts:
            raise psycopg.OperationalError("the server has just not answered")
        try:
            made = ImpatientConnection.connect(*args, **named)
        except psycopg.errors.ConnectionTimeout:
            self.begin()
            raise
        made.silence = self
        return made


class ImpatientConnection(psycopg.Connection[Any]):
    """Is closed by a statement that gets no answer."""

    silence: Silence | None = None

    def wait(self, gen: Generator[Any, Any, V], *how: Any, **more: Any) -> V:
        """As the driver's own, and raises psycopg.OperationalError when time is over."""
        return super().wait(self._limited(gen), *how, **more)

    def _limited(self, gen: Generator[Any, Any, V]) -> Generator[Any, Any, V]:
        end = monotonic() + ANSWERS
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and monotonic() > end:  # the driver looks up every tenth of a second
                    self._give_up()
                wanted = gen.send(ready)
        except StopIteration as done:
            result: V = done.value
            return result

    def _give_up(self) -> None:
        if self.silence:
            self.silence.begin()
        self.pgconn.finish()
        raise psycopg.OperationalError(f"no answer in {ANSWERS} seconds")
