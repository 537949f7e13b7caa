"""智能机器人 in URL mode: JSON callbacks, stream replies.

Sources: developer centre 100719, 101027, 101031, 101033.

The only channel that hears a group, and only when it is @-ed. It cannot push: what has to be told
later leaves through the app. Photos come as links that live for five minutes, encrypted.
"""

import json
import logging
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.aibot import parse
from bot.channels.aibot.reply import passive
from bot.channels.aibot.settings import KIND, LIMITS, AibotSettings
from bot.channels.client import download, post_json
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
from handlers.message import Incoming, Reply
from storage.outbox import Parcel, SendError
from storage.tables import Attachment

log = logging.getLogger(__name__)


class AibotChannel(Channel):
    """The corp's own bot."""

    KIND = KIND
    #: no time is documented for messages, 5 s for taps; no re-send is documented either, so what
    #: is late has to be sent
    LISTENS = 4.5

    def __init__(self, settings: AibotSettings, shared: Shared) -> None:
        self._envelope = Envelope(settings.token, settings.encoding_aes_key, "")
        self._addresses = shared.addresses
        self._key = WeChatCrypto(settings.token, settings.encoding_aes_key, "").key

    def verify(self, request: RawRequest, now: datetime) -> str:
        """The plaintext of a URL verification."""
        return verified(self._envelope, request, now)

    def open(self, request: RawRequest, now: datetime) -> OpenedCallback:
        """Verify, decrypt and parse; raises Refused, and then nothing has been stored."""
        query = signed(request.args)
        small_envelope(request.body)
        encrypted = parse.document(request.body).get("encrypt")
        if not isinstance(encrypted, str) or not encrypted:
            raise Refused(400, "no encrypt field")
        plain = self._envelope.open(query, encrypted)
        check_age(query, now)
        message = parse.document(plain)
        incoming = self._with_good_address(storable(parse.incoming(message, now)))
        return OpenedCallback(incoming, query.nonce, parse.style(message))

    def _with_good_address(self, incoming: Incoming) -> Incoming:
        """Without a response_url that may not be gone to: what comes later leaves by the app."""
        if incoming.response_url and (why := self._addresses.refuses(incoming.response_url)):
            log.error("a response_url is not used: %s", why)
            return replace(incoming, response_url="")
        return incoming

    def seal(self, reply: Reply, opened: OpenedCallback, now: datetime) -> tuple[bytes, str]:
        """The passive answer: a finished stream, or text where somebody has just come in."""
        content = passive(reply, opened)
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

    def fetch(self, attachment: Attachment) -> tuple[bytes, str]:
        """The decrypted bytes behind a media link, and no content type; raises SendError."""
        if why := self._addresses.refuses(attachment.url):
            log.error("a photo or file is not fetched: %s", why)
            raise SendError(f"media link: {why}", permanent=True)
        data, kind = download(attachment.url)
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
        if why := self._addresses.refuses(parcel.target):  # kept from before the list was changed
            raise SendError(f"response_url: {why}", permanent=True)
        text = "\n".join(notice.text for notice in parcel.notices)
        body = {"msgtype": "markdown", "markdown": {"content": fit(text, LIMITS.text)}}
        answer = post_json(parcel.target, body)
        if answer.get("errcode"):
            raise SendError(f"response_url: errcode {answer['errcode']}", permanent=True)
        return {}
