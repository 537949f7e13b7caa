"""What was asked of the FAQ, written in batches after the reply (architecture.md §2).

A sure answer writes nothing before the reply, so the latest questions are remembered here: the
answer's way out ("回复 1") needs the question it belongs to.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.tables import FaqHit

#: How long "没解决? 回复 1" holds after an answer.
WAY_OUT = timedelta(minutes=30)
#: What was found, where the answer ends with a question.
ASKING = ("answer", "suggest")
#: Nobody flushes for a while (disk full): the oldest go, the service lives.
MOST = 10_000


@dataclass(frozen=True)
class Hit:
    at: datetime
    userid: str
    chat_id: str
    question: str
    band: str
    entry: str
    confidence: float


class HitLog:
    """Shared by all request threads of one process."""

    def __init__(self) -> None:
        self._waiting: deque[Hit] = deque(maxlen=MOST)
        #: being written at this moment
        self._taken: list[Hit] = []
        self._lock = threading.Lock()

    def add(self, hit: Hit) -> None:
        with self._lock:
            self._waiting.append(hit)

    def any(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._waiting)

    def take(self) -> list[Hit]:
        """All that waits, oldest first, for somebody who writes it; then `stored` or `restore`."""
        with self._lock:
            self._taken = list(self._waiting)
            self._waiting.clear()
        return self._taken

    def stored(self) -> None:
        """What was taken is in the database."""
        with self._lock:
            self._taken = []

    def restore(self) -> None:
        """What was taken could not be written."""
        with self._lock:
            self._waiting.extendleft(reversed(self._taken))
            self._taken = []

    def last(self, session: Session, userid: str, chat_id: str, now: datetime) -> Hit | None:
        """The latest answer that somebody got in that chat and can still say 没解决 to."""
        with self._lock:
            asked = (*self._taken, *self._waiting)
        mine = [hit for hit in asked if (hit.userid, hit.chat_id) == (userid, chat_id)]
        hit = mine[-1] if mine else _stored(session, userid, chat_id)
        return hit if hit and now - hit.at <= WAY_OUT else None

    def asked_since(self, session: Session, userid: str, since: datetime) -> bool:
        """Whether the bot has asked somebody something after an answer since then: its way out, or
        which of several answers he means. A number or a word may be meant for that."""
        with self._lock:
            waiting = (*self._taken, *self._waiting)
        mine = [hit for hit in waiting if hit.userid == userid and hit.at > since]
        asks = FaqHit.band.in_(ASKING)
        stored = select(FaqHit.id).where(FaqHit.userid == userid, FaqHit.at > since, asks).limit(1)
        return any(hit.band in ASKING for hit in mine) or session.scalar(stored) is not None


def store(session: Session, hits: list[Hit]) -> None:
    """Write a batch."""
    if hits:
        session.execute(insert(FaqHit), [vars(hit) for hit in hits])


def _stored(session: Session, userid: str, chat_id: str) -> Hit | None:
    row = session.scalar(
        select(FaqHit)
        .where(FaqHit.userid == userid, FaqHit.chat_id == chat_id)
        .order_by(FaqHit.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    return Hit(row.at, row.userid, row.chat_id, row.question, row.band, row.entry, row.confidence)
