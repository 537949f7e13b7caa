"""Photos and voices that could not be brought home: WeCom keeps them for days or minutes only."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Select, func, select, text

from bot.examine.examination import Finding, Installation, bad, good, note
from storage.tables import LOST_MEDIA, Attachment

#: Tried for so long without success.
LATE = timedelta(minutes=30)
#: Those that are lost are named for so long; nothing brings them back.
REMEMBERED = timedelta(days=14)


def fetched(place: Installation) -> Iterator[Finding]:
    """What is late, and what will never come."""
    late = select(func.count()).where(Attachment.fetch_at.is_not(None))
    late = late.where(Attachment.tries > 0, Attachment.added_at < place.now - LATE)
    with place.database.read() as session:
        waiting = session.scalar(late) or 0
        lost = session.scalar(_lost(place)) or 0
    if waiting:
        told = f"{waiting} 张照片（语音）半小时还没取回来：查网络和日志，三天内修好还取得到"
        yield bad("media.late", told)
    if lost:
        told = (
            f"{REMEMBERED.days} 天里有 {lost} 张照片（语音）没能取回，已经过期："
            "看日志里的 attachment，请居民再发"
        )
        yield note("media.lost", told)
    if not waiting and not lost:
        yield good("media", "照片和语音都取回来了")


def _lost(place: Installation) -> Select[int]:
    lately = Attachment.added_at > place.now - REMEMBERED
    return select(func.count()).select_from(Attachment).where(text(LOST_MEDIA), lately)
