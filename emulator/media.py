"""Uploaded files and photos: media ids for three days, photos of the bot for five minutes.

It checks kind and size as media/upload does; what a file is used for is decided elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.cipher import new_word
from emulator.clock import FakeClock
from emulator.errcodes import Refusal

MB = 1024 * 1024
MOST = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
LIFETIME = timedelta(days=3)
ENCRYPTED_LIFETIME = timedelta(minutes=5)
JPEG, PNG, AMR = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"#!AMR"


@dataclass
class Medium:
    id: str
    kind: str
    data: bytes
    created_at: datetime
    filename: str = ""

    @property
    def mime(self) -> str:
        if self.data.startswith(PNG):
            return "image/png"
        if self.data.startswith(JPEG):
            return "image/jpeg"
        return "audio/amr" if self.kind == "voice" else "application/octet-stream"


class Media:
    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._known: dict[str, Medium] = {}
        self._encrypted: dict[str, tuple[datetime, bytes]] = {}

    def keep(self, kind: str, data: bytes, filename: str = "") -> Medium:
        medium = Medium(new_word(40), kind, data, self._clock.now(), filename)
        self._known[medium.id] = medium
        return medium

    def upload(self, kind: str, data: bytes, filename: str = "") -> Medium:
        """What a service uploads is checked; what a person photographs is kept as it is."""
        if kind not in MOST:
            raise Refusal(40004, "type is image, voice, video or file")
        if not data:
            raise Refusal(44001)
        if not 5 < len(data) <= MOST[kind]:
            raise Refusal(40006, f"more than 5 and at most {MOST[kind]} bytes")
        if not right_kind(kind, data):
            raise Refusal(40005, f"this is no {kind}")
        return self.keep(kind, data, filename)

    def get(self, media_id: str) -> Medium:
        medium = self._known.get(media_id)
        if medium is None or self._clock.now() >= medium.created_at + LIFETIME:
            raise Refusal(40007)
        return medium

    def picture(self, media_id: str) -> Medium | None:
        """For the page: a photo in an old chat stays visible after its media id has expired."""
        return self._known.get(media_id)

    def offer_encrypted(self, data: bytes) -> str:
        name = new_word(24)
        self._encrypted[name] = (self._clock.now() + ENCRYPTED_LIFETIME, data)
        return name

    def encrypted(self, name: str) -> bytes | None:
        """None when the five minutes are over or the name is wrong."""
        expires_at, data = self._encrypted.get(name, (self._clock.now(), b""))
        return data if self._clock.now() < expires_at else None


def right_kind(kind: str, data: bytes) -> bool:
    if kind == "image":
        return data.startswith((JPEG, PNG))
    if kind == "voice":
        return data.startswith(AMR)
    return kind != "video" or data[4:8] == b"ftyp"
