"""The XML of the app's callbacks, read into one Incoming.

Sources: developer centre 90239 (messages), 90240 (events), 90970 (members who leave). Signature and
decryption come before this, in channel.py.
"""

import re
import sys
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.channels.app.settings import KIND
from bot.channels.crypto import Refused
from bot.channels.limits import printable
from bot.channels.request import clamp
from handlers.message import Click, Contact, Incoming
from issues.registering import Material

#: Status of a member whose account is disabled, or who has quit by himself.
GONE = ("2", "5")

_WORDS_BEGIN, _WORDS_END = "<Content><![CDATA[", "]]></Content>"
_REFERENCE = re.compile(r"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});")


def tree(body: str | bytes) -> dict[str, Any]:
    """XML as nested dicts, repeated elements as lists; entities and DTDs are refused."""
    try:
        root = _root(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise Refused(400, f"not XML: {type(error).__name__}") from error
    parsed = _nested(root)
    if not isinstance(parsed, dict):
        raise Refused(400, "an empty XML document")
    return parsed


def _root(body: str | bytes) -> Element:
    """What is signed but no good XML is read once more without what no XML may hold: a phone has
    written it, and its words count."""
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError):
        if isinstance(body, bytes):
            raise
        return fromstring(_mended(body), forbid_dtd=True)


def _mended(body: str) -> str:
    """Without control characters, however they are written, and with the end of CDATA inside of
    somebody's words written so that it does not end them."""
    body = _REFERENCE.sub(_storable, printable(body))
    head, begin, rest = body.partition(_WORDS_BEGIN)
    words, end, tail = rest.rpartition(_WORDS_END)
    return head + begin + words.replace("]]>", "]]]]><![CDATA[>") + end + tail


def _storable(reference: re.Match[str]) -> str:
    digits = reference[1]
    code = int(digits[1:], 16) if digits[0] == "x" else int(digits)
    return reference[0] if code <= sys.maxunicode and printable(chr(code)) else ""


def _nested(node: Element, depth: int = 0) -> Any:
    if depth > 20:
        raise Refused(400, "XML nested too deep")
    if len(node) == 0:
        return node.text or ""
    if _has_words(node):
        return "".join(node.itertext())
    found: dict[str, Any] = {}
    for child in node:
        value = _nested(child, depth + 1)
        if child.tag in found:
            known = found[child.tag]
            found[child.tag] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            found[child.tag] = value
    return found


def _has_words(node: Element) -> bool:
    """Whether words stand between its elements: then all of it is somebody's words."""
    return any(text and text.strip() for text in (node.text, *(child.tail for child in node)))


def incoming(message: dict[str, Any], now: datetime) -> Incoming:
    kind, userid = _text(message, "MsgType"), _text(message, "FromUserName")
    if not kind:
        raise Refused(400, "no MsgType")
    at = clamp(_time(_text(message, "CreateTime")), now)
    if kind == "event":
        return _event(message, userid, at)
    if not userid:
        raise Refused(400, "no FromUserName")
    text, materials = _said(kind, message)
    known = bool(text or materials) or kind == "text"
    # Every documented message has a MsgId; one without must still not pass for another's re-send.
    msgid = _text(message, "MsgId") or f"{kind}@{_text(message, 'CreateTime')}"
    return Incoming(
        channel=KIND,
        key=f"{msgid}:{userid.lower()}",
        userid=userid,
        kind="message" if known else "other",
        at=at,
        text=text,
        materials=materials,
        event="" if known else f"message:{kind}",
    )


def _said(kind: str, message: dict[str, Any]) -> tuple[str, tuple[Material, ...]]:
    """Words and materials of a message (developer centre 90239); of an unknown type its words, if
    it has such."""
    if kind == "text":
        return _text(message, "Content"), ()
    if kind == "link":
        parts = (_text(message, name) for name in ("Title", "Description", "Url"))
        return "\n".join(part for part in parts if part), ()
    if kind in ("image", "voice", "video", "file"):
        return "", (Material(kind, media_id=_text(message, "MediaId")),)
    if kind == "location":
        return _place(message)
    return _text(message, "Content"), ()


def _place(message: dict[str, Any]) -> tuple[str, tuple[Material, ...]]:
    """A place; without coordinates on this earth, what it is called."""
    label = _text(message, "Label")
    try:
        latitude = float(_text(message, "Location_X"))
        longitude = float(_text(message, "Location_Y"))
    except ValueError:
        return label, ()
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # false for what is no number
        return label, ()
    return "", (Material("location", text=label, latitude=latitude, longitude=longitude),)


def _event(message: dict[str, Any], userid: str, at: datetime) -> Incoming:
    name = _text(message, "Event")
    if name == "change_contact":
        return _contact(message, at)
    parts = [userid.lower(), _text(message, "CreateTime"), name]
    parts += [_text(message, "EventKey"), _text(message, "TaskId")]
    click = _click(message) if name == "template_card_event" else None
    entered = name.lower() in ("enter_agent", "subscribe")
    kind = "click" if click else "enter" if entered else "other"
    return Incoming(KIND, ":".join(parts), userid, kind, at, click=click, event=name)


def _contact(message: dict[str, Any], at: datetime) -> Incoming:
    """A member's change comes from "sys" and is told apart by what it says: many leave in one
    second. Developer centre 90970 (members); departments and tags are nobody's post here."""
    change, userid = _text(message, "ChangeType"), _text(message, "UserID")
    told = [_text(message, name) for name in ("CreateTime", "NewUserID", "Status")]
    disabled = change == "update_user" and told[-1] in GONE
    contact = Contact(change == "delete_user" or disabled, told[1])
    key = ":".join([change, userid.lower(), *told])
    if not userid:
        return Incoming(KIND, key, "", "other", at, event=f"change_contact:{change}")
    return Incoming(KIND, key, userid, "contact", at, event=change, contact=contact)


def _click(message: dict[str, Any]) -> Click:
    selected = {
        _text(item, "QuestionKey"): [str(o) for o in _listed(item.get("OptionIds"), "OptionId")]
        for item in _listed(message.get("SelectedItems"), "SelectedItem")
        if isinstance(item, dict)
    }
    return Click(
        key=_text(message, "EventKey"),
        task_id=_text(message, "TaskId"),
        card_type=_text(message, "CardType"),
        response_code=_text(message, "ResponseCode"),
        selected=selected,
    )


def _listed(parent: Any, name: str) -> list[Any]:
    """One or many children come as a value or a list."""
    value = parent.get(name, []) if isinstance(parent, dict) else []
    return value if isinstance(value, list) else [value]


def _text(message: dict[str, Any], name: str) -> str:
    value = message.get(name, "")
    if isinstance(value, list):  # the same element several times
        value = "\n".join(one for one in value if isinstance(one, str))
    return value.strip() if isinstance(value, str) else ""


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(400, "CreateTime is no time") from error
