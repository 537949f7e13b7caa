"""message/send: who gets it, what is cut, what is repeated, what is dropped."""

import json
from datetime import timedelta

import pytest

from tests.emulator.echo import card, notice


def texts(emu, userid):
    return [one.text for one in emu.phone(userid)]


def test_a_text_appears_on_the_phone(emu, client):
    assert client.send("jumin_an")["errcode"] == 0
    assert texts(emu, "jumin_an") == ["您好"]


def test_partly_invalid_users_are_named_in_lower_case_with_errcode_0(emu, client):
    answer = client.send("Jumin_An|GHOST|Nobody")
    assert (answer["errcode"], answer["invaliduser"]) == (0, "ghost|nobody")
    assert texts(emu, "jumin_an") == ["您好"]


def test_nobody_left_to_send_to_is_81013(client):
    assert client.send("ghost|nobody")["errcode"] == 81013


def test_no_recipients_at_all_is_82001(client):
    assert client.send("")["errcode"] == 82001


def test_more_than_a_thousand_users_are_refused(client):
    assert client.send("|".join(f"u{one}" for one in range(1001)))["errcode"] == 82001


def test_members_outside_the_visible_range_are_invalid(emu, client):
    emu.world.app.visible = ["jumin_an"]
    assert client.send("jumin_an|jumin_bai")["invaliduser"] == "jumin_bai"


def test_all_reaches_everybody_once(emu, client):
    client.send("@all")
    assert {len(texts(emu, one.userid)) for one in emu.world.members} == {1}


def test_a_department_reaches_its_members(emu, client):
    body = {"toparty": "2|99", "totag": "7", "agentid": 1000002}
    body |= {"msgtype": "text", "text": {"content": "通知"}}
    answer = client.call("message/send", body)
    assert (answer["invalidparty"], answer["invalidtag"]) == ("99", "7")
    assert texts(emu, "jumin_bai") == ["通知"]
    assert texts(emu, "linzhang_cen") == []


def test_a_wrong_agentid_is_40056(client):
    body = {"touser": "jumin_an", "agentid": 1, "msgtype": "text", "text": {"content": "x"}}
    assert client.call("message/send", body)["errcode"] == 40056


def test_text_is_cut_at_2048_bytes_between_characters(emu, client):
    client.send("jumin_an", msgtype="text", text={"content": "水" * 1000})
    assert texts(emu, "jumin_an") == ["水" * 682]
    assert emu.sent[-1].warnings == ["text cut at 2048 bytes"]


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        ({"msgtype": "poem", "poem": {}}, 40008),
        ({"msgtype": "text"}, 40063),
        ({"msgtype": "text", "text": {"content": "  "}}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": "水" * 683}}, 45002),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
        ({"msgtype": "news", "news": {"articles": ["x"]}}, 40063),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "template_card", "template_card": {"card_type": "x"}}, 40058),
    ],
)
def test_bad_contents_have_their_codes(emu, client, content, errcode):
    assert client.send("jumin_an", **content)["errcode"] == errcode
    assert texts(emu, "jumin_an") == []


def test_markdown_textcard_and_news_are_shown(emu, client):
    client.send("jumin_an", msgtype="markdown", markdown={"content": "**粗**"})
    link = {"title": "一号", "description": "说明", "url": "https://sanzhang.example/1"}
    client.send("jumin_an", msgtype="textcard", textcard=link)
    client.send("jumin_an", msgtype="news", news={"articles": [link]})
    assert [one.kind for one in emu.phone("jumin_an")] == ["markdown", "news", "news"]


def test_broken_json_is_named_in_the_errmsg(client):
    answer = client.call("message/send", b"{broken")
    assert answer["errcode"] != 0
    assert "wrong json format" in answer["errmsg"]


def test_unicode_escapes_are_remembered_as_a_warning(emu, client):
    body = {"touser": "jumin_an", "agentid": 1000002, "msgtype": "text"}
    client.call("message/send", json.dumps({**body, "text": {"content": "水"}}).encode())
    assert "\\uXXXX" in emu.sent[-1].warnings[0]


# -- the same message twice


def send_checked(client, content="您好", **more):
    more.setdefault("enable_duplicate_check", 1)
    return client.send("jumin_an", msgtype="text", text={"content": content}, **more)


def test_the_same_bytes_are_accepted_but_not_delivered_twice(emu, client):
    first, second = send_checked(client), send_checked(client)
    assert second == first
    assert len(texts(emu, "jumin_an")) == 1
    assert emu.sent[-1].repeated


def test_after_the_interval_the_same_bytes_are_delivered_again(emu, client):
    send_checked(client, duplicate_check_interval=600)
    emu.clock.advance(timedelta(seconds=600))
    send_checked(client, duplicate_check_interval=600)
    assert len(texts(emu, "jumin_an")) == 2


def test_without_the_check_everything_is_delivered(emu, client):
    client.send("jumin_an")
    client.send("jumin_an")
    assert len(texts(emu, "jumin_an")) == 2


def test_another_word_is_another_message(emu, client):
    send_checked(client, "一")
    send_checked(client, "二")
    assert texts(emu, "jumin_an") == ["一", "二"]


def test_a_repeated_card_is_not_refused_for_its_task_id(emu, client, echo):
    body = {"touser": "jumin_an", "agentid": 1000002, "msgtype": "template_card"}
    body |= {"template_card": card(), "enable_duplicate_check": 1}
    first, second = client.call("message/send", body), client.call("message/send", body)
    assert second["response_code"] == first["response_code"]


def test_an_interval_that_is_no_number_is_an_error(client):
    assert send_checked(client, duplicate_check_interval="soon")["errcode"] == 40035


# -- limits


def test_more_than_30_a_minute_are_dropped_silently(emu, client):
    codes = {client.send("jumin_an|jumin_bai")["errcode"] for _ in range(31)}
    assert codes == {0}
    assert len(texts(emu, "jumin_an")) == 30
    assert emu.sent[-1].dropped == ["jumin_an", "jumin_bai"]


def test_a_minute_later_there_is_room_again(emu, client):
    for _ in range(31):
        client.send("jumin_an")
    emu.clock.advance(timedelta(seconds=60))
    client.send("jumin_an")
    assert len(texts(emu, "jumin_an")) == 31


# -- cards


def test_an_interactive_card_comes_with_a_response_code(client, echo):
    assert client.send_card("jumin_an", card())["response_code"]


def test_a_notice_has_no_response_code_unless_it_has_a_menu(client, echo):
    menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "mute"}]}
    assert "response_code" not in client.send_card("jumin_an", notice())
    with_menu = notice(task_id="T-2", action_menu=menu)
    assert client.send_card("jumin_an", with_menu)["response_code"]


def test_a_task_id_can_be_used_once(client, echo):
    client.send_card("jumin_an", card())
    answer = client.send_card("jumin_bai", card())
    assert answer["errcode"] == 40058
    assert "task_id" in answer["errmsg"]


def test_an_interactive_card_needs_a_receive_url(client):
    assert "receive URL" in client.send_card("jumin_an", card())["errmsg"]


def test_a_long_title_is_accepted_with_a_warning(emu, client, echo):
    client.send_card("jumin_an", card(main_title={"title": "长" * 40}))
    assert "main_title.title" in emu.sent[-1].warnings[0]
