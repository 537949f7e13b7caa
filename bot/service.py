"""Where everything is put together: configuration in, a running service out.

The only reader of the clock: everything below takes ``now``. Nobody imports this but bot itself.
"""

import hashlib
import logging
import mimetypes
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from bot import logs
from bot.channels.addresses import WECOM_HOSTS, Addresses
from bot.channels.client import Client
from bot.channels.contract import Channel, Shared
from bot.channels.kinds import CHANNELS
from bot.config import Config
from bot.configured import office
from bot.faq_thresholds import thresholds
from bot.intake import Backlog, Intake
from bot.trusted_clock import TrustedClock
from faq.current import CurrentBook, Tell
from files.problem import FileError
from handlers.dispatch import Dispatcher
from handlers.hits import HitLog
from issues.deployment import MEMBER
from issues.texts import Texts
from issues.transactions import Transactions
from people.town import has_account
from scheduler import clockwork, restored, ticks
from scheduler.clockwork import Errand
from scheduler.outgoing import Outgoing
from scheduler.ticks import Machine
from speech import understanding
from storage import outbox, schema_version
from storage.db import Database
from storage.given_numbers import NumbersFile
from storage.heartbeats import STOPPED
from storage.outbox import Parcel, Posting, SendError
from storage.tables import Attachment

log = logging.getLogger(__name__)

#: Messages a minute to one target that the outbox lets through.
LIMITS = {kind: channel.limits.a_minute for kind, channel in CHANNELS.items()}


class Service:
    """One deployment. ``clock`` is the machine's unless demo or tests travel in time."""

    def __init__(self, config: Config, clock: Callable[[], datetime] | None = None) -> None:
        self.config = config
        #: None where demo or tests say what time it is
        self.trusted = None if clock else TrustedClock(_utc_now, monotonic)
        self.now = self.trusted.now if self.trusted else clock or _utc_now
        self.database = Database(config.database_url(), hurried=True)
        schema_version.ready(self.database)
        self.office = office(config)
        self._numbers = NumbersFile(config.numbers_path())
        self.channels = channels(config, self.office.texts)
        self.transactions = Transactions(self.database, self.office)
        if restored.look(self.transactions, self._numbers, self.now()):
            self._numbers.note(self.database)
        self.faq = current_book(config, self._faq_is_broken)
        self.dispatcher = Dispatcher(self.transactions, lambda: self.faq.book, HitLog())
        self.machine = Machine(
            self.database,
            self.office,
            self.dispatcher,
            self.post,
            self.fetch,
            LIMITS,
            self.prepare,
            hold_unsure=config.outbox.unsure == "hold",
        )
        self._backlog = Backlog(self._sweep)
        self.intake = Intake(self.dispatcher, self._backlog.rouse)
        self._scheduler: BackgroundScheduler | None = None
        self._outgoing: Outgoing | None = None

    def start(self, slowest: float = 60, errands: Iterable[Errand] = ()) -> None:
        """Start the ticks (each at least every ``slowest`` seconds), what the edge has to do
        besides, and the watch over the FAQ."""
        understanding.prepare()  # by one thread: sixteen at once would each load it
        self.faq.start()
        self._backlog.start()
        ticks.beat(self.database, clockwork.TICK, self.now())
        numbers = Errand("numbers", lambda _: self._note_numbers(), 10)
        self._outgoing = Outgoing(self.machine, self.now, around=logs.within)
        self._scheduler = clockwork.start(
            self.machine,
            self.now,
            self._outgoing,
            slowest,
            errands=(numbers, *errands),
            around=logs.within,
        )

    def stop(self) -> None:
        """Let running ticks end, then close the database."""
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
        if self._outgoing:
            self._outgoing.stop()
            self._say_stopped()
        self._backlog.stop()
        self.faq.stop()
        self.database.dispose()

    def tick(self, at: datetime | None = None) -> dict[str, int]:
        """Everything that is due at ``at`` (default now), once; counts by tick."""
        done = clockwork.once(self.machine, at or self.now(), travels=at is not None)
        self._note_numbers()
        return done

    def channel(self, kind: str) -> Channel:
        """The configured channel of that kind; SendError, permanent, when there is none.

        Never another one: what was written for a group would reach somebody's private chat.
        """
        found = self.channels.get(kind)
        if found is None:
            known = "not configured" if kind in CHANNELS else "unknown"
            raise SendError(f"channel {kind!r} is {known}", permanent=True)
        return found

    def post(self, parcel: Parcel) -> dict[str, str]:
        """Hand a parcel to its channel; raises SendError, as for whoever has no account."""
        if not has_account(parcel.target):
            raise SendError(f"{parcel.target} has no account", permanent=True)
        return self.channel(parcel.channel).send(parcel)

    def prepare(self, parcel: Parcel) -> dict[str, str]:
        """What its channel makes once for all attempts; raises SendError."""
        return self.channel(parcel.channel).prepare(parcel)

    def fetch(self, attachment: Attachment) -> str:
        """Bring an attachment home; its path under the media folder. Raises SendError."""
        data, kind = self.channel(attachment.channel).fetch(attachment)
        suffix = _suffix(kind, data)
        relative = f"{attachment.added_at:%Y/%m}/{attachment.issue_id}-{attachment.id}{suffix}"
        path = self.config.media_path() / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return relative

    def _sweep(self) -> int:
        with logs.within("backlog"):
            return ticks.sweep_failed(self.machine, self.now(), untried=True)

    def _note_numbers(self) -> None:
        try:
            self._numbers.note(self.database)
        except Exception:
            log.exception("which numbers have been given could not be noted")

    def _say_stopped(self) -> None:
        """Whoever restores a backup need not wait to be sure of it."""
        try:
            self._note_numbers()
            ticks.beat(self.database, STOPPED, self.now())
        except Exception:
            log.exception("the end could not be noted")

    def _faq_is_broken(self, error: FileError, occasion: str) -> None:
        """Tell every admin once what is wrong in which line; the last good version stays.

        Every worker sees the same files, and only the first one's notice is kept. The time is in
        the text since WeCom drops what it has delivered word for word some hours ago.
        """
        problems = "\n".join(str(problem) for problem in error.problems[:8])
        log.error("the FAQ has errors, the last good version stays:\n%s", problems)
        now = self.now()
        seen = f"{now.astimezone(self.office.clock.zone):%H:%M:%S}"
        told = self.office.texts.notice("faq_broken", {"when": seen, "problems": problems})
        digest = hashlib.sha256(f"{problems}{occasion}".encode()).hexdigest()[:16]
        with self.transactions.read(now) as work:
            userids = work.admins

        def tell(session: Any) -> None:
            for userid in userids:
                key = f"faq:{self.office.today(now)}:{digest}:{userid}"
                # whoever has just saved the file is awake and waits for it
                outbox.put(session, Posting(key, MEMBER, userid, told, now, by_night=True), now)

        self.database.write(tell)


def channels(config: Config, texts: Texts) -> dict[str, Channel]:
    """The channels that this deployment has configured, by their kind."""
    wecom = config.wecom
    client = Client(wecom.api_base, wecom.corp_id, wecom.app.secret)
    addresses = Addresses(wecom.api_base, (*WECOM_HOSTS, *wecom.link_hosts))
    shared = Shared(
        wecom.corp_id, config.service.name, client, texts, config.media_path(), addresses
    )
    settings = {kind: getattr(wecom, kind) for kind in CHANNELS}
    return {kind: CHANNELS[kind].load()(own, shared) for kind, own in settings.items() if own}


def current_book(config: Config, on_error: Tell | None = None) -> CurrentBook:
    """The FAQ of this deployment; raises FileError when there is no good version to start from."""
    return CurrentBook(
        config.faq_path(),
        on_error=on_error,
        cache=config.cache_path(),
        thresholds=thresholds(config),
        names=[config.wecom.aibot.name] if config.wecom.aibot else [],
    )


def _suffix(kind: str, data: bytes) -> str:
    known = {b"\xff\xd8\xff": ".jpg", b"\x89PN": ".png", b"#!A": ".amr"}
    guessed = mimetypes.guess_extension(kind.split(";")[0].strip()) or ""
    return known.get(data[:3]) or guessed or ".bin"


def _utc_now() -> datetime:
    return datetime.now(UTC)
