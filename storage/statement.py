"""Statements compiled once and said to the driver by themselves, inside a session's transaction.

What SQLAlchemy does for a statement (a cursor result, contexts, cache keys) costs five to ten times
what SQLite needs for it. That is nothing beside a page; but nine of them are a quarter of what a
new issue costs, and one of what an answer of the FAQ costs. So what every message and every new
issue says is said this way. Types, transactions and errors are SQLAlchemy's own, and who listens
for `before_cursor_execute` hears these as well.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Select, UpdateBase

Row = dict[str, Any]
_Turn = Callable[[Any], Any]
_Values = Mapping[str, Any]


class Statement:
    """A statement whose values come by name; shared by all threads, once a dialect compiled.

    ``fills``: the columns that an INSERT is given. What is selected has a name each. No IN over a
    list: its length is in the text, and running it raises ValueError.
    """

    def __init__(self, clause: Select[Any] | UpdateBase, fills: Sequence[str] = ()) -> None:
        self._clause = clause
        self._fills = fills
        self._compiled: dict[str, _Compiled] = {}

    def run(self, session: Session, given: _Values) -> list[tuple[Any, ...]]:
        """What it selects or returns, without a flush before. Raises what SQLAlchemy raises."""
        return self._said(session, given)[1]

    def run_all(self, session: Session, given: Sequence[_Values]) -> None:
        """The same statement with each of these values; what it returns is not read."""
        connection = session.connection()
        compiled = self._for(connection.dialect)
        compiled.say(connection, [compiled.values(one) for one in given], many=True)

    def named(self, session: Session, given: _Values) -> list[Row]:
        """The rows by their columns' names."""
        compiled, rows = self._said(session, given)
        return [dict(zip(compiled.names, row, strict=True)) for row in rows]

    def row(self, engine: Engine, given: _Values) -> Row:
        """The row of a query that always gives exactly one, by names, as one snapshot shows it and
        outside of any transaction. Raises the driver's own errors."""
        compiled = self._for(engine.dialect)
        connection = engine.raw_connection()
        try:
            cursor: Any = connection.cursor()
            cursor.execute(compiled.text, compiled.values(given))
            return dict(zip(compiled.names, compiled.turned(cursor.fetchone()), strict=True))
        finally:
            connection.close()  # back to the pool, which ends what the driver has begun

    def _said(self, session: Session, given: _Values) -> tuple["_Compiled", list[tuple[Any, ...]]]:
        connection = session.connection()
        compiled = self._for(connection.dialect)
        found = compiled.say(connection, compiled.values(given), many=False)
        return compiled, [compiled.turned(row) for row in found]

    def _for(self, dialect: Dialect) -> "_Compiled":
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = _Compiled(self._clause, self._fills, dialect)
            self._compiled[dialect.name] = compiled
        return compiled


class _Compiled:
    """The statement in the words of one database, and how values go in and come out."""

    def __init__(
        self, clause: Select[Any] | UpdateBase, fills: Sequence[str], dialect: Dialect
    ) -> None:
        compiled = clause.compile(dialect=dialect, column_keys=list(fills) or None)
        if compiled.post_compile_params:
            raise ValueError(f"not to be prepared, its text depends on its values: {compiled}")
        self.text = str(compiled)
        self._fixed = dict(compiled.params)
        self._order: list[str] | None = getattr(compiled, "positiontup", None)
        into = [
            (name, bound.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bound in compiled.binds.items()
        ]
        given_back = list(clause.exported_columns)
        out = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in given_back]
        self.names = [column.name for column in given_back]
        self._in: list[tuple[str, _Turn]] = [(name, turn) for name, turn in into if turn]
        self._out: list[tuple[int, _Turn]] = [(n, turn) for n, turn in enumerate(out) if turn]

    def values(self, given: _Values) -> Any:
        """What the driver is given: by name, or in its order."""
        values = {**self._fixed, **given}
        for name, turn in self._in:
            values[name] = turn(values[name])
        return values if self._order is None else [values[name] for name in self._order]

    def say(self, connection: Connection, values: Any, *, many: bool) -> list[Any]:
        """All rows that come back, as the driver gives them."""
        cursor = connection.connection.cursor()
        try:
            for hear in connection.dispatch.before_cursor_execute:
                hear(connection, cursor, self.text, values, None, many)
            (cursor.executemany if many else cursor.execute)(self.text, values)
            return list(cursor.fetchall()) if self.names and not many else []
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_says(error, self.text, connection.dialect) from error
        finally:
            cursor.close()

    def turned(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row with its values as Python has them."""
        if not self._out:
            return tuple(row)
        values = list(row)
        for number, turn in self._out:
            values[number] = turn(values[number])
        return tuple(values)


def _as_sqlalchemy_says(error: Exception, text: str, dialect: Dialect) -> BaseException:
    """Without the values: they are somebody's words."""
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(text, None, error, base, hide_parameters=True, dialect=dialect)
