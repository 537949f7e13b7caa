"""A small county that is played at random: residents, 长, departments, absences, and the clock.

Every step is one number, so that hypothesis can shrink a failing play; what must hold after every
step is written out here from domain.md, not taken from the code under test.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from issues import events, leave
from issues.audit import audit
from issues.guards import about
from issues.history import lives
from issues.moving import Target
from issues.registering import Report
from people.reading import read
from people.town import Person
from rules.rates import rates
from rules.transitions import NotAllowed, possible
from rules.words import OPEN_STATES, Action, Rating, Solved, State, Tier, UnitKind
from storage.db import Database
from storage.outbox import Parcel
from storage.tables import Endorsement, Event, Issue, Outbox
from tests.bot_room import Room
from tests.town import OFFICE, PIAN, STAFF, ZU, Acting, acting, actor

T = TypeVar("T")
RESIDENTS = ("mao_mou", "liu_mou", "hu_mou", "lu_guo")
LADDER = ("zhang", "chen", "peng", "tan", "xie", "guo", "sun")
EVERYBODY = (*RESIDENTS, *LADDER, "li_ju", "wei", "lian", "guan")
ROSTER = (
    *STAFF,
    "李某,li_ju,部门,市城管局,,",
    f"魏某,wei,驻地单位,{PIAN}/供电所,,",
    f"毛某,mao_mou,居民,{ZU}/一邻,毛家,",
    f"刘某,liu_mou,居民,{ZU}/一邻,刘家,",
    f"胡某,hu_mou,居民,{ZU}/二邻,胡家,",
)
TARGETS = (
    ("zhang", f"{ZU}/一邻"),
    ("chen", f"{ZU}/二邻"),
    ("peng", ZU),
    ("tan", PIAN),
    ("xie", "清溪镇/韶山村"),
    ("li_ju", "市城管局"),
    ("wei", f"{PIAN}/供电所"),
)
TEXTS = ("路灯不亮", "水沟堵了", "自来水没水", "投诉邻长张某收钱不办事", "举报片长谭某不作为")
#: Who serves under the one and only 片长, himself included.
UNDER = {UnitKind.PIAN: frozenset({"zhang", "chen", "peng", "tan", "wei"})}
FEW = (timedelta(minutes=20), timedelta(hours=5), timedelta(hours=13), timedelta(days=1))
LONG = (timedelta(days=2), timedelta(days=5), timedelta(days=40))


#: People are busy with the newest issues; the older ones lie.
BUSY = 5


class Dice:
    """The choices of one step, all from one number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def pick(self, choices: Sequence[T]) -> T:
        self.number, index = divmod(self.number, len(choices))
        return choices[index]


@dataclass
class County:
    """One play. ``log`` is what happened, for whoever reads a failure."""

    database: Database
    start: datetime
    log: list[str] = field(default_factory=list)
    born: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    seen: dict[str, int] = field(default_factory=dict)
    pushed: Counter[tuple[str, datetime]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.room = Room(self.database, self.start, OFFICE)

    # --- steps ---

    def step(self, number: int) -> None:
        """Do one thing, then look whether everything still holds."""
        dice = Dice(number)
        dice.pick(STEPS)(self, dice)
        try:
            self.check()
        except AssertionError as error:
            raise AssertionError("\n".join([*self.log, str(error)])) from error

    def report(self, dice: Dice) -> None:
        who, text = dice.pick(RESIDENTS), dice.pick(TEXTS)
        said = Report(who, text, self.room.now, "app")
        issue = self._work(lambda work: work.open_issue(said))
        self.log.append(f"{self.room.now:%m-%d %H:%M} {who}: {text} -> {issue.number}")
        self.born[issue.number] = (issue.reported_at, issue.due_at)

    def wait(self, dice: Dice) -> None:
        self.room.now += dice.pick(FEW)
        self._tick()

    def power_cut(self, dice: Dice) -> None:
        self.room.now += dice.pick(LONG)
        self._tick()

    def act(self, dice: Dice) -> None:
        numbers = list(self.born)[-BUSY:]
        if not numbers:
            return
        number, who, what = dice.pick(numbers), dice.pick(EVERYBODY), dice.pick(list(ACTS))
        if dice.pick((True, True, True, False)):
            who, what = self._sensible(number, who, dice)
        self._try(number, who, ACTS[what], dice)

    def _sensible(self, number: str, somebody: str, dice: Dice) -> tuple[str, Action]:
        """Somebody who is concerned, and something that he may do now."""
        with self.room.database.read() as session:
            work = Acting(session, self.room.now, OFFICE, read(session))
            issue = session.scalars(select(Issue).where(Issue.number == number)).one()
            holder = issue.holder.userid if issue.holder else somebody
            joined = [joined.userid for joined in work.endorsements(issue)]
            helpers = [assist.person.userid for assist in work.assists(issue)]
            chief = work.person_above(issue, 1)
            concerned = [holder, holder, issue.reporter, *joined, *helpers, somebody]
            who = dice.pick(concerned + ([chief.userid] if chief else []))
            may = possible(issue.state, work.parties(issue, actor(work, who)))
        return who, dice.pick([a for a in may if a in ACTS] or list(ACTS))

    def absence(self, dice: Dice) -> None:
        who, other = dice.pick(LADDER), dice.pick((*LADDER, ""))
        days = dice.pick((0, 1, 3, 10))
        today = OFFICE.today(self.room.now)

        def act_on(work: Acting) -> None:
            person, by = _person(work, who), actor(work, who)
            if dice.pick((True, False)):
                leave.back(work, person, by)
                return
            delegate = _person(work, other) if other else None
            leave.take(work, person, today, today + timedelta(days=days), delegate, by)

        self._attempt(f"{who} 请假 {days} {other}", act_on)

    def _try(self, number: str, who: str, what: "Act", dice: Dice) -> None:
        def act_on(work: Acting) -> None:
            issue = work.session.scalars(select(Issue).where(Issue.number == number)).one()
            what(work, issue, who, dice)

        self._attempt(f"{who} {what.__name__} {number}", act_on)

    def _attempt(self, told: str, act_on: Callable[[Acting], Any]) -> None:
        try:
            self._work(act_on)
        except NotAllowed as refusal:
            told = f"{told}: {refusal}"
        self.log.append(f"{self.room.now:%m-%d %H:%M} {told}")

    def _work(self, act_on: Callable[[Acting], T]) -> T:
        done: T = acting(self.database, self.room.now, OFFICE, act_on)
        return done

    def _tick(self) -> None:
        self.log.append(f"-- {self.room.now:%m-%d %H:%M}")
        before = {who: len(got) for who, got in self.room.phones.items()}
        self.room.tick()
        slot = OFFICE.pace.slot_after(self.room.now, 1)  # names the time between two slots
        for who, got in self.room.phones.items():
            for parcel in got[before.get(who, 0) :]:
                self._check_push(who, slot, parcel)
        self._check_nothing_is_overdue()

    def _check_push(self, who: str, slot: datetime, parcel: Parcel) -> None:
        """One digest a slot and person; first cards and results leave on their own."""
        if not parcel.batch.startswith("digest:"):
            return
        self.pushed[who, slot] += 1
        assert self.pushed[who, slot] == 1, f"{who} was written to twice before {slot}"

    def _check_nothing_is_overdue(self) -> None:
        """After a tick nothing that was promised by now is left where it lay."""
        with self.room.database.read() as session:
            late = select(Issue).where(Issue.state.in_(OPEN_STATES), Issue.due_at <= self.room.now)
            for issue in session.scalars(late):
                after = [e for e in events.of(session, issue.id) if e.at >= issue.due_at]
                seen = [e for e in after if e.kind == "redo" or e.data.get("late")]
                assert seen, f"{issue.number} is overdue and nobody was told"
                assert issue.next_mark_at is not None
                assert issue.next_mark_at > self.room.now

    # --- what must hold ---

    def check(self) -> None:
        """Look at every issue that has changed since the last look."""
        with self.room.database.read() as session:
            for issue in session.scalars(select(Issue)):
                if self.seen.get(issue.number) == issue.version:
                    continue
                self.seen[issue.number] = issue.version
                history = events.of(session, issue.id)
                self._check_clock(issue, history)
                _check_owner(session, issue)
                _check_chain(session, issue, history)
                _check_secret(session, issue)
            _check_pace(session)

    def check_all(self) -> None:
        """Tables and events say the same of every issue, and the chains are whole."""
        with self.room.database.read() as session:
            found = [f for f in audit(session, OFFICE.clock) if f.problems]
        assert not found, "\n".join([*self.log, *map(str, found)])
        self._check_rates()

    def _check_rates(self) -> None:
        """The rates, made from events alone, are those that the tables tell."""
        with self.room.database.read() as session:
            told = rates((one.story for one in lives(session, OFFICE.clock)), self.room.now)
            issues = list(session.scalars(select(Issue)))
            joined = list(session.scalars(select(Endorsement)))
        asked = {issue.id for issue in issues if issue.state in (State.RESOLVED, State.CLOSED)}
        judged = [i for i in issues if i.id in asked] + [e for e in joined if e.issue_id in asked]
        solved = [one.solved for one in judged if one.solved]
        rated = [one.rating for one in judged if one.rating]
        top_two = rated.count(Rating.GOOD) + rated.count(Rating.VERY_GOOD)
        assert told.reported == len(issues)
        assert (told.said_solved, told.solved) == (len(solved), solved.count(Solved.YES))
        assert (told.rated, told.top_two) == (len(rated), top_two)
        assert told.redone == sum(issue.redone for issue in issues)
        assert told.closed == sum(issue.state is State.CLOSED for issue in issues)

    def _check_clock(self, issue: Issue, history: list[Event]) -> None:
        reported_at, promised = self.born[issue.number]
        assert issue.reported_at == reported_at, "the clock never restarts"
        assert issue.due_at >= promised, "no promise moves earlier than it was made"
        assert issue.promised_at <= issue.due_at
        passed = Counter(e.data["mark"] for e in history if e.kind == "mark")
        assert not passed or max(passed.values()) == 1, f"a mark fired twice: {passed}"
        if issue.state in OPEN_STATES:
            assert issue.next_mark_at is not None, f"{issue.number} is open and has no next mark"


def _check_owner(session: Any, issue: Issue) -> None:
    if issue.state not in OPEN_STATES:
        return
    assert issue.holder_id is not None, f"{issue.number} has no owner"
    assert issue.holder is not None
    assert issue.holder.userid != issue.reporter, f"{issue.number} is held by who reported it"
    if issue.suspended_until is None:
        assert issue.state is not State.SUSPENDED


def _check_chain(session: Any, issue: Issue, history: list[Event]) -> None:
    assert events.broken_link(session, issue) is None
    assert history[-1].after == issue.state, "the last event says another state"
    moved = [e for e in history if "holder" in e.data]
    holder = issue.holder.userid if issue.holder else ""
    assert moved[-1].data["holder"] == holder, f"the events say {moved[-1].data}, not {holder}"
    promised = [e for e in history if "due_at" in e.data]
    assert datetime.fromisoformat(promised[-1].data["due_at"]) == issue.due_at


def _check_secret(session: Any, issue: Issue) -> None:
    """Whom a complaint is about, and everyone under them, neither holds it nor hears of it."""
    hidden = UNDER.get(issue.bypassed or UnitKind.LIN, frozenset()) - {issue.reporter}
    if issue.bypassed is UnitKind.LIN:
        hidden = frozenset({"zhang" if issue.reporter in ("mao_mou", "liu_mou") else "chen"})
    holder = issue.holder.userid if issue.holder else ""
    told = set(session.scalars(select(Outbox.target).where(Outbox.subject == about(issue.id))))
    found = hidden & (told | {holder})
    assert not found, f"{issue.number} was told to or held by {found}"


def _check_pace(session: Any) -> None:
    """At most one push a person and slot of what is not urgent, besides first cards."""
    left = select(Outbox.target, Outbox.batch, Outbox.sent_at).where(
        Outbox.state == "sent", Outbox.gather.is_(True)
    )
    messages = {(target, batch): at for target, batch, at in session.execute(left)}
    slots = Counter((target, OFFICE.pace.current(at)) for (target, _), at in messages.items())
    many = {key: count for key, count in slots.items() if count > 1}
    assert not many, f"more than one digest in a slot: {many}"


# --- what people do ---

Act = Callable[[Acting, Issue, str, Dice], None]


def _act(name: str, more: Callable[[Acting, Dice], tuple[Any, ...]]) -> Act:
    def act(work: Acting, issue: Issue, who: str, dice: Dice) -> None:
        getattr(work, name)(issue, actor(work, who), *more(work, dice))

    act.__name__ = name
    return act


def _nothing(work: Acting, dice: Dice) -> tuple[Any, ...]:
    return ()


def _said(*texts: str) -> Callable[[Acting, Dice], tuple[Any, ...]]:
    return lambda work, dice: (dice.pick(texts),)


def _target(work: Acting, dice: Dice) -> Target:
    userid, path = dice.pick(TARGETS)
    unit = work.town.unit_at(path)
    assert unit is not None
    return Target(_person(work, userid), unit)


ACTS: dict[Action, Act] = {
    Action.ACCEPT: _act("accept", _nothing),
    Action.RAISE: _act("raise_up", _said("办不了", "")),
    Action.RETURN: _act(
        "give_back", lambda work, dice: (_target(work, dice), dice.pick(("不归我们", "")))
    ),
    Action.REASSIGN: _act("reassign", lambda work, dice: (_target(work, dice), "请你们办")),
    Action.ASSIGN: _act("assign", lambda work, dice: (_target(work, dice), "就由你们办")),
    Action.ASSIST: _act(
        "assist", lambda work, dice: (_target(work, dice), "查线路", dice.pick((1, 2, 5)))
    ),
    Action.ASSIST_DONE: _act("answer_assist", _said("查过了", "")),
    Action.PROGRESS: _act("progress", _said("已联系施工队", "料到了", "", "明天动工")),
    Action.EXTEND: _act(
        "extend", lambda work, dice: (dice.pick((1, 3, 9, 40)), dice.pick(("等配件", "")))
    ),
    Action.REGRADE: _act(
        "regrade", lambda work, dice: (dice.pick(list(Tier)), dice.pick(("要立项", "")))
    ),
    Action.DECLINE: _act(
        "decline", lambda work, dice: ("是法院的事", dice.pick(("县法院立案大厅", "")))
    ),
    Action.GRANT: _act("grant", _nothing),
    Action.REFUSE: _act("refuse", _nothing),
    Action.SUSPEND: _act("suspend", lambda work, dice: (dice.pick((1, 2, 3, 4)), "等老人回家")),
    Action.RESUME: _act("resume", _nothing),
    Action.RESOLVE: _act("resolve", _said("换了灯泡", "")),
    Action.UNRESOLVE: _act("unresolve", _said("点错了", "")),
    Action.NAMED: _act("show_names", _nothing),
    Action.WITHDRAW: _act("withdraw", _nothing),
    Action.RATE: _act(
        "rate", lambda work, dice: (dice.pick([None, *Solved]), dice.pick([None, *Rating]))
    ),
    Action.REDO: _act("redo", _said("又坏了")),
    Action.SUPPLEMENT: _act("supplement", _said("就在村口", "有两盏")),
    Action.ENDORSE: _act("endorse", _said("我家门口也不亮")),
    Action.URGE: _act("urge", _nothing),
    Action.SUPERVISE: _act("supervise", _said("三天内办好")),
    Action.LIFT: _act("lift", _nothing),
    Action.ENDORSE_RATE: _act(
        "rate", lambda work, dice: (dice.pick([None, *Solved]), dice.pick([None, *Rating]))
    ),
}
STEPS = (
    *(County.report,) * 2,
    *(County.act,) * 14,
    *(County.wait,) * 4,
    County.absence,
    County.power_cut,
)


def _person(work: Acting, userid: str) -> Person:
    found = work.town.person(userid)
    assert found is not None, userid
    return found
