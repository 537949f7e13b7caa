"""The bot's open questions: one of each kind per person and chat, with the time it is good for.

What an answer means is the dialogue handler's business.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.orm import Session

from storage.objects import objects, whole
from storage.statement import Statement
from storage.tables import Dialogue

#: Nobody picks a suggestion for this long: it becomes an issue (domain.md §7).
SUGGEST_FOR = timedelta(minutes=10)
#: Words for a photo that came alone.
DESCRIBE_FOR = timedelta(minutes=10)
#: 办结 was tapped; the sentence on what was done may come a little later.
RESULT_FOR = timedelta(hours=2)

_PENDING = Statement(
    whole(Dialogue)
    .where(Dialogue.userid == bindparam("userid"), Dialogue.expires_at > bindparam("now"))
    .order_by(Dialogue.id.desc())
)
#: Whether any is: mostly none, and then nobody reads them.
ANY_OPEN = (
    select(Dialogue.id)
    .where(Dialogue.userid == bindparam("sender"), Dialogue.expires_at > bindparam("now"))
    .exists()
)
_AS_READ = select(Dialogue.id, Dialogue.data).where(
    Dialogue.id.in_(bindparam("ids", expanding=True))
)
_ASKED = select(Dialogue.userid).where(
    Dialogue.subject.in_(bindparam("subjects", expanding=True)),
    Dialogue.kind == bindparam("kind"),
    Dialogue.expires_at > bindparam("now"),
)


def ask(
    session: Session,
    userid: str,
    chat_id: str,
    kind: str,
    data: dict[str, Any],
    until: datetime,
    subject: str = "",
) -> None:
    """Open a question; one of the same kind that was open before is over. ``subject``: what it is
    about, where that is counted."""
    clear(session, userid, chat_id, kind)
    asked = Dialogue(userid=userid, chat_id=chat_id, kind=kind, data=data, expires_at=until)
    asked.subject = subject
    session.add(asked)
    session.flush()


def pending(session: Session, userid: str, now: datetime) -> list[Dialogue]:
    """The questions that are still open to somebody, in all chats, the newest first."""
    return objects(session, Dialogue, _PENDING.named(session, {"userid": userid, "now": now}))


def are_open(session: Session, asked: Iterable[Dialogue]) -> bool:
    """Whether these questions are still there, and as they were read: two answers that come in at
    one moment are not both taken."""
    read = {one.id: one.data for one in asked}
    found = session.connection().execute(_AS_READ, {"ids": list(read)})
    return {row.id: row.data for row in found} == read


def asked_about(session: Session, kind: str, subjects: list[str], now: datetime) -> list[str]:
    """Who is being asked something of that kind about one of these subjects: accounts."""
    about = {"subjects": subjects, "kind": kind, "now": now}
    return list(session.connection().execute(_ASKED, about).scalars()) if subjects else []


def clear(session: Session, userid: str, chat_id: str, kind: str) -> None:
    """The question has been answered, or is over."""
    session.execute(
        delete(Dialogue).where(
            Dialogue.userid == userid, Dialogue.chat_id == chat_id, Dialogue.kind == kind
        )
    )


def expired(now: datetime, limit: int = 50) -> Select[int]:
    """Questions that nobody has answered in time, oldest first; by id."""
    late = select(Dialogue.id).where(Dialogue.expires_at <= now).order_by(Dialogue.expires_at)
    return late.limit(limit)
