"""What is said to a database while something is done, by SQLAlchemy or by the driver alone.

For benchmarks and tests that count it. What begins and ends a transaction is not counted.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from storage.db import Database
from storage.statement import Row, Statement

CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements of the block, in their order."""
    said: list[str] = []
    row = database.row

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(CONTROL):
            said.append(" ".join(statement.split()))

    def read(query: Statement, given: Mapping[str, Any]) -> Row:
        said.append("a row read by the driver alone")
        return row(query, given)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        with patch.object(database, "row", read):
            yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
