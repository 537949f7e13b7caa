"""One row read by the driver itself, by a query that is compiled once.

What SQLAlchemy does for a statement (a transaction, a cursor result, events) costs ten times what
SQLite needs for it. That is nothing beside a page or an act, and a quarter of what an answer of the
FAQ costs; so the look at the inbox that comes before every message is read this way, and no other.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Dialect, Engine, Select

Row = dict[str, Any]
_Turn = Callable[[Any], Any]


class OneRow:
    """A query that always gives exactly one row; shared by all threads."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._compiled: dict[str, _Compiled] = {}

    def row(self, engine: Engine, given: Mapping[str, Any]) -> Row:
        """The row by its columns' names, as one snapshot shows it, outside of any transaction.
        Raises the driver's own errors."""
        name = engine.dialect.name
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = _Compiled(self._query, engine.dialect)
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(compiled.text, compiled.values(given))
            return compiled.read(cursor.fetchone())
        finally:
            connection.close()  # back to the pool, which ends what the driver has begun


class _Compiled:
    """The query in the words of one database, and how values go in and come out."""

    def __init__(self, query: Select[Any], dialect: Dialect) -> None:
        compiled = query.compile(dialect=dialect)
        self.text = str(compiled)
        self._fixed = dict(compiled.params)
        self._order: list[str] | None = getattr(compiled, "positiontup", None)
        into = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        }
        out = {
            column.name: column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in query.selected_columns
        }
        self._names = list(out)
        self._in, self._out = _turns(into), _turns(out)

    def values(self, given: Mapping[str, Any]) -> Any:
        """What the driver is given: by name, or in its order."""
        values = {**self._fixed, **given}
        for name, turn in self._in:
            values[name] = turn(values[name])
        return values if self._order is None else [values[name] for name in self._order]

    def read(self, row: Any) -> Row:
        found = dict(zip(self._names, row, strict=True))
        for name, turn in self._out:
            found[name] = turn(found[name])
        return found


def _turns(found: Mapping[str, _Turn | None]) -> list[tuple[str, _Turn]]:
    """Only what has to be turned into something else."""
    return [(name, turn) for name, turn in found.items() if turn]
