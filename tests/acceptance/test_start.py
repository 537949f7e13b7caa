"""serve: the port at once, the answer as soon as there is one, an honest end if there is none."""

import re
import socket

import pytest
import requests

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import eventually, sanzhang


@pytest.fixture(scope="module")
def place(setup):
    return setup(quiet=awake())


def health(place) -> tuple[int, dict[str, object]] | None:
    try:
        answer = requests.get(f"{place.url}/healthz", timeout=30)
    except requests.ConnectionError:
        return None
    return answer.status_code, answer.json()


def answered(place) -> str:
    """What somebody reads who asks now; nothing while it is 503."""
    try:
        return str(place.app.text("res_1_1", "医保什么时候交").text)
    except requests.ConnectionError:
        return ""


def test_the_port_says_starting_and_then_answers_and_a_stop_is_clean(place):
    place.launch()
    first = eventually(lambda: health(place), seconds=60)
    assert first == (503, {"ok": False, "starting": True})
    assert eventually(lambda: answered(place), seconds=120).startswith("医保每年九月到十二月")
    assert (health(place) or (0, {}))[0] == 200
    assert place.stop() == 0


def test_a_stop_during_the_start_is_clean(place):
    place.launch()
    eventually(lambda: health(place), seconds=60)
    assert place.stop() == 0


@pytest.mark.parametrize(
    ("pattern", "wrong", "word"),
    [
        (r'path = "faq.yaml"', 'path = "nowhere.yaml"', "nowhere.yaml"),
        (r"agent_id = \d+", 'agent_id = "one"', "agent_id"),
        (r'listen = "[^"]+"', 'listen = "nowhere"', "listen"),
    ],
)
def test_what_cannot_start_ends_with_its_word_and_status_1(place, tmp_path, pattern, wrong, word):
    config = re.sub(pattern, wrong, place.config_file.read_text("utf-8"))
    config = config.replace("sqlite:///", f"sqlite:///{place.home}/")
    (tmp_path / "config.toml").write_text(config, "utf-8")
    done = sanzhang("serve", "--config", str(tmp_path / "config.toml"))
    assert (done.returncode, word in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_port_that_somebody_else_has_is_told_in_words(place):
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        done = sanzhang("serve", "--config", str(place.config_file))
    assert (done.returncode, f"{place.port} 不能用" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr
