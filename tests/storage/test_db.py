"""One writer at a time, group commit, nothing lost; on SQLite and on PostgreSQL."""


import pytest
from sqlalchemy import select

from rules.words import UnitKind
from storage.db import Database
from storage.tables import Unit


def unit(name: str) -> Unit:
    return Unit(kind=UnitKind.VILLAGE, name=name, path=name)


def test_a_unit_of_work_is_there_after_write_returns(db: Database) -> None:
    db.write(lambda session: session.add(unit("韶山村")))
    with db.read() as session:
        assert session.scalars(select(Unit.name)).all() == ["韶山村"]


def test_work_that_raises_leaves_nothing_and_raises_the_same(db: Database) -> None:
    def work(session):
        session.add(unit("平里村"))
        session.flush()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        db.write(work)
    with db.read() as session:
        assert session.scalars(select(Unit)).all() == []
