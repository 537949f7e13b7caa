"""The ticks: what is due now, one small transaction each; safe to run from anywhere, twice.

They only look at what the database says is due. How often they run is clockwork.py's business, what
sends and fetches is handed in.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from handlers import accusations, complained, dialogues, endorsing, hearing, hits
from handlers.dispatch import Dispatcher
from handlers.hits import Hit
from handlers.message import Incoming
from handlers.reporting import of_message, with_quote
from issues import guards, handover, leave, marking, registering, ringing, wording
from issues.deployment import MEMBER, Deployment
from issues.work import Work
from storage import heartbeats, inbox, outbox
from storage.db import PATIENCE, Database, WriteBusy
from storage.heartbeats import Beat
from storage.notice import Notice
from storage.outbox import Parcel, Posting, Precedence, SendError
from storage.tables import Attachment, Dialogue, Inbox, Issue

log = logging.getLogger(__name__)

T = TypeVar("T")

#: What becomes of a row that has failed with that error.
Aside = Callable[[Exception], object]

#: An issue that cannot be computed is looked at again later and stops nobody else.
SET_ASIDE = timedelta(hours=1)
#: More than this in one run of a tick and the next run goes on.
MOST = 500
#: What is behind an aibot's link is gone after 5 minutes, behind a MediaId after 3 days.
LINK_LIVES = timedelta(minutes=10)
MEDIA_LIVES = timedelta(days=3)
#: Who has written so lately is not asleep, and waits for the answer.
AWAKE = timedelta(minutes=10)
FETCH_AGAIN = timedelta(seconds=20)
LONGEST_WAIT = timedelta(hours=1)


class SendParcel(Protocol):
    """Sends one parcel by its channel; the receipt of the platform. Raises SendError."""

    def __call__(self, parcel: Parcel) -> dict[str, str]: ...


class PrepareParcel(Protocol):
    """Makes what every attempt of a parcel has to have the same. Raises SendError."""

    def __call__(self, parcel: Parcel) -> dict[str, str]: ...


def _nothing_to_prepare(parcel: Parcel) -> dict[str, str]:
    return {}


class FetchMedia(Protocol):
    """Brings the bytes of an attachment; the path under the media folder. Raises SendError."""

    def __call__(self, attachment: Attachment) -> str: ...


@dataclass(frozen=True)
class Machine:
    """What the ticks work with. ``limits``: messages a minute and target, by channel;
    ``hold_unsure``: what may have arrived too long ago waits for a person."""

    database: Database
    office: Deployment
    dispatcher: Dispatcher
    post: SendParcel
    fetch: FetchMedia
    limits: Mapping[str, int]
    #: what a channel makes once for all attempts of a message
    prepare: PrepareParcel = _nothing_to_prepare
    hold_unsure: bool = True
    #: seconds for which it waits for its turn to write
    patience: float = PATIENCE

    def write(self, now: datetime, act: Callable[[Work], T]) -> T:
        """One transaction over issues. Raises WriteBusy."""
        return self.dispatcher.transactions.write(now, act, self.patience)

    def store(self, act: Callable[[Session], T]) -> T:
        """One transaction over rows of any kind. Raises WriteBusy."""
        return self.database.write(act, self.patience)


@dataclass(frozen=True)
class Moments:
    """A column that says when an issue is to be looked at, and what is done then."""

    name: str
    act: Callable[[Work, Issue], object]
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


MARKS = Moments("next_mark_at", marking.pass_mark)
NUDGES = Moments("next_nudge_at", marking.pass_nudge, after="next_mark_at")
RINGS = Moments("ring_at", ringing.ring_again)


def anything_due(machine: Machine, now: datetime, besides: Iterable[Select[int]] = ()) -> bool:
    """Whether any tick would find something: two questions, nearly always answered with no;
    ``besides``: what other modules look for."""
    today = machine.office.today(now)
    media = select(Attachment.id).where(Attachment.fetch_at <= now)
    looks = (
        inbox.FAILED,
        dialogues.expired(now),
        leave.due(today),
        handover.due(today),
        *(select(Issue.id).where(moments.due(now)) for moments in (RINGS, MARKS, NUDGES)),
        media,
        *besides,
    )
    with machine.database.read() as session:
        found = session.scalar(select(or_(*(look.exists() for look in looks))))
        return bool(found or outbox.due(session, now) or machine.dispatcher.hits.any())


def ring_due(machine: Machine, now: datetime) -> int:
    """Ring emergencies again that nobody has answered for ten minutes."""
    return _pass_due(machine, now, RINGS)


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
    done = 0
    with until_busy(moments.name):
        for issue_id in ids:
            with alone("issue", issue_id, _aside(machine, issue_id, moments, now + SET_ASIDE)):
                machine.write(now, partial(_pass_one, issue_id, moments))
            done += 1
    return done


def _aside(machine: Machine, issue_id: int, moments: Moments, until: datetime) -> Aside:
    set_aside = partial(_set_aside, issue_id, moments, until)
    return lambda _: machine.store(set_aside)


def _pass_one(issue_id: int, moments: Moments, work: Work) -> None:
    claimed = select(Issue).where(Issue.id == issue_id, moments.due(work.now))
    issue = work.session.scalar(claimed.with_for_update(skip_locked=True))
    if issue is not None:
        moments.act(work, issue)


def _set_aside(issue_id: int, moments: Moments, until: datetime, session: Session) -> None:
    # By its key alone: a row that cannot even be read must not stop the others.
    one = update(Issue).where(Issue.id == issue_id).values({moments.name: until})
    session.execute(one.execution_options(synchronize_session=False))


def expire_dialogues(machine: Machine, now: datetime) -> int:
    """What nobody has picked or answered in ten minutes becomes an issue of its own."""
    with machine.database.read() as session:
        ids = list(session.scalars(dialogues.expired(now)))
    done = 0
    with until_busy("dialogues"):
        for key in ids:
            with alone("dialogue", key, _longer(machine, key, now + SET_ASIDE)):
                machine.write(now, partial(_expire, key))
            done += 1
    return done


def _longer(machine: Machine, key: int, until: datetime) -> Aside:
    ask_longer = partial(_ask_longer, key=key, until=until)
    return lambda _: machine.store(ask_longer)


def _expire(key: int, work: Work) -> None:
    dialogue = work.session.get(Dialogue, key, with_for_update={"skip_locked": True})
    if dialogue is None or dialogue.expires_at > work.now:
        return
    unpicked = dialogue.kind in ("suggest", hearing.KIND)
    if unpicked and dialogue.data.get("registers", True):
        _tell_late(work, _open_unpicked(work, dialogue), "late_unpicked")
    elif dialogue.kind == endorsing.KIND and not dialogue.data.get("joined"):
        own = endorsing.own_issue(work, dialogue.data)
        _tell_late(work, own, "late_unanswered")
    elif dialogue.kind == complained.KIND:
        # several may be added to one complaint, each is told
        settled = complained.settle(work, dialogue.data)
        _tell_late(work, settled, "late_complained", f"settled:{dialogue.expires_at:%Y%m%d%H%M%S}")
    work.session.delete(dialogue)


def _ask_longer(session: Session, key: int, until: datetime) -> None:
    dialogue = session.get(Dialogue, key)
    if dialogue is not None:
        dialogue.expires_at = until


def _open_unpicked(work: Work, dialogue: Dialogue) -> Issue:
    incoming = Incoming.from_dict(dialogue.data["message"])
    text = with_quote(dialogue.data["text"], incoming.quote)
    kept_from = accusations.kept_from(work, incoming.userid, incoming.chat_id, text)
    report = of_message(incoming, text, kept_from)
    asked = (incoming.at, report.userid.lower(), incoming.chat_id, dialogue.data["text"])
    hits.store(work.session, [Hit(*asked, "suggest", "", 0.0)])
    return registering.open_issue(work, report)


def _tell_late(work: Work, issue: Issue, why: str, what: str = "unpicked") -> None:
    """The receipt of what silence has opened: the answer to what was asked ten minutes ago;
    ``why``: the key of what is said before it."""
    text = f"{work.say(why)}\n{wording.receipt(work, issue)}"
    posting = Posting(
        key=f"issue:{issue.id}:{what}",
        channel=MEMBER,
        target=issue.reporter,
        notice=Notice(text=text, line=text),
        not_before=work.pace.waking(work.now),
        subject=guards.about(issue.id),
        precedence=Precedence.ANSWER,
    )
    outbox.put(work.session, posting, work.now)


def sweep_failed(machine: Machine, now: datetime, *, untried: bool = False) -> int:
    """Messages whose handler raised or that were put off: try again, and tell a person in the end.

    ``untried``: only what the sweep has not tried yet; the others have their waits.
    """
    with machine.database.read() as session:
        failed = [(row.id, row.message) for row in inbox.failed(session, untried=untried)]
    done = 0
    with until_busy("failed messages"):
        for row_id, message in failed:
            with alone("message", row_id, _count_failure(machine, now, row_id)):
                incoming = Incoming.from_dict(message)
                again = partial(_again, machine.dispatcher, row_id=row_id, incoming=incoming)
                for hit in machine.write(now, again):
                    machine.dispatcher.hits.add(hit)
            done += 1
    return done


def _count_failure(machine: Machine, now: datetime, row_id: int) -> Aside:
    return lambda error: machine.write(now, partial(_give_up, row_id=row_id, why=str(error)))


def _again(dispatcher: Dispatcher, work: Work, row_id: int, incoming: Incoming) -> tuple[Hit, ...]:
    row = work.session.get(Inbox, row_id, with_for_update=True)
    if row is None or row.state != "failed":
        return ()
    outcome = dispatcher.handle(work, incoming)
    inbox.settle(row, outcome.reply.to_dict(), outcome.handler, work.now)
    if outcome.reply.text and not incoming.click:
        fresh = work.now - row.received_at <= AWAKE
        key, first = f"late:{row.id}", Precedence.ANSWER
        _tell(work, incoming.userid.lower(), key, outcome.reply.text, fresh, first)
    return outcome.hits


def _give_up(work: Work, row_id: int, why: str) -> None:
    row = work.session.get(Inbox, row_id, with_for_update=True)
    if row is None or row.state != "failed" or not inbox.give_up(row, why):
        return
    said = row.message.get("text", "")
    told = work.say("message_lost", row=row.id, userid=row.userid, said=said)
    for userid in work.admins:
        _tell(work, userid, f"dead:{row.id}:{userid}", told)


def _tell(
    work: Work,
    userid: str,
    key: str,
    text: str,
    by_night: bool = False,
    precedence: Precedence = Precedence.OTHER,
) -> None:
    told = Notice(text=text, line=text)
    posting = Posting(key, MEMBER, userid, told, work.now, by_night=by_night, precedence=precedence)
    outbox.put(work.session, posting, work.now)


def fetch_media(machine: Machine, now: datetime) -> int:
    """Photos and voices are brought home before their links run out (5 minutes to 3 days)."""
    due = select(Attachment).where(Attachment.fetch_at <= now).order_by(Attachment.fetch_at)
    with machine.database.read() as session:
        waiting = list(session.scalars(due.limit(20)))
    done = 0
    with until_busy("attachments"):
        for attachment in waiting:
            path = _fetched(machine, attachment)
            with alone("attachment", attachment.id, _later(machine, attachment.id, now)):
                machine.write(now, partial(_keep_media, key=attachment.id, path=path))
            done += 1
    return done


def _later(machine: Machine, key: int, now: datetime) -> Aside:
    fetch_later = partial(_fetch_later, key, now + SET_ASIDE)
    return lambda _: machine.store(fetch_later)


def _fetch_later(key: int, until: datetime, session: Session) -> None:
    one = update(Attachment).where(Attachment.id == key).values(fetch_at=until)
    session.execute(one.execution_options(synchronize_session=False))


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


def _keep_media(work: Work, key: int, path: str | None) -> None:
    """An emergency's photo is shown at once to all who have been rung."""
    attachment, now = work.session.get(Attachment, key), work.now
    if attachment is None:
        return
    attachment.tries += 1
    lives = MEDIA_LIVES if attachment.media_id else LINK_LIVES
    over = path is not None or now - attachment.added_at > lives
    wait = min(FETCH_AGAIN * 2 ** min(attachment.tries - 1, 8), LONGEST_WAIT)
    attachment.fetch_at = None if over else now + wait
    attachment.path = path or ""
    ringing.pass_on_media(work, attachment)


def flush_hits(machine: Machine, now: datetime) -> int:
    """Write what was asked of the FAQ, in one batch."""
    batch = machine.dispatcher.hits.take()
    if not batch:
        return 0
    try:
        machine.store(lambda session: hits.store(session, batch))
    except StatementError:
        log.exception("of %s questions one cannot be stored", len(batch))
        return _flush_each(machine, batch)
    except Exception:
        machine.dispatcher.hits.restore()
        raise
    machine.dispatcher.hits.stored()
    return len(batch)


def _flush_each(machine: Machine, batch: list[Hit]) -> int:
    """One by one: what cannot be stored is a figure less, and blocks no other."""
    stored = 0
    for hit in batch:
        try:
            machine.store(partial(hits.store, hits=[hit]))
            stored += 1
        except (StatementError, WriteBusy) as error:
            log.error("a question was not counted: %s", type(error).__name__)
    machine.dispatcher.hits.stored()
    return stored


def _keyed(act: Callable[[Work, int], int], key: int, work: Work) -> int:
    return act(work, key)


def each(
    machine: Machine, now: datetime, keys: Iterable[int], act: Callable[[Work, int], int], what: str
) -> int:
    """Do ``act`` to every row in a transaction of its own; one that fails stops nobody else."""
    done = 0
    with until_busy(what):
        for key in keys:
            with alone(what, key):
                done += machine.write(now, partial(_keyed, act, key))
    return done


@contextmanager
def until_busy(what: str) -> Iterator[None]:
    """A writer that is busy, or a database that is locked, is no row's fault: what is left is tried
    at the next run."""
    try:
        yield
    except WriteBusy as busy:
        log.warning("%s: the rest is tried at the next run: %s", what, busy)


@contextmanager
def alone(what: str, key: object, aside: Aside | None = None) -> Iterator[None]:
    """One row that fails stops nobody else; ``aside`` says what becomes of it. Raises WriteBusy."""
    try:
        yield
    except WriteBusy:
        raise
    except Exception as error:
        log.exception("%s %s could not be done, the others go on", what, key)
        if aside:
            aside(error)


def beat(database: Database, name: str, now: datetime) -> None:
    """Remember that a tick ran to its end; /healthz watches it."""
    database.write(lambda session: heartbeats.put(session, [Beat(name, now)]))
