"""The bot's open questions: one of each kind per person and chat, with the time it is good for.

What an answer means is the dialogue handler's business.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.tables import Dialogue

#: Nobody picks a suggestion for this long: it becomes an issue (domain.md §7).
SUGGEST_FOR = timedelta(minutes=10)
#: Words for a photo that came alone.
DESCRIBE_FOR = timedelta(minutes=10)
#: 办结 was tapped; the sentence on what was done may come a little later.
RESULT_FOR = timedelta(hours=2)


def ask(
    session: Session, userid: str, chat_id: str, kind: str, data: dict[str, Any], until: datetime
) -> None:
    """Open a question; one of the same kind that was open before is over."""
    clear(session, userid, chat_id, kind)
    session.add(Dialogue(userid=userid, chat_id=chat_id, kind=kind, data=data, expires_at=until))
    session.flush()


def pending(session: Session, userid: str, chat_id: str, now: datetime) -> list[Dialogue]:
    """The questions that are still open, the newest first."""
    found = select(Dialogue).where(
        Dialogue.userid == userid, Dialogue.chat_id == chat_id, Dialogue.expires_at > now
    )
    return list(session.scalars(found.order_by(Dialogue.id.desc())))


def suggested(session: Session, userid: str, chat_id: str, now: datetime) -> Dialogue | None:
    """The suggestions that are still open."""
    asked = pending(session, userid, chat_id, now)
    return next((one for one in asked if one.kind == "suggest"), None)


def clear(session: Session, userid: str, chat_id: str, kind: str) -> None:
    """The question has been answered, or is over."""
    session.execute(
        delete(Dialogue).where(
            Dialogue.userid == userid, Dialogue.chat_id == chat_id, Dialogue.kind == kind
        )
    )


def expired(session: Session, now: datetime, limit: int = 50) -> list[Dialogue]:
    """Questions that nobody has answered in time, oldest first."""
    late = select(Dialogue).where(Dialogue.expires_at <= now).order_by(Dialogue.expires_at)
    return list(session.scalars(late.limit(limit)))
