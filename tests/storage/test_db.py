"""One writer at a time, group commit, nothing lost; on SQLite and on PostgreSQL."""

import sqlite3
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from filelock import FileLock
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from rules.words import UnitKind
from storage import db as storage_db
from storage.db import BUSY_TIMEOUT_MS, Database, DatabaseLost, WriteBusy, insert_new
from storage.tables import Heartbeat, UnitRow
from tests.engines import shipped
from tests.town import at


def unit(name: str) -> UnitRow:
    return UnitRow(kind=UnitKind.VILLAGE, name=name, path=name)


def names(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(select(UnitRow.name).order_by(UnitRow.name)))


def test_a_unit_of_work_is_there_after_write_returns(db):
    db.write(lambda session: session.add(unit("韶山村")))
    assert names(db) == ["韶山村"]


def test_a_unit_of_work_gives_back_its_value(db):
    assert db.write(lambda session: session.scalar(select(func.count(UnitRow.id)))) == 0


def test_work_that_raises_leaves_nothing_and_raises_the_same(db):
    def work(session):
        session.add(unit("平里村"))
        session.flush()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        db.write(work)
    assert names(db) == []


def test_reading_changes_nothing(db):
    with db.read() as session:
        session.add(unit("韶山村"))
        session.flush()
    assert names(db) == []


def test_whoever_reads_twice_sees_the_same_though_somebody_has_written_meanwhile(db):
    with db.read() as session:
        before = session.scalar(select(func.count()).select_from(UnitRow))
        db.write(lambda other: other.add(unit("清溪镇")))
        assert session.scalar(select(func.count()).select_from(UnitRow)) == before


def test_eight_threads_all_get_their_rows(db):
    def writes(thread):
        for n in range(25):
            db.write(lambda session, n=n: session.add(unit(f"{thread}-{n}")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(writes, range(8)))
    assert len(names(db)) == 200


def test_read_modify_write_loses_no_update(db):
    db.write(lambda session: session.add(Heartbeat(name="count", at=at("2026-01-01"))))
    plus_one = text("UPDATE unit SET name = name")

    def add(_):
        def work(session):
            session.execute(plus_one)
            beat = session.scalars(select(Heartbeat).with_for_update()).one()
            beat.at = beat.at.replace(microsecond=beat.at.microsecond + 1)

        db.write(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    with db.read() as session:
        assert session.scalars(select(Heartbeat.at)).one().microsecond == 80


def test_a_job_that_fails_takes_nobody_else_down(db):
    start = threading.Barrier(8)

    def one(n):
        def work(session):
            session.add(unit("同名" if n in (3, 4, 5) else f"村{n}"))
            session.flush()

        start.wait()
        try:
            db.write(work)
        except Exception as error:
            return type(error).__name__

    with ThreadPoolExecutor(8) as pool:
        errors = [error for error in pool.map(one, range(8)) if error]
    assert errors == ["IntegrityError"] * 2
    assert len(names(db)) == 6


def test_waiting_jobs_share_one_commit(lite, monkeypatch):
    commits, commit_together = [], Database._commit_together

    def counted(self, patience):
        commits.append(1)
        commit_together(self, patience)

    monkeypatch.setattr(Database, "_commit_together", counted)
    inside, go_on = threading.Event(), threading.Event()

    def slow(session):
        inside.set()
        assert go_on.wait(60)

    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(lite.write, slow)
        assert inside.wait(60)
        rest = [pool.submit(lite.write, lambda s, n=n: s.add(unit(f"{n}"))) for n in range(20)]
        while len(lite._queue) < 20:
            sleep(0.001)
        go_on.set()
        first.result(60)
        for one in rest:
            one.result(60)
    assert (len(commits), len(names(lite))) == (2, 20)


def test_no_writer_waits_for_more_than_the_commit_that_is_running(lite, monkeypatch):
    commits, commit_together = [], Database._commit_together
    queued: list[int] = []  # how many commits had begun when a job was queued

    def counted(self, patience):
        commits.append(1)
        commit_together(self, patience)

    class Queue(deque):
        def append(self, job):
            job.queued = len(commits)
            super().append(job)

        def popleft(self):
            job = super().popleft()
            queued.append(len(commits) - job.queued)
            return job

    def writes(_):
        for _ in range(20):
            lite.write(lambda session: session.execute(text("SELECT 1")) and None)

    monkeypatch.setattr(Database, "_commit_together", counted)
    # A batch ends with its number of jobs, not with what they cost on this machine.
    monkeypatch.setattr(storage_db, "SLICE", float("inf"), raising=False)
    monkeypatch.setattr(lite, "_queue", Queue())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(writes, range(8)))
    assert (len(queued), max(queued)) == (160, 1)


class Held:
    """A writer that holds the turn until it is let go; in a with statement."""

    def __init__(self, database: Database) -> None:
        self._inside, self._go_on = threading.Event(), threading.Event()
        self._database = database
        self._pool = ThreadPoolExecutor(30)

    def __enter__(self) -> "Held":
        self._first = self.submit(self._hold)
        assert self._inside.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._pool.shutdown()

    def submit(self, work, **options):
        return self._pool.submit(lambda: self._database.write(work, **options))

    def queue(self, *works, **options):
        """Let these wait, in this order."""
        futures = []
        for work in works:
            before = self._database.queued
            futures.append(self.submit(work, **options))
            while self._database.queued == before:
                pass
        return futures

    def let_go(self) -> None:
        self._go_on.set()
        self._first.result(5)

    def _hold(self, session) -> None:
        self._inside.set()
        assert self._go_on.wait(5)


def test_who_waits_is_counted(lite):
    with Held(lite) as held:
        held.queue(*[lambda session: None] * 5)
        assert lite.queued == 5
    assert lite.queued == 0


def test_what_waits_is_as_long_as_units_have_been_lately(lite, monkeypatch):
    monkeypatch.setattr(storage_db, "LATEST", 1.0)
    seconds = iter(float(n) for n in range(0, 1000, 2))
    monkeypatch.setattr(storage_db, "monotonic", lambda: next(seconds))
    lite.write(lambda session: None, patience=1000)
    with Held(lite) as held:
        held.queue(*[lambda session: None] * 3, patience=1000)
        assert lite.queued_seconds == 3 * lite._unit_seconds > 0


def test_nobody_has_waited_yet(lite):
    assert (lite.queued, lite.queued_seconds) == (0, 0)


def test_what_is_short_may_go_first(lite):
    order: list[str] = []
    with Held(lite) as held:
        held.queue(lambda session: order.append("b"), lambda session: order.append("c"))
        held.queue(lambda session: order.append("a"), first=True)
    assert order == ["a", "b", "c"]


def test_a_batch_that_has_cost_enough_is_committed_before_the_others_have_had_their_turn(
    lite, monkeypatch
):
    cpu = iter(range(1000))
    monkeypatch.setattr(storage_db, "thread_time", lambda: next(cpu))
    monkeypatch.setattr(storage_db, "SLICE", 2)
    seen: list[list[str]] = []

    def work(name):
        def act(session):
            seen.append(names(lite))  # what is committed when this one's turn comes
            session.add(unit(name))

        return act

    with Held(lite) as held:
        held.queue(work("a"), work("b"), work("c"))
    assert (seen[0], seen[-1]) == ([], ["a", "b"])


def test_the_turn_goes_on_when_whoever_wrote_for_all_is_interrupted(lite):
    def interrupted(session):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lite.write(interrupted)
    lite.write(lambda session: session.add(unit("平里村")))
    assert names(lite) == ["平里村"]


def test_whoever_gave_up_never_leads_and_never_counts(lite):
    with Held(lite) as held:
        with pytest.raises(WriteBusy):
            lite.write(lambda session: session.add(unit("韶山村")), patience=0.05)
        held.queue(lambda session: session.add(unit("平里村")))
    assert (names(lite), lite.queued) == (["平里村"], 0)


# --- busy: an honest refusal, and nothing half written ---


def test_a_writer_gives_up_before_wecom_does():
    assert BUSY_TIMEOUT_MS / 1000 < storage_db.PATIENCE < 5


def test_a_lock_held_by_another_connection_is_busy_and_nothing_is_written(lite, monkeypatch):
    monkeypatch.setattr(storage_db, "BUSY_TIMEOUT_MS", 100)
    lite.dispose()  # new connections have the shorter patience
    other = sqlite3.connect(lite.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(WriteBusy):
        lite.write(lambda session: session.add(unit("韶山村")))
    other.execute("ROLLBACK")
    other.close()
    assert names(lite) == []


def test_a_lock_held_by_another_process_is_busy_and_nothing_is_written(lite):
    with (
        FileLock(f"{lite.engine.url.database}.lock", is_singleton=False),
        pytest.raises(WriteBusy),
    ):
        lite.write(lambda session: session.add(unit("韶山村")), patience=0.2)
    assert names(lite) == []


def test_a_writer_whose_turn_does_not_come_is_told_so_and_never_written_later(lite):
    inside, go_on = threading.Event(), threading.Event()

    def slow(session):
        inside.set()
        assert go_on.wait(60)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lite.write, slow)
        assert inside.wait(60)
        with pytest.raises(WriteBusy):
            lite.write(lambda session: session.add(unit("韶山村")), patience=0.1)
        go_on.set()
        first.result(60)
    lite.write(lambda session: session.add(unit("平里村")))
    assert names(lite) == ["平里村"]


def test_reading_goes_on_while_somebody_writes(lite):
    lite.write(lambda session: session.add(unit("韶山村")))

    def work(session):
        session.add(unit("平里村"))
        session.flush()
        return names(lite)

    assert lite.write(work) == ["韶山村"]


def test_writing_goes_on_after_it_was_busy(lite):
    with (
        FileLock(f"{lite.engine.url.database}.lock", is_singleton=False),
        pytest.raises(WriteBusy),
    ):
        lite.write(lambda session: session.add(unit("韶山村")), patience=0.2)
    lite.write(lambda session: session.add(unit("韶山村")))
    assert names(lite) == ["韶山村"]


def test_every_acknowledged_row_survives_the_power(sqlite_url):
    engine = shipped(sqlite_url, None)
    with engine.connect() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()
    assert pragmas == ["wal", 2, 1]


# --- small print ---


def test_insert_new_says_whether_the_key_was_new(db):
    row = {"name": "tick", "at": at("2026-06-01 09:00")}
    assert [db.write(lambda s: insert_new(s, Heartbeat, row)) for _ in range(2)] == [True, False]


def test_times_come_back_aware_and_in_utc(db):
    db.write(lambda s: s.add(Heartbeat(name="tick", at=at("2026-06-01 09:00"))))
    with db.read() as session:
        assert (
            session.scalars(select(Heartbeat.at)).one().isoformat() == "2026-06-01T01:00:00+00:00"
        )


def test_a_naive_time_is_never_stored(db):
    naive = at("2026-06-01 09:00").replace(tzinfo=None)
    with pytest.raises(Exception, match="naive"):
        db.write(lambda s: s.add(Heartbeat(name="tick", at=naive)))


# --- the file under a running service ---


@pytest.fixture(params=["removed", "replaced", "emptied"])
def pulled(request, lite, sqlite_template, tmp_path):
    """A database in use whose file somebody has taken away, put another in its place, or both."""
    lite.write(lambda session: session.add(unit("韶山村")))
    path = lite.file.path
    path.rename(tmp_path / "aside.db")
    if request.param == "replaced":
        path.write_bytes(sqlite_template.read_bytes())
    if request.param == "emptied":
        path.touch()
    return lite


def test_a_file_that_is_gone_is_neither_read_nor_written(pulled):
    size = pulled.file.path.stat().st_size if pulled.file.path.exists() else None
    with pytest.raises(DatabaseLost):
        pulled.write(lambda session: session.add(unit("平里村")))
    with pytest.raises(DatabaseLost), pulled.read():
        pass
    assert size == (pulled.file.path.stat().st_size if pulled.file.path.exists() else None)


def test_the_same_file_put_back_goes_on(pulled, tmp_path):
    (tmp_path / "aside.db").replace(pulled.file.path)
    pulled.write(lambda session: session.add(unit("平里村")))
    assert names(pulled) == ["平里村", "韶山村"]


def test_nobody_but_an_upgrade_makes_a_file(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/sanzhang.db")
    with pytest.raises(WriteBusy):
        database.write(lambda session: None)
    with pytest.raises(OperationalError), database.read() as session:
        session.execute(text("SELECT 1"))
    assert not list(tmp_path.glob("*.db"))
