"""The HTTP edge over a real service: refusals in a storm, and what watching it costs."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.dialects import sqlite

from bot import counters, web
from bot.config import load
from bot.counters import Counters
from bot.listening import CROWDED
from bot.service import Service
from issues.texts import Texts
from storage import schema, undelivered
from storage.db import Database
from tests.acceptance.callers import _flat
from tests.acceptance.wire import Seal
from tests.bot.conftest import CONFIG
from tests.town import at, settle

PUT_OFF = Texts().say("put_off", {})

FAQ = Path(__file__).parent.parent / "small_faq.yaml"
NOW = at("2026-06-01 09:00")
SEAL = Seal("testToken", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "wwtest")
CROWD = {CROWDED: True}
TEXT = (
    "<xml><ToUserName>wwtest</ToUserName><FromUserName>mao_mou</FromUserName><CreateTime>{at}"
    "</CreateTime><MsgType>text</MsgType><Content>村口路灯坏了三天没人修</Content>"
    "<MsgId>{msgid}</MsgId></xml>"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    home = tmp_path_factory.mktemp("web")
    config = CONFIG.format(url="sqlite:///web.db") + f'[faq]\npath = "{FAQ.as_posix()}"\n'
    (home / "config.toml").write_text(config, "utf-8")
    read = load(home / "config.toml", {})
    schema.upgrade(Database(read.database_url()))
    made = Service(read, clock=lambda: NOW)
    settle(made.database)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def client(service):
    return web.create(service).test_client()


def post(client, msgid, environ=None, signature=""):
    stamp = str(int(NOW.timestamp()))
    encrypted = SEAL.encrypt(TEXT.format(at=stamp, msgid=msgid))
    query = {
        "msg_signature": signature or SEAL.sign(encrypted, stamp, "n1"),
        "timestamp": stamp,
        "nonce": "n1",
    }
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    return client.post("/wecom/app", query_string=query, data=body, environ_overrides=environ or {})


def said(answer) -> str:
    return _flat(SEAL.decrypt(_flat(answer.get_data(as_text=True))["Encrypt"]))["Content"]


# --- in a storm ---


def test_too_much_at_once_is_503_with_an_empty_body_and_a_word_when_to_come_again(client):
    answer = post(client, "w1", CROWD)
    assert (answer.status_code, answer.data, answer.headers["Retry-After"]) == (503, b"", "1")


def test_what_is_refused_once_is_taken_when_it_comes_again(client):
    post(client, "w2", CROWD)
    answer = post(client, "w2", CROWD)
    assert (answer.status_code, said(answer)) == (200, PUT_OFF)


def test_a_forger_learns_nothing_from_a_storm(client):
    answers = [post(client, "w3", environ, "0" * 40) for environ in ({}, CROWD)]
    assert [(a.status_code, a.data) for a in answers] == [(403, b"")] * 2


def test_size_is_looked_at_first_in_a_storm_too(client):
    answer = client.post("/wecom/app", data=b"<" * 300_000, environ_overrides=CROWD)
    assert (answer.status_code, answer.data) == (413, b"")


def test_the_address_of_a_channel_that_only_sends_is_not_there(client):
    assert client.post("/wecom/webhook", data=b"x").status_code == 404


# --- what watching costs ---


@contextmanager
def statements(database):
    """The SELECTs in the block."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT"):
            seen.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_health_keeps_its_keys(client):
    assert set(client.get("/healthz").json) == {
        "ok", "database", "problems", "ticks", "last_tick", "outbox_stuck", "faq_entries",
        "open_issues", "outbox_waiting", "outbox_dead", "in_person", "inbox_failed",
    }  # fmt: skip


def test_health_counts_nothing_again_for_the_next_who_asks(service, client):
    client.get("/healthz")
    with statements(service.database) as seen:
        client.get("/healthz")
    assert [one for one in seen if "count(" in one] == []
    assert len(seen) <= 3


def test_metrics_count_only_marks_that_are_due_for_the_next_who_asks(service, client):
    client.get("/metrics")
    with statements(service.database) as seen:
        client.get("/metrics")
    assert [one for one in seen if "count(" in one and "next_mark_at <=" not in one] == []
    assert len(seen) <= 4


def test_counts_are_taken_again_after_a_while(service):
    seconds = [0.0]
    counted = Counters(service.database, lambda: seconds[0])
    counted.outstanding()
    with statements(service.database) as seen:
        counted.outstanding()
        seconds[0] = counters.FRESH
        counted.outstanding()
    assert len(seen) == len(counters.OUTSTANDING)


def test_metrics_tell_how_many_rows_there_are_at_this_moment(client):
    def inbox() -> float:
        lines = client.get("/metrics").get_data(as_text=True).splitlines()
        rows = [line for line in lines if line.startswith("sanzhang_rows{") and "inbox" in line]
        return sum(float(row.rpartition(" ")[2]) for row in rows)

    before = inbox()
    post(client, "w9")
    assert inbox() == before + 1


QUERIES = {
    **counters.OUTSTANDING,
    **{f"oldest {one.name}": query for one, query in undelivered.OLDEST.items()},
    **{f"rows of {table}": query for table, query in counters.TOTALS.items()},
    "marks due": counters.marks_due(NOW),
}


#: What an index's definition has in it that the first three migrations do not make.
NEW_INDEX = {"open_issues": "'accepted'", "outbox_dead": "'dead'"}


@pytest.mark.parametrize("name", QUERIES)
def test_no_number_reads_a_whole_table(service, name):
    """Each is a search, or goes through an index over a part of the table."""
    query = QUERIES[name].compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with service.database.engine.connect() as connection:
        indexes = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type='index'"
        ).all()
        partial = {index for index, sql in indexes if sql and " WHERE " in sql}
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    if name in NEW_INDEX and not any(NEW_INDEX[name] in sql for _, sql in indexes if sql):
        pytest.skip("its index comes with the migration 0004_lean_tables")
    scans = [row.detail for row in plan if row.detail.startswith("SCAN")]
    whole = [scan for scan in scans if not partial & set(re.findall(r"INDEX (\w+)", scan))]
    assert whole == []
