"""The one place that writes: engines, sessions, and one writer at a time with group commit.

SQLite's own busy handler is unfair (somebody waits seconds), so writers queue here and share one
durable commit. Who opens a unit of work is the edge's business; what it does is the rooms'.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar, cast

from filelock import FileLock
from filelock import Timeout as FileLockTimeout
from sqlalchemy import (
    Connection,
    Engine,
    Insert,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import ReturningInsert

#: A caller that cannot be served in this time answers 503 and WeCom sends again (5-second cut).
PATIENCE = 4.0
#: How many waiting units of work share one commit (docs/adr/0003-one-writer.md).
BATCH = 64
BUSY_TIMEOUT_MS = 3000
STALE_RETRIES = 3

T = TypeVar("T")


class WriteBusy(Exception):
    """Nothing was written: the database did not take the work in time."""


class Job(Generic[T]):
    """One unit of work in the queue; claimed exactly once, by its writer or by its caller."""

    def __init__(self, work: Callable[[Session], T]) -> None:
        self.work = work
        self.done = threading.Event()
        self.result: T | None = None
        self.error: BaseException | None = None
        self._claim = threading.Lock()

    def claim(self) -> bool:
        return self._claim.acquire(blocking=False)

    def value(self) -> T:
        if self.error is not None:
            raise self.error
        return cast(T, self.result)


class Database:
    """Sessions over one SQLite file or one PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._queue: deque[Job[Any]] = deque()
        self._turn = threading.Lock()
        self._file_lock = _file_lock(self.engine)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one snapshot and changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing forgets the transaction and leaves loaded values readable

    def write(self, work: Callable[[Session], T], patience: float = PATIENCE) -> T:
        """Run ``work`` in one transaction and return its plain value after the commit.

        Never call it from inside ``work``. Raises WriteBusy if the turn does not come within
        ``patience`` seconds (nothing was written), else whatever ``work`` raised (rolled back).
        """
        if self.is_sqlite:
            return self._write_in_turn(Job(work), patience)
        return self._write_alone(work)

    def dispose(self) -> None:
        """Close all connections, as before a fork or at the end of a test."""
        self.engine.dispose()

    def _write_in_turn(self, job: Job[T], patience: float) -> T:
        deadline = monotonic() + patience
        self._queue.append(job)
        if not self._turn.acquire(timeout=patience):
            if job.claim():
                raise WriteBusy("no turn to write")
            job.done.wait()
            return job.value()
        try:
            while not job.done.is_set():
                self._commit_together(max(0.1, deadline - monotonic()))
        finally:
            self._turn.release()
        return job.value()

    def _commit_together(self, patience: float) -> None:
        jobs = self._take()
        try:
            with self._across_processes(patience), self._immediate() as connection:
                for job in jobs:
                    _run(job, connection)
        except (OperationalError, FileLockTimeout) as error:
            _fail(jobs, WriteBusy(str(error)))
        except BaseException as error:
            _fail(jobs, error)
            raise
        finally:
            for job in jobs:
                job.done.set()

    def _take(self) -> list[Job[Any]]:
        jobs: list[Job[Any]] = []
        while self._queue and len(jobs) < BATCH:
            job = self._queue.popleft()
            if job.claim():
                jobs.append(job)
        return jobs

    @contextmanager
    def _immediate(self) -> Iterator[Connection]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                yield connection

    def _across_processes(self, patience: float) -> AbstractContextManager[Any]:
        return self._file_lock.acquire(timeout=patience) if self._file_lock else nullcontext()

    def _write_alone(self, work: Callable[[Session], T]) -> T:
        for _ in range(STALE_RETRIES):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except StaleDataError:
                continue
            except OperationalError as error:  # locked, restarting or gone
                raise WriteBusy(str(error)) from error
        raise WriteBusy("others keep changing the same rows")


def _run(job: Job[Any], connection: Connection) -> None:
    """One savepoint a job: one that fails takes nobody else down."""
    session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    with session:
        try:
            job.result = job.work(session)
            session.commit()
        except Exception as error:
            session.rollback()
            job.error = error


def _fail(jobs: list[Job[Any]], error: BaseException) -> None:
    for job in jobs:
        job.error = job.error or error


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        patience = {"options": f"-c lock_timeout={BUSY_TIMEOUT_MS}"}
        return create_engine(parsed, pool_pre_ping=True, connect_args=patience)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin_sqlite
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # With the driver's deferred default, read-modify-write loses updates between threads.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _file_lock(engine: Engine) -> FileLock | None:
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return None
    return FileLock(f"{path}.lock")


def insert_new(session: Session, table: type[DeclarativeBase], values: dict[str, Any]) -> bool:
    """Insert unless a unique key says it is there already; whether it was inserted."""
    connection = session.connection()
    return connection.execute(_keyed(table, connection.dialect.name), values).first() is not None


def insert_all_new(
    session: Session, table: type[DeclarativeBase], rows: list[dict[str, Any]]
) -> None:
    """The same for many rows at once, which name the same columns; not told which were new."""
    if rows:
        connection = session.connection()
        connection.execute(_insertion(table, connection.dialect.name), rows)


@cache
def _insertion(table: type[DeclarativeBase], dialect: str) -> Insert:
    """Made once: which columns it fills is seen from the values, and each way compiled once."""
    build = sqlite_insert if dialect == "sqlite" else postgres_insert
    return build(cast(Table, table.__table__)).on_conflict_do_nothing()


@cache
def _keyed(table: type[DeclarativeBase], dialect: str) -> ReturningInsert[Any]:
    # Not the row count: on PostgreSQL it is -1 either way.
    return _insertion(table, dialect).returning(*table.__table__.primary_key)


def one_at_a_time(session: Session, what: str) -> None:
    """Until the end of the transaction nobody else does ``what``; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))
