"""Lines of the log: an id that holds together what belongs together, and no number of a person."""

import io
import json
import logging

import pytest

from bot import logs
from bot.logs import CoveredText, JsonLines, covered, within

NUMBERS = [
    "13800138000",
    "138 0013 8000",
    "430382199001011234",
    "6222021234567890123",
    "0731-55551234",
]


@pytest.fixture
def lines():
    """lines(form): a logger whose lines can be read."""
    handlers = []

    def _lines(form):
        text = io.StringIO()
        handler = logging.StreamHandler(text)
        handler.setFormatter(form)
        handler.addFilter(logs._with_run)
        log = logging.getLogger(f"test.{type(form).__name__}")
        log.handlers, log.propagate = [handler], False
        handlers.append(log)
        return log, text

    yield _lines
    for log in handlers:
        log.handlers = []


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_people_are_covered_in_words_and_in_errors(lines, number):
    log, text = lines(JsonLines())
    try:
        raise ValueError(f"cannot read {number}")
    except ValueError:
        log.exception("message of %s failed", number)
    assert number not in text.getvalue()
    assert "message of" in text.getvalue()


def test_the_number_of_an_issue_stays():
    assert covered("SZ-20261121-0042 不能办 13800138000") == "SZ-20261121-0042 不能办 138****8000"


def test_json_lines_are_an_object_each(lines):
    log, text = lines(JsonLines())
    log.warning("第一行\n第二行")
    line = json.loads(text.getvalue())
    assert (line["level"], line["message"], line["run"]) == ("WARNING", "第一行\n第二行", "-")
    assert line["at"][10] == "T"


def test_what_is_logged_inside_of_one_run_has_its_id(lines):
    log, text = lines(CoveredText("%(run)s %(message)s"))
    with within("send_outbox") as first:
        log.warning("a")
        log.warning("b")
    with within("send_outbox") as second:
        log.warning("c")
    log.warning("d")
    assert text.getvalue().splitlines() == [f"{first} a", f"{first} b", f"{second} c", "- d"]
    assert first != second


def test_a_file_that_is_rotated_is_opened_again(tmp_path, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    level, path = root.level, tmp_path / "sanzhang.log"
    try:
        logs.set_up("json", path)
        root.info("one")
        path.rename(tmp_path / "old.log")
        root.info("two")
        said = [json.loads(line)["message"] for line in path.read_text("utf-8").splitlines()]
    finally:
        for handler in root.handlers:
            handler.close()
        root.setLevel(level)
    assert said == ["two"]
