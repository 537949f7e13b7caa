"""自建应用: XML callbacks, passive XML replies, message/send.

Sources: developer centre 90236, 90238-90241.

Private chats only: WeCom never delivers group messages to an app. Cards sent here come back as
template_card_event; their answer can only be the card that takes the tapped one's place.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.channels.cards import APP, card_json
from bot.channels.client import BadPayload, Client
from bot.channels.crypto import Envelope, Refused
from bot.channels.limits import fit, shorten
from bot.channels.request import Opened, RawRequest, check_age, clamp, signed, verified
from bot.config import Config
from handlers.message import Click, Contact, Incoming, Reply
from issues import words
from issues.registering import Material
from issues.texts import Texts
from storage.notice import Card, Notice
from storage.outbox import Parcel, SendError

log = logging.getLogger(__name__)

KIND = "app"
#: 30/min to one member are delivered and the rest dropped silently: stay below.
A_MINUTE = 20
LARGEST_TEXT = 2048
#: Repeats of a request with the same JSON are not delivered twice inside this time (the maximum).
NO_DUPLICATES = {"enable_duplicate_check": 1, "duplicate_check_interval": 14400}


#: Status of a member whose account is disabled, or who has quit by himself.
GONE = ("2", "5")


class AppChannel:
    """The app's callback and its sending side."""

    #: Seconds until WeCom hangs up; it sends again then, and gets the same answer.
    LISTENS = float("inf")

    def __init__(self, config: Config, client: Client, texts: Texts) -> None:
        app = config.wecom.app
        self._corp_id = config.wecom.corp_id
        self._agent_id = app.agent_id
        self._service = config.service.name
        self._envelope = Envelope(app.token, app.encoding_aes_key, self._corp_id)
        self._client = client
        self._texts = texts
        self._media_path = config.media_path()

    # --- receiving ---

    def verify(self, request: RawRequest, now: datetime) -> str:
        """The plaintext of a URL verification."""
        return verified(self._envelope, request, now)

    def open(self, request: RawRequest, now: datetime) -> Opened:
        """Verify, decrypt and parse; raises Refused, and then nothing has been stored."""
        query = signed(request.args)
        encrypted = _parse(request.body).get("Encrypt", "")
        if not isinstance(encrypted, str) or not encrypted:
            raise Refused(400, "no Encrypt element")
        plain = self._envelope.open(query, encrypted)
        check_age(query, now)
        message = _parse(plain.encode())
        click = message.get("Event") == "template_card_event"
        return Opened(_incoming(message, now), query.nonce, "click" if click else "message")

    def seal(self, reply: Reply, opened: Opened, now: datetime) -> tuple[bytes, str]:
        """The passive answer and its content type; empty when there is nothing to say."""
        content = _passive(reply, opened, self._corp_id, int(now.timestamp()))
        if content is None:
            return b"", "text/plain"
        timestamp = str(int(now.timestamp()))
        encrypted, signature = self._envelope.seal(content, timestamp, opened.nonce)
        root = Element("xml")
        for name, value in (
            ("Encrypt", encrypted),
            ("MsgSignature", signature),
            ("TimeStamp", timestamp),
            ("Nonce", opened.nonce),
        ):
            SubElement(root, name).text = value
        return tostring(root, encoding="utf-8"), "application/xml; charset=utf-8"

    # --- sending ---

    def send(self, parcel: Parcel) -> dict[str, str]:
        """One message/send to one member; raises SendError.

        A card that WeCom does not take goes out as its text: the words matter, the buttons help.
        """
        if parcel.notices[0].media:
            return self._send(parcel, self._media(parcel.notices[0]))
        card = parcel.notices[0].card if len(parcel.notices) == 1 else None
        try:
            return self._send(parcel, self._card(card) if card else self._text(parcel.notices))
        except BadPayload as refused:
            if card is None:
                raise
            log.error("card %s was refused, sent as text: %s", card.task_id, refused)
            return self._send(parcel, self._text(parcel.notices))

    def _send(self, parcel: Parcel, content: dict[str, Any]) -> dict[str, str]:
        body = {"touser": parcel.target, "agentid": self._agent_id, **content}
        if not parcel.notices[0].again:
            body |= NO_DUPLICATES
        answer = self._client.call("message/send", body)
        for field in ("invaliduser", "unlicenseduser"):
            if parcel.target in str(answer.get(field) or "").lower().split("|"):
                raise SendError(f"{field}: {parcel.target}", permanent=True)
        return {name: str(answer[name]) for name in ("msgid", "response_code") if name in answer}

    def fetch(self, media_id: str) -> tuple[bytes, str]:
        """The bytes behind a MediaId and their content type."""
        return self._client.media(media_id)

    def _card(self, card: Card) -> dict[str, Any]:
        return {"msgtype": "template_card", "template_card": card_json(card, self._service, APP)}

    def _media(self, notice: Notice) -> dict[str, Any]:
        """A photo, voice, video or file of ours, uploaded anew: a media_id lives three days."""
        kind = notice.media_kind if notice.media_kind in ("image", "voice", "video") else "file"
        try:
            data = (self._media_path / notice.media).read_bytes()
        except OSError as error:
            raise SendError(f"cannot read {notice.media}", permanent=True) from error
        media_id = self._client.upload(kind, Path(notice.media).name, data)
        return {"msgtype": kind, kind: {"media_id": media_id}}

    def _text(self, notices: tuple[Notice, ...]) -> dict[str, Any]:
        text = (
            notices[0].text
            if len(notices) == 1
            else words.digest(notices, self._texts, LARGEST_TEXT)
        )
        return {"msgtype": "text", "text": {"content": fit(text, LARGEST_TEXT)}}


# --- parsing ---


def _parse(body: bytes) -> dict[str, Any]:
    """XML as nested dicts, repeated elements as lists; entities and DTDs are refused."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise Refused(400, f"not XML: {type(error).__name__}") from error
    parsed = _tree(root)
    if not isinstance(parsed, dict):
        raise Refused(400, "an empty XML document")
    return parsed


def _tree(node: Element, depth: int = 0) -> Any:
    if depth > 20:
        raise Refused(400, "XML nested too deep")
    if len(node) == 0:
        return node.text or ""
    found: dict[str, Any] = {}
    for child in node:
        value = _tree(child, depth + 1)
        if child.tag in found:
            known = found[child.tag]
            found[child.tag] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            found[child.tag] = value
    return found


def _incoming(message: dict[str, Any], now: datetime) -> Incoming:
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
    """Words and materials of a message (developer centre 90239); nothing for an unknown type."""
    if kind == "text":
        return _text(message, "Content"), ()
    if kind == "link":
        parts = (_text(message, name) for name in ("Title", "Description", "Url"))
        return "\n".join(part for part in parts if part), ()
    if kind in ("image", "voice", "video", "file"):
        return "", (Material(kind, media_id=_text(message, "MediaId")),)
    if kind == "location":
        return "", (_place(message),)
    return "", ()


def _place(message: dict[str, Any]) -> Material:
    try:
        latitude = float(_text(message, "Location_X"))
        longitude = float(_text(message, "Location_Y"))
    except ValueError as error:
        raise Refused(400, "a location without coordinates") from error
    return Material(
        "location", text=_text(message, "Label"), latitude=latitude, longitude=longitude
    )


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
    return value.strip() if isinstance(value, str) else ""


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(400, "CreateTime is no time") from error


# --- passive replies ---


def _passive(reply: Reply, opened: Opened, corp_id: str, at: int) -> str | None:
    root = Element("xml")
    for name, value in (
        ("ToUserName", opened.incoming.userid),
        ("FromUserName", corp_id),
        ("CreateTime", str(at)),
    ):
        SubElement(root, name).text = value
    if opened.style == "click":
        if reply.card is None:
            return None
        _card_xml(root, reply.card)
    elif reply.text:
        SubElement(root, "MsgType").text = "text"
        SubElement(root, "Content").text = fit(reply.text, LARGEST_TEXT)
    else:
        return None
    return tostring(root, encoding="unicode")


def _card_xml(root: Element, card: Card) -> None:
    """update_template_card, the CamelCase twin of the JSON card (developer centre 90241)."""
    SubElement(root, "MsgType").text = "update_template_card"
    node = SubElement(root, "TemplateCard")
    SubElement(node, "CardType").text = "button_interaction"
    title = SubElement(node, "MainTitle")
    SubElement(title, "Title").text = shorten(card.title, APP.title)
    SubElement(title, "Desc").text = shorten(card.desc, APP.desc)
    SubElement(node, "SubTitleText").text = shorten(card.body, APP.body)
    for name, value in card.fields[: APP.most]:
        row = SubElement(node, "HorizontalContentList")
        SubElement(row, "KeyName").text = shorten(name, APP.name)
        SubElement(row, "Value").text = shorten(value, APP.value)
    for button in card.buttons[: APP.most]:
        row = SubElement(node, "ButtonList")
        SubElement(row, "Text").text = shorten(button.text, APP.button)
        SubElement(row, "Style").text = str(button.style)
        SubElement(row, "Key").text = button.key
    SubElement(node, "TaskId").text = card.task_id
    if card.done:
        SubElement(node, "ReplaceText").text = shorten(card.done, 20)
