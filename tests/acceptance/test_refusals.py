"""Forged and broken requests: 403, 400 or 413, an empty body, nothing stored, no stack trace."""

import os
import struct
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.acceptance.callers import Said
from tests.acceptance.deployment import PATIENCE, Deployment, eventually

HOUR = 3600
TEXT = (
    "<xml><ToUserName>x</ToUserName><FromUserName>res_1_1</FromUserName><CreateTime>{now}"
    "</CreateTime><MsgType>text</MsgType><Content>电表箱坏了没人修</Content><MsgId>77</MsgId></xml>"
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BOT_TEXT = (
    '{"msgid":"m77","aibotid":"b","chattype":"single","from":{"userid":"res_1_1"},'
    '"msgtype":"text","text":{"content":"电表箱坏了没人修"}}'
)


def good() -> str:
    return TEXT.format(now=int(time.time()))


def ago(hours: float) -> str:
    return str(int(time.time() - hours * HOUR))


def raw(town: Deployment, body: bytes) -> Said:
    """A body that is signed as far as one can sign what is not an envelope."""
    return town.app.post_body(body, town.app.query(""))


def length(announced: int) -> bytes:
    return os.urandom(16) + struct.pack(">I", announced) + b"<xml/>"


def without(town: Deployment, part: str) -> Said:
    encrypted = town.app.seal.encrypt(good())
    query = town.app.query(encrypted)
    del query[part]
    return town.app.post_body(f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode(), query)


def envelope(town: Deployment, head: str, tail: str = "") -> Said:
    encrypted = town.app.seal.encrypt(good())
    body = f"{head}<xml><Encrypt>{encrypted}{tail}</Encrypt></xml>"
    return town.app.post_body(body.encode(), town.app.query(encrypted))


def compressed(town: Deployment) -> Said:
    encrypted = town.app.seal.encrypt(good())
    query, body = town.app.query(encrypted), f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    return town.app.post_body(body.encode(), query, **{"Content-Encoding": "gzip"})


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b"<" * 65536


Attack = Callable[[Deployment], Said]
APP: dict[str, tuple[int, Attack]] = {
    "forged signature": (403, lambda t: t.app.post_plain(good(), msg_signature="0" * 40)),
    "signature not ascii": (403, lambda t: t.app.post_plain(good(), msg_signature="号" * 40)),
    "signed with another token": (
        403,
        lambda t: t.app.post_plain(good(), nonce="1", timestamp="2"),
    ),
    "wrong receiveid": (403, lambda t: t.app.post_plain(good(), receive_id="wwsomebody")),
    "empty receiveid": (403, lambda t: t.app.post_plain(good(), receive_id="")),
    "two hours old": (403, lambda t: t.app.post_plain(good(), timestamp=ago(2))),
    "two hours ahead": (403, lambda t: t.app.post_plain(good(), timestamp=ago(-2))),
    "timestamp no number": (403, lambda t: t.app.post_plain(good(), timestamp="now")),
    "timestamp beyond all": (403, lambda t: t.app.post_plain(good(), timestamp="9" * 30)),
    "timestamp of 5000 digits": (403, lambda t: t.app.post_plain(good(), timestamp="9" * 5000)),
    "timestamp negative": (403, lambda t: t.app.post_plain(good(), timestamp="-1")),
    "no signature": (403, lambda t: without(t, "msg_signature")),
    "no timestamp": (403, lambda t: without(t, "timestamp")),
    "no nonce": (403, lambda t: without(t, "nonce")),
    "outer dtd": (400, lambda t: envelope(t, "<!DOCTYPE xml>")),
    "outer bomb": (400, lambda t: envelope(t, BOMB, "&c;")),
    "outer file": (400, lambda t: envelope(t, OUTSIDE, "&a;")),
    "inner dtd": (400, lambda t: t.app.post_plain(f"<!DOCTYPE xml>{good()}")),
    "inner bomb": (400, lambda t: t.app.post_plain(BOMB + good().replace("没人修", "&c;"))),
    "inner file": (400, lambda t: t.app.post_plain(OUTSIDE + good().replace("没人修", "&a;"))),
    "not xml": (400, lambda t: raw(t, b"hello")),
    "json to the app": (400, lambda t: raw(t, b'{"encrypt":"x"}')),
    "nul bytes": (400, lambda t: raw(t, b"\0" * 100)),
    "half a document": (400, lambda t: raw(t, b"<xml><Encrypt>")),
    "unknown encoding": (400, lambda t: raw(t, b'<?xml version="1.0" encoding="klingon"?><xml/>')),
    "utf-7": (400, lambda t: raw(t, b'<?xml version="1.0" encoding="utf-7"?><xml>+ADw-</xml>')),
    "utf-16 with dtd": (
        400,
        lambda t: raw(t, "<!DOCTYPE x><xml><Encrypt>1</Encrypt></xml>".encode("utf-16")),
    ),
    "empty": (400, lambda t: raw(t, b"")),
    "no encrypt": (400, lambda t: raw(t, b"<xml><AgentID>1</AgentID></xml>")),
    "encrypt with children": (400, lambda t: raw(t, b"<xml><Encrypt><a>1</a></Encrypt></xml>")),
    "nested 20000 deep": (400, lambda t: raw(t, b"<a>" * 20000 + b"</a>" * 20000)),
    "inner nested deep": (400, lambda t: t.app.post_plain("<a>" * 20000 + "</a>" * 20000)),
    "signed junk": (400, lambda t: t.app.post_encrypted("junk")),
    "signed junk blocks": (400, lambda t: t.app.post_encrypted("A" * 64)),
    "signed half block": (400, lambda t: t.app.post_encrypted("AAAAAAAA")),
    "length beyond the end": (
        403,
        lambda t: t.app.post_encrypted(t.app.seal.encrypt_raw(length(2**32 - 1))),
    ),
    "shorter than its length": (400, lambda t: t.app.post_encrypted(t.app.seal.encrypt_raw(b"x"))),
    "inner not utf-8": (400, lambda t: t.app.post_plain(b"<xml>\xff\xfe</xml>")),
    "inner empty": (400, lambda t: t.app.post_plain("")),
    "inner not xml": (400, lambda t: t.app.post_plain("电表箱坏了")),
    "inner without type": (
        400,
        lambda t: t.app.post_plain("<xml><FromUserName>a</FromUserName></xml>"),
    ),
    "inner without sender": (400, lambda t: t.app.post_plain(good().replace("res_1_1", ""))),
    "createtime no time": (
        400,
        lambda t: t.app.post_plain(good().replace("<CreateTime>", "<CreateTime>x")),
    ),
    "compressed": (400, compressed),
    "one megabyte": (413, lambda t: raw(t, b"<" * 1_000_000)),
    "one megabyte in chunks": (413, lambda t: t.app.post_body(chunks(1 << 20), t.app.query(""))),
    "just too large": (413, lambda t: raw(t, b" " * (256 * 1024 + 1))),
}
BOT: dict[str, tuple[int, Attack]] = {
    "forged signature": (403, lambda t: t.bot.post_plain(BOT_TEXT, msg_signature="0" * 40)),
    "receiveid of the corp": (
        403,
        lambda t: t.bot.post_plain(BOT_TEXT, receive_id="wwacceptance01"),
    ),
    "two hours old": (403, lambda t: t.bot.post_plain(BOT_TEXT, timestamp=ago(2))),
    "two hours ahead": (403, lambda t: t.bot.post_plain(BOT_TEXT, timestamp=ago(-2))),
    "not json": (400, lambda t: t.bot.post_body(b"hello", t.bot.query(""))),
    "xml to the bot": (400, lambda t: t.bot.post_body(b"<xml/>", t.bot.query(""))),
    "empty": (400, lambda t: t.bot.post_body(b"", t.bot.query(""))),
    "a list": (400, lambda t: t.bot.post_body(b"[]", t.bot.query(""))),
    "a number": (400, lambda t: t.bot.post_body(b"1", t.bot.query(""))),
    "no encrypt": (400, lambda t: t.bot.post_body(b"{}", t.bot.query(""))),
    "encrypt a number": (400, lambda t: t.bot.post_encrypted(5)),
    "encrypt a list": (400, lambda t: t.bot.post_encrypted(["x"])),
    "not utf-8": (400, lambda t: t.bot.post_body(b'{"encrypt":"\xff"}', t.bot.query(""))),
    "nested 100000 deep": (400, lambda t: t.bot.post_body(b"[" * 100_000, t.bot.query(""))),
    "signed junk": (400, lambda t: t.bot.post_encrypted("A" * 64)),
    "half a surrogate": (403, lambda t: t.bot.post_body(b'{"encrypt":"\\ud800"}', t.bot.query(""))),
    "inner not json": (400, lambda t: t.bot.post_plain("电表箱坏了")),
    "inner a list": (400, lambda t: t.bot.post_plain("[1]")),
    "inner nested deep": (400, lambda t: t.bot.post_plain("[" * 50_000)),
    "inner without type": (400, lambda t: t.bot.post_plain("{}")),
    "inner type a number": (400, lambda t: t.bot.post_plain('{"msgtype":5}')),
    "inner without sender": (400, lambda t: t.bot.post_plain(BOT_TEXT.replace("res_1_1", ""))),
    "inner without msgid": (400, lambda t: t.bot.post_plain(BOT_TEXT.replace("m77", ""))),
    "one megabyte": (413, lambda t: t.bot.post_body(b"[" * 1_000_000, t.bot.query(""))),
}


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_stored(town: Deployment) -> Iterator[None]:
    """After all the attacks of this file the database is as before and the log shows no trace."""
    before, logged = town.stored(), len(town.log)
    yield
    assert town.stored() == before
    assert "Traceback" not in town.log[logged:]


@pytest.mark.parametrize("attack", APP)
def test_a_broken_app_callback_is_refused_with_an_empty_body(town, attack):
    status, act = APP[attack]
    said = act(town)
    assert (said.status, said.body) == (status, b"")


@pytest.mark.parametrize("attack", BOT)
def test_a_broken_bot_callback_is_refused_with_an_empty_body(town, attack):
    status, act = BOT[attack]
    said = act(town)
    assert (said.status, said.body) == (status, b"")


@pytest.mark.parametrize("path", ["/", "/wecom", "/wecom/", "/wecom/kf", "/wecom/app/", "/admin"])
def test_an_unknown_path_is_not_there(town, path):
    answer = requests.get(town.url + path, timeout=PATIENCE)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(town, method):
    answer = requests.request(method, town.app.url, timeout=PATIENCE)
    assert (answer.status_code, answer.content) == (405, b"")


def test_a_skew_of_ten_minutes_is_accepted_and_logged_loudly(town):
    town.app.verify(timestamp=ago(10 / 60))
    said = town.app.event("res_1_1", "view")
    assert said.status == 200
    assert eventually(lambda: "ERROR" in town.log and "CLOCK" in town.log)


def test_a_refusal_says_in_the_log_why_and_from_where(town):
    town.app.post_plain(good(), receive_id="wwsomebody")
    assert eventually(lambda: "refused /wecom/app from 127.0.0.1: wrong receiveid" in town.log)


def test_refusals_are_counted(town):
    before = town.metric('sanzhang_refused_total{status="403"}')
    town.app.post_plain(good(), msg_signature="0" * 40)
    assert town.metric('sanzhang_refused_total{status="403"}') == before + 1
