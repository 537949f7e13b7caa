"""A good signature and broken words: somebody's phone wrote them, and what he says is heard."""

import json
import re
import time
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select

from storage.tables import Inbox, Issue
from tests.hostile.crafted import app_text, bot_text, said

WORDS = "电表箱坏了没人修"
NUMBERS = count(1)
#: Whatever a phone can put between words; none of it is a word.
SIGNS = [chr(code) for code in (*range(0x20), 0x7F, 0x85, 0x9F, 0xFFFE, 0xFFFF)]
SIGNS += list("\u200b\u200e\u202a\u202e\u2066\u2069\ufeff\ue000")


@pytest.fixture
def heard(ask, service):
    """Sends a message of somebody's and gives what is kept of his words."""

    def _heard(channel, plain):
        before = issues(service)
        answered = ask(said(channel, plain))
        assert answered.status == 200, answered
        return "\n".join(issues(service)[len(before) :])

    return _heard


def issues(service):
    with service.database.read() as session:
        return [issue.content for issue in session.scalars(select(Issue).order_by(Issue.id))]


def sender():
    """Somebody else every time, so that each message is an issue of its own."""
    return f"stranger_{next(NUMBERS)}"


def raw_json(words):
    """JSON with the signs as they are, not as \\u001b."""
    plain = bot_text("{}", msgid=f"m{next(NUMBERS)}", **{"from": {"userid": sender()}})
    return plain.replace("{}", words)


def by_app(words, **changed):
    return app_text(words, FromUserName=sender(), MsgId=str(next(NUMBERS)), **changed)


def by_bot(words=WORDS, **changed):
    return bot_text(
        words, **{"msgid": f"m{next(NUMBERS)}", "from": {"userid": sender()}, **changed}
    )


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"U+{ord(sign):04X}")
def test_a_sign_that_is_no_word_is_taken_out_and_the_words_are_kept(heard, sign):
    kept = [
        heard("app", by_app(f"电表箱{sign}坏了没人修")),
        heard("bot", by_bot(f"电表箱{sign}坏了没人修")),
    ]
    if sign not in '"\\':
        kept.append(heard("bot", raw_json(f"电表箱{sign}坏了没人修")))
    for words in kept:
        assert re.sub(r"[\s\u200b\u200e\ufeff\ue000]", "", words) == WORDS


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#1;", "&#x1b;", "&#xD800;", "&#xFFFE;", "&#99999999;"]
)
def test_a_reference_to_such_a_sign_is_taken_out(heard, reference):
    plain = by_app("x").replace("<![CDATA[x]]>", f"电表箱{reference}坏了没人修")
    assert heard("app", plain) == WORDS


@pytest.mark.parametrize(
    "broken", [b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xf5\x80\x80\x80", b"\xc0\x80"]
)
def test_bytes_that_are_no_character_cost_no_other_word(heard, broken):
    for channel, plain in (
        ("app", by_app("电表箱~坏了没人修")),
        ("bot", by_bot("电表箱~坏了没人修")),
    ):
        text = plain if channel == "app" else json.dumps(json.loads(plain), ensure_ascii=False)
        words = heard(channel, text.encode().replace(b"~", broken))
        assert (words.startswith("电表箱"), words.endswith("坏了没人修")) == (True, True)


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "\\ud83d\\ud83d"])
def test_half_a_character_of_json_costs_no_other_word(heard, half):
    words = heard("bot", raw_json(f"电表箱{half}坏了没人修"))
    assert (words.startswith("电表箱"), words.endswith("坏了没人修")) == (True, True)


@pytest.mark.parametrize("end", ["]]>", "]]>]]>", "a]]>b<c>", "]]></Content>"])
def test_the_end_of_cdata_inside_of_words_ends_nothing(heard, end):
    assert heard("app", by_app(f"{WORDS}{end}好")) == f"{WORDS}{end}好"


APP_SHAPES: dict[str, dict[str, Any]] = {
    "twice": {"Content": f"<![CDATA[{WORDS}]]></Content><Content>"},
    "with elements inside": {"Content": "电表箱<b>坏了</b>没人修"},
    "an unknown type": {"MsgType": "markdown"},
    "no number": {"MsgId": None},
    "no receiver": {"ToUserName": None},
    "more fields": {"AgentID": "x", "Extra": "<a><b>1</b></a>"},
    "a place without coordinates": {"MsgType": "location", "Label": WORDS},
    "a place beyond the earth": {
        "MsgType": "location", "Label": WORDS, "Location_X": "nan", "Location_Y": "1e999",
    },
    "a long number": {"MsgId": "9" * 3000},
}  # fmt: skip


@pytest.mark.parametrize("shape", APP_SHAPES)
def test_the_words_of_a_message_of_another_shape_are_kept(heard, shape):
    assert WORDS in heard("app", app_text(WORDS, **{"FromUserName": sender(), **APP_SHAPES[shape]}))


BOT_SHAPES: dict[str, dict[str, Any]] = {
    "words alone": {"text": WORDS},
    "a list of words": {"text": {"content": [WORDS]}},
    "words deeper": {"text": {"content": {"content": WORDS}}},
    "an unknown type": {"msgtype": "markdown", "markdown": {"content": WORDS}},
    "voice": {"msgtype": "voice", "voice": {"content": WORDS}},
    "one item of many": {"msgtype": "mixed", "mixed": {"msg_item": {"msgtype": "text", "text": {"content": WORDS}}}},
    "items that are none": {"msgtype": "mixed", "mixed": {"msg_item": [1, None, {"msgtype": "text", "text": {"content": WORDS}}, {}]}},
    "chat a number": {"chatid": 5},
    "chat null": {"chatid": None},
    "quote a text": {"quote": "x"},
    "quote of another shape": {"quote": {"msgtype": 5, "text": []}},
    "quote of a number": {"quote": {"msgtype": "text", "text": {"content": 7}}},
    "address a number": {"response_url": 7},
    "address too long": {"response_url": "https://qyapi.weixin.qq.com/" + "x" * 3000},
    "time a text": {"create_time": "gestern"},
    "time not a number": {"create_time": float("nan")},
    "time endless": {"create_time": float("inf")},
    "time of many digits": {"create_time": 10**400},
    "number a number": {"msgid": 77},
    "a long number": {"msgid": "m" * 3000},
}  # fmt: skip


@pytest.mark.parametrize("shape", BOT_SHAPES)
def test_the_words_of_a_bots_message_of_another_shape_are_kept(heard, shape):
    assert WORDS in heard("bot", by_bot(**BOT_SHAPES[shape]))


@pytest.mark.parametrize("value", [None, 0, True, 5.5, "", "x", [], {}, [{}], {"content": None}])
@pytest.mark.parametrize(
    "name", ["text", "mixed", "image", "voice", "file", "video", "event", "quote", "stream"]
)
def test_no_shape_of_any_part_is_an_error(ask, name, value):
    kind = name if name != "quote" else "text"
    answered = ask(said("bot", by_bot(**{"msgtype": kind, name: value})))
    assert answered.status == 200


@pytest.mark.parametrize(
    "name", ["enter_chat", "template_card_event", "feedback_event", "never_heard", "", 5, None, {}]
)
@pytest.mark.parametrize(
    "data", [None, 5, "x", [], {"selected_items": 5}, {"selected_items": {"selected_item": 7}}]
)
def test_no_event_of_a_bot_is_an_error(ask, name, data):
    event = {"eventtype": name, str(name): data}
    assert ask(said("bot", by_bot(msgtype="event", event=event))).status == 200


@pytest.mark.parametrize(
    "name", ["subscribe", "enter_agent", "template_card_event", "change_contact", "never_heard", ""]
)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"SelectedItems": "x"},
        {"EventKey": "<a>1</a>"},
        {"UserID": "x" * 200},
        {"TaskId": "x" * 3000},
    ],
)
def test_no_event_of_the_app_is_an_error(ask, name, more):
    fields = {"MsgType": "event", "Event": name, "Content": None, "FromUserName": sender(), **more}
    assert ask(said("app", app_text(**fields))).status == (
        400 if name == "change_contact" and "UserID" in more else 200  # nobody has such an id
    )


# --- the time that a message gives itself ---

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("days", "counts_as_now"), [(-400, True), (-8, True), (-6, False), (1, True), (400, True)]
)
def test_a_message_of_a_wrong_clock_counts_as_of_now_and_is_logged(
    service, ask, caplog, days, counts_as_now
):
    at = int(time.time() + days * DAY)
    ask(said("app", app_text(WORDS, at=at, FromUserName=sender(), MsgId=str(next(NUMBERS)))))
    with service.database.read() as session:
        issue = session.scalars(select(Issue).order_by(Issue.id.desc())).first()
        off = abs(issue.reported_at.timestamp() - time.time())
    assert (off < DAY, "CLOCK: a message" in caplog.text) == (counts_as_now, counts_as_now)


@pytest.mark.parametrize("days", [-400, 0, 400])
@pytest.mark.parametrize("channel", ["app", "bot"])
def test_a_replay_is_the_same_message_whatever_time_it_gives_itself(service, ask, channel, days):
    at = int(time.time() + days * DAY)
    key = str(next(NUMBERS))
    if channel == "app":
        plain = app_text(WORDS, at=at, FromUserName=sender(), MsgId=key)
    else:
        plain = bot_text(WORDS, msgid=key, create_time=at, **{"from": {"userid": sender()}})
    once = len(issues(service))
    answers = {ask(said(channel, plain)).status for _ in range(4)}
    assert (answers, len(issues(service)) - once) == ({200}, 1)


def test_two_long_numbers_are_two_messages_and_one_is_one(service, ask):
    who = sender()
    for end in ("1", "2", "1"):
        plain = app_text(f"{WORDS}，第{end}户", FromUserName=f"{who}_{end}", MsgId="9" * 3000 + end)
        ask(said("app", plain))
    with service.database.read() as session:
        told = select(func.count()).select_from(Inbox).where(Inbox.userid.startswith(who))
        assert session.scalar(told) == 2
