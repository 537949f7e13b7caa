"""Callback crypto: signature in constant time, then decrypt, with one exception for all that fails.

wechatpy does the AES part (docs/adr/0001-wechatpy-pinned.md). What is inside is taken apart here:
wechatpy lets struct, unicode and index errors escape, and would drop a message for one broken
character. Scheme: developer centre 90968, aibot 101033.
"""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass

from wechatpy.work.crypto import PrpCrypto, WeChatCrypto

#: Random bytes in front, then four with the length; the padding is at most so long.
_RANDOM, _LENGTH, _PADDING = 16, 4, 32


class Refused(Exception):
    """A request that is not answered: the HTTP status, and why (for the log, never the body)."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Signed:
    """The query of a callback."""

    signature: str
    timestamp: str
    nonce: str


class Envelope:
    """One callback's token, key and receiveid: corpid for an app, "" for the corp's own aibot."""

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        self._token = token
        self._receive_id = receive_id
        self._cipher = PrpCrypto(WeChatCrypto(token, encoding_aes_key, receive_id).key)

    def open(self, query: Signed, encrypted: str) -> str:
        """The plaintext. Raises Refused: 403 for a forger, 400 for what cannot be decrypted."""
        expected = self.sign(query.timestamp, query.nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), query.signature.encode()):
            raise Refused(403, "wrong signature")
        try:
            plain = self._cipher.cipher.decrypt(base64.b64decode(encrypted, validate=True))
        except ValueError as error:
            raise Refused(400, "signed, but cannot be decrypted") from error
        return self._unpacked(plain)

    def _unpacked(self, plain: bytes) -> str:
        """The text between its length and the receiveid. A broken character in it is nobody's
        attack: somebody's phone wrote it, and the other words count."""
        padding = plain[-1] if plain else 0
        content = plain[_RANDOM : len(plain) - padding]
        if not 1 <= padding <= _PADDING or len(content) < _LENGTH:
            raise Refused(400, "signed, but cannot be decrypted")
        (length,) = struct.unpack(">I", content[:_LENGTH])
        text, receive_id = content[_LENGTH:][:length], content[_LENGTH:][length:]
        if len(text) < length or receive_id != self._receive_id.encode():
            raise Refused(403, "wrong receiveid")
        return text.decode(errors="replace")

    def seal(self, plaintext: str, timestamp: str, nonce: str) -> tuple[str, str]:
        """(encrypted, signature) of a reply."""
        encrypted = self._cipher.encrypt(plaintext, self._receive_id).decode("ascii")
        return encrypted, self.sign(timestamp, nonce, encrypted)

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """SHA-1 over the sorted parts, as the scheme demands."""
        parts = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        data = parts.encode(errors="replace")  # JSON can carry what UTF-8 cannot
        return hashlib.sha1(data, usedforsecurity=False).hexdigest()
