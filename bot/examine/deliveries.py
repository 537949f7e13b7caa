"""Whether what has to be told leaves, and what a person has to decide.

A message is late from the moment at which it might first have left: neither from when it was
written, for it may be meant for tomorrow, nor from ``next_at``, which every new attempt moves.
"""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.channels.code_meanings import reason
from bot.examine.examination import Finding, Installation, bad, good, note
from bot.examine.spans import span
from storage import undelivered
from storage.outbox import LATE
from storage.tables import InPerson, Outbox, state_is
from storage.undelivered import Lateness

#: The same for what rings.
RING_STUCK = timedelta(minutes=5)
#: So many of those that a person has to decide are named.
NAMED = 5


def leaving(place: Installation) -> Iterator[Finding]:
    """The oldest message that should have left, and the channels by which nothing leaves."""
    with place.database.read() as session:
        late = undelivered.lateness(session, place.now)
        rings = late.urgent is not None and late.urgent > RING_STUCK
        stuck = rings or (late.oldest is not None and late.oldest > LATE)
        # Looked for only then: it goes through all that waits.
        why = _reason(session, late) if stuck or late.shut else ""
    if late.urgent and rings:
        told = f"急事的通知发不出去：最早的一条该发已经 {span(late.urgent)}。{why}请先打电话"
        yield bad("outbox.stuck", told, urgent=True)
    elif late.oldest and stuck:
        told = (
            f"通知发不出去：最早的一条该发已经 {span(late.oldest)}。{why}"
            "查网络、密钥、可信 IP 和日志，改好会自己补发"
        )
        yield bad("outbox.stuck", told, urgent=True)
    elif late.shut:
        yield note("outbox.shut", f"这会儿发不出去，隔一会儿拿一条去试：{why}")
    else:
        yield good("outbox", "该发的通知都发出去了")


def held(place: Installation) -> Iterator[Finding]:
    """What a person has to tell, or to decide."""
    untold = select(func.count()).where(InPerson.told_at.is_(None))
    with place.database.read() as session:
        counted = undelivered.count_held(session)
        shown = undelivered.listed(session, "held", NAMED)
        in_person = session.scalar(untold) or 0
    if in_person:
        told = f"{in_person} 件要当面告知居民，还没有人说已告知（负责的三长回复“当面告知”看）"
        yield note("in_person", told)
    if counted:
        told = f"{counted.dead} 条通知送不到，{counted.unsure} 条不确定，sanzhang outbox list 看："
        yield note("outbox.held", told)
    for row in shown:
        yield note("outbox.held", f"  {row.id} 号，给 {row.target}：{reason(row.error, row.state)}")
    if not counted:
        yield good("outbox.held", "没有送不到的通知")


def _reason(session: Session, late: Lateness) -> str:
    """What was met last, by a shut channel or by any message."""
    met = [circuit.error for circuit in late.shut]
    if not met:
        unsettled = state_is(Outbox.state, "waiting", "sending")
        newest = select(Outbox.error).where(unsettled, Outbox.error != "")
        met = list(session.scalars(newest.order_by(Outbox.next_at.desc()).limit(1)))
    return f"最近一次的原因：{reason(met[0])}。" if met else ""
