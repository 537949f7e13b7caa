"""What only PostgreSQL can do to a writer: lock a table, cut a connection."""

from collections.abc import Iterator
from time import sleep

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import OperationalError

from storage import db as storage_db
from storage.db import PATIENCE, Database, DatabaseLost, WriteBusy
from storage.tables import Heartbeat
from tests.town import at


@pytest.fixture
def impatient(town_postgres: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Waits a fifth of a second for a lock."""
    monkeypatch.setattr(storage_db, "BUSY_TIMEOUT_MS", 200)
    database = Database(town_postgres.engine.url.render_as_string(hide_password=False))
    yield database
    database.write(lambda session: session.execute(delete(Heartbeat)) and None)
    database.dispose()


def beat(database):
    """As patient as whoever answers WeCom."""
    database.write(lambda s: s.add(Heartbeat(name="tick", at=at("2026-06-01 09:00"))), PATIENCE)


def beats(database):
    with database.read() as session:
        return len(session.scalars(select(Heartbeat)).all())


def test_a_locked_table_is_busy_and_nothing_is_written(town_postgres, impatient):
    with town_postgres.engine.begin() as other:
        other.execute(text("LOCK TABLE heartbeat IN EXCLUSIVE MODE"))
        with pytest.raises(WriteBusy):
            beat(impatient)
    assert beats(impatient) == 0


def test_after_the_lock_writing_goes_on(town_postgres, impatient):
    with town_postgres.engine.begin() as other:
        other.execute(text("LOCK TABLE heartbeat IN EXCLUSIVE MODE"))
        with pytest.raises(WriteBusy):
            beat(impatient)
    beat(impatient)
    assert beats(impatient) == 1


def test_a_connection_that_is_cut_is_busy_and_the_next_one_works(impatient):
    cut = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(WriteBusy):
        impatient.write(lambda session: session.execute(cut) and None, PATIENCE)
    beat(impatient)
    assert beats(impatient) == 1


def test_whoever_writes_after_a_reader_sees_what_others_have_just_committed(town_postgres):
    isolation = text("SHOW transaction_isolation")
    with town_postgres.read() as session:
        read = session.scalar(isolation)
    wrote = town_postgres.write(lambda session: session.scalar(isolation))
    assert (read, wrote) == ("repeatable read", "read committed")


@pytest.fixture
def hurried(town_postgres: Database) -> Iterator[Database]:
    """As the service has it: somebody waits for the answer."""
    url = town_postgres.engine.url.render_as_string(hide_password=False)
    database = Database(url, hurried=True)
    database.write(lambda session: session.execute(delete(Heartbeat)) and None)
    yield database
    database.dispose()


def test_a_server_that_stands_still_is_busy_and_the_next_is_told_at_once(postgres, hurried):
    with postgres.frozen():
        for _ in range(3):
            with pytest.raises((WriteBusy, OperationalError)):
                beat(hurried)
    assert eventually_beats(hurried) == 1


def test_a_server_that_stands_still_takes_nobody_who_comes_new(postgres, hurried):
    hurried.dispose()
    with postgres.frozen(), pytest.raises((WriteBusy, OperationalError)), hurried.read() as session:
        session.execute(text("SELECT 1"))
    assert eventually_beats(hurried) == 1


def eventually_beats(database):
    """How many, once the server is asked again."""
    for _ in range(600):
        try:
            beat(database)
            return beats(database)
        except WriteBusy:
            sleep(0.1)
    return 0


def test_a_statement_that_takes_too_long_is_ended_by_the_server(hurried):
    with pytest.raises(WriteBusy):
        hurried.write(
            lambda session: session.execute(text("SELECT pg_sleep(60)")) and None, PATIENCE
        )
    beat(hurried)


def test_tables_that_somebody_has_taken_away_are_busy(hurried):
    with pytest.raises(DatabaseLost):
        hurried.write(lambda session: session.execute(text("SELECT 1 FROM nowhere")) and None)
