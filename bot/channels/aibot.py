"""智能机器人 in URL mode: JSON callbacks, stream replies.

Sources: developer centre 100719, 101027, 101031, 101033.

The only channel that hears a group, and only when it is @-ed. It cannot push: what has to be told
later leaves through the app. Photos come as links that live for five minutes, encrypted.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.cards import AIBOT, card_json
from bot.channels.client import download, post_json
from bot.channels.crypto import Envelope, Refused
from bot.channels.limits import fit
from bot.channels.request import Opened, RawRequest, check_age, clamp, signed, verified
from bot.config import Config
from handlers.message import Click, Incoming, Reply
from issues.registering import Material
from storage.outbox import Parcel, SendError

KIND = "aibot"
LARGEST_TEXT = 20480
#: response_url takes one answer; the bot's own limit is far above.
A_MINUTE = 20
_PARTS = ("text", "image", "mixed", "voice", "file", "video")


class AibotChannel:
    """The corp's own bot."""

    #: Seconds that an answer may take; a later one leaves by itself (no re-send is documented).
    LISTENS = 4.5

    def __init__(self, config: Config) -> None:
        bot = config.wecom.aibot
        if bot is None:
            raise ValueError("[wecom.aibot] is not configured")
        self._envelope = Envelope(bot.token, bot.encoding_aes_key, "")
        self._key = WeChatCrypto(bot.token, bot.encoding_aes_key, "").key

    def verify(self, request: RawRequest, now: datetime) -> str:
        """The plaintext of a URL verification."""
        return verified(self._envelope, request, now)

    def open(self, request: RawRequest, now: datetime) -> Opened:
        """Verify, decrypt and parse; raises Refused, and then nothing has been stored."""
        query = signed(request.args)
        encrypted = _json(request.body).get("encrypt")
        if not isinstance(encrypted, str) or not encrypted:
            raise Refused(400, "no encrypt field")
        plain = self._envelope.open(query, encrypted)
        check_age(query, now)
        message = _json(plain.encode())
        return Opened(_incoming(message, now), query.nonce, _style(message))

    def seal(self, reply: Reply, opened: Opened, now: datetime) -> tuple[bytes, str]:
        """The passive answer: a finished stream, or text where somebody has just come in."""
        content = _passive(reply, opened)
        if content is None:
            return b"", "application/json"
        timestamp = int(now.timestamp())
        plain = json.dumps(content, ensure_ascii=False)
        encrypted, signature = self._envelope.seal(plain, str(timestamp), opened.nonce)
        sealed = {
            "encrypt": encrypted,
            "msgsignature": signature,
            "timestamp": timestamp,
            "nonce": opened.nonce,
        }
        return json.dumps(sealed).encode(), "application/json; charset=utf-8"

    def fetch(self, url: str) -> tuple[bytes, str]:
        """The decrypted bytes behind a media link, and no content type; raises SendError."""
        data, kind = download(url)
        if "json" in kind:
            raise SendError("the media link answers with JSON")
        if not data or len(data) % 16:
            raise SendError("media is not a whole number of blocks", permanent=True)
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        plain = cipher.update(data) + cipher.finalize()
        padding = plain[-1]
        if not 1 <= padding <= 32:
            raise SendError("media is wrongly padded", permanent=True)
        return plain[:-padding], ""

    def send(self, parcel: Parcel) -> dict[str, str]:
        """One more answer through a response_url: once, within the hour, no token; SendError."""
        text = "\n".join(notice.text for notice in parcel.notices)
        body = {"msgtype": "markdown", "markdown": {"content": fit(text, LARGEST_TEXT)}}
        answer = post_json(parcel.target, body)
        if answer.get("errcode"):
            raise SendError(f"response_url: errcode {answer['errcode']}", permanent=True)
        return {}


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = _storable(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "not JSON") from error
    if not isinstance(parsed, dict):
        raise Refused(400, "not a JSON object")
    return parsed


def _storable(value: Any) -> Any:
    """JSON can spell what no database stores, halves of surrogate pairs and NUL."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode().replace("\0", "")
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return value


def _style(message: dict[str, Any]) -> str:
    if message.get("msgtype") == "event":
        name = _dict(message.get("event")).get("eventtype")
        return {"enter_chat": "enter", "template_card_event": "click"}.get(str(name), "silent")
    return "message" if message.get("msgtype") in _PARTS else "silent"


def _incoming(message: dict[str, Any], now: datetime) -> Incoming:
    kind = message.get("msgtype")
    if not isinstance(kind, str) or not kind:
        raise Refused(400, "no msgtype")
    userid = str(_dict(message.get("from")).get("userid") or "")
    key = str(message.get("msgid") or "")
    at = _time(message.get("create_time"), now)
    chat_id = str(message.get("chatid") or "")
    if kind == "event":
        event = _event(_dict(message.get("event")), key, userid, at, chat_id)
        return replace(event, response_url=str(message.get("response_url") or ""))
    if kind not in _PARTS:
        return Incoming(KIND, key, userid, "other", at, event=f"message:{kind}")
    if not userid or not key:
        raise Refused(400, "no from.userid or no msgid")
    text, materials = _said(message, kind)
    quoted = _dict(message.get("quote"))
    quote, more = _said(quoted, str(quoted.get("msgtype", ""))) if quoted else ("", ())
    return Incoming(
        channel=KIND,
        key=key,
        userid=userid,
        kind="message",
        at=at,
        text=text,
        chat_id=chat_id,
        materials=(*materials, *more),
        quote=quote,
        response_url=str(message.get("response_url") or ""),
    )


def _said(message: dict[str, Any], kind: str) -> tuple[str, tuple[Material, ...]]:
    """Words and materials of a message or of a quoted one."""
    if kind == "mixed":
        items = _dict(message.get("mixed")).get("msg_item")
        return _joined(
            _said(item, str(item.get("msgtype", "")))
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict)
        )
    part = _dict(message.get(kind))
    if kind in ("text", "voice"):
        return str(part.get("content") or "").strip(), ()
    if kind in ("image", "file", "video"):
        return "", (Material(kind, url=str(part.get("url") or "")),)
    return "", ()


def _joined(
    parts: Iterable[tuple[str, tuple[Material, ...]]],
) -> tuple[str, tuple[Material, ...]]:
    found = list(parts)
    text = "\n".join(text for text, _ in found if text)
    return text, tuple(material for _, materials in found for material in materials)


def _event(event: dict[str, Any], key: str, userid: str, at: datetime, chat_id: str) -> Incoming:
    name = str(event.get("eventtype") or "")
    click = _click(_dict(event.get(name))) if name == "template_card_event" else None
    kind = "click" if click else "enter" if name == "enter_chat" else "other"
    return Incoming(KIND, key, userid, kind, at, chat_id=chat_id, click=click, event=name)


def _click(data: dict[str, Any]) -> Click:
    """The tables of the documentation and its samples disagree on the underscore: accept both."""
    items = _dict(data.get("selected_items")).get("selected_item")
    selected = {
        str(item.get("question_key")): [
            str(option) for option in _dict(item.get("option_ids")).get("option_id") or []
        ]
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    }
    return Click(
        key=str(data.get("event_key") or data.get("eventkey") or ""),
        task_id=str(data.get("task_id") or data.get("taskid") or ""),
        card_type=str(data.get("card_type") or data.get("cardtype") or ""),
        selected=selected,
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _time(value: Any, now: datetime) -> datetime:
    """Only events carry their time; a message was written when it came in."""
    try:
        return clamp(datetime.fromtimestamp(int(value), UTC), now)
    except (TypeError, ValueError, OverflowError, OSError):
        return now


def _passive(reply: Reply, opened: Opened) -> dict[str, Any] | None:
    if not reply.text:
        return None
    if opened.style == "enter":
        return {"msgtype": "text", "text": {"content": fit(reply.text, LARGEST_TEXT)}}
    if opened.style != "message":
        return None
    if reply.card and opened.incoming.in_group:
        card = card_json(reply.card, "", AIBOT)
        return {"msgtype": "template_card", "template_card": card}
    stream = {
        "id": f"s-{opened.incoming.key}"[:64],
        "finish": True,
        "content": fit(reply.text, LARGEST_TEXT),
    }
    return {"msgtype": "stream", "stream": stream}
