"""The same service on a real PostgreSQL: one walk through everything that writes at once."""

import copy
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import requests

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import (
    PATIENCE,
    ZONE,
    eventually,
    number_in,
    sanzhang_in_turn,
    short,
)

LAMP = "渡口的电表箱坏了没人修"


@pytest.fixture(scope="module")
def place(setup, postgres):
    place = setup(quiet=awake(), database=postgres.create("acceptance")).start()
    yield place
    place.stop()


def test_eight_at_once_are_one_issue(place):
    now = int(time.time())

    def send(_):
        return place.app.text("res_1_1", LAMP, msgid="1", at=now).text

    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(send, range(8)))
    assert len(texts) == 1
    assert len(place.issues()) == 1


def test_the_same_words_sixteen_times_at_once_are_one_issue(place):
    before = len(place.issues())

    def send(_):
        return number_in(place.app.text("res_1_36", "三号机井的抽水泵没人管").text)

    with ThreadPoolExecutor(16) as pool:
        numbers = set(pool.map(send, range(16)))
    assert (len(numbers), len(place.issues())) == (1, before + 1)


@pytest.mark.parametrize("user", ["u" * 300, "res_1_34"])
def test_an_id_of_300_characters_is_no_5xx(place, user):
    done = place.app.text(user, LAMP, msgid="9" * 400)
    again = place.app.text(user, LAMP, msgid="9" * 400)
    assert (done.status, done.text) == (again.status, again.text)
    assert done.status == (400 if len(user) > 128 else 200)


@pytest.mark.parametrize("degrees", ["NaN", "inf", "-91", "1e308"])
def test_a_place_that_is_nowhere_is_no_5xx_and_is_not_kept(place, degrees):
    before = place.cli("issues", "list", "--json")
    said = place.app.message("res_1_34", "location", Location_X=degrees, Location_Y="112.5")
    assert (said.status, place.cli("issues", "list", "--json")) == (200, before)


def test_a_group_of_300_characters_is_refused(place):
    assert place.bot.message("res_1_34", {"text": {"content": LAMP}}, chat="c" * 300).status == 400


def test_forty_at_once_get_forty_numbers(place):
    def send(n):
        return number_in(
            place.app.text(f"res_{1 + n % 2}_{2 + n // 3}", f"{n} 号电表箱没人管").text
        )

    with ThreadPoolExecutor(16) as pool:
        numbers = set(pool.map(send, range(40)))
    assert len(numbers) == 40


def test_the_card_comes_and_a_tap_accepts(place):
    number = number_in(place.app.text("res_1_40", LAMP).text)
    card = eventually(lambda: place.api.cards("lin_1_40", number))[0]
    place.app.click("lin_1_40", card, "accept")
    assert place.show(number)["state"] == "accepted"


def test_words_that_no_database_takes_are_kept(place):
    said = place.bot.message("res_1_39", {"text": {"content": f"{LAMP}\ud800\0"}})
    assert LAMP in place.show(number_in(said.text))["content"]


def test_what_was_acknowledged_survives_kill_9(place):
    number = number_in(place.app.text("res_1_38", LAMP).text)
    place.kill()
    place.start()
    assert place.show(number)["holder"] == "lin_1_38"


def test_three_ticks_at_once_tell_everybody_once(place):
    number = place.issues()[0]["number"]
    day = datetime.now(ZONE).date() + timedelta(days=3)
    tick = ["tick", "--at", f"{day}T09:00+08:00", "--config", str(place.home / "config.toml")]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: sanzhang_in_turn(*tick), range(3)))
    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert place.show(number)["holder"] == "zu_1"
    assert len(place.api.told("lin_1_1", short(number), "已升给")) == 1


def test_the_history_is_unbroken(place):
    assert "都对得上" in place.cli("issues", "verify")


def health(place):
    return requests.get(f"{place.url}/healthz", timeout=PATIENCE).status_code


def test_a_server_that_stands_still_is_503_and_then_everything_goes_on(place, postgres):
    impatient = copy.copy(place.app)
    impatient.sendings = 1
    with postgres.frozen():
        assert impatient.text("res_1_35", LAMP).status == 503
        # looked at afresh after five seconds
        assert eventually(lambda: health(place) == 503)
    assert "编号 SZ-" in place.app.text("res_1_35", LAMP).text
