"""The JSON of the bot's callbacks, read into one Incoming.

Sources: developer centre 100719 (messages), 101027 (events). What cannot be stored is taken out
here; signature and decryption come before this, in channel.py.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.aibot.settings import KIND
from bot.channels.crypto import Refused
from bot.channels.request import clamp
from handlers.message import Click, Incoming
from issues.registering import Material

_PARTS = ("text", "image", "mixed", "voice", "file", "video")


def document(body: str | bytes) -> dict[str, Any]:
    """JSON; control characters may stand in it as they are: somebody's phone has written them."""
    try:
        parsed = _storable(_READER.decode(body if isinstance(body, str) else body.decode()))
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


def _number(digits: str) -> int | str:
    """No number that means anything has so many digits, and some have more than Python reads."""
    return int(digits) if len(digits) < 20 else digits


_READER = json.JSONDecoder(strict=False, parse_int=_number)


def style(message: dict[str, Any]) -> str:
    if message.get("msgtype") == "event":
        name = _dict(message.get("event")).get("eventtype")
        return {"enter_chat": "enter", "template_card_event": "click"}.get(str(name), "silent")
    return "message" if _is_said(message) else "silent"


def _is_said(message: dict[str, Any]) -> bool:
    """Whether somebody has said something, if by a kind of message that nobody knows yet."""
    kind = message.get("msgtype")
    return kind in _PARTS or bool(_words(message.get(kind)) if isinstance(kind, str) else "")


def incoming(message: dict[str, Any], now: datetime) -> Incoming:
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
    if not _is_said(message):
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
            for item in (items if isinstance(items, list) else [items])
            if isinstance(item, dict)
        )
    if kind in ("image", "file", "video"):
        return "", (Material(kind, url=str(_dict(message.get(kind)).get("url") or "")),)
    return _words(message.get(kind)).strip(), ()


def _words(part: Any) -> str:
    """What is said in a part, also where it has another shape than the documented one."""
    if isinstance(part, dict):
        return _words(part.get("content"))
    if isinstance(part, list):
        return "\n".join(filter(None, map(_words, part)))
    return str(part) if isinstance(part, str | int | float) and not isinstance(part, bool) else ""


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
