"""Tapping cards, greying and replacing them, taking messages back."""

from datetime import timedelta

import pytest

from emulator.said import CannotTap
from tests.emulator.echo import card, notice, text

BUTTON = {"MsgType": "update_button", "Button": {"ReplaceName": "已接单"}}


def update(client, code, **change):
    change = change or {"button": {"replace_name": "已接单"}}
    body = {"userids": ["linzhang_cen"], "agentid": 1000002, "response_code": code, **change}
    return client.call("message/update_template_card", body)


@pytest.fixture
def sent(client, echo):
    """A card to two people."""
    return client.send_card("linzhang_cen|zuzhang_dai", card())


def test_a_tap_arrives_as_a_template_card_event(emu, sent, echo):
    emu.click("linzhang_cen", emu.phone("linzhang_cen")[0].id, "accept")
    heard = echo.heard[-1]
    names = ("Event", "EventKey", "TaskId", "CardType", "FromUserName", "AgentID")
    expected = ["template_card_event", "accept", "T-1", "button_interaction"]
    assert [heard[name] for name in names] == [*expected, "linzhang_cen", "1000002"]
    assert heard["ResponseCode"]


def test_what_was_chosen_arrives_with_the_tap(emu, client, echo):
    options = [{"id": "today", "text": "今天"}, {"id": "tomorrow", "text": "明天"}]
    client.send_card(
        "linzhang_cen", card(button_selection={"question_key": "eta", "option_list": options})
    )
    emu.click("linzhang_cen", "m1", "accept", {"eta": "today"})
    item = echo.heard[-1]["SelectedItems"]["SelectedItem"]
    assert (item["QuestionKey"], item["OptionIds"]["OptionId"]) == ("eta", "today")


def test_a_menu_tap_is_an_event_of_its_own(emu, client, echo):
    echo.answer = lambda _: text("好的")
    menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "mute"}]}
    client.send_card("linzhang_cen", card(action_menu=menu))
    delivery = emu.click("linzhang_cen", "m1", "mute")
    assert echo.heard[-1]["Event"] == "template_card_menu_event"
    assert delivery.text == "好的"


def test_update_button_greys_the_card_for_the_clicker_only(emu, sent, echo):
    echo.answer = lambda _: BUTTON
    delivery = emu.click("linzhang_cen", emu.phone("linzhang_cen")[0].id, "accept")
    mine, other = emu.phone("linzhang_cen")[0], emu.phone("zuzhang_dai")[0]
    assert (delivery.text, mine.state, mine.label) == ("已接单", "greyed", "已接单")
    assert (other.state, len(other.buttons)) == ("live", 2)


def test_update_template_card_replaces_it_for_the_clicker(emu, sent, echo):
    new = {
        "CardType": "text_notice",
        "MainTitle": {"Title": "已接单"},
        "HorizontalContentList": [{"KeyName": "接单人", "Value": "岑守田"}],
        "CardAction": {"Type": "1", "Url": "https://sanzhang.example/1"},
    }
    echo.answer = lambda _: {"MsgType": "update_template_card", "TemplateCard": new}
    delivery = emu.click("linzhang_cen", emu.phone("linzhang_cen")[0].id, "accept")
    shown = emu.phone("linzhang_cen")[0]
    assert (delivery.error, shown.state) == ("", "replaced")
    assert shown.card["horizontal_content_list"] == [{"keyname": "接单人", "value": "岑守田"}]


def test_a_text_is_no_answer_to_a_tap(emu, sent, echo):
    echo.answer = lambda _: text("收到")
    delivery = emu.click("linzhang_cen", emu.phone("linzhang_cen")[0].id, "accept")
    assert (delivery.status, delivery.reply) == ("refused", None)


def test_a_card_update_is_no_answer_to_a_message(emu, echo):
    echo.answer = lambda _: BUTTON
    assert emu.say("jumin_an", "路灯坏了").status == "refused"


def test_dead_unknown_and_foreign_buttons_cannot_be_tapped(emu, sent, echo):
    echo.answer = lambda _: BUTTON
    mine = emu.phone("linzhang_cen")[0]
    with pytest.raises(CannotTap):
        emu.click("jumin_an", mine, "accept")
    with pytest.raises(CannotTap):
        emu.click("linzhang_cen", mine, "no-such-key")
    emu.click("linzhang_cen", mine, "accept")
    with pytest.raises(CannotTap):
        emu.click("linzhang_cen", mine, "accept")


# -- by the API


def test_a_response_code_greys_the_cards_of_those_listed(emu, client, sent):
    assert update(client, sent["response_code"]) == {
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": [],
    }
    states = [emu.phone(one)[0].state for one in ("linzhang_cen", "zuzhang_dai")]
    assert states == ["greyed", "live"]


def test_atall_changes_everybodys_card(emu, client, sent):
    update(client, sent["response_code"], template_card=notice(), atall=1)
    states = [emu.phone(one)[0].state for one in ("linzhang_cen", "zuzhang_dai")]
    assert states == ["replaced", "replaced"]


def test_whoever_never_got_the_card_is_invalid(client, sent):
    answer = update(client, sent["response_code"], button={"replace_name": "好"}, userids=["Ghost"])
    assert answer["invaliduser"] == ["ghost"]


def test_a_response_code_works_once(client, sent):
    update(client, sent["response_code"])
    answer = update(client, sent["response_code"])
    assert answer["errcode"] != 0
    assert "own choice" in answer["errmsg"]


def test_a_response_code_dies_after_72_hours(emu, client, sent):
    emu.clock.advance(timedelta(hours=72))
    assert "expired" in update(client, sent["response_code"])["errmsg"]


def test_the_next_tap_brings_a_new_response_code(emu, client, sent, echo):
    update(client, sent["response_code"], template_card=card("T-1b"))
    emu.click("linzhang_cen", emu.phone("linzhang_cen")[0].id, "accept")
    assert update(client, echo.heard[-1]["ResponseCode"])["errcode"] == 0
    assert emu.phone("linzhang_cen")[0].label == "已接单"


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"button": {"replace_name": ""}}, 40063),
        ({"button": {"replace_name": "x"}, "template_card": notice()}, 40058),
        ({"template_card": {"card_type": "odd"}}, 40058),
        ({"button": {"replace_name": "x"}, "userids": []}, 82001),
    ],
)
def test_a_refused_update_does_not_spend_the_code(client, sent, change, errcode):
    assert update(client, sent["response_code"], **change)["errcode"] == errcode
    assert update(client, sent["response_code"])["errcode"] == 0


def test_an_unknown_response_code_is_refused(client, sent):
    assert "unknown" in update(client, "made-up")["errmsg"]


# -- recall


def test_a_message_can_be_taken_back_within_a_day(emu, client):
    msgid = client.send("jumin_an|jumin_bai")["msgid"]
    assert client.call("message/recall", {"msgid": msgid})["errcode"] == 0
    assert [emu.phone(one)[0].state for one in ("jumin_an", "jumin_bai")] == ["recalled"] * 2
    assert "您好" not in emu.phone("jumin_an")[0].text


def test_after_a_day_it_is_too_late(emu, client):
    msgid = client.send("jumin_an")["msgid"]
    emu.clock.advance(timedelta(hours=24, seconds=1))
    assert client.call("message/recall", {"msgid": msgid})["errcode"] != 0
    assert emu.phone("jumin_an")[0].text == "您好"


def test_an_unknown_msgid_cannot_be_recalled(client):
    assert client.call("message/recall", {"msgid": "mid-x"})["errcode"] != 0
