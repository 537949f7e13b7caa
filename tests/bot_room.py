"""A service without its edge: real database, real FAQ, real ticks; what is sent lands on phones.

For tests of handlers, ticks and dialogues: somebody speaks, time moves, and one reads every phone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from faq.book import Book, Thresholds
from handlers.dispatch import Dispatcher, Outcome
from handlers.hits import HitLog
from handlers.message import Click, Incoming, Reply
from issues.deployment import Deployment
from issues.registering import Material
from issues.texts import Texts
from issues.transactions import Transactions
from issues.wording import digest
from scheduler import clockwork
from scheduler.ticks import Machine
from storage.db import Database
from storage.notice import Card
from storage.outbox import Parcel, SendError
from storage.tables import Attachment, Issue
from tests.town import OFFICE, ZONE, at

FAQ = Path(__file__).parent / "small_faq.yaml"
LIMITS = {"app": 20, "webhook": 20}


@cache
def book() -> Book:
    """The small FAQ: what it has word for word it answers, what is at all like it it suggests."""
    wide = Thresholds(answer=0.95, suggest=0.01)
    return Book.load(FAQ, thresholds=wide, names=["三长助手"])


@dataclass
class Room:
    """One running service at a moment that the test moves."""

    database: Database
    now: datetime
    office: Deployment = OFFICE
    #: what everybody has received, in order; a group by the path of its unit
    phones: dict[str, list[Parcel]] = field(default_factory=dict)
    #: raised instead of sending, by target
    broken: dict[str, SendError] = field(default_factory=dict)
    fetched: dict[str, str | SendError] = field(default_factory=dict)
    #: the names of the handlers that have answered
    handled: set[str] = field(default_factory=set)
    keys: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(Transactions(self.database, self.office), book, HitLog())
        self.machine = Machine(
            self.database, self.office, self.dispatcher, self.post, self.fetch, LIMITS
        )

    # --- the two ends that the edge would be ---

    def post(self, parcel: Parcel) -> dict[str, str]:
        if parcel.target in self.broken:
            raise self.broken[parcel.target]
        self.phones.setdefault(parcel.target, []).append(parcel)
        return {"msgid": parcel.batch}

    def fetch(self, attachment: Attachment) -> str:
        found = self.fetched.get(attachment.media_id, f"{attachment.media_id}.jpg")
        if isinstance(found, SendError):
            raise found
        return found

    # --- time ---

    def go(self, text: str) -> "Room":
        """To a date and time, or to a time of the same day."""
        self.now = at(text if "-" in text else f"{self.now.astimezone(ZONE):%Y-%m-%d} {text}")
        return self

    def wait(self, **span: float) -> "Room":
        self.now += timedelta(**span)
        return self

    def tick(self) -> dict[str, int]:
        """Every due tick, once."""
        return clockwork.once(self.machine, self.now)

    # --- speaking ---

    def incoming(self, userid: str, text: str = "", **more: Any) -> Incoming:
        values = {"kind": "message", "at": self.now, "channel": "app", **more}
        key = values.pop("key", f"m{next(self.keys)}")
        return Incoming(key=key, userid=userid, text=text, **values)

    def receive(self, incoming: Incoming) -> Outcome:
        outcome = self.dispatcher.receive(incoming, self.now)
        self.handled.add(outcome.handler)
        return outcome

    def say(self, userid: str, text: str = "", **more: Any) -> str:
        """Somebody writes; the words of the answer."""
        return self.receive(self.incoming(userid, text, **more)).reply.text

    def handled_by(self, userid: str, text: str = "", **more: Any) -> str:
        """Somebody writes; the name of the handler that answered."""
        return self.receive(self.incoming(userid, text, **more)).handler

    def photo(self, userid: str, media_id: str = "P1", **more: Any) -> str:
        return self.say(userid, materials=(Material("image", media_id=media_id),), **more)

    def tap(self, userid: str, button: str, card: Card | None = None, **more: Any) -> Reply:
        """Somebody taps a button on the given card, else on the last one that has it."""
        card = card or self.last_card(userid, button)
        key = next(b.key for b in card.buttons if b.text == button)
        click = Click(key, card.task_id)
        return self.receive(self.incoming(userid, kind="click", click=click, **more)).reply

    # --- looking ---

    def last_card(self, userid: str, button: str) -> Card:
        for parcel in reversed(self.phones.get(userid, [])):
            for notice in reversed(parcel.notices):
                if notice.card and button in [b.text for b in notice.card.buttons]:
                    return notice.card
        raise LookupError(f"{userid} has no card with {button}")

    def read(self, target: str) -> list[str]:
        """What somebody has received, a text for each message."""
        return [message(parcel) for parcel in self.phones.get(target, [])]

    def issues(self) -> list[Issue]:
        with self.database.read() as session:
            found = list(session.scalars(select(Issue).order_by(Issue.id)))
            _ = [issue.holder for issue in found]
            return found

    def query(self, look: Callable[[Any], Any]) -> Any:
        with self.database.read() as session:
            return look(session)


def message(parcel: Parcel) -> str:
    """As the channel would write it: one notice in full, several as a digest."""
    if len(parcel.notices) == 1:
        return parcel.notices[0].text
    return digest(parcel.notices, Texts(), 2048)
