"""The one place that writes: engines, sessions, and one writer at a time with group commit.

SQLite's own busy handler is unfair (somebody waits seconds), so writers queue here and share one
durable commit. Who opens a unit of work is the edge's business; what it does is the rooms'.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pkgutil import resolve_name
from time import monotonic, sleep, thread_time
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from filelock import Timeout as FileLockTimeout
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError

from storage.database_file import DatabaseFile
from storage.objects import defaults
from storage.statement import Row, Statement
from storage.turn import Turn

if TYPE_CHECKING:  # both dialects' are alike in what is used here
    from sqlalchemy.dialects.sqlite import Insert as ConflictInsert

#: PostgreSQL's word for two transactions that wait for each other; it has undone one of them.
_DEADLOCK = "40P01"
#: What passes by itself. SQLite's codes: busy, locked, read-only, I/O error, full, cannot open.
_PASSES_SQLITE = frozenset({5, 6, 8, 10, 13, 14})
#: Classes of PostgreSQL's: no connection, rolled back for another, no resources, locked, shut down,
#: I/O error.
_PASSES_POSTGRESQL = ("08", "40", "53", "55", "57", "58")
#: Its word for a table that is not there: somebody has taken the schema away.
_NO_TABLE = "42P01"
#: A caller that cannot be served in this time answers 503 and WeCom sends again (5-second cut).
PATIENCE = 4.0
#: Connections that stay open, one for each thread that answers and some for the clock: those beyond
#: are opened and closed again for each message.
READERS = 24
#: How many waiting units of work share one commit (docs/adr/0003-one-writer.md).
BATCH = 64
#: Seconds of CPU after which a batch is committed, however many still wait: in a storm whoever was
#: first need not wait for the last. CPU and not wall time, so that a busy machine does not change
#: who commits with whom.
SLICE = 0.1
#: The weight of the latest batch in the running estimate of what one unit of work costs.
LATEST = 0.2
BUSY_TIMEOUT_MS = 3000
#: Where a sender waits, PostgreSQL's own limits for a lock and a statement, in milliseconds; the
#: client's (impatient.py) is a little longer, so that a server that still answers says it itself.
HURRIED_LOCK_MS, HURRIED_STATEMENT_MS = 2000, 2300
#: Gives up a server that answers nothing.
IMPATIENT = "storage.impatient:Silence"
#: A peer that has vanished without a word is noticed; seconds, and milliseconds for the last one.
ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
STALE_RETRIES = 3
#: Seconds between the attempts of whoever is patient.
AGAIN = 0.2

T = TypeVar("T")


class WriteBusy(Exception):
    """Nothing was written: the database did not take the work in time."""


class DatabaseLost(WriteBusy):
    """The file that was opened lies no longer where it lay; nothing was read or written."""


class Job(Generic[T]):
    """One unit of work in the queue; claimed exactly once, by its writer or by its caller."""

    def __init__(self, work: Callable[[Session], T]) -> None:
        self.work = work
        self.result: T | None = None
        self.error: BaseException | None = None
        #: its caller is the one who writes for all that wait
        self.leads = False
        self._settled = False
        #: set when there is a result, or when it is the caller's turn to write
        self._woken = threading.Event()
        self._claim = threading.Lock()

    def claim(self) -> bool:
        return self._claim.acquire(blocking=False)

    @property
    def claimed(self) -> bool:
        """Whether it is being written, or its caller has given up."""
        return self._claim.locked()

    @property
    def settled(self) -> bool:
        """Whether it was committed, or has failed."""
        return self._settled

    def settle(self) -> None:
        self._settled = True
        self._woken.set()

    def lead(self) -> None:
        self.leads = True
        self._woken.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it is settled or leads, at most so long."""
        self._woken.wait(seconds)

    def value(self) -> T:
        if self.error is not None:
            raise self.error
        return cast(T, self.result)


class Database:
    """Sessions over one SQLite file or one PostgreSQL database."""

    def __init__(self, url: str, *, hurried: bool = False) -> None:
        """``hurried``: somebody waits for the answer, who hangs up after five seconds."""
        self.url = url
        self.file = _file(url)
        asks_a_server = make_url(url).get_backend_name() != "sqlite"
        self._silence = resolve_name(IMPATIENT)() if hurried and asks_a_server else None
        self.engine = _engine(url, self.file, self._silence)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reading = self.engine
        if not self.is_sqlite:  # SQLite has one snapshot a transaction anyway
            # Costs no statement: the driver says it with the BEGIN.
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._queue: deque[Job[Any]] = deque()
        self._led = False  # whether somebody writes at this moment; changed under the lock only
        self._lock = threading.Lock()
        self._unit_seconds = 0.0
        self._turn = _turn(self.engine)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one snapshot and changes nothing. Raises DatabaseLost."""
        self._look_for_file()
        with Session(self._reading, expire_on_commit=False) as session:
            yield session  # closing forgets the transaction and leaves loaded values readable

    def row(self, query: Statement, given: Mapping[str, Any]) -> Row:
        """The one row of a query that is read by itself, without session and transaction. Raises
        DatabaseLost."""
        self._look_for_file()
        return query.row(self.engine, given)

    @property
    def queued(self) -> int:
        """Units of work that wait for their turn; 0 on PostgreSQL, where each writes by itself."""
        return len(self._queue)

    @property
    def queued_seconds(self) -> float:
        """How long the writer will be busy with what waits, by what units have cost lately."""
        return self.queued * self._unit_seconds

    def write(
        self, work: Callable[[Session], T], patience: float = PATIENCE, *, first: bool = False
    ) -> T:
        """Run ``work`` in one transaction and return its plain value after the commit.

        ``first``: before all that waits, for work of a millisecond. Never call it from inside
        ``work``. Raises WriteBusy if the turn does not come within ``patience`` seconds (nothing
        was written), DatabaseLost, else whatever ``work`` raised (rolled back).
        """
        self._look_for_file()
        if self.is_sqlite:
            return self._write_in_turn(Job(work), patience, first)
        return self._write_patiently(work, monotonic() + patience - PATIENCE)

    @contextmanager
    def whole(self) -> Iterator[Connection]:
        """One transaction over whole tables, for copying; committed at the end of the block, and
        nothing of it is there if the process dies before. Raises WriteBusy."""
        self._look_for_file()
        try:
            with self._across_processes(PATIENCE), self._immediate() as connection:
                yield connection
        except FileLockTimeout as error:
            raise WriteBusy(str(error)) from error

    def dispose(self) -> None:
        """Close all connections, as before a fork or at the end of a test."""
        self.engine.dispose()

    def _look_for_file(self) -> None:
        """Asked before every transaction: a microsecond."""
        if self.file and self.file.lost:
            raise DatabaseLost(f"{self.file.path} was removed or replaced")
        if self._silence and self._silence.lasts:
            raise WriteBusy("the server has just not answered")

    def _write_in_turn(self, job: Job[T], patience: float, first: bool) -> T:
        """One caller leads and writes for all, till its own work is done; the others wait."""
        deadline = monotonic() + patience
        if not self._join(job, first):
            job.wait(patience)
            if not job.settled and self._given_up(job):
                raise WriteBusy("no turn to write")
            job.wait()
        if job.leads:
            self._lead(job, deadline)
        return job.value()

    def _join(self, job: Job[Any], first: bool) -> bool:
        """Queue up; whether the job's caller leads."""
        with self._lock:
            (self._queue.appendleft if first else self._queue.append)(job)
            job.leads, self._led = not self._led, True
            return job.leads

    def _given_up(self, job: Job[Any]) -> bool:
        """Take it back, unless it is being written or was chosen to lead at this very moment."""
        with self._lock:
            return not job.leads and job.claim()

    def _lead(self, job: Job[Any], deadline: float) -> None:
        try:
            while not job.settled:
                if monotonic() > deadline and job.claim():
                    raise WriteBusy("no turn to write")
                self._commit_together(max(0.1, deadline - monotonic()))
        finally:
            job.claim()  # whatever has happened, nobody waits for it any more
            self._pass_on()

    def _pass_on(self) -> None:
        """The first who still waits leads from now on."""
        with self._lock:
            while self._queue and self._queue[0].claimed:
                self._queue.popleft()
            self._led = bool(self._queue)
            if self._queue:
                self._queue[0].lead()

    def _commit_together(self, patience: float) -> None:
        jobs: list[Job[Any]] = []
        begun = monotonic()
        try:
            with self._across_processes(patience), self._immediate() as connection:
                for job in self._take(SLICE):
                    jobs.append(job)
                    if not _run(job, connection, first=len(jobs) == 1):
                        break
        except (OperationalError, FileLockTimeout) as error:
            jobs = jobs or list(self._take())
            _fail(jobs, WriteBusy(str(error)))
        except BaseException as error:
            jobs = jobs or list(self._take())
            _fail(jobs, error)
            raise
        else:
            self._measure(monotonic() - begun, len(jobs))
        finally:
            for job in jobs:
                job.settle()

    def _take(self, cpu_seconds: float = float("inf")) -> Iterator[Job[Any]]:
        """What waits at this moment, till the batch is full or has cost enough; whoever comes
        later must not keep those from their commit."""
        end = thread_time() + cpu_seconds
        for _ in range(min(BATCH, len(self._queue))):
            if thread_time() > end:
                return
            job = self._queue.popleft()
            if job.claim():
                yield job

    def _measure(self, seconds: float, units: int) -> None:
        if units:
            self._unit_seconds += LATEST * (seconds / units - self._unit_seconds)

    @contextmanager
    def _immediate(self) -> Iterator[Connection]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                yield connection

    def _across_processes(self, patience: float) -> AbstractContextManager[Any]:
        return self._turn.taken(patience) if self._turn else nullcontext()

    def _write_patiently(self, work: Callable[[Session], T], until: float) -> T:
        """Whoever says that he has more time than a caller of WeCom's is tried again and again."""
        while True:
            try:
                return self._write_alone(work)
            except DatabaseLost:
                raise
            except WriteBusy:
                if monotonic() >= until:
                    raise
                sleep(AGAIN)

    def _write_alone(self, work: Callable[[Session], T]) -> T:
        for _ in range(STALE_RETRIES):
            try:
                with Session(self.engine, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except StaleDataError:
                continue
            except NoConnection as error:
                raise WriteBusy(str(error)) from error
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", "")
                if state == _DEADLOCK:
                    continue  # the other one goes on; ours once more
                if state == _NO_TABLE:
                    raise DatabaseLost(str(error)) from error
                if isinstance(error, OperationalError) or passes(error):
                    raise WriteBusy(str(error)) from error  # locked, restarting or gone
                raise
        raise WriteBusy("others keep changing the same rows")


def _run(job: Job[Any], connection: Connection, *, first: bool) -> bool:
    """Whether the transaction goes on. One savepoint a job, so that one that fails takes nobody
    else down; the first needs none: when it fails, nothing else has been done."""
    mode: Any = "rollback_only" if first else "create_savepoint"
    with Session(connection, join_transaction_mode=mode, expire_on_commit=False) as session:
        try:
            job.result = job.work(session)
            session.commit()
        except Exception as error:
            session.rollback()
            job.error = WriteBusy(str(error)) if passes(error) else error
            return not first
    return True


def passes(error: Exception) -> bool:
    """Whether the very same work may succeed later: the database was busy, locked, full or gone;
    the work itself was not wrong."""
    if isinstance(error, WriteBusy | NoConnection):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _PASSES_SQLITE
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(_PASSES_POSTGRESQL)


def _fail(jobs: list[Job[Any]], error: BaseException) -> None:
    for job in jobs:
        job.error = job.error or error


def _file(url: str) -> DatabaseFile | None:
    """None of PostgreSQL, of a database in memory, and where the driver is given a URI."""
    parsed = make_url(url)
    path = parsed.database or ""
    lies = parsed.get_backend_name() == "sqlite" and path not in ("", ":memory:")
    return DatabaseFile(path) if lies and not path.startswith("file:") else None


def _engine(url: str, file: DatabaseFile | None, silence: Any = None) -> Engine:
    """``silence``: of a server that somebody gives up who waits (impatient.py)."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        patience = {"options": f"-c lock_timeout={BUSY_TIMEOUT_MS}"}
        server = create_engine(
            parsed,
            pool_pre_ping=True,
            pool_size=READERS,
            pool_timeout=BUSY_TIMEOUT_MS / 1000,
            connect_args=patience | ALIVE,
            hide_parameters=True,
        )
        if silence:
            _hurry(server, silence)
        return server
    more: dict[str, Any] = {"hide_parameters": True}  # what people wrote is in no error's words
    if file:
        more |= {"pool_size": READERS, "pool_use_lifo": True}
    engine = create_engine(parsed, **more)
    if file:
        _open_only_what_is_there(engine, file)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _hurry(engine: Engine, silence: Any) -> None:
    """Every connection from now on is an impatient one."""
    limits = f"-c lock_timeout={HURRIED_LOCK_MS} -c statement_timeout={HURRIED_STATEMENT_MS}"

    def connect(_dialect: object, _record: object, args: Any, named: dict[str, Any]) -> Any:
        return silence.connect(*args, **{**named, "options": limits, "connect_timeout": 2})

    event.listen(engine, "do_connect", connect)


def _open_only_what_is_there(engine: Engine, file: DatabaseFile) -> None:
    def by_uri(_dialect: object, _record: object, args: list[Any], named: dict[str, Any]) -> None:
        args[0], named["uri"] = file.uri, True

    def opened(_connection: object, _record: object) -> None:
        file.opened()

    event.listen(engine, "do_connect", by_uri)
    event.listen(engine, "connect", opened)


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
    if writes:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("BEGIN")  # takes no lock, so nothing can go wrong; SQLAlchemy's way costs 35 µs


def _turn(engine: Engine) -> Turn | None:
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return None
    return Turn(f"{path}.lock")


def insert_new(session: Session, table: type[DeclarativeBase], values: dict[str, Any]) -> bool:
    """Insert unless a unique key says it is there already; whether it was inserted."""
    row = {**defaults(table), **values}
    return bool(_insertion(table, _dialect(session), tuple(row)).run(session, row))


def insert_all_new(
    session: Session, table: type[DeclarativeBase], rows: list[dict[str, Any]]
) -> None:
    """The same for many rows at once, which name the same columns; not told which were new."""
    if rows:
        whole = [{**defaults(table), **row} for row in rows]
        insertion = _insertion(table, _dialect(session), tuple(whole[0]), returns=False)
        insertion.run_all(session, whole)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _insert_of(dialect: str) -> "Callable[[Table], ConflictInsert]":
    """Its INSERT … ON CONFLICT. By name, since a start on SQLite need not load all of PostgreSQL's
    drivers."""
    found: Callable[[Table], ConflictInsert] = resolve_name(f"sqlalchemy.dialects.{dialect}:insert")
    return found


@cache
def _insertion(
    table: type[DeclarativeBase], dialect: str, fills: tuple[str, ...], *, returns: bool = True
) -> Statement:
    """``returns`` the key of a row that was new: on PostgreSQL the row count is -1 either way."""
    there = cast(Table, table.__table__)
    insertion = _insert_of(dialect)(there).on_conflict_do_nothing()
    if returns:
        return Statement(insertion.returning(*there.primary_key), fills)
    return Statement(insertion, fills)


def put_row(session: Session, table: type[DeclarativeBase], row: dict[str, Any]) -> None:
    """Insert a row, or change the one with its key; in one statement."""
    _putting(table, _dialect(session), tuple(row)).run(session, row)


@cache
def _putting(table: type[DeclarativeBase], dialect: str, fills: tuple[str, ...]) -> Statement:
    there = cast(Table, table.__table__)
    keys = list(there.primary_key)
    insert = _insert_of(dialect)(there)
    changed = {c.name: insert.excluded[c.name] for c in there.c if not c.primary_key}
    return Statement(insert.on_conflict_do_update(index_elements=keys, set_=changed), fills)


def count_up(
    session: Session, table: type[DeclarativeBase], key: dict[str, Any], column: str
) -> int:
    """The next number of a counter, which begins with 1; in one statement."""
    row = {**key, column: 1}
    ((number,),) = _counting(table, _dialect(session), column, tuple(row)).run(session, row)
    return int(number)


@cache
def _counting(
    table: type[DeclarativeBase], dialect: str, column: str, fills: tuple[str, ...]
) -> Statement:
    counter = cast(Table, table.__table__)
    more = counter.c[column] + 1
    counted = _insert_of(dialect)(counter).on_conflict_do_update(
        index_elements=list(counter.primary_key), set_={column: more}
    )
    return Statement(counted.returning(counter.c[column]), fills)


def one_at_a_time(session: Session, what: str) -> None:
    """Until the end of the transaction nobody else does ``what``; SQLite has one writer anyway."""
    if _dialect(session) != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))
