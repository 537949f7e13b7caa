"""The inbox: each message once, with the reply it got."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from storage import inbox
from storage.tables import Inbox
from tests.town import at

NOON = at("2026-06-01 12:00")
ROW: dict[str, Any] = {"received_at": NOON, "userid": "mao_mou", "message": {"text": "路灯不亮"}}


@pytest.fixture
def store(db):
    def _store(key="m1", channel="app", **more):
        return db.write(lambda s: inbox.store(s, channel, key, **{**ROW, **more}))

    return _store


def stored(db):
    with db.read() as session:
        return session.scalars(select(Inbox)).one()


def test_a_message_is_stored_once(store):
    assert [store(), store()] == [True, False]


def test_the_same_key_of_another_channel_is_another_message(store):
    assert [store(), store(channel="aibot")] == [True, True]


def test_a_message_is_found_again_with_its_reply(db, store):
    store(reply={"text": "收到了"})
    with db.read() as session:
        found = inbox.find(session, "app", "m1")
        assert found
        assert found.reply == {"text": "收到了"}
        assert inbox.find(session, "app", "m2") is None


def test_of_eight_threads_one_stores_the_message(db, store):
    start = threading.Barrier(8)

    def one(_):
        start.wait()
        return store()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 1


def test_only_failed_messages_are_swept_the_oldest_first(db, store):
    for key, state in (("a", "failed"), ("b", "done"), ("c", "failed"), ("d", "dead")):
        store(key, state=state)
    with db.read() as session:
        assert [row.key for row in inbox.failed(session)] == ["a", "c"]


def test_the_third_failure_is_the_last(db, store):
    store(state="failed")
    last = []
    for _ in range(inbox.TRIES):
        last.append(db.write(lambda s: inbox.give_up(s.scalars(select(Inbox)).one(), "坏了")))
    assert (last, stored(db).state, stored(db).error) == ([False, False, True], "dead", "坏了")


def test_a_message_that_worked_after_all_is_done(db, store):
    store(state="failed")
    found = select(Inbox)
    db.write(lambda s: inbox.settle(s.scalars(found).one(), {"text": "好"}, "report", NOON))
    row = stored(db)
    assert (row.state, row.reply, row.handler) == ("done", {"text": "好"}, "report")
