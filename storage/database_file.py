"""The file of an SQLite database: made only when somebody asks for it, never taken for another.

SQLite makes a file that is not there, and whoever has one open does not notice that it is gone: a
county would go on in a file that nobody finds again, or begin anew with nothing.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path


class DatabaseFile:
    """Where it lies, and which file it was when it was first opened."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._opened: tuple[int, int] | None = None

    @property
    def uri(self) -> str:
        """What opens it and makes none."""
        return f"{self.path.absolute().as_uri()}?mode=rw"

    @property
    def empty(self) -> bool:
        """Whether it is not there, or has nothing in it."""
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True

    def make(self) -> None:
        """An empty one, where there is none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(0o600)

    def make_single(self) -> None:
        """All of it in the one file, which can be moved then: nothing in a -wal beside it. Raises
        sqlite3.OperationalError while somebody else has it open."""
        with closing(sqlite3.connect(self.path)) as plain:
            plain.execute("PRAGMA journal_mode=DELETE")

    def opened(self) -> None:
        """It is open from now on."""
        self._opened = self._opened or self._identity()

    def forget(self) -> None:
        """Another one lies there now, rightly; nothing is open."""
        self._opened = None

    @property
    def lost(self) -> bool:
        """Whether another file, or none, lies where the opened one lay."""
        return self._opened is not None and self._identity() != self._opened

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino
