"""Migration 0011 with rows in it: what waits keeps its time and gets its precedence."""

import pytest
from alembic import command
from sqlalchemy import select, text

from storage import schema
from storage.db import Database
from storage.outbox import Precedence
from storage.tables import Outbox
from tests.town import at

WHEN = "2026-06-01 01:00:00"
NOTICE = '{"text": "有新诉求", "line": "", "card": null}'
#: key, whether by night, state, batch, what it becomes
ROWS = (
    ("issue:1:e1:new:zhang", True, "waiting", "x1", Precedence.URGENT),
    ("issue:1:e2:ring:zhang", True, "sending", "x2", Precedence.URGENT),
    ("issue:2:e1:new:zhang", False, "waiting", "x3", Precedence.CARD),
    ("reply:app:7", True, "waiting", "x4", Precedence.ANSWER),
    ("issue:3:mark:week:zhang", False, "waiting", "", Precedence.OTHER),
    ("issue:4:e1:new:zhang", False, "sent", "x5", Precedence.OTHER),
)


def insert(key, by_night, state, batch):
    columns = "key, channel, target, subject, guard, gather, by_night, notice, state, batch"
    values = f"'{key}', 'app', 'zhang', '', '', {not batch}, {by_night}, '{NOTICE}', '{state}'"
    more = f"'{WHEN}', 1, '{WHEN}', '', '{{}}'"
    return (
        f"INSERT INTO outbox ({columns}, next_at, tries, created_at, error, receipt)"
        f" VALUES ({values}, '{batch}', {more})"
    ).replace(":", r"\:")


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request, tmp_path):
    """A database of version 0010 of each kind, with what has still to leave."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/older.db")
        assert database.file
        database.file.make()
    else:
        database = Database(request.getfixturevalue("fresh_postgres"))
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    move(database, command.upgrade, "0010")
    with database.engine.begin() as connection:
        for key, by_night, state, batch, _ in ROWS:
            connection.execute(text(insert(key, by_night, state, batch)))
    yield database
    schema.upgrade(database)  # as the next test expects it
    database.dispose()


def move(database, how, version):
    """Up or down to that version."""
    with database.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            config = schema._config()
            config.attributes["connection"] = connection
            how(config, version)


def rows(database):
    with database.read() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def test_what_waits_gets_its_precedence(older):
    schema.upgrade(older)
    assert [row.precedence for row in rows(older)] == [expected for *_, expected in ROWS]


def test_what_waits_is_late_since_it_was_due_and_what_was_being_sent_may_have_arrived(older):
    schema.upgrade(older)
    found = rows(older)
    due = at("2026-06-01 09:00")
    assert [row.due_at for row in found] == [due] * 5 + [None]
    assert [row.half_sent_at for row in found] == [None, due, None, None, None, None]


def test_the_way_back_keeps_every_row(older):
    schema.upgrade(older)
    with older.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET state = 'unsure' WHERE id = 2"))
    move(older, command.downgrade, "0010")
    with older.engine.connect() as connection:
        states = connection.execute(text("SELECT state FROM outbox ORDER BY id")).scalars().all()
    assert states == ["waiting", "dead", "waiting", "waiting", "waiting", "sent"]
