"""Callback crypto: signature in constant time, then decrypt, with one exception for all that fails.

wechatpy does the AES part (docs/adr/0001-wechatpy-pinned.md); it lets struct, unicode and index
errors escape on hostile input, which end here. Scheme: developer centre 90968, aibot 101033.
"""

import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass

from wechatpy.exceptions import WeChatException
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto

_BROKEN = (
    AssertionError,
    IndexError,
    TypeError,
    UnicodeError,
    ValueError,
    binascii.Error,
    struct.error,
)


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
            return str(self._cipher.decrypt(encrypted, self._receive_id))
        except WeChatException as error:
            raise Refused(403, "wrong receiveid") from error
        except _BROKEN as error:
            raise Refused(400, "signed, but cannot be decrypted") from error

    def seal(self, plaintext: str, timestamp: str, nonce: str) -> tuple[str, str]:
        """(encrypted, signature) of a reply."""
        encrypted = self._cipher.encrypt(plaintext, self._receive_id).decode("ascii")
        return encrypted, self.sign(timestamp, nonce, encrypted)

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """SHA-1 over the sorted parts, as the scheme demands."""
        parts = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        data = parts.encode(errors="replace")  # JSON can carry what UTF-8 cannot
        return hashlib.sha1(data, usedforsecurity=False).hexdigest()
