"""The tables. Times are stored in UTC and come back aware; what the rows mean is domain.md §2.

Rules over these rows live in rules/ and issues/, changes to this file need a migration beside it.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    MappedSQLExpression,
    column_property,
    mapped_column,
    relationship,
)

from rules.words import Action, Rating, Role, Solved, State, Tier, UnitKind


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC out; a naive one is a bug and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetimes are not stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """One of the field's words, stored as its value and coming back as the enum's member."""

    impl = String(20)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        Action: Word(Action),
        State: Word(State),
        Tier: Word(Tier),
        Role: Word(Role),
        UnitKind: Word(UnitKind),
        Solved: Word(Solved),
        Rating: Word(Rating),
    }


# --- parts of tables ---

#: rules.words.OPEN_STATES in the order in which the indexes write them: a query has to keep to it.
_OPEN = ("pending", "accepted", "working", "suspended")
#: Outbox rows that have still to leave, or are leaving; and those of them that know their message.
UNSETTLED = ("waiting", "sending")
#: Said of emergencies, here and in queries.
_IN_DANGER = "danger <> ''"


def one_of(words: tuple[str, ...]) -> str:
    """``state IN ('a', 'b')`` in SQL: the condition of an index over a part of a table."""
    return "state IN (" + ", ".join(f"'{word}'" for word in words) + ")"


_READY = f"{one_of(UNSETTLED)} AND batch <> ''"
#: Attachments that will never come.
LOST_MEDIA = "fetch_at IS NULL AND tries > 0 AND path = ''"
_LOOSE = "state = 'waiting' AND batch = ''"


def state_is(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], *words: str
) -> ColumnElement[bool]:
    """``column IN ('a', 'b')``, of one word ``column = 'a'``, with the words in the SQL itself.

    Both databases use an index over a part of a table only where the query says the same as the
    index's condition; a parameter could be anything, so with one they read the whole table.
    """
    said: list[ColumnElement[Any]] = [literal_column(f"'{word}'") for word in words]
    return column.in_(said) if len(said) > 1 else column == said[0]


def _partly(name: str, *columns: str, where: str) -> Index:
    """An index over the rows that meet a condition: it stays small while the table grows."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# --- people ---


class UnitRow(Table):
    """市, 乡镇, 村, 片, 组, 邻 and what hangs beside them; ``path`` is as in the roster file."""

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[UnitKind]
    name: Mapped[str] = mapped_column(String(100))
    path: Mapped[str] = mapped_column(String(500), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    #: merged into another: nobody lives or sits here any more, what is closed stays here
    gone_on: Mapped[date | None]


class PersonRow(Table):
    """Somebody of the roster; ``userid`` is lower-cased (WeCom returns both cases), and of who has
    no account a name of the program's own (people/town.py)."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    userid: Mapped[str] = mapped_column(String(128), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(40), default="")


class PostRow(Table):
    """职务: who holds which role in which unit, from when to when (both days included)."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_unit_id_role", "unit_id", "role"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[Role]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    person: Mapped[PersonRow] = relationship()
    unit: Mapped[UnitRow] = relationship()


class Leave(Table):
    """请假: a 长 is away from one day to another (both included), with or without a delegate."""

    __tablename__ = "leave"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    #: 代班人; without one his issues go straight to the level above
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    said_by: Mapped[str] = mapped_column(String(128))
    said_at: Mapped[datetime]
    #: his issues have been given to the delegate; and back again
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    person: Mapped[PersonRow] = relationship(foreign_keys=[person_id])
    delegate: Mapped[PersonRow | None] = relationship(foreign_keys=[delegate_id])


class HouseholdRow(Table):
    """户: belongs to one lin."""

    __tablename__ = "household"
    __table_args__ = (UniqueConstraint("lin_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    lin_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(100))


class RosterVersion(Table):
    """One row: how often people have changed, so that a town in memory is known to be outdated."""

    __tablename__ = "roster_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    #: units, persons, households
    homes: Mapped[int]
    #: posts, leaves
    seats: Mapped[int]


class Resident(Table):
    """居民: a person of a household; one person may belong to several (home and shop)."""

    __tablename__ = "resident"
    __table_args__ = (UniqueConstraint("person_id", "household_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    person: Mapped[PersonRow] = relationship()
    household: Mapped[HouseholdRow] = relationship()


class RosterImport(Table):
    """The last roster file that went in whole, so that the same one again is known at once."""

    __tablename__ = "roster_import"
    #: of the file and of what it was imported with
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: of units, people, posts and homes as they were after it
    people: Mapped[str] = mapped_column(String(64))
    said: Mapped[dict[str, Any]]


class RosterChange(Table):
    """One change of the roster by an admin: an import, a new name of a unit, a move; only added."""

    __tablename__ = "roster_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: the account on the machine
    by: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(20))
    #: the lines that were told, and what the change was about
    said: Mapped[dict[str, Any]]
    #: how it was before, of the latest ones; {} where it cannot be undone
    undo: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]


# --- issues ---


def _any(table: str) -> MappedSQLExpression[bool]:
    """Whether that table has a row of the issue: read with the issue itself, so that nobody asks
    for what is not there."""
    # Not EXISTS: of several issues PostgreSQL would then read the whole table into memory.
    rows = f"(SELECT 1 FROM {table} WHERE {table}.issue_id = issue.id LIMIT 1) IS NOT NULL"
    return column_property(literal_column(rows, Boolean))


class Issue(Table):
    """诉求, numbered SZ-20261121-0042. The clock starts at ``reported_at`` and never restarts."""

    __tablename__ = "issue"
    __table_args__ = (
        _partly("ix_issue_next_mark_at", "next_mark_at", where="next_mark_at IS NOT NULL"),
        _partly("ix_issue_next_nudge_at", "next_nudge_at", where="next_nudge_at IS NOT NULL"),
        _partly("ix_issue_ring_at", "ring_at", where="ring_at IS NOT NULL"),
        #: the emergencies of the last hours
        _partly("ix_issue_danger_reported_at", "reported_at", where=_IN_DANGER),
        #: several reports of one household in 90 days
        Index("ix_issue_household_id_reported_at", "household_id", "reported_at"),
        #: the sender's issue of a moment ago
        Index("ix_issue_reporter_reported_at", "reporter", "reported_at"),
        #: what neighbours have reported in 30 days; and how many are open in all
        _partly("ix_issue_open_unit_id_reported_at", "unit_id", "reported_at", where=one_of(_OPEN)),
        #: what somebody has to do
        _partly("ix_issue_open_holder_id", "holder_id", where=one_of(_OPEN)),
        # few issues have one: the others need not stand in an index as having none
        _partly("ix_issue_behalf_id", "behalf_id", where="behalf_id IS NOT NULL"),
        _partly("ix_issue_lead_unit_id", "lead_unit_id", where="lead_unit_id IS NOT NULL"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    state: Mapped[State]
    tier: Mapped[Tier]
    tier_version: Mapped[int]
    urgent: Mapped[bool] = mapped_column(default=False)
    #: an emergency's class by its name (火警), "" for none
    danger: Mapped[str] = mapped_column(String(100), default="", server_default=text("''"))
    #: when it is rung again, as long as nobody has accepted or said that he is on his way
    ring_at: Mapped[datetime | None]
    #: up to which level of the ladder it has been rung
    rung_to: Mapped[UnitKind | None]
    #: never asked about afterwards, nor named in a group (self-harm)
    delicate: Mapped[bool] = mapped_column(default=False)
    content: Mapped[str] = mapped_column(Text)
    #: the sender's WeCom userid, on the roster or not
    reporter: Mapped[str] = mapped_column(String(128))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    channel: Mapped[str] = mapped_column(String(20))
    chat_id: Mapped[str | None] = mapped_column(String(128))
    #: the unit it belongs to: the sender's lin, the chat's unit, or none
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    #: 待认领: the sender is on no roster
    unclaimed: Mapped[bool] = mapped_column(default=False)
    level: Mapped[UnitKind]
    #: a complaint about a 长: that level and all below it neither hold nor see the issue
    bypassed: Mapped[UnitKind | None]
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime]
    #: marks up to here have been passed
    marked_until: Mapped[datetime]
    next_mark_at: Mapped[datetime | None]
    next_nudge_at: Mapped[datetime | None]
    #: the promise before 延期 or 挂起 moved it; shown beside ``due_at``
    promised_at: Mapped[datetime]
    #: since when the present holder has it
    held_since: Mapped[datetime]
    #: the holder stands in for this person, who is on leave
    behalf_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: the department or 驻地单位 that leads, and its own deadline in working days
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    sub_due_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    progress_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")
    #: what the holder has asked one level up for and has no answer to yet
    wanted: Mapped[Action | None]
    wanted_data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: how often it was granted, suspended, given back, passed on
    extended: Mapped[int] = mapped_column(default=0)
    suspended: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    reassigned: Mapped[int] = mapped_column(default=0)
    #: 强派: whoever has it now keeps it (首接负责)
    forced: Mapped[bool] = mapped_column(default=False)
    #: 问题工单: passed on or redone three times
    troubled: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=0)
    #: when the first holder's card was delivered, once that is known
    carded_at: Mapped[datetime | None]
    #: how many levels have been told that nobody accepts; all of them once somebody has
    unaccepted: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    #: the level that presses the department that leads, since the promise was broken
    pressed_from: Mapped[UnitKind | None]
    solved: Mapped[Solved | None]
    rating: Mapped[Rating | None]
    redone: Mapped[int] = mapped_column(default=0)
    #: the last link of its chain of events
    last_seq: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last_hash: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    version: Mapped[int] = mapped_column()
    unit: Mapped[UnitRow | None] = relationship(foreign_keys=[unit_id])
    holder: Mapped[PersonRow | None] = relationship(foreign_keys=[holder_id])
    lead_unit: Mapped[UnitRow | None] = relationship(foreign_keys=[lead_unit_id])
    has_joined: Mapped[bool] = _any("endorsement")
    has_asked: Mapped[bool] = _any("assist")
    has_former: Mapped[bool] = _any("co_owner")
    has_materials: Mapped[bool] = _any("attachment")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy


#: Somebody still has to do something; said so that the indexes over open issues are used.
STILL_OPEN = state_is(Issue.state, *_OPEN)
#: An emergency, said so that their own index is used.
HAS_DANGER = Issue.danger != literal_column("''")


class CoOwner(Table):
    """A former holder: stays on the issue as the face that the resident knows."""

    __tablename__ = "co_owner"
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    level: Mapped[UnitKind]


class Assist(Table):
    """协办: one unit that helps, with its own deadline; the lead answers for the whole."""

    __tablename__ = "assist"
    __table_args__ = (Index("ix_assist_person_id_answered_at", "person_id", "answered_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    request: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    overdue: Mapped[bool] = mapped_column(default=False)
    #: whether the lead has opened the reporter's name to this helper (domain.md §8)
    named: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[UnitRow] = relationship()
    person: Mapped[PersonRow] = relationship(foreign_keys=[person_id])


class Endorsement(Table):
    """附议: another household with the same problem; its own notices, its own rating."""

    __tablename__ = "endorsement"
    __table_args__ = (UniqueConstraint("issue_id", "userid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"))
    userid: Mapped[str] = mapped_column(String(128), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    content: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime]
    solved: Mapped[Solved | None]
    rating: Mapped[Rating | None]


class InPerson(Table):
    """请当面告知: what no channel could deliver to a resident, until somebody has told it."""

    __tablename__ = "in_person"
    __table_args__ = (
        UniqueConstraint("issue_id", "userid"),
        _partly("ix_in_person_since", "since", where="told_at IS NULL"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"))
    userid: Mapped[str] = mapped_column(String(128))
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str] = mapped_column(String(128), default="")


class Event(Table):
    """One change of one issue; never changed, chained by hash inside the issue."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("issue_id", "seq"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(128))
    #: the actor's role then; "clock" when time acted
    role: Mapped[str] = mapped_column(String(20))
    behalf: Mapped[str] = mapped_column(String(128), default="")
    channel: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[str] = mapped_column(String(20), default="")
    after: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    issue: Mapped[Issue] = relationship()


class Attachment(Table):
    """A photo, voice, place or file that came with an issue; the bytes are fetched by a tick."""

    __tablename__ = "attachment"
    __table_args__ = (
        _partly("ix_attachment_fetch_at", "fetch_at", where="fetch_at IS NOT NULL"),
        #: given up: what was sent is not there any more
        _partly("ix_attachment_lost", "added_at", where=LOST_MEDIA),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    media_id: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    added_at: Mapped[datetime]
    #: where the bytes are, under the media folder; empty until fetched
    path: Mapped[str] = mapped_column(String(300), default="")
    fetch_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


class DayCounter(Table):
    """The daily sequence behind issue numbers."""

    __tablename__ = "day_counter"
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


# --- messages ---


class Inbox(Table):
    """One incoming message and the reply it got: the duplicate gets the same one."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        _partly("ix_inbox_not_done", "state", "id", where=one_of(("failed", "dead"))),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(300))
    received_at: Mapped[datetime]
    userid: Mapped[str] = mapped_column(String(128), index=True)
    #: done, failed (the sweep tries again), dead (a person was told)
    state: Mapped[str] = mapped_column(String(10))
    handler: Mapped[str] = mapped_column(String(40), default="")
    message: Mapped[dict[str, Any]]
    reply: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")


class Outbox(Table):
    """One notice to one target; the only home of delivery state (see outbox.py)."""

    __tablename__ = "outbox"
    __table_args__ = (
        #: what may leave, by precedence and then earliest first: a message of its own, or one
        #: already made of several; with the channel, so that the index tells which one is shut
        _partly("ix_outbox_ready", "precedence", "next_at", "id", "channel", where=_READY),
        #: what has still to be made into one message with the target's other notices
        _partly("ix_outbox_loose", "next_at", "id", "channel", where=_LOOSE),
        _partly("ix_outbox_loose_target", "target", "next_at", "id", where=_LOOSE),
        #: since when the oldest of each precedence should have left
        _partly("ix_outbox_due", "precedence", "due_at", where=one_of(UNSETTLED)),
        # with the state, else SQLite would rather look through all that the target ever got
        _partly("ix_outbox_target_state", "target", "state", where=one_of(UNSETTLED)),
        _partly("ix_outbox_batch", "batch", where=_READY),
        _partly("ix_outbox_dead", "batch", where="state = 'dead'"),
        _partly("ix_outbox_unsure", "id", where="state = 'unsure'"),
        #: what a target got lately, and what has been put for it lately
        _partly("ix_outbox_target_sent_at", "target", "sent_at", where="sent_at IS NOT NULL"),
        Index("ix_outbox_target_created_at", "target", "created_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(1000))
    #: what it is about ("issue:17"), "" for nothing that has a name; whose word it is, is not
    #: known here
    subject: Mapped[str] = mapped_column(String(60), default="")
    #: which rule may drop it before it leaves ("open": when the subject is open no more), or ""
    guard: Mapped[str] = mapped_column(String(40), default="")
    #: gathered with the target's other due notices into one message
    gather: Mapped[bool] = mapped_column(default=False)
    #: leaves in quiet hours as well: who is rung, the answer to what somebody has just done
    by_night: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: what leaves first: outbox.Precedence
    precedence: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    notice: Mapped[dict[str, Any]]
    #: waiting, sending, sent, dropped, dead (can never be delivered), unsure (不确定: it may have
    #: arrived, and a person says what becomes of it)
    state: Mapped[str] = mapped_column(String(10))
    #: rows that leave (and are repeated) as one message; "" until a gathered row has its message
    batch: Mapped[str] = mapped_column(String(300), default="")
    next_at: Mapped[datetime]
    #: when it might have left first; a failed attempt or a limit moves ``next_at`` only
    due_at: Mapped[datetime | None]
    #: since when it may have arrived without our knowing: an attempt was begun, and never answered
    half_sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[dict[str, Any]]


class Circuit(Table):
    """A channel by which nothing leaves for the moment (see circuits.py); no row: all is well."""

    __tablename__ = "circuit"
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime]
    #: the last failure, or when the one that tries was begun
    at: Mapped[datetime]
    #: until then nobody calls; after it one message is tried
    until: Mapped[datetime]
    failures: Mapped[int]
    error: Mapped[str] = mapped_column(Text)


class OutboxDecision(Table):
    """What a person has made of a notice that did not arrive, and why; only added."""

    __tablename__ = "outbox_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    #: the account on the machine
    account: Mapped[str] = mapped_column(String(100))
    #: retry or drop, and the state that it was in
    act: Mapped[str] = mapped_column(String(10))
    before: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(Text)


class Dialogue(Table):
    """A question the bot has asked and the answer it waits for; one of each kind per person and
    chat."""

    __tablename__ = "dialogue"
    __table_args__ = (UniqueConstraint("userid", "chat_id", "kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    userid: Mapped[str] = mapped_column(String(128))
    #: empty for a private chat, on whichever channel
    chat_id: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    #: what it is about, where such questions are counted
    subject: Mapped[str] = mapped_column(
        String(60), default="", server_default=text("''"), index=True
    )


class FaqHit(Table):
    """What was asked and what the FAQ made of it; written in batches after the reply."""

    __tablename__ = "faq_hit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    userid: Mapped[str] = mapped_column(String(128), index=True)
    chat_id: Mapped[str] = mapped_column(String(128), default="")
    question: Mapped[str] = mapped_column(Text)
    band: Mapped[str] = mapped_column(String(20))
    entry: Mapped[str] = mapped_column(String(100), default="")
    confidence: Mapped[float]
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"))


class Heartbeat(Table):
    """When what runs by itself last came to its end, and its last error (heartbeats.py)."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    error: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    failed_at: Mapped[datetime | None]


class Trouble(Table):
    """What doctor finds bad at this moment, since when, and whether the admins have been told."""

    __tablename__ = "trouble"
    #: the finding's name, and its words when it was found
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
    #: not found any more since then; it may come back within minutes
    gone_at: Mapped[datetime | None]


class Restoration(Table):
    """The database was put back from an older state, by command or by hand; only added."""

    __tablename__ = "restoration"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: of when the state is that was put back, as far as known
    taken_at: Mapped[datetime | None]
    #: the backup; empty when somebody has put the file back by hand
    source: Mapped[str] = mapped_column(String(500))
    #: notices that may have been sent before, and are held
    held: Mapped[int]
    #: by day, the number after which numbers are given since then
    numbers: Mapped[dict[str, Any]]


class Export(Table):
    """Who took which part of the ledger out of the system, and whether with names; and who has
    looked at people by a command. Only added."""

    __tablename__ = "export"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: the name that was given, and the account on the machine
    by: Mapped[str] = mapped_column(String(100))
    account: Mapped[str] = mapped_column(String(100))
    #: path of the unit; empty for the whole city
    unit: Mapped[str] = mapped_column(String(500))
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    named: Mapped[bool]
    file: Mapped[str] = mapped_column(String(500))
    issues: Mapped[int]
    #: the command and what it was asked for, where nothing was written to a file
    command: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
