"""Callback crypto of its own on pycryptodome: what WeCom does, from the scheme's description.

It shares nothing with the service or the emulator, so it can disagree with both.
"""

import base64
import hashlib
import os
import struct
from dataclasses import dataclass
from typing import Any

from Crypto.Cipher import AES

BLOCK = 32


@dataclass(frozen=True)
class Seal:
    """One callback's token, key and receiveid."""

    token: str
    encoding_aes_key: str
    receive_id: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.encoding_aes_key + "=")

    def encrypt(self, message: str | bytes, receive_id: str | None = None) -> str:
        data = message.encode() if isinstance(message, str) else message
        tail = (self.receive_id if receive_id is None else receive_id).encode()
        return self.encrypt_raw(os.urandom(16) + struct.pack(">I", len(data)) + data + tail)

    def encrypt_raw(self, plain: bytes) -> str:
        return base64.b64encode(self.encrypt_bytes(plain)).decode()

    def encrypt_bytes(self, plain: bytes) -> bytes:
        pad = BLOCK - len(plain) % BLOCK
        return bytes(self._cipher().encrypt(plain + bytes([pad]) * pad))

    def decrypt(self, encrypted: str) -> str:
        plain = bytes(self._cipher().decrypt(base64.b64decode(encrypted)))
        assert 1 <= plain[-1] <= BLOCK
        assert plain.endswith(bytes([plain[-1]]) * plain[-1])
        content = plain[16 : -plain[-1]]
        (length,) = struct.unpack(">I", content[:4])
        assert content[4 + length :].decode() == self.receive_id
        return content[4 : 4 + length].decode()

    def sign(self, *parts: str) -> str:
        return hashlib.sha1("".join(sorted([self.token, *parts])).encode()).hexdigest()

    def _cipher(self) -> Any:
        return AES.new(self.key, AES.MODE_CBC, self.key[:16])
