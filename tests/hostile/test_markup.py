"""Somebody's words become no link, mention or picture on another's phone, by whatever channel."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from bot.channels.addresses import Addresses
from bot.channels.aibot.channel import AibotChannel
from bot.channels.aibot.settings import AibotSettings
from bot.channels.app.channel import AppChannel
from bot.channels.app.settings import AppSettings
from bot.channels.contract import Shared
from bot.channels.request import OpenedCallback
from bot.channels.webhook.channel import WebhookChannel
from bot.channels.webhook.settings import WebhookSettings
from handlers.message import Incoming, Reply
from issues.texts import Texts
from storage.notice import Button, Card, Notice
from storage.outbox import Parcel
from tests.bot_room import Room
from tests.hostile.crafted import APP, BOT
from tests.town import at, settle

NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)
WORDS = (
    '<a href="http://evil.example">点这里领补贴</a>', "<A HREF=x>点</A>", "<a\nhref=x>", "<@all>", "<@zhang>", "</a>",
    "<font color='warning'>急</font>", "<script>x</script>", "<img src=x>", "<!-- x -->", "<http://evil.example>",
    "[点这里](http://evil.example)", "![图](http://evil.example)", "[点这里][1]", "[1]: http://evil.example",
    "&lt;a href=x&gt;", "&#60;a&#62;", "]]><x>", "<<a href=x>>", "<?xml?>",
)  # fmt: skip
#: What WeCom's texts and markdown know.
ACTIVE = re.compile(r"<[A-Za-z/@!?]|\]\(|\]\[|\]:|&#?\w+;")


class Wecom:
    """Keeps what would leave."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def call(self, _path: str, body: Any, *, token: bool = True) -> dict[str, Any]:
        self.bodies.append(json.loads(json.dumps(body)))
        return {}


@pytest.fixture
def wecom(monkeypatch):
    made = Wecom()

    def post_json(_url: str, body: Any) -> dict[str, Any]:
        made.bodies.append(body)
        return {}

    monkeypatch.setattr("bot.channels.aibot.channel.post_json", post_json)
    return made


@pytest.fixture
def channels(wecom, tmp_path):
    client: Any = wecom
    addresses = Addresses("https://qyapi.weixin.qq.com")
    shared = Shared(APP.receive_id, "三长", client, Texts(), tmp_path, addresses)
    keys: dict[str, Any] = {"token": APP.token, "encoding_aes_key": APP.encoding_aes_key}
    bot: dict[str, Any] = {"token": BOT.token, "encoding_aes_key": BOT.encoding_aes_key}
    return SimpleNamespace(
        app=AppChannel(AppSettings(agent_id=1, secret="x", **keys), shared),
        aibot=AibotChannel(AibotSettings(name="三长助手", **bot), shared),
        webhook=WebhookChannel([WebhookSettings(unit="一片", key="hook")], shared),
    )


def spoken(node: Any) -> Iterator[str]:
    """Every text in a body, and in what it holds."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from spoken(one)


def card(words: str) -> Card:
    fields = (("谁", words), (words, "x"))
    return Card("t1", words, words, words, fields, (Button(words, "k", 1),), done=words)


def notices(words: str) -> tuple[Notice, ...]:
    return (Notice(text=words, line=words), Notice(text=words, line=words, card=card(words)))


def parcels(words: str) -> Iterator[tuple[str, Parcel]]:
    """One message, one card and a digest by each channel that sends."""
    one, with_card = notices(words)
    url = "https://qyapi.weixin.qq.com/r"
    for channel, target in (("app", "zhang"), ("webhook", "一片"), ("aibot", url)):
        for told in ((one,), (with_card,), (one, one, with_card)):
            yield channel, Parcel("b", channel, target, told, 1)


@pytest.mark.parametrize("words", WORDS)
def test_what_is_sent_has_no_markup_of_somebodys(channels, wecom, words):
    for kind, parcel in parcels(f"SZ-1 {words} 请看"):
        getattr(channels, kind).send(parcel)
    texts = list(spoken(wecom.bodies))
    assert len(wecom.bodies) >= 9
    assert [text for text in texts if ACTIVE.search(text)] == []
    assert any("SZ-1" in text for text in texts)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("style", ["message", "enter", "click"])
@pytest.mark.parametrize("chat", ["", "wrGroup"])
def test_what_is_answered_has_no_markup_of_somebodys(channels, words, style, chat):
    for kind, seal in (("app", APP), ("aibot", BOT)):
        incoming = Incoming(kind, "m1", "zhang", "message", NOW, chat_id=chat)
        opened, reply = OpenedCallback(incoming, "n1", style), Reply(f"{words} 请看", card(words))
        body, _ = getattr(channels, kind).seal(reply, opened, NOW)
        if body:
            plain = seal.decrypt(_encrypted(kind, body.decode()))
            texts = list(spoken(json.loads(plain))) if kind == "aibot" else _texts_of_xml(plain)
            assert [text for text in texts if ACTIVE.search(text)] == []


@pytest.mark.parametrize("words", WORDS)
def test_what_a_resident_reports_reaches_no_zhang_as_markup(channels, wecom, lite, words):
    settle(lite)
    room = Room(lite, at("2026-06-01 09:00"))
    room.say("mao_mou", f"电表箱坏了没人修 {words}")
    room.tick()
    for sent in room.phones.values():
        for parcel in sent:
            getattr(channels, "app" if parcel.channel == "app" else "webhook").send(
                Parcel(
                    parcel.batch,
                    parcel.channel,
                    "一片" if parcel.channel != "app" else parcel.target,
                    parcel.notices,
                    1,
                )
            )
    texts = list(spoken(wecom.bodies))
    assert any("电表箱坏了" in text for text in texts)
    assert [text for text in texts if ACTIVE.search(text)] == []


def _encrypted(kind: str, body: str) -> str:
    if kind == "aibot":
        return str(json.loads(body)["encrypt"])
    return body.partition("<Encrypt>")[2].partition("</Encrypt>")[0]


def _texts_of_xml(plain: str) -> list[str]:
    return list(fromstring(plain).itertext())
