"""What all tests share: a database of each kind with the schema made by the migrations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from storage import db as db_module
from storage import schema
from storage.db import Database
from tests.engines import cheap
from tests.postgres import Remembered, Server, running
from tests.town import settle

# No example is too slow: the machine may have other things to do. `make test` plays the same few
# everywhere, `make test-all` many, and new ones each time.
SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", SLOWLY, max_examples=40, derandomize=True)
settings.register_profile("thorough", SLOWLY, max_examples=200, print_blob=True)
settings.load_profile("quick")

MINUTE = 60
#: The folders whose modules take long come first, so that at the end no process works alone.
LONG_FIRST = (
    *("acceptance", "test_dialogues", "county", "test_story", "benchmarks"),
    *("people", "storage", "issues", "handlers", "faq", "faq_tools"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules in an order for several processes; within a module nothing moves."""
    home = Path(__file__).parent

    def turn(item: pytest.Item) -> int:
        name = Path(item.path.relative_to(home).parts[0]).stem
        return LONG_FIRST.index(name) if name in LONG_FIRST else len(LONG_FIRST)

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> Iterator[None]:
    """Writers wait for a minute: a busy machine is no busy database. Some tests wait for less."""
    write = Database.write

    def patient_write(self: Database, work: Any, patience: float = MINUTE, **how: Any) -> Any:
        return write(self, work, patience, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db_module, "BUSY_TIMEOUT_MS", MINUTE * 1000)
        patch.setattr(Database, "write", patient_write)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_engines() -> Iterator[None]:
    """Tests open hundreds of databases of the same few statements."""
    with cheap():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL from a wheel."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def empty_postgres(postgres: Server) -> Iterator[Remembered]:
    """The one database that tests with an empty PostgreSQL share."""
    remembered = Remembered(postgres.create("empty"))
    yield remembered
    remembered.forget()


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
def fresh_postgres(empty_postgres: Remembered) -> Iterator[str]:
    """The URL of a PostgreSQL database with the schema and nothing else."""
    yield empty_postgres.url
    empty_postgres.restore()


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
def settled_postgres(postgres: Server) -> Iterator[Remembered]:
    """The small town's people in the one PostgreSQL database that tests with a town share."""
    database = Database(postgres.create("town"))
    settle(database)
    database.dispose()
    remembered = Remembered(database.url)
    yield remembered
    remembered.forget()


@pytest.fixture
def town_postgres(settled_postgres: Remembered) -> Iterator[Database]:
    """The small town's people in a PostgreSQL database."""
    database = Database(settled_postgres.url)
    yield database
    database.dispose()
    settled_postgres.restore()


@pytest.fixture(params=["town_lite", "town_postgres"], ids=["sqlite", "postgresql"])
def town_db(request: pytest.FixtureRequest) -> Database:
    """The small town's people and no issues, in a database of each kind."""
    database: Database = request.getfixturevalue(request.param)
    return database
