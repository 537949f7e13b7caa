"""Migration 0004 with rows in it: a reference and a flag become plain words."""

import re

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from issues import guards
from storage import outbox, schema
from storage.db import Database
from storage.tables import Event, Outbox, Table
from tests.town import at

WHEN = "2026-06-01 01:00:00"
NOTICE = '{"text": "有新诉求", "line": "", "card": null}'
ISSUE = (
    "INSERT INTO issue (id, number, state, tier, tier_version, urgent, delicate, content, reporter,"
    " channel, unclaimed, level, reported_at, due_at, marked_until, promised_at, held_since,"
    " result, wanted_data, extended, suspended, returned, reassigned, forced, troubled, asked,"
    " redone, version) VALUES (17, 'SZ-20260601-0001', 'pending', 'ordinary', 1, false, false,"
    f" '路灯不亮', 'mao_mou', 'app', false, 'lin', '{WHEN}', '{WHEN}', '{WHEN}', '{WHEN}',"
    f" '{WHEN}', '', '{{}}', 0, 0, 0, 0, false, false, 0, 0, 1)"
)
EVENT = (
    "INSERT INTO event (issue_id, seq, at, kind, actor, role, behalf, channel, reason, before,"
    f" after, data, previous, hash) VALUES (17, 1, '{WHEN}', 'opened', 'mao_mou', 'resident', '',"
    " 'app', '', '', 'pending', '{}', '', 'x')"
)
NOTICES = {
    "card": ("17", "true", "sending", "card"),
    "reminder": ("17", "true", "waiting", ""),
    "receipt": ("17", "false", "sent", "receipt"),
    "leave": ("NULL", "false", "waiting", "leave"),
    "odd": ("NULL", "true", "waiting", "odd"),
}


def notice(key, issue, while_open, state, batch):
    return (
        "INSERT INTO outbox (key, channel, target, issue_id, gather, while_open, notice, state,"
        " batch, next_at, tries, created_at, error, receipt) VALUES"
        f" ('{key}', 'app', 'zhang', {issue}, {not batch}, {while_open}, '{NOTICE}', '{state}',"
        f" '{batch}', '{WHEN}', 1, '{WHEN}', 'down', '{{}}')"
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A database of each kind without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/older.db")
        (tmp_path / "older.db").touch()
    else:
        database = Database(request.getfixturevalue("fresh_postgres"))
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield database
    database.dispose()


@pytest.fixture
def older(empty):
    """A database of version 0003 with an issue, its event and a notice of every sort."""
    with empty.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            config = schema._config()
            config.attributes["connection"] = connection
            command.upgrade(config, "0003")
            for statement in (ISSUE, EVENT, *(notice(key, *row) for key, row in NOTICES.items())):
                connection.execute(text(statement))
    return empty


def rows(database):
    with database.read() as session:
        return {row.key: row for row in session.scalars(select(Outbox).order_by(Outbox.id))}


def test_every_notice_says_what_it_is_about_and_who_may_drop_it(older):
    assert schema.upgrade(older)[0] == "0003"
    said = {key: (row.subject, row.guard) for key, row in rows(older).items()}
    assert said == {
        "card": ("issue:17", "open"),
        "reminder": ("issue:17", "open"),
        "receipt": ("issue:17", ""),
        "leave": ("", ""),
        "odd": ("", ""),
    }


def test_what_is_on_its_way_stays_on_its_way(older):
    schema.upgrade(older)
    kept = {key: (row.state, row.batch, row.gather) for key, row in rows(older).items()}
    assert kept == {key: (state, b, not b) for key, (_, _, state, b) in NOTICES.items()}
    assert {(r.tries, r.error, r.target) for r in rows(older).values()} == {(1, "down", "zhang")}


def test_an_older_notice_leaves_after_the_upgrade(older):
    schema.upgrade(older)
    noon = at("2026-06-01 12:15")
    parcels = older.write(lambda s: outbox.claim(s, noon, {}, guards.GUARDS))
    assert sorted(parcel.batch for parcel in parcels) == ["card", "digest:reminder", "leave", "odd"]


def test_a_notice_is_no_longer_tied_to_an_issue_but_an_event_is(older):
    schema.upgrade(older)
    assert inspect(older.engine).get_foreign_keys("outbox") == []
    with older.read() as session:
        assert session.scalars(select(Event.issue_id)).all() == [17]
    with pytest.raises(IntegrityError), older.engine.begin() as connection:
        connection.execute(text("DELETE FROM issue"))


def test_the_upgraded_tables_are_those_of_the_code(older):
    schema.upgrade(older)
    with older.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []


def test_the_indexes_cover_the_same_part_of_a_table_as_in_the_code(older):
    """Alembic compares their columns only; a condition that differs makes an index useless."""
    schema.upgrade(older)
    conditions = {
        index.name: str(index.dialect_options["sqlite"]["where"])
        for table in Table.metadata.sorted_tables
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    assert {name: _words(found) for name, found in _conditions(older).items()} == {
        name: _words(condition) for name, condition in conditions.items()
    }


def _conditions(database):
    listed = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    if not database.is_sqlite:
        listed = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with database.engine.connect() as connection:
        found = connection.execute(text(listed)).all()
    return {name: sql.partition(" WHERE ")[2] for name, sql in found if " WHERE " in sql}


def _words(condition):
    """Columns, values and IS [NOT] NULL: PostgreSQL writes ``IN`` and types in its own way."""
    words = re.findall(r"[a-z_]+|''|<>|NULL|NOT", condition)
    return sorted(word for word in words if word not in ("text", "character", "varying"))
