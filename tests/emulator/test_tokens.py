"""gettoken, and what every call checks before it does anything."""

from datetime import timedelta

import pytest

HOURS_2 = timedelta(seconds=7200)


def test_a_token_lasts_7200_seconds(client):
    answer = client.login()
    assert (answer["errcode"], answer["expires_in"]) == (0, 7200)


def test_the_same_token_comes_again_while_it_is_valid(emu, client):
    first = client.login()["access_token"]
    emu.clock.advance(timedelta(minutes=90))
    assert client.login()["access_token"] == first
    assert client.login()["expires_in"] == 1800


def test_an_expired_token_is_42001_and_a_new_one_works(emu, client):
    first = client.login()["access_token"]
    emu.clock.advance(HOURS_2)
    assert client.send("jumin_an")["errcode"] == 42001
    assert client.login()["access_token"] != first
    assert client.send("jumin_an")["errcode"] == 0


@pytest.mark.parametrize("errcode", [40014, 42001])
def test_tokens_can_die_early(emu, client, errcode):
    client.login()
    emu.faults.invalidate_tokens(errcode)
    assert client.send("jumin_an")["errcode"] == errcode
    assert client.login()["errcode"] == 0
    assert client.send("jumin_an")["errcode"] == 0


def test_wrong_credentials_get_no_token(emu, client):
    corp_id, secret = emu.world.corp_id, emu.world.app.secret
    assert client.get("gettoken", corpid="ww0", corpsecret=secret).json()["errcode"] == 40013
    assert client.get("gettoken", corpid=corp_id, corpsecret="x").json()["errcode"] == 40001


def test_a_missing_and_an_unknown_token_differ(client):
    body = {"touser": "jumin_an", "agentid": 1000002}
    assert client.call("message/send", body, access_token="")["errcode"] == 41001
    assert client.call("message/send", body, access_token="made-up")["errcode"] == 40014


def test_an_untrusted_address_is_60020(emu, client):
    emu.world.app.trusted_ips = ["10.0.0.1"]
    answer = client.send("jumin_an")
    assert answer["errcode"] == 60020
    assert "127.0.0.1" in answer["errmsg"]


def test_an_unknown_api_and_a_wrong_method_are_errors(client):
    assert client.call("message/sing", {})["errcode"] == 40066
    assert client.ask("message/send")["errcode"] == 43002
    assert client.call("gettoken", {})["errcode"] == 43001


def test_ten_thousand_calls_a_minute_are_the_limit(emu, client):
    client.login()
    emu.corp.windows._hits[("call", "user/get")].extend([emu.clock.now()] * 10_000)
    assert client.ask("user/get", userid="jumin_an")["errcode"] == 45009
    emu.clock.advance(timedelta(seconds=61))
    assert client.ask("user/get", userid="jumin_an")["errcode"] == 0


def test_the_log_keeps_secrets_to_itself(emu, client):
    client.send("jumin_an")
    assert emu.world.app.secret not in repr(emu.sent)
    assert client.token not in repr(emu.sent)
