"""What is said to the driver by itself is as if SQLAlchemy had said it."""

from datetime import date

import pytest
from sqlalchemy import bindparam, event, func, insert, literal_column, select
from sqlalchemy.exc import IntegrityError

from storage.statement import Statement
from storage.tables import DayCounter, Inbox
from tests.town import at

NOON = at("2026-06-01 12:15")
MESSAGE = {
    "channel": "app",
    "key": "1",
    "received_at": NOON,
    "userid": "mao_mou",
    "state": "done",
    "handler": "报事 50% :x %s ?",
    "message": {"text": "路灯不亮 100% :key"},
    "reply": {},
    "tries": 0,
    "error": "",
}
PUT = Statement(insert(Inbox).returning(Inbox.id), tuple(MESSAGE))
MINE = Statement(
    select(Inbox.received_at, Inbox.message, Inbox.handler, literal_column("'5%'").label("share"))
    .where(Inbox.userid == bindparam("userid"), Inbox.handler.like("报事 50%"))
    .order_by(Inbox.id)
)


def put(session, **other):
    ((key,),) = PUT.run(session, {**MESSAGE, **other})
    return key


def test_values_go_in_and_come_out_as_the_table_says(db):
    assert db.write(put) > 0
    with db.read() as session:
        ((received, message, handler, share),) = MINE.run(session, {"userid": "mao_mou"})
        (named,) = MINE.named(session, {"userid": "mao_mou"})
        assert session.scalar(select(Inbox.received_at)) == NOON
    assert (received, message, handler) == (NOON, MESSAGE["message"], MESSAGE["handler"])
    assert share == named["share"] == "5%"
    assert list(named) == ["received_at", "message", "handler", "share"]


def test_a_naive_moment_is_refused_as_everywhere(db):
    with pytest.raises(ValueError, match="naive"):
        db.write(lambda session: put(session, received_at=NOON.replace(tzinfo=None)))


def test_what_the_database_refuses_is_the_error_that_everybody_catches(db):
    db.write(put)
    with pytest.raises(IntegrityError) as refused:
        db.write(put)
    assert "路灯" not in str(refused.value)
    db.write(lambda session: put(session, key="2"))  # and the next one goes on


def test_it_is_undone_with_its_transaction(db):
    def work(session):
        put(session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        db.write(work)
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == 0


def test_many_at_once(db):
    many = Statement(insert(DayCounter), ("day", "last"))
    days = [{"day": date(2026, 6, n), "last": n} for n in range(1, 4)]
    db.write(lambda session: many.run_all(session, days))
    with db.read() as session:
        assert session.scalar(select(func.sum(DayCounter.last))) == 6


def test_who_listens_hears_it_too(db):
    heard = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: heard.append(args[2]))
    db.write(put)
    assert sum("INTO inbox" in said for said in heard) == 1


def test_a_list_of_values_is_not_prepared(db):
    several = Statement(select(Inbox.id).where(Inbox.key.in_(bindparam("keys", expanding=True))))
    with db.read() as session, pytest.raises(ValueError, match="depends on its values"):
        several.run(session, {"keys": ["1"]})
