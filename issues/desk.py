"""Everything that can be done to an issue, by people and by the clock (domain.md §3-§6).

Cards, words and the console all come through here. The Desk asks rules/ what is allowed and when,
writes the change and its event, and puts the notices into the outbox; it never commits nor sends.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from issues import events, words
from issues.complaints import accused
from issues.events import CLOCK, Actor, Change
from issues.numbers import next_number, short
from issues.office import Office
from issues.routing import Arrival, ladder, place
from issues.tell import Teller
from people import tree
from rules import marks
from rules.deadlines import Clock
from rules.ladder import HOLDER, LEVELS, Seat, above, first, rank
from rules.marks import Mark, NudgeKind
from rules.transitions import NotAllowed, advance
from rules.words import (
    BAD_RATINGS,
    OPEN_STATES,
    RATING_CHINESE,
    SOLVED_CHINESE,
    TIER_CHINESE,
    Action,
    Party,
    Rating,
    Solved,
    State,
    Tier,
    UnitKind,
)
from storage import outbox
from storage.notice import Notice
from storage.tables import Attachment, CoOwner, Event, Issue, Person, Unit

#: 没修好 within this time after 办结 (domain.md §5).
REDO_WITHIN = timedelta(days=15)
#: Silence after two asks in this time closes the issue, 未评 (domain.md §6).
SILENCE = timedelta(days=7)
SECOND_ASK = timedelta(days=3)
LATEST_SECOND_ASK = timedelta(days=4)
#: A 办结 says what was done; one character is no sentence.
SHORTEST_RESULT = 2
#: A short number can mean one of this many; the full number is looked up among all.
MOST_VISIBLE = 200
#: Of no use once somebody has accepted.
ONLY_UNACCEPTED = frozenset({NudgeKind.SECOND_SLOT, NudgeKind.THIRD_SLOT, NudgeKind.HALF})
HARDER = {Tier.ORDINARY: 0, Tier.HARD: 1, Tier.COMPLEX: 2}


class NeedsWords(NotAllowed):
    """The action is possible but has to say what was done, or why."""

    def __init__(self, action: Action, text: str) -> None:
        super().__init__(text)
        self.action = action


@dataclass(frozen=True)
class Material:
    """What came with a message: a photo, voice, video, place or file."""

    kind: str
    media_id: str = ""
    url: str = ""
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Report:
    """A resident's words, as they came. ``at`` is the message's own time, where it has one."""

    userid: str
    text: str
    at: datetime
    channel: str
    chat_id: str | None = None
    materials: tuple[Material, ...] = ()
    #: the emergency class's name; an urgent issue ignores quiet hours
    emergency: str = ""
    #: a matter that is spoken of in private only and never rated
    delicate: bool = False
    #: whether a 长 named in it may be the one complained about
    may_accuse: bool = True


class Desk:
    """One unit of work over issues, at one moment."""

    def __init__(self, session: Session, now: datetime, office: Office) -> None:
        self.session = session
        self.now = now
        self.office = office

    # --- 群众点单 ---

    def open(self, report: Report) -> Issue:
        """A new issue with its number, promise and first holder, who gets a card at once."""
        sender = tree.person(self.session, report.userid)
        words_that_accuse = report.text if report.may_accuse else ""
        arrival = Arrival(sender, self._chat_unit(report.chat_id), words_that_accuse)
        where = place(self.session, arrival, self._today)
        clock, tier = self.office.clock, Tier.ORDINARY
        issue = Issue(
            number=next_number(self.session, self.office.today(report.at)),
            state=State.PENDING,
            tier=tier,
            tier_version=marks.TIER_VERSION,
            urgent=bool(report.emergency),
            delicate=report.delicate,
            content=report.text,
            reporter=report.userid.lower(),
            household_id=where.household,
            channel=report.channel,
            chat_id=report.chat_id,
            unit=where.unit,
            unclaimed=where.unclaimed,
            level=where.level,
            bypassed=where.bypassed,
            holder=tree.by_id(self.session, where.holder),
            reported_at=report.at,
            due_at=marks.promised(report.at, tier, clock),
            marked_until=report.at,
            next_mark_at=marks.next_mark(report.at, report.at, clock).at,
            asked=0,
            redone=0,
            result="",
        )
        self.session.add(issue)
        self.session.flush()
        self._plan_nudge(issue, report.at)
        self._attach(issue, report.channel, report.materials)
        actor = Actor(report.userid.lower(), "resident", report.channel)
        data = {"holder": _userid(issue.holder), "level": issue.level, "tier": tier}
        self._event(issue, actor, Change("opened", data=data))
        self._tell_new(issue, report.emergency)
        return issue

    def supplement(
        self, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
    ) -> None:
        """More words or photos of the resident, for the issue they belong to."""
        before = self._advance(issue, Action.SUPPLEMENT, by)
        if text:
            issue.content = f"{issue.content}\n{text}"
        self._attach(issue, by.channel, materials)
        what = text or words.counted(materials)
        event = self._event(issue, by, Change(Action.SUPPLEMENT, before, what))
        if issue.holder:
            notice = words.said_more(issue, what, shown=bool(materials))
            self._tell(issue).later(issue.holder.userid, f"e{event.seq}:more", notice)

    # --- 三长接单 ---

    def accept(self, issue: Issue, by: Actor) -> None:
        """接单; a 长 from above who accepts takes the issue over (the 片长 steps in)."""
        before = self._advance(issue, Action.ACCEPT, by)
        self._take_over(issue, by)
        issue.unclaimed = False
        event = self._event(issue, by, Change(Action.ACCEPT, before))
        notice = words.accepted(issue)
        self._tell(issue).later(issue.reporter, f"e{event.seq}:accepted", notice)

    def raise_up(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """上交: the next level holds it now; the old holder stays on as co-owner."""
        before = self._advance(issue, Action.RAISE, by)
        if not self._rise(issue):
            raise NotAllowed("上面没有可以上交的人了，请您办理或打电话给镇里。")
        event = self._event(issue, by, Change(Action.RAISE, before, reason, self._where(issue)))
        tell = self._tell(issue)
        tell.new_holder(issue.holder, f"e{event.seq}:new:up", self._card(issue, "上交", event.seq))
        notice = words.risen(issue, late=False, zone=self._zone)
        tell.later(issue.reporter, f"e{event.seq}:risen", notice)

    def progress(self, issue: Issue, by: Actor, text: str) -> None:
        """进展: a word to the resident; what 复杂 has promised for every month."""
        self._needs(
            Action.PROGRESS, text, f"请写一句进展，例如：进展 {short(issue.number)} 已联系施工队"
        )
        before = self._advance(issue, Action.PROGRESS, by)
        if issue.tier is Tier.COMPLEX and text.strip() == self._last_reason(issue, Action.PROGRESS):
            raise NotAllowed("这句话上次已经告诉居民了，请写一句新的进展。")
        issue.progress_at = self.now
        event = self._event(issue, by, Change(Action.PROGRESS, before, text.strip()))
        notice = words.progressed(issue, text)
        self._tell(issue).later(issue.reporter, f"e{event.seq}:progress", notice)

    def regrade(self, issue: Issue, by: Actor, tier: Tier, reason: str) -> None:
        """难度: lowering is free; raising asks the next level, with a reason, before it is due."""
        before = self._advance(issue, Action.REGRADE, by)
        if HARDER[tier] == HARDER[issue.tier]:
            raise NotAllowed(f"{issue.number} 现在就是“{TIER_CHINESE[tier]}”。")
        if HARDER[tier] < HARDER[issue.tier]:
            self._set_tier(issue, by, tier, reason, before)
            return
        self._needs(
            Action.REGRADE, reason, f"请写明原因，例如：难度 {short(issue.number)} 复杂 要等立项"
        )
        if self.now >= issue.due_at:
            raise NotAllowed("已经过了答应的时间，不能再改难度了，请办理或上交。")
        seat = above(self._seats(issue), issue.level, self._out_of(issue))
        if seat is None:
            raise NotAllowed("上面没有可以批准的人，难度不能改。")
        issue.wanted_tier = tier
        change = Change(Action.REGRADE, before, reason, {"tier": tier})
        event = self._event(issue, by, change)
        task = self._task(issue, event.seq)
        notice = words.wants_tier(issue, tier, reason, task, self._zone)
        approver = tree.by_id(self.session, seat.person)
        assert approver is not None  # above() gives taken seats only
        self._tell(issue).at_once(approver.userid, f"e{event.seq}:tier", notice)

    def grant(self, issue: Issue, by: Actor) -> None:
        """The next level agrees to the harder tier; the resident is told the new date and why."""
        before = self._advance(issue, Action.GRANT, by)
        tier = self._wanted(issue)
        reason = self._last_reason(issue, Action.REGRADE)
        self._set_tier(issue, by, tier, reason, before, Action.GRANT)

    def refuse(self, issue: Issue, by: Actor) -> None:
        """The next level does not agree; the promise stays as it is."""
        before = self._advance(issue, Action.REFUSE, by)
        self._wanted(issue)
        issue.wanted_tier = None
        event = self._event(issue, by, Change(Action.REFUSE, before))
        notice = words.tier_answer(issue, granted=False, zone=self._zone)
        if issue.holder:
            self._tell(issue).later(issue.holder.userid, f"e{event.seq}:tier", notice)

    def resolve(self, issue: Issue, by: Actor, result: str) -> None:
        """办结: needs a sentence on what was done; the resident is asked to rate."""
        before = self._advance(issue, Action.RESOLVE, by)
        number = short(issue.number)
        self._needs(Action.RESOLVE, result, f"请说一句做了什么，例如：办结 {number} 已换灯泡")
        self._take_over(issue, by)
        issue.result = result.strip()
        issue.resolved_at = self.now
        issue.asked, issue.solved, issue.rating = 1, None, None
        issue.next_mark_at, issue.next_nudge_at = None, self._second_ask(issue)
        event = self._event(issue, by, Change(Action.RESOLVE, before, issue.result))
        if issue.delicate:
            self._close(issue)
            self._event(issue, CLOCK, Change("closed", State.RESOLVED, "不请评价"))
        else:
            self._ask_rating(issue, event.seq)

    # --- 群众评单 ---

    def rate(
        self, issue: Issue, by: Actor, solved: Solved | None = None, rating: Rating | None = None
    ) -> None:
        """One or both answers of the resident; a bad one reopens the issue one level up, once."""
        before = self._advance(issue, Action.RATE, by)
        if issue.rating and (rating or not solved or issue.solved):
            raise NotAllowed(f"您已经评过了。{words.thanks(issue)}")
        finished_at = issue.closed_at or issue.resolved_at
        finished = issue.closed_at is not None
        issue.solved, issue.rating = solved or issue.solved, rating or issue.rating
        bad = issue.solved is Solved.NO or issue.rating in BAD_RATINGS
        if issue.rating or issue.solved is Solved.NO:
            self._close(issue)
        else:
            issue.state = State(before)  # the second question is still open
        data = {"solved": solved, "rating": rating}
        event = self._event(issue, by, Change(Action.RATE, before, data=data))
        if bad and issue.redone == 0 and not self._too_late_to_redo(finished_at):
            self._reopen(issue, CLOCK, f"评价：{_verdict(issue)}")
        elif issue.closed_at and not finished:
            self._tell_closed(issue, event.seq, bad)

    def redo(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """没修好: back to work one level up, with the old number and the old clock."""
        if self._too_late_to_redo(issue.closed_at or issue.resolved_at):
            raise NotAllowed(f"{issue.number} 办结已超过 15 天，请重新说一下情况，我们另外登记。")
        self._advance(issue, Action.REDO, by)
        issue.state = State.CLOSED if issue.closed_at else State.RESOLVED
        self._reopen(issue, by, reason)

    def _too_late_to_redo(self, finished_at: datetime | None) -> bool:
        return finished_at is not None and self.now > finished_at + REDO_WITHIN

    def withdraw(self, issue: Issue, by: Actor) -> None:
        """撤回, by the resident."""
        before = self._advance(issue, Action.WITHDRAW, by)
        issue.closed_at = self.now
        issue.next_mark_at = issue.next_nudge_at = None
        event = self._event(issue, by, Change(Action.WITHDRAW, before))
        if issue.holder:
            notice = words.withdrawn(issue)
            self._tell(issue).later(issue.holder.userid, f"e{event.seq}:withdrawn", notice)

    # --- 交接 ---

    def hand_over(self, issue: Issue, successor: Person | None, why: str) -> None:
        """The holder has left the post: the successor holds the issue, else the next taken seat.

        The clock goes on, the state stays; both sides and the resident are told.
        """
        former = issue.holder
        if successor is None or successor.userid == issue.reporter:
            at_least = [s for s in self._seats(issue) if rank(s.level) >= rank(issue.level)]
            seat = first(at_least, self._out_of(issue))
            successor = tree.by_id(self.session, seat.person) if seat else None
            issue.level = seat.level if seat else issue.level
        if successor is None:
            return
        issue.holder, issue.holder_id, issue.wanted_tier = successor, successor.id, None
        data = {"from": _userid(former), **self._where(issue)}
        event = self._event(issue, CLOCK, Change("handover", issue.state, why, data))
        tell = self._tell(issue)
        card = self._card(issue, "交接", event.seq)
        tell.new_holder(successor, f"e{event.seq}:new:handover", card)
        if former:
            notice = words.handed_over(issue)
            tell.later(former.userid, f"e{event.seq}:handover", notice)
        notice = words.new_face(issue)
        tell.later(issue.reporter, f"e{event.seq}:handover", notice)

    # --- 限时办, 及时督: what the clock does ---

    def pass_mark(self, issue: Issue) -> Mark | None:
        """Pass what marks are due: only the latest is told, but each late one raises a level."""
        due = marks.passed(issue.reported_at, issue.marked_until, self.now, self.office.clock)
        still_open = issue.state in OPEN_STATES
        if not due or not still_open:
            issue.next_mark_at = self._mark_after_now(issue) if still_open else None
            return None
        if issue.holder is None:
            self._find_holder(issue)
        mark, former, before = due[-1], issue.holder, issue.state
        late = [m for m in due if self._is_late(issue, m)]
        risen = sum(self._rise(issue) for _ in late)
        if late and issue.state is not State.SUSPENDED and risen:
            issue.state = State.PENDING
        self._keep_recurring_promise(issue, mark, bool(late))
        issue.marked_until, issue.next_mark_at = mark.at, self._mark_after_now(issue)
        data = {"mark": mark.name, "late": len(late), **self._where(issue)}
        event = self._event(issue, CLOCK, Change("mark", before, data=data))
        self._tell_mark(issue, mark, former, event)
        return mark

    def _find_holder(self, issue: Issue) -> None:
        """An issue from before the first roster: look again for somebody who answers for it."""
        sender = tree.person(self.session, issue.reporter)
        arrival = Arrival(sender, self._chat_unit(issue.chat_id), issue.content)
        where = place(self.session, arrival, self._today)
        issue.unit, issue.household_id = where.unit, where.household
        issue.level, issue.unclaimed = where.level, where.unclaimed
        issue.bypassed = where.bypassed
        issue.holder, issue.holder_id = tree.by_id(self.session, where.holder), where.holder

    def pass_nudge(self, issue: Issue) -> NudgeKind | None:
        """Pass the nudge that is due; one that a later mark has overtaken is left out."""
        if issue.state is State.RESOLVED:
            self._ask_again_or_close(issue)
            return None
        due = [n for n in self._nudges(issue) if issue.marked_until < n.at <= self.now]
        since = issue.next_nudge_at or self.now
        self._plan_nudge(issue, self.now)
        due = [n for n in due if n.at >= since]
        if not due or issue.state not in OPEN_STATES:
            return None
        nudge = due[-1]
        told = self._tell_nudge(issue, nudge.kind, nudge.at)
        if told:
            self._event(issue, CLOCK, Change("nudge", issue.state, data={"nudge": nudge.kind}))
        return nudge.kind if told else None

    def undeliverable(self, issue: Issue, userid: str) -> None:
        """A holder who cannot be reached: the level above is told, nothing is dropped."""
        event = self._event(issue, CLOCK, Change("undeliverable", issue.state, data={"to": userid}))
        lost = tree.person(self.session, userid)
        out = self._out_of(issue) | ({lost.id} if lost else set())
        seat = above(self._seats(issue), issue.level, out)
        chief = tree.by_id(self.session, seat.person) if seat else None
        if chief and issue.state in OPEN_STATES:
            notice = words.unreachable(issue, lost.name if lost else userid)
            self._tell(issue).later(chief.userid, f"e{event.seq}:unreachable", notice)

    # --- who is who ---

    def parties(self, issue: Issue, by: Actor) -> set[Party]:
        """All that somebody is towards this issue."""
        if by is CLOCK:
            return {Party.CLOCK}
        found = {Party.REPORTER} if by.userid.lower() == issue.reporter else set()
        if by.person_id is None:
            return found
        if by.person_id == issue.holder_id:
            found.add(Party.HOLDER)
        elif self.session.get(CoOwner, (issue.id, by.person_id)):
            found.add(Party.CO_OWNER)
        if self._level_above(issue, by.person_id) is not None:
            found.add(Party.ABOVE)
        return found

    def accuses(self, issue: Issue, text: str) -> bool:
        """Whether the words complain about a 长 of the issue's ladder.

        Then they are not for whoever holds or once held it, and want an issue of their own.
        """
        seats = ladder(self.session, issue.unit, self._today)
        named = tree.names(self.session, [seat.person for seat in seats])
        return accused(text, seats, named) is not None

    def under(self, units: list[Unit]) -> list[Issue]:
        """The open issues of these units and of all below them, oldest first."""
        inside = or_(*(_seen_from(unit) for unit in units)) if units else false()
        found = select(Issue).join(Unit, Unit.id == Issue.unit_id)
        still = found.where(inside, Issue.state.in_(OPEN_STATES)).order_by(Issue.id)
        return list(self.session.scalars(still))

    def _level_above(self, issue: Issue, person_id: int) -> UnitKind | None:
        if issue.unit is None:
            return None
        ladder_units = {u.id for u in tree.upwards(self.session, issue.unit)}
        levels = [
            post.unit.kind
            for post in tree.posts(self.session, person_id, self._today)
            if post.unit_id in ladder_units and HOLDER.get(post.unit.kind) == post.role
        ]
        higher = [level for level in levels if rank(level) > rank(issue.level)]
        return min(higher, key=rank) if higher else None

    def _out_of(self, issue: Issue) -> set[int]:
        """Who cannot be the next holder: the present one, and the reporter himself."""
        reporter = tree.person(self.session, issue.reporter)
        return {p for p in (issue.holder_id, reporter.id if reporter else None) if p}

    def _seats(self, issue: Issue) -> list[Seat]:
        return ladder(self.session, issue.unit, self._today, issue.bypassed)

    def _chat_unit(self, chat_id: str | None) -> Unit | None:
        path = self.office.chats.get(chat_id or "")
        return tree.unit_ending(self.session, path) if path else None

    # --- moving between levels ---

    def _rise(self, issue: Issue) -> bool:
        seat = above(self._seats(issue), issue.level, self._out_of(issue))
        if seat is None:
            return False
        self._keep_co_owner(issue)
        issue.holder, issue.level = tree.by_id(self.session, seat.person), seat.level
        issue.holder_id = seat.person
        issue.wanted_tier = None
        return True

    def _take_over(self, issue: Issue, by: Actor) -> None:
        """A 长 above who acts becomes the holder; the old one stays co-owner and is told."""
        if by.person_id is None or by.person_id == issue.holder_id:
            return
        level = self._level_above(issue, by.person_id)
        if level is None:
            return
        former = issue.holder
        self._keep_co_owner(issue)
        issue.holder, issue.level = tree.by_id(self.session, by.person_id), level
        issue.holder_id = by.person_id
        if former:
            what = f"taken:{by.person_id}:{issue.version}"
            self._tell(issue).later(former.userid, what, words.taken_over(issue))

    def _keep_co_owner(self, issue: Issue) -> None:
        if issue.holder_id and not self.session.get(CoOwner, (issue.id, issue.holder_id)):
            self.session.add(
                CoOwner(issue_id=issue.id, person_id=issue.holder_id, level=issue.level)
            )
            self.session.flush()

    def _reopen(self, issue: Issue, by: Actor, reason: str) -> None:
        before = issue.state
        issue.state = State.PENDING
        issue.redone += 1
        issue.resolved_at = issue.closed_at = None
        self._rise(issue)
        issue.marked_until = max(issue.marked_until, self.now)
        issue.next_mark_at = self._mark_after_now(issue)
        self._plan_nudge(issue, self.now)
        event = self._event(issue, by, Change(Action.REDO, before, reason, self._where(issue)))
        card = self._card(issue, "重办", event.seq)
        self._tell(issue).new_holder(issue.holder, f"e{event.seq}:new:redo", card)

    # --- tiers ---

    def _set_tier(
        self,
        issue: Issue,
        by: Actor,
        tier: Tier,
        reason: str,
        before: State,
        kind: Action = Action.REGRADE,
    ) -> None:
        harder = HARDER[tier] > HARDER[issue.tier]
        issue.tier, issue.wanted_tier = tier, None
        issue.due_at = marks.promised(
            issue.reported_at, tier, self.office.clock, issue.tier_version
        )
        self._plan_nudge(issue, self.now)
        event = self._event(issue, by, Change(kind, before, reason, {"tier": tier}))
        tell = self._tell(issue)
        why = reason or "按实际情况调整"
        notice = words.regraded(issue, why, self._zone, harder=harder)
        tell.later(issue.reporter, f"e{event.seq}:tier", notice)
        if harder and issue.holder:
            answer = words.tier_answer(issue, granted=True, zone=self._zone)
            tell.later(issue.holder.userid, f"e{event.seq}:tier", answer)

    def _wanted(self, issue: Issue) -> Tier:
        if issue.wanted_tier is None:
            raise NotAllowed(f"{issue.number} 没有待批的难度申请。")
        return issue.wanted_tier

    def _last_reason(self, issue: Issue, action: Action) -> str:
        said = [e.reason for e in events.of(self.session, issue.id) if e.kind == action]
        return said[-1] if said else ""

    # --- the clock's small print ---

    def _is_late(self, issue: Issue, mark: Mark) -> bool:
        if mark.at < issue.due_at:
            return False
        if issue.tier is not Tier.COMPLEX:
            return True
        cycle = marks.passed(issue.reported_at, issue.reported_at, mark.at, self._clock)
        since = cycle[-2].at if mark.months > 1 else issue.reported_at
        return issue.progress_at is None or issue.progress_at <= since

    def _keep_recurring_promise(self, issue: Issue, mark: Mark, late: bool) -> None:
        """复杂 with progress in this cycle: the promise is the next month's."""
        if issue.tier is Tier.COMPLEX and mark.at >= issue.due_at and not late:
            issue.due_at = marks.next_mark(issue.reported_at, mark.at, self._clock).at

    def _mark_after_now(self, issue: Issue) -> datetime:
        return marks.next_mark(issue.reported_at, self.now, self._clock).at

    def _nudges(self, issue: Issue) -> list[marks.Nudge]:
        return marks.nudges(issue.reported_at, issue.due_at, self.office.pace, self._clock)

    def _plan_nudge(self, issue: Issue, after: datetime) -> None:
        later = [n.at for n in self._nudges(issue) if n.at > after]
        issue.next_nudge_at = later[0] if later else None

    def _second_ask(self, issue: Issue) -> datetime:
        """When the promise expires, if that is soon enough to leave the silence its seven days."""
        if self.now < issue.due_at <= self.now + LATEST_SECOND_ASK:
            return issue.due_at
        return self.now + SECOND_ASK

    def _ask_again_or_close(self, issue: Issue) -> None:
        resolved = issue.resolved_at or self.now
        if issue.asked < 2:
            issue.asked = 2
            issue.next_nudge_at = max(resolved + SILENCE, self.now + SECOND_ASK)
            event = self._event(issue, CLOCK, Change("asked", issue.state))
            self._ask_rating(issue, event.seq)
            return
        before = issue.state
        self._close(issue)
        self._event(issue, CLOCK, Change("closed", before, "两次询问，7 天内没有回复，未评"))

    def _close(self, issue: Issue) -> None:
        issue.state, issue.next_nudge_at = State.CLOSED, None
        issue.closed_at = issue.closed_at or self.now

    # --- telling ---

    def _tell_new(self, issue: Issue, emergency: str) -> None:
        tell = self._tell(issue)
        heading = words.emergency_card_heading(emergency) if emergency else "新诉求"
        if issue.unclaimed:
            heading = f"待认领·{heading}"
        card = self._card(issue, heading, 1)
        tell.new_holder(issue.holder, "e1:new", card)
        if emergency:
            self._ring(issue, card)

    def _ring(self, issue: Issue, card: Notice) -> None:
        """An emergency rings everybody up to the 片长 at once."""
        rung = [s for s in self._seats(issue) if rank(s.level) <= rank(UnitKind.PIAN)]
        for seat in rung:
            person = tree.by_id(self.session, seat.person)
            if person and person.id != issue.holder_id and person.userid != issue.reporter:
                self._tell(issue).at_once(person.userid, "e1:ring", card)

    def _tell_mark(self, issue: Issue, mark: Mark, former: Person | None, event: Event) -> None:
        tell, what, late = self._tell(issue), f"mark:{mark.name}", bool(event.data["late"])
        tell.board(what, words.board_mark(issue, mark, late), mark.at)
        if issue.holder is former:
            tell.persons([former], what, words.reminder(issue, mark, late), mark.at)
            self._ping_above(issue, mark, late)
            return
        tell.persons([former], what, words.rose_away(issue, mark), mark.at)
        card = self._card(issue, f"满 {mark.chinese}升级", event.seq)
        tell.persons([issue.holder], what, card, mark.at)
        self._ping_above(issue, mark, late)
        notice = words.risen(issue, late=True, zone=self._zone)
        tell.later(issue.reporter, what, notice, mark.at, while_open=True)

    def _ping_above(self, issue: Issue, mark: Mark, late: bool) -> None:
        chief = self._above(issue, 1) if late else None
        what = f"mark:{mark.name}"
        self._tell(issue).persons([chief], what, words.escalation(issue, mark), mark.at)

    def _tell_nudge(self, issue: Issue, kind: NudgeKind, at: datetime) -> bool:
        if kind in ONLY_UNACCEPTED and issue.state is not State.PENDING:
            return False
        what = f"nudge:{kind}:{issue.due_at:%Y%m%d}"
        told, notice = self._nudged(issue, kind)
        self._tell(issue).persons([told], what, notice, at)
        return True

    def _nudged(self, issue: Issue, kind: NudgeKind) -> tuple[Person | None, Notice]:
        """Who hears of it, and in which words."""
        if kind is NudgeKind.DUE_DAY:
            return issue.holder, words.due_today(issue)
        if kind is NudgeKind.HALF:
            return issue.holder, words.half_time(issue, self._zone)
        if kind is NudgeKind.SUPERVISE:
            return self._above(issue, 1), words.supervision(issue)
        steps = 1 if kind is NudgeKind.SECOND_SLOT else 2
        return self._above(issue, steps), words.unaccepted(issue)

    def _above(self, issue: Issue, steps: int) -> Person | None:
        """Who sits that many taken seats above the holder; None where the ladder ends."""
        level: UnitKind | None = issue.level
        seat = None
        for _ in range(steps):
            seat = above(self._seats(issue), level, self._out_of(issue)) if level else None
            level = seat.level if seat else None
        return tree.by_id(self.session, seat.person) if seat else None

    def _tell_closed(self, issue: Issue, seq: int, bad: bool) -> None:
        """The holder learns what the resident thinks; a second bad rating, the level above too."""
        chief = self._above(issue, 1) if bad else None
        for person in (issue.holder, chief):
            if person:
                self._tell(issue).later(person.userid, f"e{seq}:closed", words.closed(issue))

    def _ask_rating(self, issue: Issue, seq: int) -> None:
        outbox.supersede(self.session, issue.id, issue.reporter)  # 已接单 is no news any more
        notice = words.ask_rating(issue, self._task(issue, seq, "r"))
        self._tell(issue).later(issue.reporter, f"e{seq}:rate", notice)

    def _card(self, issue: Issue, heading: str, seq: int) -> Notice:
        name = self.reporter_name(issue)
        with_it = words.counted(self._materials(issue))
        return words.assigned(issue, self._task(issue, seq), heading, self._zone, name, with_it)

    def _materials(self, issue: Issue) -> list[Attachment]:
        return list(self.session.scalars(select(Attachment).where(Attachment.issue_id == issue.id)))

    def reporter_name(self, issue: Issue) -> str:
        """The resident's name for those who work on the issue; not for groups."""
        person = tree.person(self.session, issue.reporter)
        return person.name if person else "未登记居民"

    # --- small helpers ---

    @property
    def _today(self) -> date:
        return self.office.today(self.now)

    @property
    def _zone(self) -> ZoneInfo:
        return self.office.clock.zone

    @property
    def _clock(self) -> Clock:
        return self.office.clock

    def _task(self, issue: Issue, seq: int, kind: str = "h") -> str:
        return f"{issue.number}_{kind}{seq}"

    def _tell(self, issue: Issue) -> Teller:
        return Teller(self.session, self.now, self.office, issue)

    def _advance(self, issue: Issue, action: Action, by: Actor) -> State:
        """Move the state by the table; the state before. Raises NotAllowed."""
        before = issue.state
        issue.state = advance(before, action, self.parties(issue, by))
        return before

    def _event(self, issue: Issue, by: Actor, change: Change) -> Event:
        return events.record(self.session, issue, by, change, self.now)

    def _needs(self, action: Action, text: str, ask: str) -> None:
        if len(text.strip()) < SHORTEST_RESULT:
            raise NeedsWords(action, ask)

    def _where(self, issue: Issue) -> dict[str, Any]:
        return {"holder": _userid(issue.holder), "level": issue.level}

    def _attach(self, issue: Issue, channel: str, materials: tuple[Material, ...]) -> None:
        for material in materials:
            fetch = self.now if material.url or material.media_id else None
            self.session.add(
                Attachment(
                    issue_id=issue.id,
                    channel=channel,
                    kind=material.kind,
                    media_id=material.media_id,
                    url=material.url,
                    text=material.text,
                    latitude=material.latitude,
                    longitude=material.longitude,
                    added_at=self.now,
                    fetch_at=fetch,
                )
            )
        self.session.flush()


def visible(session: Session, userid: str, person_id: int | None) -> list[Issue]:
    """The newest issues that somebody reported, holds or once held: what his words can mean."""
    mine = [select(Issue).where(Issue.reporter == userid.lower())]
    if person_id is not None:
        mine.append(select(Issue).where(Issue.holder_id == person_id))
        mine.append(select(Issue).join(CoOwner).where(CoOwner.person_id == person_id))
    newest = [query.order_by(Issue.id.desc()).limit(MOST_VISIBLE) for query in mine]
    found = {issue.id: issue for query in newest for issue in session.scalars(query)}
    return sorted(found.values(), key=lambda issue: issue.id)


def _seen_from(unit: Unit) -> ColumnElement[bool]:
    """Issues of the unit and below, but for complaints about its own level or a higher one."""
    hidden = [level for level in LEVELS if unit.kind in LEVELS and rank(level) >= rank(unit.kind)]
    open_to = or_(Issue.bypassed.is_(None), Issue.bypassed.not_in(hidden))
    return and_(_inside(unit), open_to)


def _inside(unit: Unit) -> ColumnElement[bool]:
    if unit.kind is UnitKind.CITY:
        return true()
    below = Unit.path.startswith(f"{unit.path}/", autoescape=True)
    return or_(Unit.id == unit.id, below)


def _userid(person: Person | None) -> str:
    return person.userid if person else ""


def _verdict(issue: Issue) -> str:
    solved = SOLVED_CHINESE[issue.solved] if issue.solved else ""
    rating = RATING_CHINESE[issue.rating] if issue.rating else ""
    return "、".join(said for said in (solved, rating) if said)
