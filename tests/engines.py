"""Engines of the databases that tests open by the hundred, made cheap.

SQL is compiled once a process and not anew for every database, and SQLite does not wait for the
disk: nothing here has to survive the power of the machine that runs the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache

from storage import db as db_module
from storage.database_file import DatabaseFile

#: How the service itself makes its engines.
shipped = db_module._engine
#: More than there are different statements in all rooms together.
STATEMENTS = 10_000


class Sharing:
    """Makes engines; those of one kind share their dialect and what was compiled for it."""

    def __init__(self) -> None:
        self._first: dict[str, Engine] = {}

    def engine(self, url: str, file: DatabaseFile | None, silence: Any = None) -> Engine:
        made = shipped(url, file, silence)
        if made.dialect.name == "sqlite":
            event.listen(made, "connect", _careless)
        first = self._first.get(made.dialect.name)
        if first is None or first.dialect.server_version_info is None:  # it was never connected
            made._compiled_cache = LRUCache(STATEMENTS)
            self._first[made.dialect.name] = made
        else:
            made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
        return made


@contextmanager
def cheap() -> Iterator[None]:
    """Every database that is opened meanwhile has such an engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db_module, "_engine", Sharing().engine)
        yield


def _careless(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
