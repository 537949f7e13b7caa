"""The callback crypto of WeCom, written from its description and on `cryptography` alone.

It shares nothing with the service under test: two sides with the same mistake would agree.
"""

import base64
import hashlib
import secrets
import string
import struct

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32
PREFIX = 16


class CryptoError(Exception):
    """What was received does not decrypt to a message meant for us."""


class Cipher:
    """One (token, EncodingAESKey, receiveid): an app has the corp id, an aibot the empty string."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self.token = token
        self.receive_id = receive_id
        self._aes_key = aes_key
        self._key = decode_key(aes_key)

    def for_stranger(self) -> "Cipher":
        """The same secrets with a receiveid that is not ours: for a fault."""
        return Cipher(self.token, self._aes_key, "wwSomebodyElse")

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted([self.token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode()).hexdigest()

    def encrypt(self, text: str, prefix: bytes | None = None) -> str:
        message = text.encode()
        head = (prefix or secrets.token_bytes(PREFIX)) + struct.pack(">I", len(message))
        return base64.b64encode(self._seal(head + message + self.receive_id.encode())).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the message, or raise CryptoError for any way in which it may be wrong."""
        try:
            plain = self._open(base64.b64decode(encrypted, validate=True))
            (length,) = struct.unpack(">I", plain[PREFIX : PREFIX + 4])
            message, receive_id = split(plain[PREFIX + 4 :], length)
            text, target = message.decode(), receive_id.decode()
        except (ValueError, struct.error) as error:
            raise CryptoError(f"the ciphertext is broken: {error}") from error
        if target != self.receive_id:
            raise CryptoError(f"receiveid is {target!r}, expected {self.receive_id!r}")
        return text

    def encrypt_media(self, data: bytes) -> bytes:
        """Photos and files of an aibot: raw bytes, no random prefix, the same key and padding."""
        return self._seal(data)

    def _seal(self, data: bytes) -> bytes:
        pad = BLOCK - len(data) % BLOCK
        encryptor = self._aes().encryptor()
        return encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()

    def _open(self, data: bytes) -> bytes:
        decryptor = self._aes().decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        pad = padded[-1] if padded else 0
        if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise ValueError("wrong padding")
        return padded[:-pad]

    def _aes(self) -> BlockCipher[CBC]:
        return BlockCipher(AES(self._key), CBC(self._key[:16]))


def split(data: bytes, length: int) -> tuple[bytes, bytes]:
    if length > len(data):
        raise ValueError("the length field points outside")
    return data[:length], data[length:]


def decode_key(aes_key: str) -> bytes:
    """Unused trailing bits may be set in a real key; Python's decoder ignores them."""
    if len(aes_key) != 43 or not aes_key.isalnum():
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return base64.b64decode(aes_key + "=")


def new_word(length: int) -> str:
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(length))


def new_nonce() -> str:
    return str(secrets.randbelow(9_000_000_000) + 1_000_000_000)
