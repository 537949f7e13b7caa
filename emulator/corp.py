"""Everything the fake WeCom remembers, in one place, behind one lock.

app_side.py and bot_side.py act on it for people, api.py for the service.
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import RLock
from typing import Any

from emulator.callbacks import CallLine, Courier
from emulator.cipher import Cipher
from emulator.clock import FakeClock
from emulator.faults import FaultBook
from emulator.media import Media
from emulator.phones import Phones
from emulator.tokens import Tickets, Tokens, Windows
from emulator.world import World


@dataclass
class Sent:
    """One API call that the service made, with everything a test may want to ask."""

    number: int
    at: datetime
    path: str
    query: dict[str, str]
    body: Any
    answer: Any = None
    status: int = 200
    warnings: list[str] = field(default_factory=list)
    #: members who silently got nothing because of the per-member limit
    dropped: list[str] = field(default_factory=list)
    #: accepted, but not delivered a second time
    repeated: bool = False


class FakeCorp:
    def __init__(self, world: World, clock: FakeClock, patience: float) -> None:
        self.world = world
        self.clock = clock
        self.lock = RLock()
        self.api_base = ""
        self.tokens = Tokens(clock)
        self.faults = FaultBook(clock.now, self.tokens.kill)
        self.tickets = Tickets(clock)
        self.windows = Windows(clock)
        self.media = Media(clock)
        self.phones = Phones(world, clock)
        self.courier = Courier(clock, self.faults, patience)
        self.sent: list[Sent] = []
        #: (app or bot, task_id) of every card ever sent
        self.task_ids: set[tuple[str, str]] = set()
        #: message/send bodies with enable_duplicate_check, and what they were answered
        self.repeats: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self.msgids: dict[str, datetime] = {}
        self._numbers = count(1)
        app, bot = world.app, world.bot
        self.app_line = CallLine("app", Cipher(app.token, app.aes_key, world.corp_id))
        self.bot_line = CallLine("bot", Cipher(bot.token, bot.aes_key, ""))

    def new_msgid(self, prefix: str) -> str:
        msgid = f"{prefix}{self.next_number():06d}"
        self.msgids[msgid] = self.clock.now()
        return msgid

    def next_number(self) -> int:
        return next(self._numbers)

    def log(self, path: str, query: dict[str, str], body: Any) -> Sent:
        """Secrets stay out of the log: the page shows it."""
        hidden = ("access_token", "corpsecret")
        shown = {name: value for name, value in query.items() if name not in hidden}
        with self.lock:
            entry = Sent(len(self.sent) + 1, self.clock.now(), path, shown, body)
            self.sent.append(entry)
            return entry
