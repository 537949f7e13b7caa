"""The WeCom API is away or angry: nothing is lost, and what comes later comes once."""

import sqlite3
from datetime import datetime, timedelta

import pytest

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import ZONE, Deployment, eventually, number_in
from tests.acceptance.town import lins

LAMP = "桥头的电表箱坏了没人修"


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

    def remembered() -> bool:
        return "undeliverable" in [event["kind"] for event in place.show(number)["events"]]

    assert eventually(remembered)  # the log speaks before the database has it


def test_while_somebody_else_holds_the_database_nothing_is_acknowledged(place, lin, monkeypatch):
    other = sqlite3.connect(place.home / "var/test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with monkeypatch.context() as once:
        once.setattr(place.app, "sendings", 1)
        said = place.app.text(lin.resident, LAMP, msgid="locked-1")
    assert (said.status, said.body) == (503, b"")
    assert "九月" in place.app.text(lin.resident, "医保什么时候交").text
    other.execute("COMMIT")
    other.close()
    number_in(place.app.text(lin.resident, LAMP, msgid="locked-1").text)
    assert [one["unit"] for one in place.issues()].count(lin.path) == 1


def photo(place: Deployment, lin, name: str) -> str:
    """A photo that the lin's resident sends to the app; the number of its issue."""
    place.api.media[name] = (b"\xff\xd8\xff" + name.encode(), "image/jpeg")
    return number_in(place.app.message(lin.resident, "image", PicUrl="x", MediaId=name).text)


def kept(place: Deployment, number: str) -> str:
    return str(place.show(number)["attachments"][0]["path"])


def test_a_photo_is_still_brought_home_after_an_outage_of_a_day(place, lin):
    place.api.down()
    number = photo(place, lin, "long-outage")
    assert eventually(lambda: "not fetched" in place.log)
    for minutes in (10, 60, 180, 600, 1200, 1400):
        place.tick(later(minutes))
    place.api.up()
    place.tick(later(1500))
    assert kept(place, number)


def test_a_photo_that_cannot_be_fetched_does_not_hold_up_the_others(place, lin):
    place.api.tokens.clear()
    place.api.fail("gettoken", 40001, times=1)
    place.api.fail("media/get", -1, times=1)
    first = photo(place, lin, "first")
    place.api.links["/enc/second"] = place.bot.seal.encrypt_bytes(b"\xff\xd8\xffsecond")
    image = {"image": {"url": f"{place.api.url}/enc/second"}}
    second = number_in(place.bot.message(lin.neighbour, image).text)
    assert eventually(lambda: kept(place, second))
    for minutes in (10, 30):  # one meets the token, one the file: which, depends on who asks first
        place.tick(later(minutes))
    assert kept(place, first)


def test_a_photo_is_fetched_with_a_fresh_token_when_the_old_one_died(place, lin):
    place.api.tokens.clear()
    number = photo(place, lin, "dead-token")
    assert eventually(lambda: kept(place, number))


def test_no_secret_reaches_the_log_however_the_api_fails(place, lin):
    logged = len(place.log)  # another test has locked the database: who met that left a traceback
    place.api.down()
    number = photo(place, lin, "secretive")
    eventually(lambda: place.log.count("not fetched") > 1)
    place.tick(later(6 * 24 * 60))
    place.api.up()
    told = place.log + place.cli("doctor")
    for secret in ("acceptance-secret", "hook-one", "corpsecret", "access_token"):
        assert secret not in told, number
    assert "Traceback" not in place.log[logged:], number


def test_a_webhook_that_was_removed_stops_nobody_else(place, lin):
    number = number_in(place.app.text(lin.resident, LAMP).text)
    eventually(lambda: place.api.cards(lin.linzhang, number))
    place.api.fail("webhook/send", 93000)
    place.tick(later(5 * 24 * 60))
    assert place.api.told("zu_1")
    assert place.show(number)["holder"] == "zu_1"
