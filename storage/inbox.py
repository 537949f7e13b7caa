"""The inbox: each message once, with the reply it got, so that a re-send gets the same one.

A message whose handler failed stays here as failed until the sweep or a person has dealt with it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from storage.db import insert_new
from storage.tables import Inbox, state_is

#: The sweep's attempts after the first; then a person is told.
TRIES = 3

#: The latest message of one sender that has been stored.
NEWEST = (
    select(func.coalesce(func.max(Inbox.id), 0))
    .where(Inbox.userid == bindparam("sender"))
    .scalar_subquery()
)
_ONE = select(literal(1).label("one")).subquery()
#: A row that is always there: the latest message of the sender, and what is known of this one.
SEEN = select(NEWEST.label("newest"), Inbox.id, Inbox.state, Inbox.reply).select_from(
    _ONE.outerjoin(
        Inbox, and_(Inbox.channel == bindparam("channel"), Inbox.key == bindparam("key"))
    )
)
#: Messages whose handler failed, oldest first.
FAILED = (
    select(Inbox)
    .where(state_is(Inbox.state, "failed", "dead"), state_is(Inbox.state, "failed"))
    .order_by(Inbox.id)
)


class Seen(NamedTuple):
    """A message that has been here before: what became of it and what was said."""

    id: int
    state: str
    reply: dict[str, Any]


def seen(row: Mapping[str, Any] | RowMapping) -> Seen | None:
    """What a row of SEEN says of the message; None when it is new."""
    return Seen(row["id"], row["state"], row["reply"]) if row["id"] is not None else None


def find(session: Session, channel: str, key: str) -> Seen | None:
    """What is known of a message that has been seen before."""
    asked = {"channel": channel, "key": key, "sender": ""}
    return seen(session.connection().execute(SEEN, asked).mappings().one())


def store(session: Session, channel: str, key: str, **values: Any) -> bool:
    """Remember a message; False if it is known."""
    row = {"state": "done", "handler": "", "reply": {}, "tries": 0, "error": "", **values}
    return insert_new(session, Inbox, {"channel": channel, "key": key, **row})


def failed(session: Session, limit: int = 20, *, untried: bool = False) -> list[Inbox]:
    """Messages that the sweep has to try again, oldest first; ``untried``: only those that it has
    not tried yet, as what was put off in a storm."""
    waiting = FAILED.where(Inbox.tries == 0) if untried else FAILED
    return list(session.scalars(waiting.limit(limit)))


def give_up(row: Inbox, error: str) -> bool:
    """Count one more failure; True when that was the last attempt."""
    row.tries += 1
    row.error = error
    if row.tries < TRIES:
        return False
    row.state = "dead"
    return True


def settle(row: Inbox, reply: dict[str, Any], handler: str, at: datetime) -> None:
    """A failed message has been dealt with after all."""
    row.state, row.reply, row.handler, row.received_at = "done", reply, handler, at
