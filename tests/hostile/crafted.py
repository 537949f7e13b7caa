"""Requests as a stranger or a broken phone could send them, with a crypto of their own."""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.acceptance.wire import Seal

APP = Seal(
    "k8TgzQ2wVbN5xYrPmC7d", "q3Zr8TnVb1XyKf6MwLd0HsPj4GcUa9EoIt2RxYv7BkN", "ww5c1f3e0a9b7d2468"
)
BOT = Seal("Jm4RtYw9KcXs2LpQv6Bz", "W7hGd2MzQy5TbXn8KfVr0PcLs3JaUe9IoRt6YxEw1Bk", "")
NONCE = "587201"
PATHS = {"app": "/wecom/app", "bot": "/wecom/aibot"}
SEALS = {"app": APP, "bot": BOT}


@dataclass(frozen=True)
class Crafted:
    """One request: the bytes on the wire, and which answers to it are right."""

    family: str
    name: str
    wire: bytes
    right: frozenset[int]


def app_text(words: str = "电表箱坏了没人修", at: int | None = None, **changed: Any) -> str:
    """The XML of somebody's message; a field changed to None is left out."""
    fields: dict[str, Any] = {
        "ToUserName": APP.receive_id,
        "FromUserName": "mao_mou",
        "CreateTime": str(int(time.time()) if at is None else at),
        "MsgType": "text",
        "Content": f"<![CDATA[{words}]]>",
        "MsgId": "7001",
        **changed,
    }
    inside = "".join(f"<{k}>{v}</{k}>" for k, v in fields.items() if v is not None)
    return f"<xml>{inside}</xml>"


def bot_text(words: Any = "电表箱坏了没人修", **changed: Any) -> str:
    """The JSON of somebody's message; a field changed to None is left out."""
    fields = {
        "msgid": "m7001",
        "aibotid": "b",
        "chattype": "single",
        "from": {"userid": "mao_mou"},
        "msgtype": "text",
        "text": {"content": words},
        **changed,
    }
    return json.dumps({k: v for k, v in fields.items() if v is not None})


def plain_of(channel: str) -> str:
    """A message that would be an issue if somebody had the right to send it."""
    return app_text() if channel == "app" else bot_text()


def enveloped(channel: str, encrypted: Any) -> bytes:
    if channel == "app":
        return f"<xml><ToUserName>x</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()
    return json.dumps({"encrypt": encrypted}).encode()


def query_of(seal: Seal, encrypted: str, **changed: str | None) -> dict[str, str]:
    """A good signature, unless a part of it is changed afterwards or left out."""
    stamp = changed.get("timestamp") or str(int(time.time()))
    parts = {"timestamp": stamp, "nonce": NONCE}
    parts["msg_signature"] = seal.sign(stamp, NONCE, encrypted)
    parts.update({k: v for k, v in changed.items() if v is not None})
    return {k: v for k, v in parts.items() if k not in changed or changed[k] is not None}


def http(
    target: str,
    body: bytes = b"",
    method: str = "POST",
    version: str = "HTTP/1.1",
    headers: dict[str, str] | None = None,
    length: str | None = "",
) -> bytes:
    """The bytes of one request; the connection ends after it. ``length``: another
    Content-Length, None for none."""
    lines = {"Host": "sanzhang.gov.cn", "Connection": "close", **(headers or {})}
    if length is not None:
        lines["Content-Length"] = length or str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value != "-")
    return f"{method} {target} {version}\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body


def posted(channel: str, body: bytes, query: dict[str, str], **how: Any) -> bytes:
    return http(f"{PATHS[channel]}?{urlencode(query, quote_via=quote)}", body, **how)


def sealed(channel: str, encrypted: str, **changed: str | None) -> bytes:
    """That ciphertext in a well signed envelope, unless the signature is changed."""
    query = query_of(SEALS[channel], encrypted, **changed)
    return posted(channel, enveloped(channel, encrypted), query)


def said(channel: str, plain: str | bytes, **changed: str | None) -> bytes:
    """A message with a good signature and the right key."""
    return sealed(channel, SEALS[channel].encrypt(plain), **changed)
