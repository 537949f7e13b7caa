"""What the aibot receives from groups and private chats, streams, events, and its cards."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import requests

from emulator.cipher import Cipher
from tests.emulator.conftest import too_late
from tests.emulator.echo import card, notice, stream

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
GROUP = "wrQingxi3"


def hello(_message):
    return stream("您好")


# -- what arrives


def test_a_mention_in_a_group_arrives_with_the_name_in_front(emu, echo):
    emu.say("jumin_an", "路灯坏了", chat=GROUP)
    heard = echo.heard[0]
    assert heard["text"]["content"] == "@三长助手 路灯坏了"
    assert (heard["chattype"], heard["chatid"], heard["from"]) == (
        "group",
        GROUP,
        {"userid": "jumin_an"},
    )
    assert heard["aibotid"] == emu.world.bot.bot_id
    assert "create_time" not in heard


def test_without_a_mention_the_group_sees_it_and_the_bot_does_not(emu, echo):
    delivery = emu.say("jumin_an", "今晚吃什么", chat=GROUP, mention=False)
    assert (delivery.status, echo.heard) == ("unsent", [])
    assert emu.group(GROUP)[0].text == "今晚吃什么"
    assert "@" in emu.group(GROUP)[0].note


def test_a_group_without_the_bot_calls_nobody(emu, echo):
    emu.world.groups[0].has_bot = False
    assert emu.say("jumin_an", "灯", chat=GROUP).status == "unsent"


def test_a_private_message_has_no_chatid_and_no_prefix(emu, echo):
    emu.say("jumin_an", "路灯坏了", via="bot")
    heard = echo.heard[0]
    assert (heard["chattype"], heard["text"]["content"]) == ("single", "路灯坏了")
    assert "chatid" not in heard


@pytest.mark.parametrize(
    ("said", "msgtype"),
    [
        ({"text": "灯", "images": [PNG]}, "mixed"),
        ({"images": [PNG]}, "image"),
        ({"images": [PNG, PNG]}, "mixed"),
        ({"text": "灯坏了", "voice": b"#!AMR"}, "voice"),
    ],
)
def test_private_messages_have_their_types(emu, echo, said, msgtype):
    emu.say("jumin_an", via="bot", **said)
    assert echo.heard[0]["msgtype"] == msgtype


def test_speech_arrives_as_words(emu, echo):
    emu.say("jumin_an", "灯坏了", via="bot", voice=b"#!AMR")
    assert echo.heard[0]["voice"] == {"content": "灯坏了"}


@pytest.mark.parametrize(
    ("said", "chat"),
    [
        ({"images": [PNG]}, GROUP),
        ({"text": "灯", "voice": b"x"}, GROUP),
        ({"location": (27.9, 112.5, "x")}, GROUP),
        ({"location": (27.9, 112.5, "x")}, None),
        ({}, None),
    ],
)
def test_what_a_bot_never_receives(emu, echo, said, chat):
    delivery = emu.say("jumin_an", chat=chat, via="bot", **said)
    assert (delivery.status, echo.heard) == ("unsent", [])


def test_words_and_a_photo_in_a_group_are_mixed(emu, echo):
    emu.say("jumin_an", "灯", chat=GROUP, images=[PNG])
    kinds = [one["msgtype"] for one in echo.heard[0]["mixed"]["msg_item"]]
    assert kinds == ["text", "image"]


def test_a_photo_is_encrypted_and_gone_after_five_minutes(emu, echo):
    emu.say("jumin_an", images=[PNG], via="bot")
    url = echo.heard[0]["image"]["url"]
    sealed = requests.get(url, timeout=60)
    opened = Cipher("", emu.world.bot.aes_key, "")._open(sealed.content)
    emu.clock.advance(timedelta(minutes=5))
    assert opened == PNG
    assert requests.get(url, timeout=60).status_code == 403


def test_a_quote_carries_the_words_and_no_author(emu, echo):
    first = emu.say("jumin_bai", "昨晚也报过", chat=GROUP, mention=False)
    emu.say("jumin_an", "还没修", chat=GROUP, quote=first.message_id)
    assert echo.heard[0]["quote"] == {"msgtype": "text", "text": {"content": "昨晚也报过"}}
    assert emu.group(GROUP)[-1].quote == "昨晚也报过"


def test_a_quoted_photo_comes_encrypted(emu, echo):
    emu.say("jumin_an", images=[PNG], via="bot")
    emu.say("jumin_an", "就是这个", via="bot", quote=emu.phone("jumin_an")[0])
    assert echo.heard[1]["quote"]["image"]["url"] != echo.heard[0]["image"]["url"]


def test_a_stranger_cannot_write_into_a_group(emu, echo):
    with pytest.raises(ValueError, match="not in a group"):
        emu.say("zhenban_he", "灯", chat=GROUP)
    with pytest.raises(ValueError, match="no member"):
        emu.say("ghost", "灯")


def test_an_unconnected_bot_gets_nothing(emu):
    assert emu.say("jumin_an", "灯", via="bot").status == "unsent"
    assert emu.open_chat("jumin_an", "bot").status == "unsent"


# -- what it may answer


def test_a_finished_stream_is_the_answer_at_once(emu, echo):
    echo.answer = hello
    delivery = emu.say("jumin_an", "你好", chat=GROUP)
    assert (delivery.status, delivery.text, len(echo.heard)) == ("delivered", "您好", 1)
    assert emu.group(GROUP)[-1].text == "您好"
    assert emu.group(GROUP)[-1].quote == "@三长助手 你好"


def test_an_empty_answer_is_allowed(emu, echo):
    delivery = emu.say("jumin_an", "你好", via="bot")
    assert (delivery.status, delivery.reply) == ("delivered", None)


def test_plain_text_is_refused_outside_enter_chat(emu, echo):
    echo.answer = lambda _: {"msgtype": "text", "text": {"content": "您好"}}
    delivery = emu.say("jumin_an", "你好", via="bot")
    assert (delivery.status, len(emu.phone("jumin_an"))) == ("refused", 1)


@pytest.mark.parametrize(
    "tamper",
    [
        {"nonce": "another"},
        {"timestamp": "1767225600"},
        {"timestamp": True},
        {"msgsignature": "0" * 40},
        {"encrypt": "AAAA"},
    ],
)
def test_a_reply_with_a_wrong_envelope_is_refused(emu, echo, tamper):
    echo.answer = hello
    echo.tamper = tamper
    assert emu.say("jumin_an", "你好", via="bot").status == "refused"


@pytest.mark.parametrize(
    "reply",
    [
        {"msgtype": "markdown", "markdown": {"content": "x"}},
        {"msgtype": "stream"},
        {"msgtype": "stream", "stream": {"finish": True, "content": "x"}},
        stream("水" * 7000),
        stream("x", finish="yes"),
        stream("x", finish=False, msg_item=[{"msgtype": "image", "image": {}}]),
        stream("x", msg_item=[{"msgtype": "image", "image": {"base64": "eA==", "md5": "0"}}]),
        stream("x", msg_item=[{"msgtype": "image", "image": {"base64": "?", "md5": "0"}}]),
        stream("x", feedback={"id": "x" * 257}),
        {"msgtype": "template_card"},
        {"msgtype": "template_card", "template_card": {"card_type": "odd"}},
        {
            "msgtype": "template_card",
            "template_card": {k: v for k, v in card().items() if k != "task_id"},
        },
        {"msgtype": "stream_with_template_card", "stream": {"id": "s", "finish": True}},
    ],
)
def test_replies_against_the_rules_are_refused(emu, echo, reply):
    echo.answer = lambda _: reply
    assert emu.say("jumin_an", "你好", via="bot").status == "refused"


@pytest.mark.parametrize("body", [b"hello", b"[]", b"{}"])
def test_a_reply_that_is_no_envelope_is_refused(emu, echo, body):
    echo.answer = lambda _: body
    assert emu.say("jumin_an", "你好", via="bot").status == "refused"


def test_a_slow_answer_is_sent_again_with_the_same_msgid(emu, echo):
    too_late(emu, echo)
    emu.say("jumin_an", "你好", via="bot")
    assert len(echo.heard) == 2
    assert len({one["msgid"] for one in echo.heard}) == 1


# -- streams


def growing(*frames):
    """Answer with one frame after the other."""
    left = list(frames)
    return lambda _message: left.pop(0)


def test_a_stream_is_polled_until_it_is_finished(emu, echo):
    echo.answer = growing(
        stream("一", finish=False), stream("一二", finish=False), stream("一二三")
    )
    delivery = emu.say("jumin_an", "你好", via="bot")
    polls = [one["stream"] for one in echo.heard[1:]]
    assert (delivery.text, polls) == ("一二三", [{"id": "st-1"}] * 2)
    assert [one.text for one in emu.phone("jumin_an")] == ["你好", "一二三"]


def test_polls_have_their_own_msgid_and_no_response_url(emu, echo):
    echo.answer = growing(stream("", finish=False), stream("好"))
    emu.say("jumin_an", "你好", chat=GROUP)
    first, poll = echo.heard
    assert first["msgid"] != poll["msgid"]
    assert "response_url" not in poll
    assert poll["chatid"] == GROUP


def test_a_poll_that_fails_is_made_up_for_by_the_next(emu, echo):
    echo.statuses = [200, 200, 500, 200]
    echo.answer = growing(stream("一", finish=False), None, stream("x"), stream("一二"))
    assert emu.say("jumin_an", "你好", via="bot").text == "一二"


def test_a_poll_must_name_the_same_stream(emu, echo):
    other = {"msgtype": "stream", "stream": {"id": "other", "finish": True, "content": "x"}}
    echo.answer = growing(stream("一", finish=False), other)
    delivery = emu.say("jumin_an", "你好", via="bot")
    assert (delivery.status, "stream.id" in delivery.error) == ("refused", True)


def test_a_stream_that_never_ends_is_given_up_after_six_minutes(emu, echo):
    def slow(_message):
        emu.clock.advance(timedelta(minutes=2))
        return stream("还在查", finish=False)

    echo.answer = slow
    delivery = emu.say("jumin_an", "你好", via="bot")
    assert (delivery.status, len(echo.heard) <= 5) == ("failed", True)
    assert emu.phone("jumin_an")[-1].note == "回答超时"


def test_a_card_may_come_with_a_stream_but_only_once(emu, echo):
    both = {"msgtype": "stream_with_template_card", "template_card": card("B-1")}
    echo.answer = growing(
        {**both, "stream": stream("一", finish=False)["stream"]},
        {**both, "template_card": card("B-2"), "stream": stream("一二")["stream"]},
    )
    delivery = emu.say("jumin_an", "你好", via="bot")
    assert "one card" in delivery.error
    assert [one.kind for one in emu.phone("jumin_an")] == ["text", "markdown", "card"]


def test_pictures_come_with_the_last_frame(emu, echo):
    image = {"base64": base64.b64encode(PNG).decode(), "md5": hashlib.md5(PNG).hexdigest()}
    echo.answer = lambda _: stream("图", msg_item=[{"msgtype": "image", "image": image}])
    shown = emu.say("jumin_an", "你好", via="bot").shown[0]
    assert emu.corp.media.picture(shown.pictures[0]).data == PNG


def test_the_fourth_message_at_once_is_not_taken(emu, echo):
    waiting = Event()
    echo.answer = lambda _: stream("好", finish=waiting.is_set())
    with ThreadPoolExecutor(4) as pool:
        three = [pool.submit(emu.say, "jumin_an", str(one), via="bot") for one in range(3)]
        assert emu.wait_until(lambda: emu._bot._in_flight["jumin_an"] == 3, 60)
        fourth = emu.say("jumin_an", "第四条", via="bot")
        other = pool.submit(emu.say, "jumin_bai", "我也问", via="bot")
        waiting.set()
        assert {one.result().status for one in [*three, other]} == {"delivered"}
    assert (fourth.status, "own choice" in fourth.error) == ("unsent", True)


# -- events


def test_entering_is_told_once_a_day(emu, echo):
    echo.answer = lambda _: {"msgtype": "text", "text": {"content": "您好，我是三长助手。"}}
    first, second = emu.open_chat("jumin_an", "bot"), emu.open_chat("jumin_an", "bot")
    assert (first.text, second.status) == ("您好，我是三长助手。", "unsent")
    emu.clock.advance(timedelta(days=1))
    assert emu.open_chat("jumin_an", "bot").status == "delivered"


def test_an_enter_chat_event_has_a_time_and_no_chattype(emu, echo):
    emu.open_chat("jumin_an", "bot")
    heard = echo.heard[0]
    assert heard["event"] == {"eventtype": "enter_chat", "enter_chat": {}}
    assert heard["create_time"] == emu.clock.timestamp()
    assert "chattype" not in heard
    assert "response_url" not in heard


def test_a_lost_enter_chat_is_not_repeated_that_day(emu, echo):
    echo.statuses = [500]
    assert emu.open_chat("jumin_an", "bot").status == "dropped"
    assert emu.open_chat("jumin_an", "bot").status == "unsent"


def test_entering_may_be_answered_with_a_card(emu, echo):
    echo.answer = lambda _: {"msgtype": "template_card", "template_card": card("B-1")}
    emu.open_chat("jumin_an", "bot")
    assert emu.phone("jumin_an")[0].buttons[0]["key"] == "accept"


def asked_with_card(emu, echo, **more):
    """The bot answers a group's question with a card; later answers are silent."""
    echo.answer = lambda _: {"msgtype": "template_card", "template_card": card("B-1", **more)}
    shown = emu.say("jumin_an", "评一评", chat=GROUP).shown[0]
    echo.answer = lambda _: None
    return shown


def test_a_tap_on_a_bots_card_is_a_json_event(emu, echo):
    shown = asked_with_card(emu, echo)
    emu.click("linzhang_cen", shown, "accept", {"eta": ["today"]})
    heard = echo.heard[-1]
    assert heard["event"]["template_card_event"] == {
        "card_type": "button_interaction",
        "event_key": "accept",
        "task_id": "B-1",
        "selected_items": {
            "selected_item": [{"question_key": "eta", "option_ids": {"option_id": ["today"]}}]
        },
    }
    assert (heard["chatid"], heard["from"]["userid"]) == (GROUP, "linzhang_cen")
    assert "response_url" in heard


def updated(task_id="B-1", **more):
    new = notice(task_id=task_id)
    return {"response_type": "update_template_card", "template_card": new, **more}


def test_an_update_reaches_everybody_who_got_the_card(emu, echo):
    shown = asked_with_card(emu, echo)
    echo.answer = lambda _: updated()
    assert emu.click("linzhang_cen", shown, "accept").status == "delivered"
    assert emu.group(GROUP)[-1].state == "replaced"


def test_an_update_for_one_person_leaves_the_others_alone(emu, echo):
    shown = asked_with_card(emu, echo)
    echo.answer = lambda _: updated(userids=["linzhang_cen"])
    emu.click("linzhang_cen", shown, "accept")
    assert emu.group(GROUP)[-1].state == "live"
    assert emu.group(GROUP, "linzhang_cen")[-1].state == "replaced"


def test_an_update_for_another_task_is_refused(emu, echo):
    shown = asked_with_card(emu, echo)
    echo.answer = lambda _: updated("B-9")
    delivery = emu.click("linzhang_cen", shown, "accept")
    assert (delivery.status, emu.group(GROUP)[-1].state) == ("refused", "live")


def test_a_stream_is_no_answer_to_a_tap(emu, echo):
    shown = asked_with_card(emu, echo)
    echo.answer = hello
    assert emu.click("linzhang_cen", shown, "accept").status == "refused"


@pytest.mark.parametrize("trouble", ["slow", "error"])
def test_a_tap_is_sent_exactly_once(emu, echo, trouble):
    shown = asked_with_card(emu, echo)
    if trouble == "slow":
        too_late(emu, echo)
    else:
        echo.statuses = [503]
    delivery = emu.click("linzhang_cen", shown, "accept")
    assert (delivery.status, delivery.attempts) == ("dropped", 1)


def test_a_task_id_is_used_once_by_the_bot(emu, echo):
    asked_with_card(emu, echo)
    echo.answer = lambda _: {"msgtype": "template_card", "template_card": card("B-1")}
    assert emu.say("jumin_an", "再评", chat=GROUP).status == "refused"


def test_feedback_comes_only_when_it_was_asked_for(emu, echo):
    echo.answer = hello
    plain = emu.say("jumin_an", "你好", via="bot").shown[0]
    echo.answer = lambda _: stream("您好", feedback={"id": "faq-17"})
    judged = emu.say("jumin_an", "你好", via="bot").shown[0]
    echo.answer = lambda _: None
    assert emu.feedback("jumin_an", plain, 1).status == "unsent"
    assert emu.feedback("jumin_an", judged, 2, content="不对").status == "delivered"
    event = echo.heard[-1]["event"]["feedback_event"]
    assert event == {"id": "faq-17", "type": 2, "content": "不对"}


def test_feedback_takes_an_empty_answer_only(emu, echo):
    echo.answer = lambda _: stream("您好", feedback={"id": "faq-17"})
    judged = emu.say("jumin_an", "你好", via="bot").shown[0]
    assert emu.feedback("jumin_an", judged, 1).status == "refused"
