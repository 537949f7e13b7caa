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
from handlers.context import Context
from handlers.hits import HitLog
from handlers.message import NOTHING, Incoming, Reply
from handlers.table import HANDLERS, Handler
from issues.office import Office
from issues.transactions import Transactions
from issues.work import Work
from storage import inbox
from storage.db import PATIENCE, Database, WriteBusy

log = logging.getLogger(__name__)


class Twin(Exception):
    """The same message was answered by somebody else at this very moment; ours is undone."""


@dataclass(frozen=True)
class Outcome:
    """The reply and which handler gave it (``known``: a re-send)."""

    reply: Reply
    handler: str


@dataclass
class Begun:
    """A message of which is known what it does; ``rows``: what was read for that."""

    ctx: Context
    handler: Handler
    matched: Any
    rows: list[object] | None


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
    def office(self) -> Office:
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
        with self.transactions.glance(now) as work:
            known = inbox.find(work.session, incoming.channel, incoming.key)
            if known:
                return Outcome(Reply.from_dict(known.reply), "known")
            ctx = self._context(work, incoming)
            handler, matched = _first(ctx)
            if not handler.WRITES:
                return Outcome(handler.run(ctx, matched), handler.NAME)
            begun = Begun(ctx, handler, matched, ctx.lay_aside())
        try:
            return self.transactions.write(now, lambda w: self._finish(w, begun), patience)
        except StaleDataError:  # somebody was quicker: once more, with nothing from before
            again = partial(self.handle, incoming=incoming, seen=ctx.matched)
            return self.transactions.write(now, again, patience)
        except Twin:
            return self._answered_by_twin(incoming)

    def answer_late(self, incoming: Incoming, reply: Reply, now: datetime) -> None:
        """The platform no longer listens: say it once more where it was asked, or in private."""
        if incoming.kind == "message" and reply.text:
            self.transactions.write(now, lambda w: self._context(w, incoming).follow(reply.text))

    def _finish(self, work: Work, begun: "Begun") -> Outcome:
        """Do what was found; the table is walked again only if it no longer holds."""
        ctx, rows = begun.ctx, begun.rows
        begun.rows = None  # another try has to read anew
        if rows is None or not ctx.go_on(work, rows):
            return self.handle(work, ctx.incoming, ctx.matched)
        reply = _run(ctx, begun.handler, begun.matched)
        if not _remember(work.session, ctx.incoming, work.now, reply, begun.handler.NAME):
            raise Twin(ctx.incoming.key)
        return Outcome(reply, begun.handler.NAME)

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
        return Outcome(reply, handler.NAME)

    def _answered_by_twin(self, incoming: Incoming) -> Outcome:
        with self.database.read() as session:
            known = inbox.find(session, incoming.channel, incoming.key)
        assert known is not None  # its key was in our way
        return Outcome(Reply.from_dict(known.reply), "known")

    def _context(self, work: Work, incoming: Incoming, seen: Match | None = None) -> Context:
        return Context(incoming, work, self.book(), self.hits, seen)


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
