"""What everybody sees on the phone: private chats with the app and the bot, and the groups.

It stores and shows; who may send what, and what a click does, is decided elsewhere.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any

from emulator.card_rules import card_buttons, card_text
from emulator.clock import FakeClock
from emulator.world import World

#: Private chats are called after the other side; every other chat is a group's chat_id.
PRIVATE = ("app", "bot")


@dataclass
class Face:
    """How one person sees a card that was changed for that person only."""

    card: dict[str, Any] | None
    text: str
    state: str
    label: str


@dataclass
class Shown:
    """One message on a phone (`owner`) or in a group (owner empty)."""

    id: str
    at: datetime
    chat: str
    sender: str
    kind: str
    text: str
    owner: str = ""
    sender_name: str = ""
    card: dict[str, Any] | None = None
    #: live, greyed (buttons dead), replaced (by an update) or recalled
    state: str = "live"
    #: the words that took the place of the buttons
    label: str = ""
    #: ids of pictures that belong to the message
    pictures: list[str] = field(default_factory=list)
    quote: str = ""
    #: a line below the bubble: why it did not arrive, that an answer is still being written
    note: str = ""
    #: what a client can name later: the msgid of message/send, the link of a textcard or article
    msgid: str = ""
    links: list[dict[str, str]] = field(default_factory=list)
    feedback_id: str = ""
    #: what was last chosen on the card, {question_key: [option id]}
    picked: dict[str, list[str]] = field(default_factory=dict)
    seq: int = 0
    faces: dict[str, Face] = field(default_factory=dict)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """What can still be tapped: text, key, and kind button, submit or menu."""
        dead = self.state in ("greyed", "recalled") or bool(self.label)
        return card_buttons(self.card) if self.card and not dead else []

    def seen_by(self, userid: str) -> "Shown":
        face = self.faces.get(userid.lower())
        if face is None:
            return self
        return replace(self, card=face.card, text=face.text, state=face.state, label=face.label)


class Phones:
    """All messages in order. Every change raises `seq`, so that a page can ask for what is new."""

    def __init__(self, world: World, clock: FakeClock) -> None:
        self._world = world
        self._clock = clock
        self._lock = RLock()
        self._all: list[Shown] = []
        self._seq = 0

    def show(self, chat: str, sender: str, kind: str, text: str, **more: Any) -> Shown:
        """Put a message on `owner`'s phone, or into the group `chat`."""
        with self._lock:
            shown = Shown(
                id=f"m{len(self._all) + 1}",
                at=self._clock.now(),
                chat=chat,
                sender=sender,
                kind=kind,
                text=text,
                sender_name=self.sender_name(sender),
                **more,
            )
            self._all.append(shown)
            return self.changed(shown)

    def show_card(self, chat: str, sender: str, card: dict[str, Any], **more: Any) -> Shown:
        return self.show(chat, sender, "card", card_text(card), card=card, **more)

    def changed(self, shown: Shown) -> Shown:
        with self._lock:
            self._seq += 1
            shown.seq = self._seq
            return shown

    def grey(self, shown: Shown, label: str, userid: str = "") -> None:
        """The buttons die and show `label`; with a userid, for that person only."""
        self._dress(shown, Face(shown.card, shown.text, "greyed", label), userid)

    def replace_card(self, shown: Shown, card: dict[str, Any], userid: str = "") -> None:
        kept = {"task_id": (shown.card or {}).get("task_id", ""), **card}
        face = Face(kept, card_text(kept), "replaced", str(card.get("replace_text", "")))
        self._dress(shown, face, userid)

    def recall(self, shown: Shown) -> None:
        shown.faces.clear()
        self._dress(shown, Face(None, "撤回了一条消息", "recalled", ""), "")

    def note(self, shown: Shown, note: str) -> None:
        shown.note = note
        self.changed(shown)

    def private(self, userid: str) -> list[Shown]:
        owner = userid.lower()
        with self._lock:
            return [one for one in self._all if one.owner.lower() == owner and one.owner]

    def group(self, chat_id: str, userid: str = "") -> list[Shown]:
        with self._lock:
            mine = [one for one in self._all if one.chat == chat_id and not one.owner]
        return [one.seen_by(userid) for one in mine]

    def rename(self, old: str, new: str) -> None:
        """A phone stays in its owner's hand when the account gets another name."""
        with self._lock:
            for shown in self._all:
                if shown.owner.lower() == old.lower():
                    shown.owner = new

    def find(self, message_id: str) -> Shown | None:
        with self._lock:
            return next((one for one in self._all if one.id == message_id), None)

    def of_msgid(self, msgid: str) -> list[Shown]:
        with self._lock:
            return [one for one in self._all if msgid and one.msgid == msgid]

    def since(self, seq: int) -> list[Shown]:
        with self._lock:
            return [one for one in self._all if one.seq > seq]

    def seq(self) -> int:
        with self._lock:
            return self._seq

    def can_see(self, shown: Shown, userid: str) -> bool:
        if shown.owner:
            return shown.owner.lower() == userid.lower()
        group = self._world.group(shown.chat)
        return group is not None and userid.lower() in [one.lower() for one in group.members]

    def sender_name(self, sender: str) -> str:
        known = {"app": self._world.app.name, "bot": self._world.bot.name, "webhook": "群机器人"}
        return known.get(sender) or self._world.name_of(sender)

    def _dress(self, shown: Shown, face: Face, userid: str) -> None:
        if userid and not shown.owner:
            shown.faces[userid.lower()] = face
        else:
            shown.card, shown.text, shown.state = face.card, face.text, face.state
            shown.label = face.label
        self.changed(shown)
