"""The ticks: what is due now, one small transaction each; safe to run from anywhere, twice.

They only look at what the database says is due. How often they run is clockwork.py's business, what
sends and fetches is handed in.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from handlers import dialogues, endorsing, hits
from handlers.dispatch import Dispatcher
from handlers.hits import Hit
from handlers.message import Incoming
from handlers.opening import with_quote
from issues import words
from issues.desk import Desk, Report
from issues.office import MEMBER, Office
from people import tree
from rules.words import Role
from storage import inbox, outbox
from storage.db import Database, insert_new
from storage.notice import Notice
from storage.outbox import Parcel, Posting, SendError
from storage.tables import Attachment, Dialogue, Heartbeat, Inbox, Issue

log = logging.getLogger(__name__)

#: An issue that cannot be computed is looked at again later and stops nobody else.
SET_ASIDE = timedelta(hours=1)
#: More than this in one run of a tick and the next run goes on.
MOST = 500
SENDERS = 4
#: What is behind an aibot's link is gone after 5 minutes, behind a MediaId after 3 days.
LINK_LIVES = timedelta(minutes=10)
MEDIA_LIVES = timedelta(days=3)
FETCH_AGAIN = timedelta(seconds=20)
LONGEST_WAIT = timedelta(hours=1)


class Post(Protocol):
    """Sends one parcel by its channel; the receipt of the platform. Raises SendError."""

    def __call__(self, parcel: Parcel) -> dict[str, str]: ...


class Fetch(Protocol):
    """Brings the bytes of an attachment; the path under the media folder. Raises SendError."""

    def __call__(self, attachment: Attachment) -> str: ...


@dataclass(frozen=True)
class Machine:
    """What the ticks work with. ``limits``: messages a minute and target, by channel."""

    database: Database
    office: Office
    dispatcher: Dispatcher
    post: Post
    fetch: Fetch
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Moments:
    """A column that says when an issue is to be looked at, and what is done then."""

    name: str
    act: Callable[[Desk, Issue], object]
    after: str = ""

    @property
    def column(self) -> ColumnElement[datetime]:
        return Issue.__table__.c[self.name]

    def due(self, now: datetime) -> ColumnElement[bool]:
        due = self.column <= now
        if not self.after:
            return due
        before = Issue.__table__.c[self.after]
        return and_(due, or_(before.is_(None), before > now))


MARKS = Moments("next_mark_at", Desk.pass_mark)
NUDGES = Moments("next_nudge_at", Desk.pass_nudge, after="next_mark_at")


def remind_due(machine: Machine, now: datetime) -> int:
    """Pass the marks that are due (2 days, 1 week, 1 month, then monthly)."""
    return _pass_due(machine, now, MARKS)


def nudge_due(machine: Machine, now: datetime) -> int:
    """Pass the nudges around promises, and ask for ratings again.

    Where a mark is due as well it goes first: it may have overtaken the nudge.
    """
    return _pass_due(machine, now, NUDGES)


def _pass_due(machine: Machine, now: datetime, moments: Moments) -> int:
    due = select(Issue.id).where(moments.due(now)).order_by(moments.column).limit(MOST)
    with machine.database.read() as session:
        ids = list(session.scalars(due))
    for issue_id in ids:
        try:
            desk = partial(Desk, now=now, office=machine.office)
            machine.database.write(partial(_pass_one, desk, issue_id, moments))
        except Exception:
            log.exception("issue %s could not be passed, set aside for an hour", issue_id)
            machine.database.write(partial(_set_aside, issue_id, moments, now + SET_ASIDE))
    return len(ids)


def _pass_one(
    desk: Callable[[Session], Desk], issue_id: int, moments: Moments, session: Session
) -> None:
    made = desk(session)
    claimed = select(Issue).where(Issue.id == issue_id, moments.due(made.now))
    issue = session.scalar(claimed.with_for_update(skip_locked=True))
    if issue is not None:
        moments.act(made, issue)


def _set_aside(issue_id: int, moments: Moments, until: datetime, session: Session) -> None:
    # By its key alone: a row that cannot even be read must not stop the others.
    one = update(Issue).where(Issue.id == issue_id).values({moments.name: until})
    session.execute(one.execution_options(synchronize_session=False))


def expire_dialogues(machine: Machine, now: datetime) -> int:
    """What nobody has picked or answered in ten minutes becomes an issue of its own."""
    with machine.database.read() as session:
        ids = [dialogue.id for dialogue in dialogues.expired(session, now)]
    for key in ids:
        try:
            machine.database.write(partial(_expire, office=machine.office, key=key, now=now))
        except Exception:
            log.exception("dialogue %s could not be ended, set aside for an hour", key)
            machine.database.write(partial(_ask_longer, key=key, until=now + SET_ASIDE))
    return len(ids)


def _expire(session: Session, office: Office, key: int, now: datetime) -> None:
    dialogue = session.get(Dialogue, key, with_for_update={"skip_locked": True})
    if dialogue is None or dialogue.expires_at > now:
        return
    desk = Desk(session, now, office)
    if dialogue.kind == "suggest":
        _tell_late(desk, _open_unpicked(desk, dialogue), "您刚才问的，我们转给人工了。")
    elif dialogue.kind == endorsing.KIND:
        own = endorsing.own_issue(desk, dialogue.data)
        _tell_late(desk, own, "没有等到您回话，先单独给您登记了。")
    session.delete(dialogue)


def _ask_longer(session: Session, key: int, until: datetime) -> None:
    dialogue = session.get(Dialogue, key)
    if dialogue is not None:
        dialogue.expires_at = until


def _open_unpicked(desk: Desk, dialogue: Dialogue) -> Issue:
    incoming = Incoming.from_dict(dialogue.data["message"])
    report = Report(
        userid=incoming.userid,
        text=with_quote(dialogue.data["text"], incoming.quote),
        at=incoming.at,
        channel=incoming.channel,
        chat_id=incoming.chat_id or None,
        materials=incoming.materials,
    )
    asked = (incoming.at, report.userid.lower(), incoming.chat_id, dialogue.data["text"])
    hits.store(desk.session, [Hit(*asked, "suggest", "", 0.0)])
    return desk.open(report)


def _tell_late(desk: Desk, issue: Issue, why: str) -> None:
    """The receipt of what silence has opened: the answer to what was asked ten minutes ago."""
    text = f"{why}\n{words.receipt(issue, desk.office)}"
    posting = Posting(
        key=f"issue:{issue.id}:unpicked",
        channel=MEMBER,
        target=issue.reporter,
        notice=Notice(text=text, line=text),
        not_before=desk.office.pace.waking(desk.now),
        issue_id=issue.id,
    )
    outbox.put(desk.session, posting, desk.now)


def sweep_failed(machine: Machine, now: datetime, *, untried: bool = False) -> int:
    """Messages whose handler raised or that were put off: try again, and tell a person in the end.

    ``untried``: only what the sweep has not tried yet; the others have their waits.
    """
    with machine.database.read() as session:
        rows = inbox.failed(session, untried=untried)
        failed = [(row.id, Incoming.from_dict(row.message)) for row in rows]
    for row_id, incoming in failed:
        try:
            machine.database.write(
                partial(_again, machine=machine, row_id=row_id, incoming=incoming, now=now)
            )
        except Exception as error:
            log.exception("message %s failed again", incoming.key)
            machine.database.write(
                partial(_give_up, office=machine.office, row_id=row_id, why=str(error), now=now)
            )
    return len(failed)


def _again(
    session: Session, machine: Machine, row_id: int, incoming: Incoming, now: datetime
) -> None:
    row = session.get(Inbox, row_id, with_for_update=True)
    if row is None or row.state != "failed":
        return
    outcome = machine.dispatcher.handle(session, incoming, now)
    inbox.settle(row, outcome.reply.to_dict(), outcome.handler, now)
    if outcome.reply.text and not incoming.click:
        _tell(session, incoming.userid.lower(), f"late:{row.id}", outcome.reply.text, now)


def _give_up(session: Session, office: Office, row_id: int, why: str, now: datetime) -> None:
    row = session.get(Inbox, row_id, with_for_update=True)
    if row is None or row.state != "failed" or not inbox.give_up(row, why):
        return
    told = f"有一条消息系统没能处理（收件箱 {row.id}，{row.userid}）：{row.message.get('text', '')}"
    for admin in tree.with_role(session, Role.ADMIN, office.today(now)):
        _tell(session, admin.userid, f"dead:{row.id}:{admin.userid}", told, now)


def _tell(session: Session, userid: str, key: str, text: str, now: datetime) -> None:
    posting = Posting(key, MEMBER, userid, Notice(text=text, line=text), now)
    outbox.put(session, posting, now)


def send_outbox(machine: Machine, now: datetime) -> int:
    """Claim, send with no session open, mark; how many messages left."""
    pace = machine.office.pace
    asleep, slot = pace.waking(now) > now, pace.current(now)
    parcels = machine.database.write(
        lambda s: outbox.claim(s, now, machine.limits, asleep=asleep, slot=slot)
    )
    if not parcels:
        return 0
    with ThreadPoolExecutor(SENDERS) as pool:
        return sum(pool.map(lambda parcel: _send(machine, parcel, now), parcels))


def _send(machine: Machine, parcel: Parcel, now: datetime) -> bool:
    try:
        receipt = machine.post(parcel)
    except SendError as error:
        log.warning("%s to %s not sent: %s", parcel.batch, parcel.target, error)
        failure = error
        machine.database.write(lambda s: _failed(s, machine.office, parcel, failure, now))
        return False
    machine.database.write(lambda s: outbox.sent(s, parcel, now, receipt))
    return True


def _failed(
    session: Session, office: Office, parcel: Parcel, error: SendError, now: datetime
) -> None:
    """Later again; what can never be delivered to a member is told in person, or to a level up."""
    if not outbox.failed(session, parcel, now, error) or parcel.channel != MEMBER:
        return
    desk = Desk(session, now, office)
    for issue_id, text in outbox.texts(session, parcel).items():
        issue = session.get(Issue, issue_id)
        assert issue is not None  # issues are never deleted
        desk.undeliverable(issue, parcel.target, text)


def fetch_media(machine: Machine, now: datetime) -> int:
    """Photos and voices are brought home before their links run out (5 minutes to 3 days)."""
    due = select(Attachment).where(Attachment.fetch_at <= now).order_by(Attachment.fetch_at)
    with machine.database.read() as session:
        waiting = list(session.scalars(due.limit(20)))
    for attachment in waiting:
        path = _fetched(machine, attachment)
        machine.database.write(partial(_keep_media, key=attachment.id, path=path, now=now))
    return len(waiting)


def _fetched(machine: Machine, attachment: Attachment) -> str | None:
    """The path; "" when it will never come; None to try again."""
    try:
        return machine.fetch(attachment)
    except SendError as error:
        log.warning("attachment %s not fetched: %s", attachment.id, error)
        return "" if error.permanent else None
    except Exception:
        log.exception("attachment %s not fetched, the others go on", attachment.id)
        return None


def _keep_media(session: Session, key: int, path: str | None, now: datetime) -> None:
    attachment = session.get(Attachment, key)
    if attachment is None:
        return
    attachment.tries += 1
    lives = MEDIA_LIVES if attachment.media_id else LINK_LIVES
    over = path is not None or now - attachment.added_at > lives
    wait = min(FETCH_AGAIN * 2 ** min(attachment.tries - 1, 8), LONGEST_WAIT)
    attachment.fetch_at = None if over else now + wait
    attachment.path = path or ""


def flush_hits(machine: Machine, now: datetime) -> int:
    """Write what was asked of the FAQ, in one batch."""
    batch = machine.dispatcher.hits.take()
    try:
        machine.database.write(lambda session: hits.store(session, batch))
    except Exception:
        machine.dispatcher.hits.restore(batch)
        raise
    return len(batch)


def _keyed(session: Session, act: Callable[[Session, int], int], key: int) -> int:
    return act(session, key)


def each(
    machine: Machine, keys: Iterable[int], act: Callable[[Session, int], int], what: str
) -> int:
    """Do ``act`` to every row in a transaction of its own; one that fails stops nobody else."""
    done = 0
    for key in keys:
        try:
            done += machine.database.write(partial(_keyed, act=act, key=key))
        except Exception:
            log.exception("%s %s could not be done, the others go on", what, key)
    return done


def beat(database: Database, name: str, now: datetime) -> None:
    """Remember that a tick ran to its end; /healthz watches it."""

    def write(session: Session) -> None:
        if not insert_new(session, Heartbeat, {"name": name, "at": now}):
            heartbeat = session.get(Heartbeat, name)
            assert heartbeat is not None
            heartbeat.at = now

    database.write(write)
