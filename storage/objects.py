"""Rows written and read by statements prepared once, with the objects that a session would make.

The unit of work of an ORM session sorts, compares and compiles anew on each flush; a new issue has
to be cheap (architecture.md §4a, performance.md §10). Sessions and transactions are db.py's.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import Select, Table, insert, select
from sqlalchemy.orm import DeclarativeBase, Session, class_mapper, make_transient_to_detached

from storage.statement import Statement

R = TypeVar("R", bound=DeclarativeBase)


def add_row(session: Session, table: type[DeclarativeBase], row: Mapping[str, Any]) -> None:
    """Insert a row of which nobody wants an object, nor its key."""
    _insert(table).run(session, {**defaults(table), **row})


def add_object(session: Session, new: DeclarativeBase) -> None:
    """Insert a new object at once, without a flush of what else has changed; from then on it is
    as if the session had loaded it. Its table has one key, which the database gives."""
    table, values = type(new), vars(new)
    row = {**defaults(table), **{k: v for k, v in values.items() if k != "_sa_instance_state"}}
    ((key,),) = _insert(table, returns=True).run(session, row)
    values |= row
    values[_key(table)] = key
    make_transient_to_detached(new)
    session.add(new)


def whole(table: type[DeclarativeBase]) -> Select[Any]:
    """All that an object of that table has when it is loaded; for `objects`."""
    said = class_mapper(table).column_attrs
    return select(*(attribute.columns[0].label(attribute.key) for attribute in said))


def objects(session: Session, table: type[R], rows: Iterable[Mapping[str, Any]]) -> list[R]:
    """The objects of the rows that a query made from ``whole(table)`` has selected. Mostly there
    are none, and then nothing but the statement costs anything."""
    return [_loaded(session, table, dict(row)) for row in rows]


def _loaded(session: Session, table: type[R], row: dict[str, Any]) -> R:
    key = class_mapper(table).identity_key_from_primary_key((row[_key(table)],))
    known = session.identity_map.get(key)
    if known is not None:
        return known
    made = class_mapper(table).class_manager.new_instance()
    vars(made).update(row)
    make_transient_to_detached(made)
    session.add(made)
    return made


@cache
def defaults(table: type[DeclarativeBase]) -> Mapping[str, Any]:
    """What a new row has where nothing is said: plain defaults, else None; the first version.
    Without the key."""
    mapper = class_mapper(table)
    plain: dict[str, Any] = {}
    for column in _of(table).c:
        if not column.primary_key:
            plain[column.key] = getattr(column.default, "arg", None)
    for name, value in plain.items():
        if callable(value):  # dict
            plain[name] = {}
    if mapper.version_id_col is not None:
        plain[str(mapper.version_id_col.key)] = 1
    return MappingProxyType(plain)


@cache
def _insert(table: type[DeclarativeBase], *, returns: bool = False) -> Statement:
    """Of all columns but the key, which it gives back if ``returns``."""
    plain = insert(_of(table))
    if returns:
        plain = plain.returning(*_of(table).primary_key)
    return Statement(plain, tuple(defaults(table)))


@cache
def _key(table: type[DeclarativeBase]) -> str:
    (column,) = _of(table).primary_key
    return column.key


def _of(table: type[DeclarativeBase]) -> Table:
    return cast(Table, table.__table__)
