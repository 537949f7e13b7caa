"""What a channel is to the service: settings, limits, and `open`, `seal`, `send`, `fetch`.

A channel that only sends refuses what comes in, one that only listens refuses to send; which
channels there are, and their settings, is kinds.py's business, what a message does is handlers/.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from bot.channels.addresses import Addresses
from bot.channels.client import Client
from bot.channels.crypto import Refused
from bot.channels.request import OpenedCallback, RawRequest
from handlers.message import Reply
from issues.texts import Texts
from storage.outbox import Parcel, SendError
from storage.tables import Attachment


@dataclass(frozen=True)
class Shared:
    """What all channels of one deployment have in common."""

    corp_id: str
    #: what the service is called on its cards
    name: str
    client: Client
    texts: Texts
    #: where photos and voices are kept
    media_path: Path
    #: where links out of messages may lead
    addresses: Addresses


class Channel(ABC):
    """One way to and from people. Made only when its part of the configuration is there."""

    #: the last part of its callback's URL, its name in inbox and outbox, [wecom.<kind>]
    KIND: ClassVar[str]
    #: seconds from a request's arrival until the platform hangs up, less a margin
    LISTENS: ClassVar[float] = float("inf")
    #: how often the platform sends the same message at most, when it gets no 200
    SENDINGS: ClassVar[int] = 1

    @abstractmethod
    def __init__(self, settings: Any, shared: Shared) -> None:
        """``settings`` is what its kind has made of the configuration."""

    def verify(self, request: RawRequest, now: datetime) -> str:
        """The plaintext of a URL verification; raises Refused."""
        raise Refused(404, f"{self.KIND} takes no callbacks")

    def open(self, request: RawRequest, now: datetime) -> OpenedCallback:
        """Verify, decrypt and parse; raises Refused, and then nothing has been stored."""
        raise Refused(404, f"{self.KIND} takes no callbacks")

    def seal(self, reply: Reply, opened: OpenedCallback, now: datetime) -> tuple[bytes, str]:
        """The passive answer and its content type; an empty body when there is nothing to say."""
        return b"", "text/plain"

    def send(self, parcel: Parcel) -> dict[str, str]:
        """Send one message; the platform's receipt. Raises SendError."""
        raise SendError(f"channel {self.KIND} cannot send", permanent=True)

    def prepare(self, parcel: Parcel) -> dict[str, str]:
        """What every repeat of the message has to have the same, made before the first attempt and
        kept with it; nothing for most. Raises SendError."""
        return {}

    def fetch(self, attachment: Attachment) -> tuple[bytes, str]:
        """The bytes of what came with a message, and their content type; raises SendError."""
        raise SendError(f"channel {self.KIND} has no media", permanent=True)
