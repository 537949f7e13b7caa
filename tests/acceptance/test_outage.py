"""The WeCom API is away or angry: nothing is lost, and what comes later comes once."""

from datetime import datetime, timedelta

import pytest

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import ZONE, Deployment, eventually, number_in
from tests.acceptance.town import lins

LAMP = "桥头的路灯坏了没人修"


@pytest.fixture(scope="module")
def place(setup):
    return setup(quiet=awake()).start()


@pytest.fixture(scope="module")
def _next_lin():
    return iter(lins(1))


@pytest.fixture
def lin(_next_lin):
    return next(_next_lin)


def later(minutes: int) -> datetime:
    return datetime.now(ZONE) + timedelta(minutes=minutes)


def refused(place: Deployment, reason: str) -> bool:
    return eventually(lambda: f"not sent: {reason}" in place.log)


def test_while_the_api_is_down_reports_are_taken_and_cards_come_later_once(place, lin):
    place.api.down()
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert refused(place, "message/send: ConnectionError")
    place.api.up()
    place.tick(later(60))
    place.tick(later(61))
    assert len(place.api.cards(lin.linzhang, number)) == 1


@pytest.mark.parametrize("errcode", [-1, 45009, 45033, 50003, 60020, 99999])
def test_a_passing_error_delays_the_card_and_does_not_double_it(place, lin, errcode):
    place.api.fail("message/send", errcode)
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert refused(place, f"errcode {errcode}")
    assert place.api.cards(lin.linzhang, number) == []
    place.tick(later(60))
    place.tick(later(61))
    assert len(place.api.cards(lin.linzhang, number)) == 1


def test_a_token_that_died_is_renewed_once_and_the_card_leaves_at_once(place, lin):
    place.tick()  # the service has a token
    place.api.tokens.clear()
    place.api.forget()
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert eventually(lambda: place.api.cards(lin.linzhang, number))
    assert place.api.calls.count("gettoken") == 1


def test_a_token_that_is_never_good_does_not_hammer_the_api(place, lin):
    place.api.forget()
    place.api.fail("message/send", 42001, times=2)
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert refused(place, "errcode 42001")
    assert place.api.calls.count("gettoken") <= 1
    place.tick(later(60))
    assert len(place.api.cards(lin.linzhang, number)) == 1


def test_a_token_that_cannot_be_fetched_loses_nothing(place, lin):
    place.api.tokens.clear()
    place.api.fail("gettoken", 40001, times=1)
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert refused(place, "errcode 40001")
    place.tick(later(60))
    assert len(place.api.cards(lin.linzhang, number)) == 1


def test_a_linzhang_who_is_not_in_wecom_does_not_end_the_issue(place, lin):
    place.api.gone.add(lin.linzhang)
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert refused(place, "errcode 81013")
    place.tick(later(24 * 60))
    assert place.api.told("zu_1", number[-4:], "送不到")
    assert "送不到" in place.cli("doctor")


def test_a_member_named_as_invalid_counts_as_unreachable(place, lin):
    fault = {"errcode": 0, "errmsg": "ok", "invaliduser": lin.linzhang}
    place.api.faults["message/send"].append(fault)
    number = number_in(place.app.text(lin.resident, LAMP).text)
    assert refused(place, "invaliduser")
    kinds = [event["kind"] for event in place.show(number)["events"]]
    assert "undeliverable" in kinds


def test_a_webhook_that_was_removed_stops_nobody_else(place, lin):
    number = number_in(place.app.text(lin.resident, LAMP).text)
    eventually(lambda: place.api.cards(lin.linzhang, number))
    place.api.fail("webhook/send", 93000)
    place.tick(later(5 * 24 * 60))
    assert place.api.told("zu_1")
    assert place.show(number)["holder"] == "zu_1"
