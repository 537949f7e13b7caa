"""Reading what the service answers to a callback: decrypt, check the rules, normalise.

A reply becomes {"type", "text", "card", …}; whatever WeCom would not show raises ReplyRefused.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from emulator import card_rules
from emulator.callbacks import ReplyRefused
from emulator.cipher import Cipher, CryptoError
from emulator.content import BOT_BYTES, TEXT_BYTES, cut

Reply = dict[str, Any]

MEDIA_WORDS = {"image": "[图片]", "voice": "[语音]", "video": "[视频]"}
#: Passive replies of an app; a template_card_event takes only the last two.
APP_MESSAGES = ("text", "image", "voice", "video", "news")
APP_UPDATES = ("update_button", "update_template_card")
#: Events that an app may not answer with a message.
SILENT_EVENTS = (
    "unsubscribe",
    "location_select",
    "scancode_push",
    "pic_sysphoto",
    "change_contact",
)

STREAM, CARD, BOTH = "stream", "template_card", "stream_with_template_card"
BOT_REPLIES = {
    "message": (STREAM, CARD, BOTH),
    "stream": (STREAM, BOTH),
    "enter_chat": ("text", CARD),
    "template_card_event": ("update_template_card",),
    "feedback_event": (),
}
STREAM_PICTURES = 10
STREAM_PICTURE_BYTES = 10 * 1024 * 1024


def require(ok: Any, complaint: str) -> None:
    if not ok:
        raise ReplyRefused(complaint)


# -- the app: XML


def app_reply(body: bytes, cipher: Cipher, *, userid: str, trigger: str) -> Reply | None:
    """None for an empty reply, and for the bare word success that some libraries send."""
    if body.strip() in (b"", b"success"):
        return None
    inner = parse_xml(open_app(body, cipher))
    require(inner.findtext("ToUserName", "").lower() == userid.lower(), "wrong ToUserName")
    require(inner.findtext("FromUserName", "") == cipher.receive_id, "wrong FromUserName")
    require(inner.findtext("CreateTime", "").strip().isdigit(), "CreateTime must be a number")
    kind = inner.findtext("MsgType", "")
    allowed = app_allows(trigger)
    require(kind in allowed, f"{kind or 'no MsgType'} is not allowed in answer to {trigger}")
    return {"type": kind, "text": "", "card": None, **APP_READERS[kind](inner)}


def app_allows(trigger: str) -> tuple[str, ...]:
    if trigger == "template_card_event":
        return APP_UPDATES
    return () if trigger in SILENT_EVENTS else APP_MESSAGES


def open_app(body: bytes, cipher: Cipher) -> bytes:
    envelope = parse_xml(body)
    encrypted, signature, timestamp, nonce = (
        envelope.findtext(name, "") for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
    )
    return open_sealed(cipher, encrypted, signature, (timestamp, nonce)).encode()


def open_sealed(cipher: Cipher, encrypted: str, signature: str, stamp: tuple[str, str]) -> str:
    expected = cipher.sign(*stamp, encrypted)
    require(hmac.compare_digest(expected.encode(), signature.encode()), "wrong signature")
    try:
        return cipher.decrypt(encrypted)
    except CryptoError as error:
        raise ReplyRefused(str(error)) from error


def parse_xml(data: bytes) -> Element:
    require(b"<!DOCTYPE" not in data and b"<!ENTITY" not in data, "no DOCTYPE in a reply")
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ReplyRefused(f"not XML: {error}") from error


def read_text(inner: Element) -> Reply:
    content = inner.findtext("Content", "")
    require(content, "Content is empty")
    short = cut(content, TEXT_BYTES)
    return {"text": short, "cut": short != content}


def read_medium(inner: Element) -> Reply:
    kind = inner.findtext("MsgType", "")
    media_id = inner.findtext(f"{kind.capitalize()}/MediaId", "")
    require(media_id, "MediaId is empty")
    return {"text": MEDIA_WORDS[kind], "media_id": media_id}


def read_news(inner: Element) -> Reply:
    links = [
        {
            "title": item.findtext("Title", ""),
            "description": item.findtext("Description", ""),
            "url": item.findtext("Url", ""),
            "picurl": item.findtext("PicUrl", ""),
        }
        for item in inner.findall("Articles/item")
    ]
    require(1 <= len(links) <= 8, "news has 1 to 8 articles")
    require(inner.findtext("ArticleCount", "") == str(len(links)), "wrong ArticleCount")
    return {"text": "\n".join(one["title"] for one in links), "links": links}


def read_button(inner: Element) -> Reply:
    name = inner.findtext("Button/ReplaceName", "")
    require(name, "Button/ReplaceName is empty")
    return {"text": name}


def read_card(inner: Element) -> Reply:
    element = inner.find("TemplateCard")
    require(element is not None, "TemplateCard is missing")
    assert element is not None
    card = checked(card_rules.card_from_xml(element), card_rules.APP)
    return {"text": card_rules.card_text(card), "card": card}


APP_READERS = {
    "text": read_text,
    "image": read_medium,
    "voice": read_medium,
    "video": read_medium,
    "news": read_news,
    "update_button": read_button,
    "update_template_card": read_card,
}


def checked(card: Any, rules: card_rules.CardRules, *, update: bool = True) -> dict[str, Any]:
    report = card_rules.check(card, rules, update=update)
    require(not report.errors, card_rules.join_errors(report.errors))
    return dict(card)


# -- the aibot: JSON


def bot_reply(body: bytes, cipher: Cipher, *, nonce: str, trigger: str) -> Reply | None:
    """None for an empty reply; otherwise the rules of one trigger, see BOT_REPLIES."""
    if not body.strip():
        return None
    inner = parse_json(open_bot(body, cipher, nonce).encode())
    kind = inner.get("response_type") or inner.get("msgtype") or ""
    allowed = BOT_REPLIES[trigger]
    require(kind in allowed, f"{kind or 'no msgtype'} is not allowed in answer to {trigger}")
    reply: Reply = {"type": kind, "text": "", "card": None, "raw": inner}
    if kind == "text":
        reply["text"] = bot_text(inner)
    if kind in (STREAM, BOTH):
        reply |= bot_stream(inner.get("stream"))
    if "template_card" in inner:
        reply |= bot_card(inner, update=kind == "update_template_card", text=reply["text"])
    require(kind in ("text", STREAM) or reply["card"], "template_card is missing")
    return reply


def open_bot(body: bytes, cipher: Cipher, nonce: str) -> str:
    envelope = parse_json(body)
    timestamp = envelope.get("timestamp")
    require(type(timestamp) is int, "timestamp must be an integer")
    require(str(envelope.get("nonce")) == nonce, "nonce must be the nonce of the callback URL")
    encrypted, signature = str(envelope.get("encrypt", "")), str(envelope.get("msgsignature", ""))
    return open_sealed(cipher, encrypted, signature, (str(timestamp), nonce))


def parse_json(data: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except ValueError as error:
        raise ReplyRefused(f"not JSON: {error}") from error
    require(isinstance(parsed, dict), "not a JSON object")
    return dict(parsed)


def bot_text(inner: dict[str, Any]) -> str:
    content = card_rules.part_of(inner, "text").get("content")
    require(isinstance(content, str) and content, "text.content is empty")
    return str(content)


def bot_stream(stream: Any) -> Reply:
    require(isinstance(stream, dict), "stream is missing")
    require(isinstance(stream.get("id"), str) and stream["id"], "stream.id is required")
    content, finish = stream.get("content", ""), stream.get("finish", False)
    require(isinstance(content, str), "stream.content must be a string")
    require(isinstance(finish, bool), "stream.finish must be true or false")
    require(card_rules.size(content) <= BOT_BYTES, f"stream.content has at most {BOT_BYTES} bytes")
    items = stream.get("msg_item") or []
    require(finish or not items, "stream.msg_item only together with finish=true")
    require(len(items) <= STREAM_PICTURES, f"at most {STREAM_PICTURES} pictures")
    feedback = str(card_rules.part_of(stream, "feedback").get("id", ""))
    require(card_rules.size(feedback) <= 256, "feedback.id has at most 256 bytes")
    return {
        "text": content,
        "stream_text": content,
        "stream_id": stream["id"],
        "finish": finish,
        "feedback_id": feedback,
        "pictures": [stream_picture(one) for one in items],
    }


def stream_picture(item: Any) -> bytes:
    image = card_rules.part_of(item, "image") if isinstance(item, dict) else {}
    try:
        data = base64.b64decode(str(image.get("base64", "")), validate=True)
    except binascii.Error as error:
        raise ReplyRefused("msg_item: base64 does not decode") from error
    require(0 < len(data) <= STREAM_PICTURE_BYTES, "msg_item: a picture has at most 10 MB")
    require(
        hashlib.md5(data).hexdigest() == str(image.get("md5", "")).lower(), "msg_item: wrong md5"
    )
    return data


def bot_card(inner: dict[str, Any], *, update: bool, text: str) -> Reply:
    card = checked(inner["template_card"], card_rules.BOT, update=update)
    feedback = str(card_rules.part_of(card, "feedback").get("id", ""))
    words = "\n".join(filter(None, [text, card_rules.card_text(card)]))
    return {
        "text": words,
        "card": card,
        "card_feedback_id": feedback,
        "userids": inner.get("userids"),
    }
