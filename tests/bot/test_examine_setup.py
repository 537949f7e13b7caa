"""What is wrong with how a deployment was set up is named by doctor; no finding goes untested."""

import ast
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from bot.config import CHECKOUT, load
from bot.examine import checks, filled_roster, own_files, reachable, sound_database
from bot.examine.examination import Installation
from storage import db as db_module
from storage.db import Database
from tests.bot.conftest import CONFIG
from tests.town import at

NOON = at("2026-06-01 12:00")
FAQ = "- {编号: lamp, 问题: 路灯坏了找谁, 答复: 找邻长。}\n"
HOOK = '[[wecom.webhook]]\nunit = "石坪村"\nkey = "k"\nchat_id = "wr1"\n'


@pytest.fixture
def place(tmp_path, town_lite):
    """place(more): an installation whose configuration has these sections as well."""

    def _place(more: str = "", now: datetime = NOON, database: Database = town_lite):
        (tmp_path / "config.toml").write_text(CONFIG.format(url="sqlite:///x.db") + more, "utf-8")
        return Installation.of(load(tmp_path / "config.toml", {}), database, now)

    return _place


def bad(findings: Any) -> list[str]:
    return [finding.name for finding in findings if finding.bad]


# --- own files ---


def test_a_group_of_a_unit_that_nobody_knows(place):
    assert bad(filled_roster.complete(place(HOOK))) == ["roster.unit"]


def test_a_broken_faq(place, tmp_path):
    (tmp_path / "faq.yaml").write_text("- id: [broken", "utf-8")
    assert bad(own_files.questions(place('[faq]\npath = "faq.yaml"\n'))) == ["faq.broken"]


def test_an_answer_for_a_place_that_is_not_there(place, tmp_path):
    lost = FAQ.replace("。}", "。, 适用: 石坪村}")
    (tmp_path / "faq.yaml").write_text(lost, "utf-8")
    assert bad(own_files.questions(place('[faq]\npath = "faq.yaml"\n'))) == ["faq.scope"]


def test_a_broken_table_of_departments(place, tmp_path):
    (tmp_path / "departments.yaml").write_text("- [broken", "utf-8")
    found = place('[issues]\nrouting = "departments.yaml"\n')
    assert bad(own_files.routing(found)) == ["routing.broken"]


def test_broken_texts(place, tmp_path):
    (tmp_path / "texts.yaml").write_text("no_such_key: 话\n", "utf-8")
    found = place().config
    texts = found.model_copy(
        update={"service": found.service.model_copy(update={"texts": "texts.yaml"})}
    )
    assert bad(own_files.texts(Installation.of(texts, place().database, NOON))) == ["texts.broken"]


# --- the database ---


def test_a_file_without_our_tables_is_empty(place, tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE something (x)")
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    assert bad(sound_database.usable(place(database=database))) == ["database.unready"]


def test_tables_of_an_older_version(place, town_lite):
    older = text("UPDATE alembic_version SET version_num = '0009'")
    town_lite.write(lambda session: session.execute(older))
    [finding] = sound_database.usable(place())
    assert (finding.name, "db upgrade" in finding.text) == ("database.unready", True)


def test_a_database_that_is_held_by_somebody_else(place, town_lite, monkeypatch):
    path = town_lite.engine.url.database
    monkeypatch.setattr(db_module, "BUSY_TIMEOUT_MS", 200)
    hurried = Database(f"sqlite:///{path}")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert bad(sound_database.takes_writes(place(database=hurried))) == ["database.busy"]
    other.close()


# --- WeCom ---


@contextmanager
def wecom(errcode: int, theirs: datetime) -> Iterator[str]:
    """A WeCom on loopback with that answer and that time."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"errcode": errcode, "access_token": "t", "expires_in": 7200})
            self.send_response_only(200)
            self.send_header("Date", format_datetime(theirs.astimezone(UTC), usegmt=True))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def calling(place: Any, api_base: str) -> Installation:
    found = place()
    called = found.config.wecom.model_copy(update={"api_base": api_base})
    config = found.config.model_copy(update={"wecom": called})
    return Installation.of(config, found.database, NOON)


@pytest.mark.parametrize(
    ("errcode", "away", "names"),
    [
        (0, timedelta(seconds=30), []),
        (0, timedelta(minutes=10), ["clock.wrong"]),
        (0, -timedelta(days=365), ["clock.wrong"]),
        (40001, timedelta(0), ["wecom.secret"]),
    ],
)
def test_what_wecom_says(place, errcode, away, names):
    with wecom(errcode, NOON + away) as api_base:
        assert bad(reachable.wecom(calling(place, api_base))) == names


def test_a_wecom_that_cannot_be_reached(place):
    assert bad(reachable.wecom(calling(place, "http://127.0.0.1:9"))) == ["wecom.unreachable"]


# --- all of them ---


def _names() -> set[str]:
    """The name of every bad finding that stands in bot/examine/ as a word of its own."""
    found = set()
    for path in (CHECKOUT / "bot/examine").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.IfExp):
                named = node.args[0] if node.args else None
                called = getattr(node.func, "id", "bad")
                if called == "bad" and isinstance(named, ast.Constant):
                    found.add(str(named.value))
    return found


def test_every_bad_finding_has_a_test():
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_exam*.py"))
    names = _names()
    assert len(names) > 25
    assert [name for name in sorted(names) if f'"{name}"' not in tests] == []


def test_every_module_of_checks_is_in_the_table():
    helpers = {"__init__", "checks", "examination", "spans"}
    modules = {path.stem for path in (CHECKOUT / "bot/examine").glob("*.py")} - helpers
    assert modules == {check.look.__module__.rpartition(".")[2] for check in checks.CHECKS}
