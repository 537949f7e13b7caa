"""The people on stage: what tests, the demo and the page can let members and the admin do.

Everything here is a thin door to the rooms behind; rules stand there, the web server in server.py.
"""

import copy
import time
from datetime import datetime
from datetime import time as time_of_day
from typing import Any

from emulator import callbacks
from emulator.address_book import AddressBook
from emulator.app_side import AppSide
from emulator.bot_side import BotSide
from emulator.callbacks import Attempt, CallLine, Delivery
from emulator.clock import FakeClock
from emulator.corp import FakeCorp, Sent
from emulator.faults import FaultBook
from emulator.phones import Shown
from emulator.said import CannotTap, Spoken, Tap
from emulator.world import Group, Member, World


class FakeWecom:
    """`answer_seconds` is the real five-second cut, `verify_seconds` that of saving a callback,
    `refresh_seconds` the pause between two stream polls: tests make them short.
    """

    def __init__(
        self,
        world: World,
        *,
        start: datetime | None = None,
        answer_seconds: float = 5.0,
        verify_seconds: float = 1.0,
        refresh_seconds: float = 1.0,
    ) -> None:
        self.world = world
        self.corp = FakeCorp(world, FakeClock(start), answer_seconds)
        self._app = AppSide(self.corp)
        self._bot = BotSide(self.corp, refresh_seconds)
        self._book = AddressBook(self.corp, self._app)
        self._verify_seconds = verify_seconds
        #: times of day at which the service gathers what it has to tell: the page can jump there
        self.slots: tuple[time_of_day, ...] = ()

    @property
    def clock(self) -> FakeClock:
        return self.corp.clock

    @property
    def faults(self) -> FaultBook:
        return self.corp.faults

    @property
    def sent(self) -> list[Sent]:
        return self.corp.sent

    @property
    def deliveries(self) -> list[Delivery]:
        return self.corp.courier.deliveries

    # -- the admin console

    def connect_app(self, callback_url: str) -> None:
        """Save the app's receive URL; raises CallbackRefused with the reason."""
        self._connect(self.corp.app_line, callback_url)

    def connect_bot(self, callback_url: str) -> None:
        self._connect(self.corp.bot_line, callback_url)

    def _connect(self, line: CallLine, callback_url: str) -> None:
        before, line.url = line.url, callback_url
        try:
            callbacks.verify(line, self.corp.courier, self._verify_seconds)
        except callbacks.CallbackRefused:
            line.url = before
            raise

    # -- the address book; None where the app is not told

    def add_member(self, member: Member) -> Delivery | None:
        return self._book.add(member)

    def delete_member(self, userid: str) -> Delivery | None:
        return self._book.delete(self._member(userid))

    def disable_member(self, userid: str) -> Delivery | None:
        return self._book.disable(self._member(userid))

    def enable_member(self, userid: str) -> Delivery | None:
        return self._book.enable(self._member(userid))

    def rename_member(self, userid: str, new: str) -> Delivery | None:
        return self._book.rename(self._member(userid), new)

    # -- people

    def say(
        self,
        userid: str,
        text: str = "",
        chat: str | None = None,
        via: str = "app",
        *,
        images: list[bytes] | None = None,
        voice: bytes | None = None,
        location: tuple[float, float, str] | None = None,
        quote: Any = None,
        mention: bool = True,
    ) -> Delivery:
        """Write privately to the app or the bot, or with a chat_id into a group (always the bot).

        In a group `mention` puts @name before the words, as the client does.
        """
        member = self._member(userid)
        quoted = quote.id if isinstance(quote, Shown) else str(quote or "")
        said = Spoken(text, list(images or []), voice, location, quoted, mention)
        if chat is not None:
            return self._bot.say(member, said, self._group(chat, member))
        if via == "bot":
            return self._bot.say(member, said, None)
        return self._app.say(member, said)

    def open_chat(self, userid: str, via: str = "app") -> Delivery:
        member = self._member(userid)
        if via == "bot":
            return self._bot.enter(member)
        return self._app.event(member, "enter_agent")

    def event(self, userid: str, event: str, **fields: Any) -> Delivery:
        """Any other event of the app: subscribe, click with EventKey=…, an unknown one."""
        return self._app.event(self._member(userid), event, fields)

    def message(self, userid: str, kind: str, **fields: Any) -> Delivery:
        """Any message type of the app with its own fields, such as link or video."""
        return self._app.message(self._member(userid), kind, fields)

    def click(
        self,
        userid: str,
        message_id: str | Shown,
        key: str,
        selected: dict[str, Any] | None = None,
    ) -> Delivery:
        """Tap a button; `selected` is {question_key: option id or list of them}."""
        shown = self._seen(userid, message_id)
        if key not in [one.get("key") for one in shown.seen_by(userid).buttons]:
            raise CannotTap(f"{self.world.name_of(userid)} cannot tap {key!r} on {shown.id}")
        chosen = {name: options(value) for name, value in (selected or {}).items()}
        shown.picked = chosen
        tap = Tap(self._member(userid).userid, shown, key, chosen)
        return self._app.tap(tap) if shown.sender == "app" else self._bot.tap(tap)

    def feedback(self, userid: str, message_id: str | Shown, kind: int, **payload: Any) -> Delivery:
        """Judge an answer of the bot: 1 准确, 2 不准确, 3 取消; more fields by name."""
        shown = self._seen(userid, message_id)
        return self._bot.feedback(self._member(userid), shown, {"type": kind, **payload})

    def redeliver(self, delivery: Delivery) -> Delivery:
        """The same packet once more, byte for byte; its answer is read but not shown again."""
        if delivery.packet is None:
            raise ValueError("it was never sent, so it cannot be sent again")
        again = copy.copy(delivery)
        again.tries, again.duplicates, again.also, again.shown = [], [], [], []
        attempt = callbacks.post(delivery.packet, self.corp.courier.patience)
        again.tries.append(attempt)
        self._read_again(again, attempt)
        delivery.duplicates.append(attempt)
        return again

    def _read_again(self, again: Delivery, attempt: Attempt) -> None:
        again.status, again.reply = "failed", None
        again.error = attempt.error or f"HTTP {attempt.status}"
        if attempt.ok:
            reader = self._app if again.via == "app" else self._bot
            callbacks.accept_reply(again, reader.read, attempt.body)

    def release(self) -> None:
        """Deliver what a "hold" fault kept back."""
        self.corp.courier.release()

    # -- what people see

    def phone(self, userid: str) -> list[Shown]:
        return self.corp.phones.private(self._member(userid).userid)

    def group(self, chat_id: str, userid: str = "") -> list[Shown]:
        """The group as everybody sees it, or with a userid as that member sees it."""
        if self.world.group(chat_id) is None:
            raise ValueError(f"there is no group {chat_id}")
        return self.corp.phones.group(chat_id, userid)

    def wait_until(self, condition: Any, seconds: float = 10.0) -> bool:
        """For what the service does by itself a moment later: poll until it is true."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def _member(self, userid: str) -> Member:
        member = self.world.member(userid)
        if member is None:
            raise ValueError(f"there is no member {userid}")
        return member

    def _group(self, chat_id: str, member: Member) -> Group:
        group = self.world.group(chat_id)
        if group is None or member.userid not in group.members:
            raise ValueError(f"{member.userid} is not in a group {chat_id}")
        return group

    def _seen(self, userid: str, message_id: str | Shown) -> Shown:
        wanted = message_id.id if isinstance(message_id, Shown) else message_id
        shown = self.corp.phones.find(wanted)
        if shown is None or not self.corp.phones.can_see(shown, self._member(userid).userid):
            raise CannotTap(f"{userid} has no message {wanted}")
        return shown


def options(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
