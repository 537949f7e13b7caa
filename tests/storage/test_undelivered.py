"""What only a person can end: seen, sent again, dropped with a reason; how late the outbox is."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import outbox, undelivered
from storage.notice import Notice
from storage.outbox import Posting, Precedence, SendError
from storage.tables import Outbox, OutboxDecision
from storage.undelivered import Held, UnknownRows
from tests.storage.test_plans import read_whole, statements
from tests.town import at

NOON = at("2026-06-01 12:15")
LATER = NOON + timedelta(minutes=30)
GONE = SendError("errcode 81013: nobody", permanent=True)


@pytest.fixture
def put(db):
    def _put(key, target="zhang", **more):
        values = {"channel": "app", "notice": Notice("话"), "not_before": NOON, **more}
        db.write(lambda s: outbox.put(s, Posting(key=key, target=target, **values), NOON))

    return _put


@pytest.fixture
def kill(db, put):
    """A message of one row or of several that can never be delivered."""

    def _kill(*keys):
        for key in keys:
            put(key, gather=len(keys) > 1)
        for parcel in db.write(lambda s: outbox.claim(s, NOON, {}, {})):
            db.write(lambda s, p=parcel: outbox.failed(s, p, NOON, GONE))

    return _kill


def rows(db):
    with db.read() as session:
        return {row.key: row for row in session.scalars(select(Outbox))}


def numbers(db, *keys):
    found = rows(db)
    return [found[key].id for key in keys]


def lateness(db, now=LATER):
    with db.read() as session:
        return undelivered.lateness(session, now)


def test_a_retry_brings_all_of_its_message_and_is_written_down(db, kill):
    kill("a", "b")
    done = db.write(lambda s: undelivered.retry(s, numbers(db, "a"), "root", LATER))
    assert done == ["a", "b"]
    [parcel] = db.write(lambda s: outbox.claim(s, LATER, {}, {}))
    assert (len(parcel.notices), parcel.tries) == (2, 1)
    with db.read() as session:
        [said] = undelivered.decisions(session, numbers(db, "b")[0])
    assert (said.account, said.act, said.before, said.at) == ("root", "retry", "dead", LATER)


def test_a_drop_says_why_and_never_leaves(db, kill):
    kill("a")
    db.write(lambda s: undelivered.drop(s, numbers(db, "a"), "root", "人已搬走", LATER))
    assert rows(db)["a"].state == "dropped"
    assert db.write(lambda s: outbox.claim(s, LATER, {}, {})) == []
    with db.read() as session:
        assert session.scalars(select(OutboxDecision.why)).one() == "人已搬走"


def test_what_is_not_held_is_refused_and_nothing_is_changed(db, put, kill):
    kill("a")
    put("waits")
    asked = [*numbers(db, "a", "waits"), 99]
    with pytest.raises(UnknownRows) as refused:
        db.write(lambda s: undelivered.drop(s, asked, "root", "x", LATER))
    assert refused.value.numbers == (numbers(db, "waits")[0], 99)
    assert rows(db)["a"].state == "dead"


def test_an_unsure_row_may_be_sent_once_more(db, put):
    put("a")
    db.write(lambda s: outbox.claim(s, NOON, {}, {}) and None)
    day = NOON + timedelta(days=1)
    assert db.write(lambda s: outbox.claim(s, day, {}, {})) == []
    db.write(lambda s: undelivered.retry(s, numbers(db, "a"), "root", day))
    [parcel] = db.write(lambda s: outbox.claim(s, day, {}, {}))
    assert parcel.half_sent_at is None


def test_the_lists_are_by_state_the_oldest_first(db, put, kill):
    kill("a")
    kill("b")
    put("waits")
    with db.read() as session:
        listed = {
            state: [row.key for row in undelivered.listed(session, state, 10)]
            for state in ("held", "dead", "unsure", "waiting")
        }
    assert listed == {"held": ["a", "b"], "dead": ["a", "b"], "unsure": [], "waiting": ["waits"]}


# --- after a restore ---


def test_after_a_restore_what_was_due_meanwhile_is_unsure(db, put):
    backup, tomorrow = NOON - timedelta(hours=1), NOON + timedelta(days=1)
    put("due")
    put("gathered", gather=True)
    put("sending")
    put("tomorrow", not_before=tomorrow)
    db.write(lambda s: outbox.claim(s, NOON, {}, {}, most=1) and None)
    now = NOON + timedelta(hours=2)
    assert db.write(lambda s: undelivered.make_unsure(s, backup, now)) == 3
    found = rows(db)
    assert {key: row.state for key, row in found.items()} == {
        **dict.fromkeys(("due", "gathered", "sending"), "unsure"),
        "tomorrow": "waiting",
    }
    assert found["due"].error == f"restored {backup.isoformat()}"
    db.write(lambda s: undelivered.retry(s, numbers(db, "gathered"), "root", now))
    assert len(db.write(lambda s: outbox.claim(s, now, {}, {}))) == 1


# --- how late it is ---


def test_nothing_that_waits_for_its_time_is_late(db, put):
    put("a", not_before=LATER + timedelta(hours=1))
    assert (lateness(db).urgent, lateness(db).oldest) == (None, None)


def test_late_is_counted_from_when_it_might_have_left_however_often_it_was_tried(db, put):
    put("a", precedence=Precedence.URGENT)
    put("b", "peng", not_before=NOON - timedelta(hours=1))
    now = NOON
    for _ in range(5):
        for parcel in db.write(lambda s, now=now: outbox.claim(s, now, {}, {})):
            error = SendError("down")
            db.write(lambda s, p=parcel, e=error, now=now: outbox.failed(s, p, now, e))
        now += timedelta(minutes=10)
    late = lateness(db, now)
    assert (late.urgent, late.oldest) == (now - NOON, now - NOON + timedelta(hours=1))


def test_what_waits_for_a_person_is_counted_but_for_its_own_reports(db, put, kill):
    kill("a", "b")
    kill(undelivered.key_of_day(NOON.date(), "guan"))
    assert lateness(db).held == Held(dead=2, unsure=0)
    assert not Held()


def test_a_shut_channel_is_told(db, put):
    put("a")
    [parcel] = db.write(lambda s: outbox.claim(s, NOON, {}, {}))
    error = SendError("message/send: ConnectionError", blocks=(5,))
    db.write(lambda s: outbox.failed(s, parcel, NOON, error))
    [shut] = lateness(db).shut
    assert (shut.channel, shut.since, shut.error) == ("app", NOON, str(error))


def test_to_look_reads_no_growing_table(db, put, kill):
    kill("a")
    put("b")
    asked = numbers(db, "a")
    with statements(db) as ran:
        lateness(db)
        with db.read() as session:
            for state in ("held", "waiting"):
                undelivered.listed(session, state, 10)
            for look in undelivered.untold(NOON.date()):
                session.scalar(look.limit(1))
        db.write(lambda s: undelivered.retry(s, asked, "root", LATER) and None)
    assert len(ran) > 10
    if db.is_sqlite:  # of a few rows PostgreSQL reads the table
        assert read_whole(db, ran) == {}
