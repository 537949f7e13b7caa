"""Messages that have come in and were not dealt with."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from bot.examine.examination import Finding, Installation, bad, good, note
from bot.examine.spans import span
from storage.tables import Inbox, state_is

#: The sweep tries every message three times in about a minute; put off in a storm, some later.
LATE = timedelta(minutes=15)
#: The condition of the index, and in it one of the two states.
_NOT_DONE = state_is(Inbox.state, "failed", "dead")


def messages(place: Installation) -> Iterator[Finding]:
    """What still waits for another attempt, and what was given up."""
    with place.database.read() as session:
        counted = select(func.count()).where(_NOT_DONE)
        failed = session.scalar(counted.where(state_is(Inbox.state, "failed"))) or 0
        dead = session.scalar(counted.where(state_is(Inbox.state, "dead"))) or 0
        first = select(Inbox.received_at).where(_NOT_DONE, state_is(Inbox.state, "failed"))
        oldest = session.scalar(first.order_by(Inbox.id).limit(1))
    if dead:
        told = f"{dead} 条消息没能处理，内容已发给管理员：请人工登记，再把日志发给开发的人"
        yield bad("inbox.dead", told)
    if oldest is not None and place.now - oldest > LATE:
        age = span(place.now - oldest)
        told = f"{failed} 条消息没处理好，最早的等了 {age}：请看日志，重启服务，再不行人工登记"
        yield bad("inbox.failed", told)
    elif failed:
        yield note("inbox.failed", f"{failed} 条消息没处理好，正在自己重试，过一会儿再看")
    if not dead and not failed:
        yield good("inbox", "没有处理失败的消息")
