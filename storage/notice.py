"""What is to be told, before any channel's dialect: the shape stored in the outbox.

Words are made in issues/; length limits, markdown and JSON of a channel are the channel's business.
"""

from dataclasses import dataclass
from typing import Any

#: The place in a digest of what has none of its own.
LAST = 9


@dataclass(frozen=True)
class Button:
    text: str
    key: str
    style: int = 1


@dataclass(frozen=True)
class Card:
    """A template card with buttons; ``task_id`` is unique per card, its head is the number."""

    task_id: str
    title: str
    desc: str = ""
    body: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    #: set when the buttons have done their work: what stands in their place
    done: str = ""

    def to_dict(self) -> dict[str, Any]:
        # Not dataclasses.asdict, which copies every word: a new issue writes several of these.
        return {**vars(self), "buttons": [dict(vars(button)) for button in self.buttons]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Card":
        fields = tuple((name, value) for name, value in data["fields"])
        buttons = tuple(Button(**button) for button in data["buttons"])
        return cls(**{**data, "fields": fields, "buttons": buttons})


@dataclass(frozen=True)
class Notice:
    """One thing to tell: full text, the one line it becomes in a digest, and perhaps a card."""

    text: str
    line: str = ""
    card: Card | None = None
    #: the answer to something just done: leaves by night as well
    again: bool = False
    #: a photo or voice to be shown instead of the text: its path under the media folder, its kind
    media: str = ""
    media_kind: str = ""
    #: the number of the issue that it is about, where a digest puts all of one issue together
    about: str = ""
    #: where it stands in a digest, the lowest first; what has no place of its own comes last
    turn: int = LAST
    #: about an urgent matter, which comes before everything else
    urgent: bool = False
    #: says how the matter stands now: of several only the latest is of use
    state: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "card": self.card.to_dict() if self.card else None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Notice":
        card = Card.from_dict(data["card"]) if data["card"] else None
        return cls(**{**data, "card": card})
