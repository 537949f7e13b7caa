"""Rows written by prepared statements are to the session as if it had loaded them."""

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from storage.objects import add_object, add_row, objects, whole
from storage.statement import Statement
from storage.tables import Dialogue, Event, Issue
from tests.town import at

NOON = at("2026-06-01 12:15")
NUMBER = "SZ-20260601-0001"
BY_NUMBER = Statement(whole(Issue).where(Issue.number == bindparam("number")))


def issue():
    moments = ("reported_at", "due_at", "promised_at", "held_since", "marked_until")
    return Issue(
        **dict.fromkeys(moments, NOON),
        number=NUMBER,
        state="pending",
        tier="ordinary",
        tier_version=1,
        content="路灯不亮",
        reporter="mao_mou",
        channel="app",
        level="lin",
    )


def add(session):
    new = issue()
    add_object(session, new)
    return new


def test_a_new_object_has_its_key_and_what_the_table_gives_it(db):
    def work(session):
        new = add(session)
        return new.id, new.version, new.asked, new.wanted_data, new.bypassed

    key, *rest = db.write(work)
    assert key > 0
    assert rest == [1, 0, {}, None]


def test_a_new_object_reads_back_as_one_that_the_session_has_flushed(db):
    def work(session):
        new = add(session)
        other = issue()
        other.number = "SZ-20260601-0002"
        session.add(other)
        session.flush()
        rows = session.execute(select(*Issue.__table__.c).order_by(Issue.id)).mappings()
        return [{k: v for k, v in row.items() if k not in ("id", "number")} for row in rows], new

    (mine, flushed), _ = db.write(work)
    assert mine == flushed


def test_what_is_changed_afterwards_is_written_with_the_next_version(db):
    def work(session):
        new = add(session)
        new.content = "路灯亮了"

    db.write(work)
    with db.read() as session:
        (stored,) = session.scalars(select(Issue)).all()
    assert (stored.content, stored.version) == ("路灯亮了", 2)


def test_who_has_an_older_version_cannot_write_it(db):
    db.write(lambda session: add(session) and None)

    def work(session):
        (mine,) = objects(session, Issue, BY_NUMBER.named(session, {"number": NUMBER}))
        session.connection().execute(update(Issue).values(version=7))
        mine.content = "迟了"
        session.flush()

    with (
        db.engine.connect() as plain,
        Session(plain.execution_options(writes=True)) as session,
        pytest.raises(StaleDataError),
    ):
        work(session)


def test_a_row_is_one_object_in_one_session(db):
    def work(session):
        new = add(session)
        (again,) = objects(session, Issue, BY_NUMBER.named(session, {"number": NUMBER}))
        return again is new and session.get(Issue, new.id) is new

    assert db.write(work)


def test_objects_know_what_other_tables_have_of_them(db):
    db.write(lambda session: add(session) and None)
    with db.read() as session:
        (found,) = objects(session, Issue, BY_NUMBER.named(session, {"number": NUMBER}))
        loaded = vars(found)
    assert loaded["has_joined"] is False
    assert loaded["state"] == "pending"


def test_a_query_that_finds_nothing_gives_no_objects(db):
    with db.read() as session:
        assert objects(session, Dialogue, Statement(whole(Dialogue)).named(session, {})) == []


def test_a_row_takes_what_is_not_said_from_its_table(db):
    said = {"seq": 1, "at": NOON, "kind": "opened", "actor": "a", "role": "r", "channel": "app"}

    def work(session):
        chain = {"data": {}, "previous": "", "hash": ""}
        add_row(session, Event, {**said, **chain, "after": "", "issue_id": add(session).id})

    db.write(work)
    with db.read() as session:
        (event,) = session.scalars(select(Event)).all()
    assert (event.reason, event.behalf) == ("", "")
