"""What /metrics and /healthz say of the database is what is in it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.health import health
from bot.metrics import Metrics
from storage import inbox, outbox
from storage.notice import Notice
from storage.outbox import Posting, SendError
from tests.town import at

NOON = at("2026-06-01 12:15")


@pytest.fixture
def rows(db):
    """rows(): what /metrics says, by table and state."""
    service: Any = SimpleNamespace(database=db, now=lambda: NOON)

    def _rows():
        lines = Metrics().text(service).splitlines()
        said = [line.split(" ") for line in lines if line.startswith("sanzhang_rows{")]
        return {name.partition("{")[2].rstrip("}"): float(count) for name, count in said}

    return _rows


def of(table, state):
    return f'state="{state}",table="{table}"'


def notice(session, key, target="zhang", later=timedelta(0)):
    outbox.put(session, Posting(key, "app", target, Notice("话"), NOON + later), NOON)


def test_an_empty_database_counts_nothing(rows):
    assert set(rows().values()) == {0}


def test_messages_are_counted_by_what_became_of_them(db, rows):
    for key, state in (("a", "done"), ("b", "done"), ("c", "failed"), ("d", "dead")):
        row = {"received_at": NOON, "userid": "mao_mou", "message": {}, "state": state}
        db.write(lambda s, key=key, row=row: inbox.store(s, "app", key, **row))
    found = rows()
    assert (found[of("inbox", "done")], found[of("inbox", "failed")]) == (2, 2)


def test_notices_are_counted_by_what_became_of_them(db, rows):
    def work(session):
        for key in ("sent", "dead", "sending"):
            notice(session, key)
        sent, dead, _ = outbox.claim(session, NOON, {}, {})
        outbox.sent(session, sent, NOON, {})
        outbox.failed(session, dead, NOON, SendError("no", permanent=True))
        for key in ("waiting", "waits too"):
            notice(session, key, later=timedelta(hours=1))
        notice(session, "of one who left", "peng")
        outbox.forget(session, "app", "peng", lambda *_: set())

    db.write(work)
    found = rows()
    assert [found[of("outbox", state)] for state in ("done", "dead", "waiting")] == [2, 1, 3]


def test_health_tells_of_a_platform_that_has_refused_everything_for_days(db):
    db.write(lambda s: notice(s, "a"))
    moment = NOON
    for _ in range(54):
        for parcel in db.write(lambda s, at=moment: outbox.claim(s, at, {}, {})):
            error = SendError("errcode 48002: no", blocks=(60, 600))
            db.write(lambda s, p=parcel, e=error, at=moment: outbox.failed(s, p, at, e))
        moment += timedelta(hours=1)
    faq = SimpleNamespace(book=SimpleNamespace(entries=()))
    service: Any = SimpleNamespace(database=db, now=lambda: moment, faq=faq)
    assert health(service)["outbox_stuck"]


def test_health_counts_what_somebody_has_to_look_at(db):
    def work(session):
        notice(session, "dead")
        [dead] = outbox.claim(session, NOON, {}, {})
        outbox.failed(session, dead, NOON, SendError("no", permanent=True))
        notice(session, "long due", later=-timedelta(hours=2))
        message = {"received_at": NOON, "userid": "mao_mou", "message": {}, "state": "failed"}
        inbox.store(session, "app", "m1", **message)

    db.write(work)
    faq = SimpleNamespace(book=SimpleNamespace(entries=()))
    service: Any = SimpleNamespace(database=db, now=lambda: NOON, faq=faq)
    found = health(service)
    names = ("outbox_waiting", "outbox_dead", "outbox_stuck", "inbox_failed", "open_issues")
    assert [found[name] for name in names] == [1, 1, True, 1, 0]
