"""Whether what has to be told leaves, and what can never be delivered.

A message is late from the moment at which it might first have left: neither from when it was
written, for it may be meant for tomorrow, nor from ``next_at``, which every new attempt moves.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.counters import DEAD, failing_since, first_next
from bot.examine.examination import Finding, Installation, bad, good, note
from bot.examine.spans import span
from rules.quiet import Pace
from storage.tables import InPerson, Outbox, state_is

#: What should have left this long ago, hours in which nobody is written to not counted.
STUCK = timedelta(hours=1)
#: So many of those that cannot be delivered are named.
NAMED = 5


def leaving(place: Installation) -> Iterator[Finding]:
    """The oldest message that should have left."""
    with place.database.read() as session:
        oldest = _oldest_late(session, place.now, place.office.pace)
        why = _latest_error(session) if oldest else ""
    if oldest is None:
        yield good("outbox", "该发的通知都发出去了")
        return
    age = span(place.now - oldest)
    said = f"最近一次的原因：{why}。" if why else ""
    told = (
        f"通知发不出去：最早的一条该发已经 {age}。{said}"
        "查网络、密钥、可信 IP 和日志，改好会自己补发"
    )
    yield bad("outbox.stuck", told, urgent=True)


def undelivered(place: Installation) -> Iterator[Finding]:
    """What a person has to tell, or could not be told at all."""
    dead = state_is(Outbox.state, "dead")
    with place.database.read() as session:
        shown = session.execute(select(Outbox.target, Outbox.error).where(dead).limit(NAMED)).all()
        count = session.scalar(select(func.count()).select_from(Outbox).where(DEAD)) or 0
        untold = session.scalar(select(func.count()).where(InPerson.told_at.is_(None))) or 0
    if untold:
        told = f"{untold} 件要当面告知居民，还没有人说已告知（负责的三长回复“当面告知”看）"
        yield note("in_person", told)
    if count:
        yield note("outbox.dead", f"{count} 条通知送不到，改好账号以后请当面告诉他们：")
    for target, error in shown:
        yield note("outbox.dead", f"  {target}：{error}")
    if not count:
        yield good("outbox.dead", "没有送不到的通知")


def _oldest_late(session: Session, now: datetime, pace: Pace) -> datetime | None:
    """When the first of what is late should have left."""
    found = (
        _before(first_next(session), now - STUCK),
        _before(failing_since(session, by_night=True), now - STUCK),
        _before(failing_since(session, by_night=False), _awake_before(now, pace)),
    )
    return min(filter(None, found), default=None)


def _before(moment: datetime | None, latest: datetime) -> datetime | None:
    return moment if moment is not None and moment < latest else None


def _awake_before(now: datetime, pace: Pace) -> datetime:
    """The moment since which people were awake for as long as STUCK: what has failed late in the
    evening waits for the morning rightly."""
    moment, left = now, STUCK
    for _ in range(2):
        fell_asleep, woke = pace.last_night(moment)
        awake = max(timedelta(0), moment - woke)
        if awake >= left:
            break
        moment, left = fell_asleep, left - awake
    return moment - left


def _latest_error(session: Session) -> str:
    unsettled = state_is(Outbox.state, "waiting", "sending")
    newest = select(Outbox.error).where(unsettled, Outbox.error != "")
    return session.scalar(newest.order_by(Outbox.next_at.desc()).limit(1)) or ""
