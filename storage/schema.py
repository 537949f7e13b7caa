"""How a database gets the newest schema: Alembic, driven without an ini file.

Whether it has it already is schema_version.py's business.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage import schema_version
from storage.db import Database

HOME = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the schema to the newest revision, making the database's file where there is none; the
    revisions before and after. Raises NotReady if a newer version made it."""
    if database.file:
        database.file.make()
    with database.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with _tables_may_be_copied(connection), connection.begin():
            before = _current(connection)
            schema_version.refuse_newer(before)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _check_references(connection)
    return before, _head()


@contextmanager
def _tables_may_be_copied(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying it, which its own foreign keys would forbid; they can be
    switched outside a transaction only, so past SQLAlchemy, which would begin one."""
    driver = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        assert not lost, f"rows that refer to nothing: {lost[:3]}"


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # there is a first migration
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HOME))
    return config
