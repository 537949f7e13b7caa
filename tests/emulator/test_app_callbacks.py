"""What the app's callback receives, how long WeCom waits, and which answers it takes."""

import pytest

from emulator.callbacks import CallbackRefused
from tests.emulator.conftest import SHORT, too_late
from tests.emulator.echo import text

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


# -- saving the callback


def test_saving_the_callback_asks_for_the_plaintext(emu, echo):
    assert emu.corp.app_line.url == f"{echo.url}/wecom/app"


@pytest.mark.parametrize("spoil", [lambda p: p + b"\n", lambda p: b'"' + p + b'"', lambda p: b""])
def test_anything_but_the_bare_plaintext_is_refused(emu, echo, spoil):
    echo.echo = spoil
    with pytest.raises(CallbackRefused, match="exactly"):
        emu.connect_app(f"{echo.url}/wecom/app")


def test_a_slow_verification_is_refused(emu, echo):
    emu._verify_seconds, echo.delays = SHORT, [SHORT + 0.2]
    with pytest.raises(CallbackRefused, match="in time"):
        emu.connect_bot(f"{echo.url}/wecom/aibot")


def test_a_forged_verification_ends_with_the_services_403(emu, echo):
    emu.faults.callback("forged_signature")
    with pytest.raises(CallbackRefused, match="HTTP 403"):
        emu.connect_app(f"{echo.url}/wecom/app")
    assert echo.refused == ["InvalidSignatureException"]


def test_a_refused_callback_leaves_the_old_one_in_place(emu, echo):
    with pytest.raises(CallbackRefused):
        emu.connect_app("http://127.0.0.1:9/nobody")
    assert emu.say("jumin_an", "在吗").status == "delivered"


def test_a_callback_url_may_have_a_query_of_its_own(emu, echo):
    emu.connect_app(f"{echo.url}/wecom/app?county=1")
    assert emu.say("jumin_an", "在吗").status == "delivered"


# -- messages


def test_a_text_arrives_as_xml_with_all_common_fields(emu, echo):
    emu.say("jumin_an", "3栋路灯坏了")
    heard = echo.heard[0]
    assert (heard["ToUserName"], heard["FromUserName"]) == (emu.world.corp_id, "jumin_an")
    assert (heard["MsgType"], heard["Content"]) == ("text", "3栋路灯坏了")
    assert int(heard["CreateTime"]) == emu.clock.timestamp()
    assert int(heard["MsgId"]) > 2**62


@pytest.mark.parametrize("words", ["]]> <b>&amp;", "第一行\n第二行", "😀 🏮", "a\x00b\x0bc"])
def test_awkward_words_arrive_whole(emu, echo, words):
    emu.say("jumin_an", words)
    assert echo.heard[0]["Content"] == words.replace("\x00", "").replace("\x0b", "")


def test_the_passive_reply_is_shown(emu, echo):
    echo.answer = lambda message: text("收到：" + message["Content"])
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.attempts, delivery.text) == ("delivered", 1, "收到：灯")
    assert [one.text for one in emu.phone("jumin_an")] == ["灯", "收到：灯"]


def test_an_empty_200_is_an_answer_without_words(emu, echo):
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.reply, delivery.text) == ("delivered", None, "")


def test_the_bare_word_success_is_tolerated(emu, echo):
    echo.answer = lambda _: b"success"
    assert emu.say("jumin_an", "灯").status == "delivered"


def test_a_long_reply_is_cut_at_2048_bytes(emu, echo):
    echo.answer = lambda _: text("水" * 1000)
    assert emu.say("jumin_an", "灯").text == "水" * 682


def test_words_photo_and_place_are_separate_messages(emu, echo, client):
    delivery = emu.say("jumin_an", "灯", images=[PNG], location=(27.9, 112.5, "长冲组"))
    assert [one["MsgType"] for one in echo.heard] == ["text", "image", "location"]
    assert len({one["MsgId"] for one in echo.heard}) == 3
    assert [one.said for one in delivery.also] == ["[图片]", "[位置] 长冲组"]


def test_a_photo_comes_with_a_media_id_and_an_address(emu, echo, client):
    emu.say("jumin_an", images=[PNG])
    client.login()
    data = client.get("media/get", access_token=client.token, media_id=echo.heard[0]["MediaId"])
    assert data.content == PNG
    assert echo.heard[0]["PicUrl"].startswith(emu.base_url)


def test_a_voice_note_and_a_place_have_their_fields(emu, echo):
    emu.say("jumin_an", voice=b"#!AMR\n....", location=(27.9, 112.5, "长冲组"))
    voice, place = echo.heard
    assert (voice["MsgType"], voice["Format"]) == ("voice", "amr")
    assert (place["Location_X"], place["Location_Y"], place["Label"]) == ("27.9", "112.5", "长冲组")


def test_other_messages_and_events_can_be_sent_too(emu, echo):
    emu.message("jumin_an", "link", Title="题", Description="", Url="https://sanzhang.example")
    emu.event("jumin_an", "click", EventKey="menu_report")
    emu.open_chat("jumin_an", "app")
    assert echo.heard[0]["Title"] == "题"
    assert [one["Event"] for one in echo.heard[1:]] == ["click", "enter_agent"]


def test_saying_nothing_is_an_error(emu, echo):
    with pytest.raises(ValueError, match="nothing to say"):
        emu.say("jumin_an")


def test_an_unconnected_app_gets_nothing(emu):
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.attempts) == ("unsent", 0)
    assert emu.phone("jumin_an")[0].note == delivery.error


def test_who_is_outside_the_visible_range_cannot_write(emu, echo):
    emu.world.app.visible = ["jumin_bai"]
    assert emu.say("jumin_an", "灯").status == "unsent"


# -- time and re-sends


def test_a_slow_answer_is_cut_and_the_same_message_sent_again(emu, echo):
    too_late(emu, echo)
    echo.answer = lambda _: text("好")
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.attempts, delivery.text) == ("delivered", 2, "好")
    assert len({one["MsgId"] for one in echo.heard}) == 1


def test_after_three_re_sends_it_gives_up(emu, echo):
    too_late(emu, echo, 4)
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.attempts) == ("failed", 4)
    assert emu.phone("jumin_an")[0].note.startswith("没有送达")


def test_any_other_status_than_200_is_tried_again(emu, echo):
    echo.statuses = [503, 302, 204]
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.attempts) == ("delivered", 4)


def test_a_dead_service_is_tried_four_times(emu, echo):
    emu.corp.app_line.url = "http://127.0.0.1:9/nobody"
    assert (emu.say("jumin_an", "灯").status, emu.deliveries[-1].attempts) == ("failed", 4)


def test_the_same_packet_can_be_delivered_again(emu, echo):
    echo.answer = lambda _: text("好")
    first = emu.say("jumin_an", "灯")
    again = emu.redeliver(first)
    assert echo.envelopes[0] == echo.envelopes[1]
    assert again.text == "好"
    assert len(emu.phone("jumin_an")) == 2


def test_what_was_never_sent_cannot_be_delivered_again(emu):
    with pytest.raises(ValueError, match="never sent"):
        emu.redeliver(emu.say("jumin_an", "灯"))


# -- answers that WeCom would not show


@pytest.mark.parametrize(
    "tamper", [{"MsgSignature": "0" * 40}, {"Encrypt": "AAAA"}, {"Nonce": "other"}]
)
def test_a_broken_reply_is_not_shown(emu, echo, tamper):
    echo.answer = lambda _: text("好")
    echo.tamper = tamper
    delivery = emu.say("jumin_an", "灯")
    assert (delivery.status, delivery.attempts, delivery.reply) == ("refused", 1, None)
    assert len(emu.phone("jumin_an")) == 1


@pytest.mark.parametrize(
    "reply",
    [
        {"MsgType": "text", "Content": ""},
        {"MsgType": "poem"},
        {"MsgType": "text", "Content": "好", "ToUserName": "jumin_bai"},
        {"MsgType": "text", "Content": "好", "FromUserName": "wwother"},
        {"MsgType": "text", "Content": "好", "CreateTime": "now"},
        {"MsgType": "image", "Image": {"MediaId": ""}},
        {"MsgType": "news", "ArticleCount": "2", "Articles": {"item": [{"Title": "一"}]}},
        {"MsgType": "news", "ArticleCount": "0", "Articles": ""},
    ],
)
def test_a_reply_against_the_rules_is_not_shown(emu, echo, reply):
    echo.answer = lambda _: reply
    assert emu.say("jumin_an", "灯").status == "refused"


@pytest.mark.parametrize("body", [b"hello", b"<!DOCTYPE x><xml/>", b"<xml/>", b"\xff\xfe\x00"])
def test_a_reply_that_is_no_envelope_is_not_shown(emu, echo, body):
    echo.answer = lambda _: body
    assert emu.say("jumin_an", "灯").status == "refused"


def test_news_and_pictures_are_possible_replies(emu, echo):
    item = {"Title": "一", "Description": "二", "PicUrl": "", "Url": "https://sanzhang.example"}
    echo.answer = lambda _: {
        "MsgType": "news",
        "ArticleCount": "1",
        "Articles": {"item": [item]},
    }
    assert emu.say("jumin_an", "灯").reply["links"][0]["title"] == "一"
    echo.answer = lambda _: {"MsgType": "image", "Image": {"MediaId": "m"}}
    assert emu.say("jumin_an", "灯").text == "[图片]"


def test_some_events_take_no_message_in_reply(emu, echo):
    echo.answer = lambda _: text("再见")
    assert emu.event("jumin_an", "unsubscribe").status == "refused"
    assert emu.event("jumin_an", "subscribe").text == "再见"
