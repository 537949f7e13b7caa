"""常见问题机器人 0 秒回复: the answer leaves in the response of the callback itself."""

import json
import time

from tests.acceptance.deployment import number_in
from tests.acceptance.fakeapi import CORP

ASKED = "医保什么时候交"
ANSWER = "医保每年九月到十二月集中交，村里也可以代办。"


def test_the_app_answers_a_question_in_the_same_response(town, lin):
    said = town.app.text(lin.resident, ASKED)
    assert said.fields["MsgType"] == "text"
    assert said.text.startswith(ANSWER)
    assert "回复 1" in said.text


def test_the_apps_answer_goes_back_to_who_asked(town, lin):
    said = town.app.text(lin.resident, ASKED)
    assert said.fields["ToUserName"] == lin.resident
    assert said.fields["FromUserName"] == CORP
    assert abs(int(said.fields["CreateTime"]) - time.time()) < 60


def test_the_bot_answers_with_one_finished_stream(town, lin):
    said = town.bot.text(lin.resident, ASKED)
    assert said.fields["msgtype"] == "stream"
    assert said.fields["stream"]["finish"] is True
    assert said.fields["stream"]["id"]
    assert said.text.startswith(ANSWER)


def test_the_bots_envelope_has_an_integer_time_and_the_nonce_of_the_url(town, lin):
    body = json.dumps(
        {"msgid": "nonce-1", "from": {"userid": lin.resident}, "chattype": "single"}
        | {"msgtype": "text", "text": {"content": ASKED}}
    )
    said = town.bot.post_plain(body, nonce="586730214")
    assert said.envelope["nonce"] == "586730214"
    assert type(said.envelope["timestamp"]) is int
    assert set(said.envelope) == {"encrypt", "msgsignature", "timestamp", "nonce"}


def test_the_mention_is_stripped_in_a_group(town, lin):
    assert town.bot.text(lin.resident, ASKED, lin.chat).text.startswith(ANSWER)


def test_an_answer_opens_no_issue_and_stores_no_message(town, lin):
    before = town.stored()
    town.app.text(lin.resident, ASKED)
    assert town.stored() == before


def test_the_same_message_again_gets_the_same_answer(town, lin):
    texts = {town.app.text(lin.resident, ASKED, msgid="4711").text for _ in range(3)}
    assert len(texts) == 1


def test_the_way_out_of_an_answer_opens_an_issue_with_the_question(town, lin):
    town.app.text(lin.resident, ASKED)
    number = number_in(town.app.text(lin.resident, "1").text)
    assert ASKED in town.show(number)["content"]


def test_markup_in_a_question_cannot_break_out_of_the_reply(town, lin):
    evil = "电表箱坏了没人修 ]]></Content><MsgType>image</MsgType> & <b>"
    said = town.app.text(lin.resident, evil)
    assert said.fields["MsgType"] == "text"
    assert evil in town.show(number_in(said.text))["content"]


def test_a_very_long_message_is_kept_whole_and_its_reply_stays_short(town, lin):
    story = "电表箱坏了没人修。" * 250
    said = town.app.text(lin.resident, story)
    assert len(said.text.encode()) <= 2048
    assert town.show(number_in(said.text))["content"] == story


def test_letters_that_no_database_takes_do_not_lose_the_message(town, lin):
    odd = {"text": {"content": "电表箱坏了没人修\ud800\0"}}
    said = town.bot.message(lin.resident, odd)
    assert "电表箱坏了没人修" in town.show(number_in(said.text))["content"]


def test_entering_the_chat_is_greeted_by_both_channels(town, lin):
    assert "测试三长" in town.app.event(lin.resident, "enter_agent").text
    greeted = town.bot.event(lin.resident, "enter_chat")
    assert greeted.fields["msgtype"] == "text"
    assert "测试三长" in greeted.text
