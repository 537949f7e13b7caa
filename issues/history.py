"""What the events of an issue say about it: its life folded into one value, issue after issue.

Reads for rates, ledger and verification; nothing here trusts what the issue's row says of its
state, clock or people. Only what never changes is taken from the row: number, words, channel.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from people.roster_log import Repathed, path_now, repathed
from rules import marks
from rules.actions import ROWS
from rules.deadlines import Clock, Span, due
from rules.rates import ASKED, Answer, Story
from rules.words import Rating, Solved, State, Tier, UnitKind
from storage.tables import Event, Issue, PersonRow, UnitRow

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])

#: So many issues are in memory at a time, with their events.
CHUNK = 500
#: A real contact when a person does it (domain.md §6); an automatic reply is none.
CONTACTS = frozenset(row.action.value for row in ROWS if row.contact)
END_STATES = frozenset({State.CLOSED, State.DECLINED, State.WITHDRAWN, State.MERGED})
HARDER = {Tier.ORDINARY: 0, Tier.HARD: 1, Tier.COMPLEX: 2}


class Happened(NamedTuple):
    """A row of the table of events as plain values: half the price of an Event, for very many."""

    issue_id: int
    seq: int
    at: datetime
    kind: str
    actor: str
    role: str
    after: str
    data: dict[str, Any]
    reason: str = ""
    before: str = ""
    behalf: str = ""
    channel: str = ""
    previous: str = ""
    hash: str = ""


_COLUMNS = [getattr(Event, name) for name in Happened._fields]


@dataclass(frozen=True)
class Case:
    """One issue's row and all its events; unit and holder as the row has them. ``repathed``: events
    name units as they were called then."""

    issue: Issue
    unit: str | None
    holder: str
    events: list[Happened]
    repathed: tuple[Repathed, ...] = ()


@dataclass(frozen=True)
class Window:
    """The issues reported in [since, until); an end that is None is open."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Window()


@dataclass
class Life:
    """One issue as its events tell it, up to some moment."""

    number: str
    reporter: str
    delicate: bool
    unit: str | None
    reported_at: datetime
    promised_at: datetime
    due_at: datetime
    two_days_at: datetime
    tier: Tier
    level: UnitKind
    holder: str
    household: int | None = None
    state: State = State.PENDING
    category: str = ""
    accepted_at: datetime | None = None
    accepted_by: str = ""
    contacted_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_level: UnitKind | None = None
    closed_at: datetime | None = None
    result: str = ""
    solved: Solved | None = None
    rating: Rating | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    #: who joined (附议), with the household
    endorsers: dict[str, int | None] = field(default_factory=dict)
    redone: int = 0
    late_marks: int = 0
    #: what has happened, for the ledger
    events: list[Happened] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How many people were asked for a rating in the last cycle."""
        if self.delicate or self.state not in ASKED:
            return 0
        return len({self.reporter, *self.endorsers, *self.answers})

    @property
    def story(self) -> Story:
        """What the rates need of it."""
        return Story(
            state=self.state,
            promised_at=self.promised_at,
            two_days_at=self.two_days_at,
            contacted_at=self.contacted_at,
            resolved_at=self.resolved_at,
            ended_at=self.closed_at,
            level=self.resolved_level or self.level,
            asked=self.asked,
            answers=tuple(self.answers.values()),
            redone=self.redone,
        )


# --- reading ---


def one_snapshot(session: Session) -> None:
    """Issues and events are read by several queries: let all of them see the same moment.

    For the first statement of a session. SQLite's transactions are like that by themselves.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def count(session: Session, window: Window = ALWAYS) -> int:
    """How many issues were reported in the window."""
    return session.scalar(_within(select(func.count(Issue.id)), window)) or 0


def cases(session: Session, window: Window = ALWAYS, chunk: int = CHUNK) -> Iterator[Case]:
    """The issues reported in the window in order of their id, a chunk in memory at a time."""
    last, changes = 0, repathed(session)
    while found := _rows(session, window, last, chunk):
        last = found[-1][0].id
        events = _events(session, [row[0].id for row in found])
        for issue, unit, holder in found:
            yield Case(issue, unit, holder or "", events.get(issue.id, []), changes)
        session.expunge_all()  # nobody writes here, and a long read must not pile up


def lives(
    session: Session, clock: Clock, window: Window = ALWAYS, until: datetime | None = None
) -> Iterator[Life]:
    """The lives of the issues reported in the window, as they stood at ``until`` (None: now)."""
    for case in cases(session, window):
        yield life(case, clock, until)


def latest(session: Session) -> datetime | None:
    """When the last event happened."""
    return session.scalar(select(func.max(Event.at)))


def _rows(session: Session, window: Window, after: int, chunk: int) -> list[Any]:
    wanted = (
        select(Issue, UnitRow.path, PersonRow.userid)
        .outerjoin(UnitRow, UnitRow.id == Issue.unit_id)
        .outerjoin(PersonRow, PersonRow.id == Issue.holder_id)
        .where(Issue.id > after)
    )
    page = _within(wanted, window).order_by(Issue.id).limit(chunk)
    return list(session.execute(page))


def _within(query: Rows, window: Window) -> Rows:
    if window.since:
        query = query.where(Issue.reported_at >= window.since)
    return query.where(Issue.reported_at < window.until) if window.until else query


def _events(session: Session, ids: list[int]) -> dict[int, list[Happened]]:
    wanted = select(*_COLUMNS).where(Event.issue_id.in_(ids)).order_by(Event.issue_id, Event.seq)
    found = map(Happened._make, session.execute(wanted))
    return {key: list(events) for key, events in groupby(found, key=itemgetter(0))}


# --- folding ---


def life(case: Case, clock: Clock, until: datetime | None = None) -> Life:
    """Fold the events up to ``until`` into the life of the issue."""
    told = _born(case, clock)
    for event in case.events:
        if until is None or event.at <= until:
            _happened(told, event)
            _move(told, event, case)
            told.events.append(event)
    return told


def _born(case: Case, clock: Clock) -> Life:
    issue, opened = case.issue, (case.events[0].data if case.events else {})
    reported = moment(opened.get("reported_at")) or issue.reported_at
    tier = Tier(opened.get("tier") or Tier.ORDINARY)
    promised = moment(opened.get("due_at"))
    promised = promised or marks.promised(reported, tier, clock, issue.tier_version)
    return Life(
        number=issue.number,
        reporter=case.events[0].actor if case.events else issue.reporter,
        delicate=issue.delicate,
        unit=_unit(case, case.events[0], case.unit) if case.events else case.unit,
        reported_at=reported,
        promised_at=promised,
        due_at=promised,
        two_days_at=due(reported, 2, Span.DAYS, clock),
        tier=tier,
        level=UnitKind(opened.get("level") or issue.level),
        holder=opened.get("holder") or "",
        household=opened.get("household", issue.household_id),
    )


def _move(told: Life, event: Happened, case: Case) -> None:
    """Where it stands now, with whom and until when."""
    data = event.data
    told.state = State(event.after)
    told.holder = data.get("holder", told.holder)
    told.level = UnitKind(data.get("level") or told.level)
    told.unit = _unit(case, event, told.unit)
    told.reporter = data.get("reporter", told.reporter)
    told.category = data.get("category") or told.category
    if _sets_tier(told, event):
        told.tier = Tier(data["tier"])
    told.due_at = moment(data.get("due_at")) or told.due_at
    if told.state in END_STATES:
        told.closed_at = told.closed_at or event.at


def _unit(case: Case, event: Happened, known: str | None) -> str | None:
    """The unit that the event names, by its path of today; else the one known."""
    if "unit" not in event.data:
        return known
    path: str | None = event.data["unit"]
    return path_now(path, event.at, case.repathed) if path else path


def _sets_tier(told: Life, event: Happened) -> bool:
    """Not the mere wish for a harder one, which says which it would be."""
    if event.kind not in ("regrade", "grant") or "tier" not in event.data:
        return False
    easier = HARDER[Tier(event.data["tier"])] < HARDER[told.tier]
    return event.kind == "grant" or easier or "due_at" in event.data


def _happened(told: Life, event: Happened) -> None:
    """What this kind of event means by itself."""
    by_person = bool(event.actor) and event.role != "clock"
    if by_person and event.kind in CONTACTS:
        told.contacted_at = told.contacted_at or event.at
    if act := _ACTS.get(event.kind):
        act(told, event)


def _accepted(told: Life, event: Happened) -> None:
    told.accepted_at = told.accepted_at or event.at
    told.accepted_by = told.accepted_by or event.actor


def _resolved(told: Life, event: Happened) -> None:
    told.resolved_at, told.closed_at = event.at, None
    told.resolved_level = UnitKind(event.data.get("level") or told.level)
    told.result = event.reason
    told.solved = told.rating = None
    told.answers.clear()


def _unresolved(told: Life, event: Happened) -> None:
    """It was no end, and nothing that a resident could count as a contact."""
    if told.contacted_at == told.resolved_at:
        told.contacted_at = None
    told.resolved_at = told.closed_at = told.resolved_level = None
    told.answers.clear()


def _goes_on(told: Life, event: Happened) -> None:
    told.closed_at = None


def _redone(told: Life, event: Happened) -> None:
    """What was said before is void: everybody is asked again."""
    told.redone += 1
    told.resolved_at = told.closed_at = told.resolved_level = None
    told.answers.clear()


def _rated(told: Life, event: Happened) -> None:
    answer = _answer(event, told.answers.get(told.reporter), own=True)
    told.solved, told.rating = answer.solved, answer.rating
    told.answers[told.reporter] = answer


def _endorse_rated(told: Life, event: Happened) -> None:
    who = event.behalf or event.actor
    if who != told.reporter:  # one person, one answer
        told.answers[who] = _answer(event, told.answers.get(who), own=False)


def _answer(event: Happened, before: Answer | None, *, own: bool) -> Answer:
    """The two questions may be answered in two messages."""
    solved, rating = event.data.get("solved"), event.data.get("rating")
    return Answer(
        solved=Solved(solved) if solved else before.solved if before else None,
        rating=Rating(rating) if rating else before.rating if before else None,
        at=event.at if solved or before is None else before.at,
        own=own,
    )


def _endorsed(told: Life, event: Happened) -> None:
    who = event.data.get("joined") or event.behalf or event.actor  # who merges joins for others
    if who != told.reporter:
        told.endorsers[who] = event.data.get("household")


def _split_off(told: Life, event: Happened) -> None:
    for who in event.data["left"]:
        told.endorsers.pop(who, None)


def _withdrawn(told: Life, event: Happened) -> None:
    """Others had joined: the first of them is the reporter from then on."""
    heir = event.data.get("passed_to")
    if heir:
        told.reporter, told.household = heir, event.data.get("household")
        told.endorsers.pop(heir, None)


def _left(told: Life, event: Happened) -> None:
    told.endorsers.pop(event.actor, None)


def _called(told: Life, event: Happened) -> None:
    """One person, one answer, by whatever account it was given."""
    old = event.data.get("was") or (told.reporter if "reporter" in event.data else "")
    new = event.data.get("now") or event.data.get("reporter") or ""
    if old in told.answers:
        told.answers[new] = told.answers.pop(old)
    if old in told.endorsers:
        told.endorsers[new] = told.endorsers.pop(old)


def _marked(told: Life, event: Happened) -> None:
    told.late_marks += int(event.data.get("late") or 0)


_ACTS: dict[str, Callable[[Life, Happened], None]] = {
    "accept": _accepted,
    "resolve": _resolved,
    "redo": _redone,
    "unresolve": _unresolved,
    "rate": _rated,
    "endorse": _endorsed,
    "endorse_rate": _endorse_rated,
    "endorse_withdrawn": _left,
    "split": _goes_on,
    "split_off": _split_off,
    "withdraw": _withdrawn,
    "renamed": _called,
    "mark": _marked,
}


def moment(text: str | None) -> datetime | None:
    """A moment as the events write it."""
    return datetime.fromisoformat(text) if text else None


# --- do the tables say the same? ---


def differences(case: Case, told: Life) -> list[tuple[str, Any, Any]]:
    """(what, as the row has it, as the events tell it) for all that is not the same."""
    issue = case.issue
    same: list[tuple[str, Any, Any]] = [
        ("反映人", issue.reporter, told.reporter),
        ("报单时间", issue.reported_at, told.reported_at),
        ("状态", issue.state, told.state),
        ("难度", issue.tier, told.tier),
        ("答应的时间", issue.due_at, told.due_at),
        ("单位", case.unit, told.unit),
        ("层级", issue.level, told.level),
        ("负责人", case.holder, told.holder),
        ("办结时间", issue.resolved_at, told.resolved_at),
        ("结案时间", issue.closed_at, told.closed_at),
        ("重办次数", issue.redone, told.redone),
        *_words(issue, told),
    ]
    return [row for row in same if row[1] != row[2]]


def _words(issue: Issue, told: Life) -> list[tuple[str, Any, Any]]:
    """What was said of it; while it is worked on again, the row may have forgotten that already."""
    verdict = [("解决", issue.solved, told.solved), ("评价", issue.rating, told.rating)]
    if told.state in ASKED:
        return [*verdict, ("办理结果", issue.result, told.result)]
    return [row for row in verdict if row[1] is not None or not told.redone]
