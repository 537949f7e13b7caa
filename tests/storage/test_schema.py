"""The migrations make exactly the tables that the code works with."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage import schema
from storage.db import Database
from storage.tables import Table


def test_the_migrations_lead_to_the_tables_of_the_code(db):
    with db.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []


def test_every_table_and_index_is_there(db):
    found = inspect(db.engine)
    for table in Table.metadata.sorted_tables:
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes


def test_an_empty_database_is_made_ready(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/new/sanzhang.db")
    schema.ready(database)
    assert set(Table.metadata.tables) < set(inspect(database.engine).get_table_names())
    database.dispose()


def test_upgrading_twice_changes_nothing(db):
    before, after = schema.upgrade(db)
    assert before == after is not None


def test_ready_leaves_a_current_database_alone(db):
    schema.ready(db)
    with db.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision()


def test_a_database_of_another_version_is_refused_and_says_which_command_helps(db):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(schema.SchemaBehind, match="sanzhang db upgrade"):
        schema.ready(db)


def test_the_revisions_are_one_line_numbered_in_order():
    scripts = ScriptDirectory(str(schema.HOME))
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions == [f"{n:04}" for n in range(1, len(revisions) + 1)]
    assert len(list(Path(schema.HOME, "versions").glob("0*.py"))) == len(revisions)
