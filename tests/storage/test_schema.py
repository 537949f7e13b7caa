"""The migrations make exactly the tables that the code works with."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

import handlers.systems  # noqa: F401 - the tables of every system are known with it
from rules.words import Action
from storage import schema, schema_version
from storage.db import Database
from storage.tables import Event, Issue, Table

HOME = Path(__file__).resolve().parents[2]


def left_behind(name, kind):
    """A table of a system that has been taken out: what was noted stays in the database."""
    system = owned().get(name) if kind == "table" else None
    return system is not None and not (HOME / "work" / system).is_dir()


@cache
def owned():
    """The system of every table that has one."""
    scripts = ScriptDirectory(str(schema.HOME)).walk_revisions()
    return {table: system for s in scripts for table, system in owners(s.module)}


def owners(migration):
    """Which system a migration's tables belong to."""
    return [(table, migration.system) for table in getattr(migration, "tables", ())]


def test_the_migrations_lead_to_the_tables_of_the_code(db):
    with db.engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: not left_behind(name, kind),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []


def test_every_table_and_index_is_there(db):
    found = inspect(db.engine)
    for table in Table.metadata.sorted_tables:
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes


def test_the_first_upgrade_makes_the_file_and_its_folder(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/new/sanzhang.db")
    schema.upgrade(database)
    assert set(Table.metadata.tables) < set(inspect(database.engine).get_table_names())
    database.dispose()


def test_upgrading_twice_changes_nothing(db):
    before, after = schema.upgrade(db)
    assert before == after is not None


def test_ready_leaves_a_current_database_alone(db):
    schema_version.ready(db)
    with db.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision()


def test_nothing_is_never_taken_for_a_county_and_nothing_is_made(tmp_path):
    path = tmp_path / "new" / "sanzhang.db"
    with pytest.raises(schema_version.NotReady, match=r"没有这个文件.*sanzhang db upgrade"):
        schema_version.ready(Database(f"sqlite:///{path}"))
    assert not path.parent.exists()


def test_an_empty_file_is_no_county(tmp_path):
    path = tmp_path / "sanzhang.db"
    path.touch()
    with pytest.raises(schema_version.NotReady, match="文件是空的"):
        schema_version.ready(Database(f"sqlite:///{path}"))
    assert path.stat().st_size == 0


def test_a_database_without_tables_is_no_county(bare):
    with pytest.raises(schema_version.NotReady, match=r"里面没有表.*sanzhang db upgrade"):
        schema_version.ready(bare)


def test_a_database_without_tables_gets_them_by_an_upgrade(bare):
    schema.upgrade(bare)
    schema_version.ready(bare)


def test_somebody_elses_tables_are_no_county(bare):
    with bare.engine.begin() as connection:
        connection.execute(text("CREATE TABLE stock (id INTEGER)"))
    with pytest.raises(schema_version.NotReady, match="已经有别的表（stock）"):
        schema_version.ready(bare)


def test_a_newer_database_is_refused_and_no_upgrade_touches_it(db):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refuses in (schema_version.ready, schema.upgrade):
        with pytest.raises(schema_version.NotReady, match="新版本（9999）"):
            refuses(db)
    with db.engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_database_of_another_version_is_refused_and_says_which_command_helps(db):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(schema_version.NotReady, match="sanzhang db upgrade"):
        schema_version.ready(db)


def test_the_revisions_are_one_line_numbered_in_order():
    scripts = ScriptDirectory(str(schema.HOME))
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions == [f"{n:04}" for n in range(1, len(revisions) + 1)]
    assert len(list(Path(schema.HOME, "versions").glob("0*.py"))) == len(revisions)


@pytest.fixture
def old(tmp_path):
    """A database of the first version with one issue that has a history and a wish."""
    database = Database(f"sqlite:///{tmp_path}/old.db")
    (tmp_path / "old.db").touch()
    with database.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            config = schema._config()
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            for statement in OLD_ROWS:
                connection.execute(text(statement))
    yield database
    database.dispose()


def test_an_older_database_keeps_its_issues_and_what_was_asked(old):
    assert schema.upgrade(old)[0] == "0001"
    with old.read() as session:
        issue = session.scalars(select(Issue)).one()
        assert (issue.promised_at, issue.held_since) == (issue.due_at, issue.reported_at)
        assert (issue.wanted, issue.wanted_data) == (Action.REGRADE, {"tier": "hard"})
        assert session.scalars(select(Event.kind)).all() == ["opened"]


def test_after_an_upgrade_references_are_checked_again(old):
    schema.upgrade(old)
    with pytest.raises(IntegrityError), old.engine.begin() as connection:
        connection.execute(text("DELETE FROM issue"))


OLD_ROWS = (
    "INSERT INTO issue (id, number, state, tier, tier_version, urgent, delicate, content, reporter,"
    " channel, unclaimed, level, reported_at, due_at, marked_until, result, wanted_tier, asked,"
    " redone, version) VALUES (1, 'SZ-20260601-0001', 'pending', 'ordinary', 1, 0, 0, '路灯不亮',"
    " 'mao_mou', 'app', 0, 'lin', '2026-06-01 01:00:00.000000', '2026-06-03 16:00:00.000000',"
    " '2026-06-01 01:00:00.000000', '', 'hard', 0, 0, 1)",
    "INSERT INTO event (issue_id, seq, at, kind, actor, role, behalf, channel, reason, before,"
    " after, data, previous, hash) VALUES (1, 1, '2026-06-01 01:00:00.000000', 'opened', 'mao_mou',"
    " 'resident', '', 'app', '', '', 'pending', '{}', '', 'x')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request, tmp_path):
    """A database in which nothing has ever been made."""
    if request.param == "sqlite":
        path = tmp_path / "bare.db"
        with closing(sqlite3.connect(path)) as made:
            made.execute("PRAGMA user_version = 1")  # else it stays a file of no bytes
        database = Database(f"sqlite:///{path}")
    else:
        database = Database(request.getfixturevalue("postgres").bare("bare"))
    yield database
    database.dispose()
