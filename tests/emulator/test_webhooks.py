"""The group webhook and the bot's response_url: both without an access_token."""

import base64
import hashlib
from datetime import timedelta

import pytest
import requests

from tests.emulator.echo import card, notice

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def image(data=PNG, md5=None):
    digest = hashlib.md5(data).hexdigest()
    return {"base64": base64.b64encode(data).decode(), "md5": md5 or digest}


def test_a_text_names_the_people_it_mentions(emu, client):
    part = {"content": "周报", "mentioned_list": ["zuzhang_dai", "@all"]}
    assert client.hook("text", part) == 0
    assert emu.group("wrQingxi3")[0].text == "周报 @戴连生 @所有人"


def test_markdown_turns_user_ids_into_names(emu, client):
    client.hook("markdown", {"content": "请 <@zuzhang_dai> 看"})
    client.hook("markdown_v2", {"content": "|表|"})
    assert [one.text for one in emu.group("wrQingxi3")] == ["请 @戴连生 看", "|表|"]


def test_pictures_news_and_notices_are_shown(emu, client):
    client.hook("image", image())
    client.hook("news", {"articles": [{"title": "一", "url": "https://sanzhang.example"}]})
    client.hook("template_card", notice())
    assert [one.kind for one in emu.group("wrQingxi3")] == ["image", "news", "card"]


def test_an_unknown_key_is_93000(client):
    assert client.hook("text", {"content": "x"}, key="nope") == 93000


def test_the_21st_message_of_a_minute_is_45009(emu, client):
    codes = [client.hook("text", {"content": "x"}) for _ in range(21)]
    assert codes == [0] * 20 + [45009]
    emu.clock.advance(timedelta(seconds=60))
    assert client.hook("text", {"content": "x"}) == 0


def test_each_webhook_has_its_own_limit(client):
    for _ in range(20):
        client.hook("text", {"content": "x"})
    assert client.hook("text", {"content": "x"}, key="hook-qingxi-work") == 0


@pytest.mark.parametrize(
    ("msgtype", "part", "errcode"),
    [
        ("text", {"content": "x" * 2049}, 40058),
        ("text", {"content": "x", "mentioned_list": "@all"}, 40058),
        ("markdown", {"content": "x" * 4097}, 40058),
        ("markdown_v2", {"content": "水" * 1366}, 40058),
        ("image", image(md5="0" * 32), 40035),
        ("image", {"base64": "???", "md5": ""}, 40035),
        ("image", image(b"GIF89a" + b"x" * 20), 40005),
        ("image", image(PNG + b"x" * 2 * 1024 * 1024), 40009),
        ("template_card", card(), 40058),
        ("textcard", {"title": "x"}, 40008),
        ("file", {"media_id": "none"}, 40007),
    ],
)
def test_what_a_webhook_may_not_send(emu, client, msgtype, part, errcode):
    assert client.hook(msgtype, part) == errcode
    assert emu.group("wrQingxi3") == []


def test_a_file_is_uploaded_with_the_key(emu, client):
    url = f"{emu.api_base}/cgi-bin/webhook/upload_media"
    query = {"key": "hook-qingxi-3", "type": "file"}
    files = {"media": ("周报.txt", b"hello world")}
    answer = requests.post(url, params=query, files=files, timeout=60).json()
    assert client.hook("file", {"media_id": answer["media_id"]}) == 0
    assert emu.group("wrQingxi3")[0].text == "[文件] 周报.txt"


def test_a_webhook_uploads_no_pictures(emu):
    url = f"{emu.api_base}/cgi-bin/webhook/upload_media"
    query = {"key": "hook-qingxi-3", "type": "image"}
    answer = requests.post(url, params=query, files={"media": ("a", PNG)}, timeout=60).json()
    assert answer["errcode"] == 40004


# -- response_url

MARKDOWN = {"msgtype": "markdown", "markdown": {"content": "已由 **岑守田** 接单"}}


def post(url, body):
    return requests.post(url, json=body, timeout=60).json()


def asked(emu, echo, **where):
    """A person asks, the bot stays silent for now."""
    emu.say("jumin_an", "路灯坏了", **where)
    return echo.heard[-1]["response_url"]


def test_a_response_url_answers_in_the_private_chat(emu, echo):
    assert post(asked(emu, echo, via="bot"), MARKDOWN)["errcode"] == 0
    last = emu.phone("jumin_an")[-1]
    assert (last.chat, last.kind, last.text) == ("bot", "markdown", "已由 **岑守田** 接单")


def test_in_a_group_it_quotes_the_question(emu, echo):
    post(asked(emu, echo, chat="wrQingxi3"), MARKDOWN)
    assert emu.group("wrQingxi3")[-1].quote == "@三长助手 路灯坏了"


def test_a_response_url_works_once(emu, echo):
    url = asked(emu, echo, via="bot")
    post(url, MARKDOWN)
    answer = post(url, MARKDOWN)
    assert answer["errcode"] != 0
    assert "own choice" in answer["errmsg"]


def test_a_response_url_dies_after_an_hour(emu, echo):
    url = asked(emu, echo, via="bot")
    emu.clock.advance(timedelta(hours=1))
    assert post(url, MARKDOWN)["errcode"] != 0
    assert len(emu.phone("jumin_an")) == 1


def test_a_refused_answer_does_not_spend_the_url(emu, echo):
    url = asked(emu, echo, via="bot")
    assert post(url, {"msgtype": "text", "text": {"content": "x"}})["errcode"] == 40008
    assert post(url, {"msgtype": "markdown", "markdown": {"content": "水" * 7000}})["errcode"]
    assert post(url, MARKDOWN)["errcode"] == 0


def test_cards_go_out_by_response_url_in_private_only(emu, echo):
    body = {"msgtype": "template_card", "template_card": card("B-1")}
    assert post(asked(emu, echo, chat="wrQingxi3"), body)["errcode"] == 40008
    assert post(asked(emu, echo, via="bot"), body)["errcode"] == 0
    assert emu.phone("jumin_an")[-1].buttons[0]["text"] == "接单"
