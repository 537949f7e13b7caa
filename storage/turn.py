"""The writer's turn across processes: a lock on a file beside the database.

filelock does the waiting, and all of it on Windows; what nobody holds, as nearly always, is taken
by two calls of the kernel instead of 170 µs of Python. Inside a process db.py keeps the order.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock

if sys.platform != "win32":
    import fcntl

    def _at_once(path: str) -> int | None:
        """A descriptor that holds the lock as filelock would, None if that takes longer."""
        try:
            held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        except OSError:
            return None  # filelock knows what to do, or says what is wrong
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(held).st_nlink:  # else somebody has removed the file meanwhile
                return held
        except OSError:
            pass
        os.close(held)
        return None

else:

    def _at_once(path: str) -> int | None:
        return None


class Turn:
    """One file that whoever writes to the database has locked."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = FileLock(path)

    @contextmanager
    def taken(self, timeout: float) -> Iterator[None]:
        """Hold it while the block runs; raises filelock.Timeout after so many seconds."""
        held = _at_once(self._path)
        if held is None:
            with self._lock.acquire(timeout=timeout):
                yield
            return
        try:
            yield
        finally:
            os.close(held)
