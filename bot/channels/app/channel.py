"""自建应用: XML callbacks, passive XML replies, message/send.

Sources: developer centre 90236, 90238-90241.

Private chats only: WeCom never delivers group messages to an app. Cards sent here come back as
template_card_event; their answer can only be the card that takes the tapped one's place.
"""

import logging
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any
from xml.sax.saxutils import escape

from bot.channels.app import parse
from bot.channels.app.reply import passive
from bot.channels.app.settings import CARDS, KIND, LIMITS, AppSettings
from bot.channels.cards import card_json
from bot.channels.client import LONGEST_CALL, BadPayload
from bot.channels.contract import Channel, Shared
from bot.channels.crypto import Envelope, Refused
from bot.channels.limits import fit
from bot.channels.request import (
    OpenedCallback,
    RawRequest,
    check_age,
    signed,
    small_envelope,
    storable,
    verified,
)
from handlers.message import Reply
from issues import wording
from storage.notice import Card, Notice
from storage.outbox import NO_DUPLICATES, Parcel, SendError
from storage.tables import Attachment

log = logging.getLogger(__name__)

#: Repeats of a request with the same JSON are not delivered twice inside so many seconds (the
#: maximum), less a few by the number of the message: so the same words may be said again, and only
#: a repeat of the very same message has the very same JSON.
LONGEST_CHECK = 14400
DIFFERENT = LONGEST_CHECK - int(NO_DUPLICATES.total_seconds())
#: Seconds after which no further call is begun for one message; it is repeated as a whole then.
CHAIN = 20.0
#: Seconds that one message takes at the most: several short calls, or an upload and its message.
LONGEST_SEND = max(CHAIN + LONGEST_CALL, 2 * LONGEST_CALL)
#: So many cards follow one digest; the others are answered in words, as the digest says.
MOST_CARDS = 3
#: The envelope of a passive answer (developer centre 90238).
_SEALED = (
    "<?xml version='1.0' encoding='utf-8'?>\n"
    "<xml><Encrypt>{}</Encrypt><MsgSignature>{}</MsgSignature>"
    "<TimeStamp>{}</TimeStamp><Nonce>{}</Nonce></xml>"
)


class AppChannel(Channel):
    """The app's callback and its sending side."""

    KIND = KIND
    #: WeCom hangs up after five seconds and sends again, three times in all at the least
    #: (developer centre 90238: 3 retries); any status but 200 is taken as no answer
    LISTENS = 4.5
    SENDINGS = 3

    def __init__(self, settings: AppSettings, shared: Shared) -> None:
        self._corp_id = shared.corp_id
        self._agent_id = settings.agent_id
        self._name = shared.name
        self._envelope = Envelope(settings.token, settings.encoding_aes_key, shared.corp_id)
        self._client = shared.client
        self._texts = shared.texts
        self._media_path = shared.media_path

    # --- receiving ---

    def verify(self, request: RawRequest, now: datetime) -> str:
        """The plaintext of a URL verification."""
        return verified(self._envelope, request, now)

    def open(self, request: RawRequest, now: datetime) -> OpenedCallback:
        """Verify, decrypt and parse; raises Refused, and then nothing has been stored."""
        query = signed(request.args)
        small_envelope(request.body)
        encrypted = parse.tree(request.body).get("Encrypt", "")
        if not isinstance(encrypted, str) or not encrypted:
            raise Refused(400, "no Encrypt element")
        plain = self._envelope.open(query, encrypted)
        check_age(query, now)
        message = parse.tree(plain)
        click = message.get("Event") == "template_card_event"
        return OpenedCallback(
            storable(parse.incoming(message, now)), query.nonce, "click" if click else "message"
        )

    def seal(self, reply: Reply, opened: OpenedCallback, now: datetime) -> tuple[bytes, str]:
        """The passive answer and its content type; empty when there is nothing to say."""
        content = passive(reply, opened, self._corp_id, int(now.timestamp()))
        if content is None:
            return b"", "text/plain"
        timestamp = str(int(now.timestamp()))
        encrypted, signature = self._envelope.seal(content, timestamp, opened.nonce)
        body = _SEALED.format(encrypted, signature, timestamp, escape(opened.nonce))
        return body.encode(), "application/xml; charset=utf-8"

    # --- sending ---

    def send(self, parcel: Parcel) -> dict[str, str]:
        """One message/send to one member; raises SendError.

        A card that WeCom does not take goes out as its text: the words matter, the buttons help.
        """
        end = monotonic() + CHAIN
        if parcel.notices[0].media:
            return self._send(parcel, self._media(parcel), end)
        if len(parcel.notices) > 1:
            receipt = self._send(parcel, self._text(parcel.notices), end)
            self._buttons(parcel, end)
            return receipt
        card = parcel.notices[0].card
        try:
            return self._send(parcel, self._card(card) if card else self._text(parcel.notices), end)
        except BadPayload as refused:
            if card is None:
                raise
            log.error("card %s was refused, sent as text: %s", card.task_id, refused)
            return self._send(parcel, self._text(parcel.notices), end)

    def prepare(self, parcel: Parcel) -> dict[str, str]:
        """The media_id of a photo: uploaded anew for a repeat, it would be another message."""
        return {"media_id": self._uploaded(parcel.notices[0])} if parcel.notices[0].media else {}

    def _buttons(self, parcel: Parcel, end: float) -> None:
        """A text has no buttons: what waits for 同意 follows a digest as its card. A parcel that is
        repeated for one that failed repeats them all, and WeCom drops those that it has had."""
        for card in wording.to_approve(parcel.notices)[:MOST_CARDS]:
            try:
                self._send(parcel, self._card(card), end)
            except BadPayload as refused:  # its line in the digest says how to answer
                log.error("card %s was refused: %s", card.task_id, refused)

    def _send(self, parcel: Parcel, content: dict[str, Any], end: float) -> dict[str, str]:
        """One call. Raises SendError, also when so much time has gone by that the lease might run
        out meanwhile."""
        if monotonic() > end:
            raise SendError("message/send: the calls before took too long", unknown=True)
        checked = {
            "enable_duplicate_check": 1,
            "duplicate_check_interval": LONGEST_CHECK - parcel.number % DIFFERENT,
        }
        body = {"touser": parcel.target, "agentid": self._agent_id, **content, **checked}
        answer = self._client.call("message/send", body)
        for field in ("invaliduser", "unlicenseduser"):
            if parcel.target in str(answer.get(field) or "").lower().split("|"):
                raise SendError(f"{field}: {parcel.target}", permanent=True)
        return {name: str(answer[name]) for name in ("msgid", "response_code") if name in answer}

    def fetch(self, attachment: Attachment) -> tuple[bytes, str]:
        """The bytes behind a MediaId and their content type."""
        return self._client.media(attachment.media_id)

    def _card(self, card: Card) -> dict[str, Any]:
        return {"msgtype": "template_card", "template_card": card_json(card, self._name, CARDS)}

    def _media(self, parcel: Parcel) -> dict[str, Any]:
        """A photo, voice, video or file of ours."""
        notice = parcel.notices[0]
        media_id = parcel.prepared.get("media_id") or self._uploaded(notice)
        kind = _media_kind(notice)
        return {"msgtype": kind, kind: {"media_id": media_id}}

    def _uploaded(self, notice: Notice) -> str:
        try:
            data = (self._media_path / notice.media).read_bytes()
        except OSError as error:
            raise SendError(f"cannot read {notice.media}", permanent=True) from error
        return self._client.upload(_media_kind(notice), Path(notice.media).name, data)

    def _text(self, notices: tuple[Notice, ...]) -> dict[str, Any]:
        text = (
            notices[0].text
            if len(notices) == 1
            else wording.digest(notices, self._texts, LIMITS.text)
        )
        return {"msgtype": "text", "text": {"content": fit(text, LIMITS.text)}}


def _media_kind(notice: Notice) -> str:
    return notice.media_kind if notice.media_kind in ("image", "voice", "video") else "file"
