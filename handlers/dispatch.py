"""From one incoming message to its reply: known key, ordered table, one transaction.

200 only after commit. A handler that raises loses nothing: its message is stored as failed and the
sweep tries it again (architecture.md §2).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from faq.book import Book, Match
from handlers import dialogues
from handlers.context import Context
from handlers.hits import Hit, HitLog
from handlers.message import NOTHING, Incoming, Reply
from handlers.table import HANDLERS, Handler
from issues import standing
from issues.deployment import Deployment
from issues.transactions import Transactions
from issues.work import Work
from people.reading import HOLDING, hold
from people.town import Version
from storage import inbox
from storage.db import PATIENCE, Database, WriteBusy, one_at_a_time
from storage.statement import Statement

log = logging.getLogger(__name__)


class Twin(Exception):
    """The same message was answered by somebody else at this very moment; ours is undone."""


@dataclass(frozen=True)
class Outcome:
    """The reply and which handler gave it (``known``: a re-send)."""

    reply: Reply
    handler: str
    #: what was asked of the FAQ, to be logged after the commit
    hits: tuple[Hit, ...] = ()


class Sender:
    """What is looked at first in a transaction that does what somebody said: the town's version,
    and which of his messages is the latest. On PostgreSQL his next message waits till the end."""

    def __init__(self, userid: str) -> None:
        self.userid = userid
        self.newest = 0

    def look(self, session: Session) -> Version:
        one_at_a_time(session, f"sender:{self.userid}")
        rows = _HELD.run(session, {"sender": self.userid})
        self.newest = rows[0][2] if rows else 0
        return hold(rows[0] if rows else None)


#: What is looked at before anything else: whether the message is known, which of its sender's was
#: the latest, whether the bot has asked him something, and whether he has ever reported anything.
_FIRST_LOOK = Statement(
    inbox.SEEN.add_columns(
        dialogues.ANY_OPEN.label("is_asked"), standing.HAS_REPORTED.label("has_reported")
    )
)
_HELD = Statement(HOLDING.add_columns(inbox.NEWEST.label("newest")))


@dataclass
class Begun:
    """A message of which is known what it does; ``rows``: what was read for that, ``newest``: the
    latest message of its sender that was stored then."""

    ctx: Context
    handler: Handler
    matched: Any
    rows: list[object] | None
    newest: int


@dataclass
class Dispatcher:
    """Everything a message needs besides itself. ``book`` gives the FAQ's current snapshot."""

    transactions: Transactions
    book: Callable[[], Book]
    hits: HitLog

    @property
    def database(self) -> Database:
        return self.transactions.database

    @property
    def office(self) -> Deployment:
        return self.transactions.office

    def receive(self, incoming: Incoming, now: datetime, patience: float = PATIENCE) -> Outcome:
        """Answer one message. Raises WriteBusy when nothing could be stored in ``patience``
        seconds: say 503."""
        try:
            return self._receive(incoming, now, patience)
        except WriteBusy:
            raise
        except Exception:
            log.exception("handler failed, message %s is kept for the sweep", incoming.key)
            said = self.office.texts.say("stumbled", {})
            self.database.write(lambda session: _keep(session, incoming, now, said))
            return Outcome(Reply(said), "failed")

    def put_off(self, incoming: Incoming, now: datetime) -> Outcome:
        """Only store a message: the sweep answers it by a message of its own, seconds later.

        A millisecond of work, before all that waits. Raises WriteBusy.
        """
        said = self.office.texts.say("put_off", {}) if incoming.kind == "message" else ""
        if self.database.write(lambda session: _keep(session, incoming, now, said), first=True):
            return Outcome(Reply(said), "put_off")
        return self._answered_by_twin(incoming)

    def _receive(self, incoming: Incoming, now: datetime, patience: float) -> Outcome:
        sender = incoming.userid.lower()
        # Whether somebody who leaves was anybody is asked of the town as it is at this moment.
        fresh = incoming.kind == "contact"
        asked = {"channel": incoming.channel, "key": incoming.key, "sender": sender, "now": now}
        seen = self.database.row(_FIRST_LOOK, asked)
        known = inbox.seen(seen)
        if known:
            return Outcome(Reply.from_dict(known.reply), "known")
        with (self.transactions.read if fresh else self.transactions.glance)(now) as work:
            ctx = self._context(work, incoming)
            if not seen["is_asked"]:
                ctx.asked = []
            ctx.has_reported = bool(seen["has_reported"])
            handler, matched = _first(ctx)
            if not handler.WRITES:
                return self._logged(Outcome(handler.run(ctx, matched), handler.NAME, _noted(ctx)))
            begun = Begun(ctx, handler, matched, ctx.lay_aside(), seen["newest"])
        return self._logged(self._written(begun, now, patience))

    def _written(self, begun: "Begun", now: datetime, patience: float) -> Outcome:
        """Do it in a transaction that writes; one sender's messages one after the other."""
        incoming, again = begun.ctx.incoming, partial(self.handle, incoming=begun.ctx.incoming)
        one_by_one = Sender(incoming.userid.lower())
        try:
            finish = partial(self._finish, begun=begun, sender=one_by_one)
            return self.transactions.write(now, finish, patience, one_by_one.look)
        except StaleDataError:  # somebody was quicker: once more, with nothing from before
            again = partial(again, seen=begun.ctx.matched)
            return self.transactions.write(now, again, patience, one_by_one.look)
        except Twin:
            return self._answered_by_twin(incoming)

    def _logged(self, outcome: Outcome) -> Outcome:
        for hit in outcome.hits:
            self.hits.add(hit)
        return outcome

    def answer_late(self, incoming: Incoming, reply: Reply, now: datetime) -> None:
        """The platform no longer listens: say it once more where it was asked, or in private."""
        if incoming.kind == "message" and reply.text:
            self.transactions.write(now, lambda w: self._context(w, incoming).follow(reply.text))

    def _finish(self, work: Work, begun: "Begun", sender: "Sender") -> Outcome:
        """Do what was found; the table is walked again only if it no longer holds."""
        ctx, rows = begun.ctx, begun.rows
        begun.rows = None  # another try has to read anew
        if rows is None or sender.newest != begun.newest or not ctx.go_on(work, rows):
            return self.handle(work, ctx.incoming, ctx.matched)
        reply = _run(ctx, begun.handler, begun.matched)
        if not _remember(work.session, ctx.incoming, work.now, reply, begun.handler.NAME):
            raise Twin(ctx.incoming.key)
        return Outcome(reply, begun.handler.NAME, _noted(ctx))

    def handle(self, work: Work, incoming: Incoming, seen: Match | None = None) -> Outcome:
        """Everything one message does, inside the caller's transaction; ``seen`` saves matching
        again while others wait for the writer."""
        session = work.session
        known = inbox.find(session, incoming.channel, incoming.key)
        if known and known.state != "failed":
            return Outcome(Reply.from_dict(known.reply), "known")
        ctx = self._context(work, incoming, seen)
        handler, matched = _first(ctx)
        reply = _run(ctx, handler, matched)
        if known is None and not _remember(session, incoming, work.now, reply, handler.NAME):
            raise Twin(incoming.key)
        return Outcome(reply, handler.NAME, _noted(ctx))

    def _answered_by_twin(self, incoming: Incoming) -> Outcome:
        with self.database.read() as session:
            known = inbox.find(session, incoming.channel, incoming.key)
        assert known is not None  # its key was in our way
        return Outcome(Reply.from_dict(known.reply), "known")

    def _context(self, work: Work, incoming: Incoming, seen: Match | None = None) -> Context:
        return Context(incoming, work, self.book(), self.hits, seen)


def _noted(ctx: Context) -> tuple[Hit, ...]:
    return tuple(ctx.noted)


def _run(ctx: Context, handler: Handler, matched: Any) -> Reply:
    reply = handler.run(ctx, matched)
    if ctx.incoming.click and reply.text:
        ctx.follow(reply.text)
    return reply


def _first(ctx: Context) -> tuple[Handler, Any]:
    for handler in HANDLERS:
        matched = handler.matches(ctx)
        if matched is not None:
            return handler, matched
    raise AssertionError("the fallback matches everything")


def _remember(
    session: Session, incoming: Incoming, now: datetime, reply: Reply, handler: str
) -> bool:
    return inbox.store(
        session,
        incoming.channel,
        incoming.key,
        received_at=now,
        userid=incoming.userid.lower(),
        handler=handler,
        message=incoming.to_dict(),
        reply=reply.to_dict(),
    )


def _keep(session: Session, incoming: Incoming, now: datetime, said: str) -> bool:
    """Store a message for the sweep, with what its re-send is told; False if it is known."""
    reply = NOTHING if incoming.click else Reply(said)
    return inbox.store(
        session,
        incoming.channel,
        incoming.key,
        received_at=now,
        userid=incoming.userid.lower(),
        state="failed",
        message=incoming.to_dict(),
        reply=reply.to_dict(),
    )
