"""Where everything is put together: configuration in, a running service out.

The only reader of the clock: everything below takes ``now``. Nobody imports this but bot itself.
"""

import hashlib
import logging
import mimetypes
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from bot import departments, workdays
from bot.channels import aibot, app, webhook
from bot.channels.aibot import AibotChannel
from bot.channels.app import AppChannel
from bot.channels.client import Client
from bot.channels.webhook import WebhookChannel
from bot.config import Config
from faq.book import FaqError, Thresholds
from faq.shelf import Shelf, Tell
from handlers.dispatch import Dispatcher
from handlers.hits import HitLog
from issues import texts_file
from issues.office import Office
from issues.texts import Texts
from people import tree
from rules.deadlines import Clock
from rules.quiet import Pace, QuietHours
from rules.words import Role
from scheduler import clockwork, ticks
from scheduler.ticks import Machine
from storage import outbox, schema
from storage.db import Database
from storage.notice import Notice
from storage.outbox import Parcel, Posting
from storage.tables import Attachment

log = logging.getLogger(__name__)

#: Messages a minute to one target that the outbox lets through.
LIMITS = {
    app.KIND: app.A_MINUTE,
    webhook.KIND: webhook.A_MINUTE,
    aibot.KIND: aibot.A_MINUTE,
}


class Service:
    """One deployment. ``clock`` is the machine's unless demo or tests travel in time."""

    def __init__(self, config: Config, clock: Callable[[], datetime] | None = None) -> None:
        self.config = config
        self.now = clock or _utc_now
        self.database = Database(config.database_url())
        schema.ready(self.database)
        self.office = office(config)
        client = Client(config.wecom.api_base, config.wecom.corp_id, config.wecom.app.secret)
        self.app = AppChannel(config, client, self.office.texts)
        self.aibot = AibotChannel(config) if config.wecom.aibot else None
        self.webhook = WebhookChannel(config, client, self.office.texts)
        self.shelf = shelf(config, self._faq_is_broken)
        self.dispatcher = Dispatcher(self.database, self.office, lambda: self.shelf.book, HitLog())
        self.machine = Machine(
            self.database, self.office, self.dispatcher, self.post, self.fetch, LIMITS
        )
        self._scheduler: BackgroundScheduler | None = None

    @property
    def receivers(self) -> dict[str, AppChannel | AibotChannel]:
        """The channels that take callbacks, by the last part of their URL."""
        found: dict[str, AppChannel | AibotChannel] = {app.KIND: self.app}
        return found | ({aibot.KIND: self.aibot} if self.aibot else {})

    def start(self, slowest: int = 60) -> None:
        """Start the ticks (each at least every ``slowest`` seconds) and the watch over the FAQ."""
        self.shelf.start()
        ticks.beat(self.database, "tick", self.now())
        self._scheduler = clockwork.start(self.machine, self.now, slowest)

    def stop(self) -> None:
        """Let running ticks end, then close the database."""
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
        self.shelf.stop()
        self.database.dispose()

    def tick(self, at: datetime | None = None) -> dict[str, int]:
        """Everything that is due at ``at`` (default now), once; counts by tick."""
        return clockwork.once(self.machine, at or self.now())

    def post(self, parcel: Parcel) -> dict[str, str]:
        """Hand a parcel to its channel; raises SendError."""
        if parcel.channel == webhook.KIND:
            return self.webhook.send(parcel)
        if parcel.channel == aibot.KIND and self.aibot:
            return self.aibot.send(parcel)
        return self.app.send(parcel)

    def fetch(self, attachment: Attachment) -> str:
        """Bring an attachment home; its path under the media folder. Raises SendError."""
        data, kind = self._bytes(attachment)
        suffix = _suffix(kind, data)
        relative = f"{attachment.added_at:%Y/%m}/{attachment.issue_id}-{attachment.id}{suffix}"
        path = self.config.media_path() / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return relative

    def _bytes(self, attachment: Attachment) -> tuple[bytes, str]:
        if attachment.channel == aibot.KIND and self.aibot:
            return self.aibot.fetch(attachment.url)
        return self.app.fetch(attachment.media_id)

    def _faq_is_broken(self, error: FaqError, occasion: str) -> None:
        """Tell every admin once what is wrong in which line; the last good version stays.

        Every worker sees the same files, and only the first one's notice is kept. The time is in
        the text since WeCom drops what it has delivered word for word some hours ago.
        """
        problems = "\n".join(str(problem) for problem in error.problems[:8])
        log.error("the FAQ has errors, the last good version stays:\n%s", problems)
        now = self.now()
        seen = f"{now.astimezone(self.office.clock.zone):%H:%M:%S}"
        head = f"常见问题文件有误（{seen}），这一版没有采用，原来在用的不变。"
        text = f"{head}请改好再保存：\n{problems}"
        digest = hashlib.sha256(f"{problems}{occasion}".encode()).hexdigest()[:16]
        with self.database.read() as session:
            admins = tree.with_role(session, Role.ADMIN, self.office.today(now))
            userids = [admin.userid for admin in admins]

        def tell(session: Any) -> None:
            for userid in userids:
                key = f"faq:{self.office.today(now)}:{digest}:{userid}"
                notice = Notice(text=text, line="常见问题文件有误")
                outbox.put(session, Posting(key, app.KIND, userid, notice, now), now)

        self.database.write(tell)


def office(config: Config) -> Office:
    """How this deployment works, from its configuration."""
    zone = ZoneInfo(config.service.timezone)
    start, end = config.deadlines.quiet_hours.split("-")
    quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    slots = sorted(time.fromisoformat(slot) for slot in config.deadlines.pickup_slots)
    hooks = config.wecom.webhook
    return Office(
        name=config.service.name,
        clock=Clock(zone, config.deadlines.counting, workdays.read(config.calendar_path())),
        pace=Pace(zone, quiet, tuple(slots)),
        bot_name=config.wecom.aibot.name if config.wecom.aibot else "",
        chats={hook.chat_id: hook.unit for hook in hooks if hook.chat_id},
        boards=frozenset(hook.unit for hook in hooks if hook.key),
        open_chats=frozenset(h.chat_id for h in hooks if h.chat_id and h.open_replies),
        new_issue_at_once=config.deadlines.new_issue == "now",
        routes=departments.configured(config),
        texts=_texts(config),
    )


def _texts(config: Config) -> Texts:
    """The office's own words, as they stand at the start.

    A broken file changes nothing and stops nothing: the log says why, and so does doctor.
    """
    try:
        return texts_file.load(config.texts_path())
    except texts_file.TextsError as error:
        log.error("the file of texts is not used until it is mended:\n%s", error)
        return Texts()


def shelf(config: Config, on_error: Tell | None = None) -> Shelf:
    """The FAQ of this deployment; raises FaqError when there is no good version to start from."""
    return Shelf(
        config.faq_path(),
        on_error=on_error,
        thresholds=thresholds(config),
        names=[config.wecom.aibot.name] if config.wecom.aibot else [],
    )


def thresholds(config: Config) -> Thresholds:
    """The shipped thresholds, or those of the configuration."""
    shipped = Thresholds()
    answer, suggest = config.faq.answer_threshold, config.faq.suggest_threshold
    return Thresholds(
        answer=shipped.answer if answer is None else answer,
        suggest=shipped.suggest if suggest is None else suggest,
    )


def _suffix(kind: str, data: bytes) -> str:
    known = {b"\xff\xd8\xff": ".jpg", b"\x89PN": ".png", b"#!A": ".amr"}
    guessed = mimetypes.guess_extension(kind.split(";")[0].strip()) or ""
    return known.get(data[:3]) or guessed or ".bin"


def _utc_now() -> datetime:
    return datetime.now(UTC)
