"""Whether this machine's clock has jumped under the running service, or is behind what it wrote."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from bot.examine.examination import Finding, Installation, bad, good
from bot.examine.spans import span
from bot.trusted_clock import CLOCK
from storage import heartbeats
from storage.tables import Inbox

#: Two nodes, and WeCom and we, are never quite together.
APART = timedelta(minutes=5)


def clock(place: Installation) -> Iterator[Finding]:
    """What the running service says of it, and what the latest messages say."""
    with place.database.read() as session:
        beat = heartbeats.known(session).get(CLOCK)
        newest = session.scalar(select(Inbox.received_at).order_by(Inbox.id.desc()).limit(1))
    if beat is not None and beat.failing:
        told = (
            f"{beat.error}。机器人先按原来的时间走，没有因此多发少发。请校时（chrony、ntp），校好了它自己恢复；"
            "看过本机时间确实是对的，运行 sanzhang clock accept。先不要重启：重启就照本机时间办"
        )
        yield bad("clock.jumped", told)
    elif newest is not None and newest - place.now > APART:
        ahead = span(newest - place.now)
        told = f"本机时间比最近一条消息的记录还早 {ahead}：时钟被拨回去过，请校时（chrony、ntp）"
        yield bad("clock.behind", told)
    else:
        yield good("clock.steady", "本机时钟没有跳")
