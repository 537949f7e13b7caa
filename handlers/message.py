"""One incoming message and one reply, free of any channel's dialect.

Channels make Incoming out of XML or JSON and Reply into what their platform allows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from issues.registering import Material
from storage.notice import Card


@dataclass(frozen=True)
class Click:
    """A tap on a card: which button of which card, and what was chosen on it."""

    key: str
    task_id: str
    card_type: str = ""
    response_code: str = ""
    selected: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Contact:
    """A change in the corp's address book: the member has left, or has another userid now."""

    left: bool = False
    new_userid: str = ""


@dataclass(frozen=True)
class Incoming:
    """What somebody said or did. ``key`` is what a re-send has in common with its original;
    ``at`` is the message's own time where the channel has one."""

    channel: str
    key: str
    userid: str
    #: message, click, enter, contact, or other (events that need no answer)
    kind: str
    at: datetime
    text: str = ""
    #: "" in a private chat
    chat_id: str = ""
    materials: tuple[Material, ...] = ()
    quote: str = ""
    click: Click | None = None
    #: the platform's own name of an event
    event: str = ""
    #: where one more answer may be sent to, once within the hour
    response_url: str = ""
    #: of a contact event; ``userid`` is the member it speaks of
    contact: Contact | None = None

    @property
    def in_group(self) -> bool:
        return bool(self.chat_id)

    def to_dict(self) -> dict[str, Any]:
        # Not dataclasses.asdict, which copies every word.
        return {
            **vars(self),
            "at": self.at.isoformat(),
            "materials": [dict(vars(material)) for material in self.materials],
            "click": dict(vars(self.click)) if self.click else None,
            "contact": dict(vars(self.contact)) if self.contact else None,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Incoming":
        values = dict(data)
        values["at"] = datetime.fromisoformat(values["at"])
        values["materials"] = tuple(Material(**m) for m in values["materials"])
        values["click"] = Click(**values["click"]) if values["click"] else None
        values["contact"] = Contact(**values["contact"]) if values.get("contact") else None
        return cls(**values)


@dataclass(frozen=True)
class Reply:
    """What goes back at once: words, the card that takes the clicked one's place, or (in a group)
    the card that asks what the words ask."""

    text: str = ""
    card: Card | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "card": self.card.to_dict() if self.card else None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Reply":
        card = data.get("card")
        return cls(text=data.get("text", ""), card=Card.from_dict(card) if card else None)


NOTHING = Reply()
