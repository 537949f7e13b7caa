"""Everything that can go wrong on purpose, from Python."""

import time
from datetime import timedelta

import pytest

from tests.emulator.echo import text

BODY = {"touser": "jumin_an", "agentid": 1000002, "msgtype": "text", "text": {"content": "好"}}


# -- calls of the service


def test_an_error_code_comes_as_often_as_asked(emu, client):
    emu.faults.api("message/send", errcode=-1, times=2)
    assert [client.send("jumin_an")["errcode"] for _ in range(3)] == [-1, -1, 0]


def test_faults_come_in_the_order_they_were_put_in(emu, client):
    client.login()
    emu.faults.api("/cgi-bin/message/send", errcode=45033)
    emu.faults.api("*", errcode=48002)
    assert [client.send("jumin_an")["errcode"] for _ in range(3)] == [45033, 48002, 0]


def test_an_error_code_may_last_for_a_while(emu, client):
    emu.faults.api("message/send", errcode=45009, seconds=60)
    assert {client.send("jumin_an")["errcode"] for _ in range(3)} == {45009}
    emu.clock.advance(timedelta(seconds=60))
    assert client.send("jumin_an")["errcode"] == 0


def test_an_http_status_and_garbage_are_possible(emu, client):
    client.login()
    emu.faults.api("message/send", status=502)
    emu.faults.api("message/send", garbage=1)
    assert client.post("message/send", BODY).status_code == 502
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        client.post("message/send", BODY).json()


def test_a_delay_is_real(emu, client):
    emu.faults.api("gettoken", delay=0.2)
    started = time.monotonic()
    client.login()
    assert time.monotonic() - started >= 0.2


def test_a_lost_answer_was_carried_out(emu, client):
    client.login()
    emu.faults.api("message/send", lost=504)
    assert client.post("message/send", BODY).status_code == 504
    assert [one.text for one in emu.phone("jumin_an")] == ["好"]


@pytest.mark.parametrize("what", [{}, {"explode": 1}, {"errcode": 1, "status": 500}])
def test_a_fault_is_of_one_known_kind(emu, what):
    with pytest.raises(ValueError, match="fault"):
        emu.faults.api("gettoken", **what)


def test_pending_faults_can_be_seen_and_cleared(emu):
    emu.faults.api("gettoken", errcode=-1)
    emu.faults.callback("drop", via="bot")
    assert [one.kind for one in emu.faults.pending()] == ["errcode", "drop"]
    emu.faults.clear()
    assert emu.faults.pending() == []


# -- callbacks


def test_a_duplicate_is_the_same_packet_again(emu, echo):
    emu.faults.callback("duplicate", value=2)
    delivery = emu.say("jumin_an", "灯")
    assert len(set(echo.envelopes)) == 1
    assert (len(echo.envelopes), len(delivery.duplicates)) == (3, 2)


@pytest.mark.parametrize("via", ["app", "bot"])
def test_a_forged_signature_and_a_wrong_receiver_are_refused_by_the_service(emu, echo, via):
    emu.faults.callback("forged_signature", via=via)
    assert emu.say("jumin_an", "灯", via=via).status == "failed"
    emu.faults.callback("wrong_receive_id", via=via)
    assert emu.say("jumin_an", "灯", via=via).status == "failed"
    expected = ["InvalidSignatureException"] * 4 + ["InvalidCorpIdException"] * 4
    assert (echo.refused, echo.heard) == (expected, [])


def test_an_empty_agent_id_is_possible(emu, echo):
    emu.faults.callback("empty_agent_id")
    emu.say("jumin_an", "灯")
    assert "<AgentID><![CDATA[]]></AgentID>" in echo.envelopes[0]


def test_a_skewed_timestamp_is_signed_correctly(emu, echo):
    emu.faults.callback("skew", value=-7200)
    delivery = emu.say("jumin_an", "灯")
    assert int(delivery.packet.timestamp) == emu.clock.timestamp() - 7200
    assert len(echo.heard) == 1


def test_a_held_message_arrives_after_the_next_one(emu, echo):
    echo.answer = lambda message: text("回" + message["Content"])
    emu.faults.callback("hold")
    first = emu.say("jumin_an", "一")
    assert (first.status, echo.heard) == ("held", [])
    emu.say("jumin_an", "二")
    assert [one["Content"] for one in echo.heard] == ["二", "一"]
    assert (first.status, first.text) == ("delivered", "回一")


def test_what_is_held_can_be_let_go(emu, echo):
    emu.faults.callback("hold", via="bot")
    held = emu.say("jumin_an", "一", via="bot")
    emu.release()
    assert (held.status, len(echo.heard)) == ("delivered", 1)


def test_a_dropped_message_never_arrives(emu, echo):
    emu.faults.callback("drop")
    assert emu.say("jumin_an", "一").status == "dropped"
    assert echo.heard == []


def test_a_delayed_message_arrives_late(emu, echo):
    emu.faults.callback("delay", value=0.2)
    started = time.monotonic()
    emu.say("jumin_an", "一")
    assert time.monotonic() - started >= 0.2


def test_a_fault_for_the_bot_leaves_the_app_alone(emu, echo):
    emu.faults.callback("drop", via="bot")
    assert emu.say("jumin_an", "一").status == "delivered"
    assert emu.say("jumin_an", "一", via="bot").status == "dropped"


def test_an_unknown_callback_fault_is_an_error(emu):
    with pytest.raises(ValueError, match="callback fault"):
        emu.faults.callback("explode")
