"""Whether there is a backup that is worth something: whoever makes one leaves a mark."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from bot.examine.examination import Finding, Installation, bad, good, note
from bot.examine.spans import span
from storage import heartbeats
from storage.tables import Inbox

OLD = timedelta(days=2)
HOW = "看 systemctl status sanzhang-backup.timer 和备份盘，马上手工备份一次"


def lately(place: Installation) -> Iterator[Finding]:
    """The mark of the latest; without any, it depends on how long people have been writing."""
    with place.database.read() as session:
        made = heartbeats.known(session).get(heartbeats.BACKUP)
        first = session.scalar(select(Inbox.received_at).order_by(Inbox.id).limit(1))
    if made is not None:
        age = place.now - made.at
        told = f"最近一次备份是 {span(age)}以前"
        yield bad("backup.old", f"{told}：{HOW}") if age > OLD else good("backup", told)
    elif first is not None and place.now - first > OLD:
        yield bad("backup.none", f"从来没有备份过：{HOW}")
    else:
        yield note("backup.none", "还没有备份过：请设好每晚的自动备份（安装说明第 7 节）")
