"""What a person puts into a message: words, photos, a voice note, a place, a quote.

A plain value shared by the two sides; each turns it into its own packets.
"""

from dataclasses import dataclass, field

from emulator.corp import FakeCorp
from emulator.phones import Shown


@dataclass
class Spoken:
    text: str = ""
    images: list[bytes] = field(default_factory=list)
    voice: bytes | None = None
    #: latitude, longitude, label
    location: tuple[float, float, str] | None = None
    #: the id of the message that is quoted
    quote: str = ""
    mention: bool = True


@dataclass
class Tap:
    """A tapped button: its key, and what was chosen before, {question_key: [option id]}."""

    userid: str
    shown: Shown
    key: str
    selected: dict[str, list[str]]

    @property
    def task_id(self) -> str:
        return str((self.shown.card or {}).get("task_id", ""))

    @property
    def card_type(self) -> str:
        return str((self.shown.card or {}).get("card_type", ""))


class CannotTap(ValueError):
    """There is no such button on this person's phone, or it is dead."""


def keep_pictures(corp: FakeCorp, images: list[bytes]) -> list[str]:
    return [corp.media.keep("image", one).id for one in images]


def quoted_words(corp: FakeCorp, message_id: str) -> str:
    shown = corp.phones.find(message_id) if message_id else None
    return shown.text if shown else ""
