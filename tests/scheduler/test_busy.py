"""A busy writer is no bad row: what it has kept from being done is done by the next run."""

import sqlite3

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from handlers import report
from issues import marking
from scheduler import leaves, posts, ticks
from storage.db import WriteBusy, passes
from storage.tables import Attachment, Dialogue, Inbox, Issue

LAMP = "村口路灯坏了三天没人修"


def busy():
    """SQLite's own word, as it comes from inside a unit of work."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("UPDATE issue", {}, error)


def rows(room, table):
    return room.query(lambda session: list(session.scalars(select(table).order_by(table.id))))


@pytest.fixture
def locked(monkeypatch):
    """locked(room): every transaction of the ticks finds the database locked, until undone."""
    with monkeypatch.context() as patch:

        def _locked(room, error=None):
            def write(now, act, *given):
                raise error or WriteBusy("no turn to write")

            patch.setattr(room.dispatcher.transactions, "write", write)
            return patch

        yield _locked


def test_a_mark_is_passed_by_the_next_run(lite_room, locked):
    lite_room.say("mao_mou", LAMP)
    lite_room.go("2026-06-04 08:00")
    before = rows(lite_room, Issue)[0].next_mark_at
    patch = locked(lite_room)
    assert ticks.remind_due(lite_room.machine, lite_room.now) == 0
    assert rows(lite_room, Issue)[0].next_mark_at == before
    patch.undo()
    assert ticks.remind_due(lite_room.machine, lite_room.now) == 1
    assert rows(lite_room, Issue)[0].holder_id != 1


def test_a_mark_that_meets_a_lock_inside_its_transaction_is_passed_by_the_next_run(
    lite_room, monkeypatch
):
    lite_room.say("mao_mou", LAMP)
    lite_room.go("2026-06-04 08:00")
    before = rows(lite_room, Issue)[0].next_mark_at

    def stumble(work, issue):
        raise busy()

    monkeypatch.setattr(ticks, "MARKS", ticks.Moments("next_mark_at", stumble))
    assert ticks.remind_due(lite_room.machine, lite_room.now) == 0
    assert rows(lite_room, Issue)[0].next_mark_at == before
    monkeypatch.undo()
    assert ticks.MARKS.act is marking.pass_mark
    assert ticks.remind_due(lite_room.machine, lite_room.now) == 1


def test_a_question_that_nobody_answered_is_ended_by_the_next_run(lite_room, locked):
    lite_room.say("mao_mou", "交医保")
    lite_room.wait(minutes=11)
    patch = locked(lite_room)
    assert ticks.expire_dialogues(lite_room.machine, lite_room.now) == 0
    assert rows(lite_room, Dialogue)[0].expires_at <= lite_room.now
    patch.undo()
    assert ticks.expire_dialogues(lite_room.machine, lite_room.now) == 1


def test_a_message_that_failed_has_lost_no_try(lite_room, locked, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(report, "run", lambda ctx, match: 1 / 0)
        lite_room.say("mao_mou", LAMP)
    patch = locked(lite_room)
    for _ in range(5):
        assert ticks.sweep_failed(lite_room.machine, lite_room.now) == 0
    [row] = rows(lite_room, Inbox)
    assert (row.state, row.tries) == ("failed", 0)
    patch.undo()
    assert ticks.sweep_failed(lite_room.machine, lite_room.now) == 1
    assert rows(lite_room, Inbox)[0].state == "done"


def test_a_photo_is_fetched_by_the_next_run(lite_room, locked):
    lite_room.say("mao_mou", LAMP)
    lite_room.photo("mao_mou")
    patch = locked(lite_room)
    assert ticks.fetch_media(lite_room.machine, lite_room.now) == 0
    patch.undo()
    ticks.fetch_media(lite_room.machine, lite_room.now)
    assert rows(lite_room, Attachment)[0].path == "P1.jpg"


@pytest.mark.parametrize(
    "tick", [leaves.change_leaves, posts.hand_over_ended, ticks.ring_due, ticks.nudge_due]
)
def test_no_tick_stumbles_over_a_busy_writer(lite_room, locked, tick):
    lite_room.say("mao_mou", "屋里着火了")
    lite_room.go("2027-06-04 08:00")
    locked(lite_room)
    assert tick(lite_room.machine, lite_room.now) == 0


def test_a_busy_writer_is_asked_once_and_not_for_every_row(lite_room, locked):
    for n in range(5):
        lite_room.wait(minutes=11).say("mao_mou", f"{n} 号电杆歪了要倒了")
    lite_room.go("2026-06-04 08:00")
    asked = []

    class Counted(WriteBusy):
        def __init__(self):
            asked.append(1)

    patch = locked(lite_room)

    def write(now, act, *given):
        raise Counted

    patch.setattr(lite_room.dispatcher.transactions, "write", write)
    ticks.remind_due(lite_room.machine, lite_room.now)
    assert len(asked) == 1


# --- what passes by itself ---


@pytest.mark.parametrize(
    "code", ["BUSY", "LOCKED", "FULL", "IOERR", "IOERR_WRITE", "BUSY_SNAPSHOT"]
)
def test_a_lock_a_full_disk_and_a_bad_one_pass(code):
    error = sqlite3.OperationalError(code)
    error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
    assert passes(OperationalError("x", {}, error))


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57P01", "08006", "53300"])
def test_a_rolled_back_transaction_and_a_server_that_restarts_pass(state):
    error = type("DatabaseError", (Exception,), {"sqlstate": state})()
    assert passes(OperationalError("x", {}, error))


def test_a_wrong_statement_and_a_wrong_value_do_not():
    error = sqlite3.OperationalError("no such column")
    error.sqlite_errorcode = sqlite3.SQLITE_ERROR
    assert not passes(OperationalError("x", {}, error))
    assert not passes(ValueError("nowhere"))


def test_what_meets_a_lock_inside_a_transaction_is_told_as_busy(lite):
    def work(session):
        raise busy()

    with pytest.raises(WriteBusy, match="locked"):
        lite.write(work)
