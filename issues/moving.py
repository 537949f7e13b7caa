"""Who has it: 上交, 退单, 转办, 强派, 协办, 提级, 交接. The clock goes on through all of them.

Whether somebody may is the table's business (rules/transitions.py), who is meant by a name or a
unit is people/finding.py's.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from issues import words
from issues.bench import Bench, userid_of
from issues.events import CLOCK, Actor, Change
from issues.numbers import short
from issues.referral import route_to
from issues.routing import FINDERS, LEVEL_OF, WATCHERS
from people import tree
from rules.deadlines import Span, due
from rules.ladder import LEVELS, Seat, first, rank
from rules.transitions import NotAllowed
from rules.words import Action, Party, Role, UnitKind
from storage.tables import Assist, Event, Issue, Person, Unit

#: 退单 within this time after it came, and at most so often (domain.md §5).
RETURN_WITHIN = timedelta(hours=24)
MOST_RETURNS = 2
#: 问题工单: passed on or redone so often.
TROUBLE = 3
#: A department's own deadline, if nobody names another; in working days.
SUB_DAYS = 2
LONGEST_SUB_DAYS = 30


@dataclass(frozen=True)
class Target:
    """Whom something is given to: a person, sitting in a unit. ``why`` explains it to him, ``days``
    is his own deadline in working days; what is not said, the 分工表 says."""

    person: Person
    unit: Unit
    behalf: int | None = None
    why: str = ""
    days: int | None = None


class Moving(Bench):
    """Moves an issue between people; every move tells both sides and the residents."""

    def raise_up(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """上交: the next level holds it now; the old holder stays on as co-owner."""
        before = self._advance(issue, Action.RAISE, by)
        if not self._rise(issue):
            raise NotAllowed("上面没有可以上交的人了，请您办理或打电话给镇里。")
        self._plan(issue)
        event = self._event(issue, by, Change(Action.RAISE, before, reason, self._where(issue)))
        self._tell_new_holder(issue, event.seq, "上交", "up", why=reason)
        notice = self._notice(issue, "risen")
        self._tell_residents(issue, f"e{event.seq}:risen", notice)

    def lift(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """提级 by somebody above or the 督办: one level up, also out of a 挂起."""
        before = self._advance(issue, Action.LIFT, by)
        former = issue.holder
        if not self._rise(issue):
            raise NotAllowed("上面没有更高一级的人了。")
        issue.suspended_until = None
        self._plan(issue)
        event = self._event(issue, by, Change(Action.LIFT, before, reason, self._where(issue)))
        self._tell_new_holder(issue, event.seq, "提级", "lift", why=reason)
        if former:
            over = self._notice(issue, "taken_over")
            self._tell(issue).later(former.userid, f"e{event.seq}:lifted", over)
        notice = self._notice(issue, "risen")
        self._tell_residents(issue, f"e{event.seq}:risen", notice)

    def give_back(self, issue: Issue, by: Actor, target: Target, reason: str) -> None:
        """退单: not ours; names the proper unit, within 24 hours, at most twice. A third one is
        decided by the 片长 or the town (强派)."""
        number = short(issue.number)
        before = self._advance(issue, Action.RETURN, by)
        self._needs(Action.RETURN, reason, f"请写明原因，例如：退单 {number} 给 二组 不在我们组")
        self._may_give_back(issue, target)
        if issue.returned >= MOST_RETURNS:
            issue.state = before
            self._ask_for_decision(issue, by, target, reason)
            return
        issue.returned += 1
        target = self._by_table(issue, target)
        former = self._give_to(issue, target)
        change = Change(Action.RETURN, before, reason, self._moved(issue, former, target))
        event = self._event(issue, by, change)
        self._tell_moved(issue, event.seq, "退单转来", former, why=_because(reason, target))

    def reassign(self, issue: Issue, by: Actor, target: Target, reason: str = "") -> None:
        """转办: to somebody who can do it better, a neighbour 邻 or a department."""
        before = self._advance(issue, Action.REASSIGN, by)
        self._not_to_himself(issue, target)
        issue.reassigned += 1
        target = self._by_table(issue, target)
        former = self._give_to(issue, target)
        change = Change(Action.REASSIGN, before, reason, self._moved(issue, former, target))
        event = self._event(issue, by, change)
        self._tell_moved(issue, event.seq, "转办", former, why=_because(reason, target))
        if issue.reassigned == TROUBLE:
            self._trouble(issue, f"已转办 {TROUBLE} 次")

    def assign(self, issue: Issue, by: Actor, target: Target, reason: str = "") -> None:
        """强派 by the 片长 or higher: whoever gets it now keeps it (首接负责)."""
        before = self._advance(issue, Action.ASSIGN, by)
        if not self._may_decide(issue, by):
            raise NotAllowed("「强派」要由片长、村或镇来定。")
        self._not_to_himself(issue, target)
        issue.forced = True
        target = self._by_table(issue, target)
        former = self._give_to(issue, target)
        change = Change(Action.ASSIGN, before, reason, self._moved(issue, former, target))
        event = self._event(issue, by, change)
        self._tell_moved(issue, event.seq, "指定您办理", former, why=_because(reason, target))

    # --- 协办 ---

    def assist(
        self, issue: Issue, by: Actor, target: Target, request: str, days: int | None = None
    ) -> Assist:
        """协办: asks a unit to help, with its own deadline in working days (if none is said, the
        one of the 分工表); names stay covered."""
        before = self._advance(issue, Action.ASSIST, by)
        number = short(issue.number)
        self._needs(Action.ASSIST, request, f"请写明要做什么，例如：协办 {number} 供电所 查线路")
        self._may_help(issue, target)
        target = self._by_table(issue, target, lead=False)
        due_at = self._sub_due(days if days is not None else target.days or SUB_DAYS)
        helper = Assist(
            issue_id=issue.id,
            unit_id=target.unit.id,
            person_id=target.person.id,
            asked_by=by.person_id,
            request=request,
            asked_at=self.now,
            due_at=due_at,
            unit=target.unit,
            person=target.person,
        )
        self.session.add(helper)
        self.session.flush()
        self._plan_nudge(issue, self.now)
        data = {"unit_asked": target.unit.path, "helper": target.person.userid, "why": target.why}
        data["sub_due_at"] = due_at.isoformat()
        event = self._event(issue, by, Change(Action.ASSIST, before, request, data))
        self._tell_helper(issue, helper, event)
        return helper

    def answer_assist(self, issue: Issue, by: Actor, answer: str) -> None:
        """The helper says what was done; the lead answers for the whole."""
        before = self._advance(issue, Action.ASSIST_DONE, by)
        number = short(issue.number)
        self._needs(Action.ASSIST_DONE, answer, f"请说一句做了什么，例如：协办完成 {number} 已查")
        assert by.person_id is not None  # helpers are known people
        helper = self._assist_of(issue, by.person_id)
        assert helper is not None  # the table says that he is one
        helper.answered_at, helper.answer = self.now, answer.strip()
        self._plan_nudge(issue, self.now)
        data = {"unit_asked": helper.unit.path, "overdue": helper.overdue}
        event = self._event(issue, by, Change(Action.ASSIST_DONE, before, helper.answer, data))
        notice = self._notice(issue, "helped", unit=helper.unit.name, answer=helper.answer)
        self._tell_holder(issue, f"e{event.seq}:helped", notice)

    def replace_helper(self, assist: Assist) -> None:
        """The helper has left: a colleague of the same unit is asked, else the lead is told."""
        issue = self.session.get(Issue, assist.issue_id)
        assert issue is not None  # issues are never deleted
        colleagues = tree.in_unit(self.session, assist.unit, self._today)
        if colleagues:
            assist.person, assist.person_id = colleagues[0], colleagues[0].id
        else:
            assist.answered_at, assist.answer = self.now, "协办人已离开，单位暂时没有人"
        data = {"unit_asked": assist.unit.path, "helper": assist.person.userid}
        event = self._event(issue, CLOCK, Change("helper_left", issue.state, data=data))
        if colleagues:
            self._tell_helper(issue, assist, event)
            return
        unit, answer = assist.unit.name, assist.answer
        notice = self._notice(issue, "helper_left", unit=unit, answer=answer)
        self._tell_holder(issue, f"e{event.seq}:helper_left", notice)

    def _tell_helper(self, issue: Issue, assist: Assist, event: Event) -> None:
        """What is asked, by card; he reads no name unless the lead has opened it (domain.md §8)."""
        until = words.deadline(assist.due_at, self._zone)
        content = issue.content if assist.named else self._covered(issue)
        task = self._task(issue, event.seq, "a")
        asked = {"request": assist.request, "until": until}
        card = words.helper_card(issue, self.office, task, **asked, content=content)
        brief = words.cut(content, 60)
        notice = self._notice(issue, "asked_to_help", card=card, **asked, content=brief)
        self._tell(issue).new_holder(assist.person, f"e{event.seq}:new:help", notice)

    # --- 交接 ---

    def hand_over(
        self, issue: Issue, successor: Person | None, why: str, behalf: Person | None = None
    ) -> None:
        """The holder has left the post or is away: the successor (or delegate) holds the issue,
        else the next taken seat. The clock and the state go on; both sides and the residents are
        told."""
        seat = self._successor(issue, successor, behalf)
        if seat is None or seat.person == issue.holder_id:
            return
        former, asked, leads = issue.holder, self._asked(issue), self._led(issue)
        self._hold(issue, seat)
        if successor and seat.person == successor.id:
            # what the predecessor had asked for stays asked, and his unit goes on to lead
            issue.wanted, issue.wanted_data = asked
            issue.lead_unit, issue.sub_due_at = leads
            # the key as well: for SQLAlchemy the relationship has not changed
            issue.lead_unit_id = issue.lead_unit.id if issue.lead_unit else None
        data = {"from": userid_of(former), **self._where(issue)}
        event = self._event(issue, CLOCK, Change(Action.HAND_OVER, issue.state, why, data))
        self._tell_new_holder(issue, event.seq, "交接", "handover", why=why)
        if former:
            notice = self._notice(issue, "handed_over", why=why)
            self._tell(issue).later(former.userid, f"e{event.seq}:handover", notice)
        self._tell_residents(issue, f"e{event.seq}:handover", self._notice(issue, "new_face"))

    def _successor(
        self, issue: Issue, successor: Person | None, behalf: Person | None
    ) -> Seat | None:
        shut_out = self._shut_out(issue)
        if successor and successor.userid != issue.reporter and successor.id not in shut_out:
            return Seat(issue.level, 0, successor.id, behalf.id if behalf else None)
        out = self._out_of(issue) | shut_out
        at_least = [s for s in self._seats(issue) if rank(s.level) >= rank(issue.level)]
        return first(at_least, out) or self._anybody(issue)

    def _anybody(self, issue: Issue) -> Seat | None:
        """Nobody is left on the ladder: whoever finds people for what belongs to nobody."""
        out = self._out_of(issue) | self._shut_out(issue)
        for role in WATCHERS if issue.bypassed else FINDERS:
            for person in tree.with_role(self.session, role, self._today):
                if person.id not in out:
                    return Seat(LEVEL_OF.get(role, UnitKind.CITY), 0, person.id)
        return None

    def _asked(self, issue: Issue) -> tuple[Action | None, dict[str, Any]]:
        return issue.wanted, issue.wanted_data

    def _led(self, issue: Issue) -> tuple[Unit | None, datetime | None]:
        return issue.lead_unit, issue.sub_due_at

    # --- how it is given ---

    def _give_to(self, issue: Issue, target: Target) -> Person | None:
        """The target holds it now; the former holder stays on. A unit of the ladder takes the
        issue into its place, a department leads it from where it stands."""
        former = issue.holder
        self._keep_co_owner(issue)
        if target.unit.kind in LEVELS:
            self._hold(issue, Seat(target.unit.kind, 0, target.person.id, target.behalf))
            if issue.unit is None or not (issue.bypassed or tree.covers(target.unit, issue.unit)):
                issue.unit, issue.unit_id = target.unit, target.unit.id
        else:
            self._hold(issue, Seat(issue.level, 0, target.person.id))
            issue.lead_unit, issue.lead_unit_id = target.unit, target.unit.id
            issue.sub_due_at = self._sub_due(target.days or SUB_DAYS)
        self._plan(issue)
        return former

    def _by_table(self, issue: Issue, target: Target, *, lead: bool = True) -> Target:
        """With what the 分工表 says about that unit, where nobody has said it."""
        route = route_to(self.office, issue, target.unit, lead)
        if route is None:
            return target
        why, days = target.why or route.explain(), target.days or route.days
        return replace(target, why=why, days=days)

    def _moved(self, issue: Issue, former: Person | None, target: Target) -> dict[str, object]:
        return {
            **self._where(issue),
            "from": userid_of(former),
            "unit": issue.unit.path if issue.unit else None,
            "why": target.why,
        }

    def _sub_due(self, days: int) -> datetime:
        """A department's deadline: working days that roll; it never extends the promise."""
        if not 1 <= days <= LONGEST_SUB_DAYS:
            raise NotAllowed(f"期限请写 1 到 {LONGEST_SUB_DAYS} 个工作日。")
        return due(self.now, days, Span.WORKDAYS, self._clock, roll=True)

    def _tell_new_holder(
        self, issue: Issue, seq: int, heading: str, what: str, *, why: str = ""
    ) -> None:
        card = self._card(issue, heading, seq, why)
        self._tell(issue).new_holder(issue.holder, f"e{seq}:new:{what}", card)

    def _tell_moved(
        self, issue: Issue, seq: int, heading: str, former: Person | None, *, why: str = ""
    ) -> None:
        self._tell_new_holder(issue, seq, heading, "moved", why=why)
        if former:
            notice = self._notice(issue, "moved_on")
            self._tell(issue).later(former.userid, f"e{seq}:moved", notice)
        self._tell_residents(issue, f"e{seq}:moved", self._notice(issue, "new_face"))

    # --- what is not allowed ---

    def _may_give_back(self, issue: Issue, target: Target) -> None:
        if issue.forced:
            raise NotAllowed("这件事是上级指定您办的（首接负责），不能再退。办不了请上交。")
        if self.now > issue.held_since + RETURN_WITHIN:
            raise NotAllowed("接到已超过 24 小时，不能退单了。可以转办、协办或上交。")
        self._not_to_himself(issue, target)

    def _not_to_himself(self, issue: Issue, target: Target) -> None:
        if target.person.id == issue.holder_id:
            raise NotAllowed(f"{issue.number} 现在就在{target.person.name}手上。")
        if target.person.userid == issue.reporter:
            raise NotAllowed("不能交给反映人自己办。")
        if self._is_shut_out(issue, target):
            raise NotAllowed("这件事不能交给这位同志办，要由更高一级的来办。")

    def _may_help(self, issue: Issue, target: Target) -> None:
        if self._is_shut_out(issue, target):
            raise NotAllowed("这件事不能请这位同志协办。")
        if any(a.unit_id == target.unit.id and not a.answered_at for a in self.assists(issue)):
            raise NotAllowed(f"已经请{target.unit.name}协办了，还在等他们答复。")

    def _is_shut_out(self, issue: Issue, target: Target) -> bool:
        """A complaint about a 长 goes to nobody under them, nor to anybody as low as they are."""
        if issue.bypassed is None:
            return False
        low = target.unit.kind in LEVELS and rank(target.unit.kind) <= rank(issue.bypassed)
        return low or target.person.id in self._shut_out(issue)

    def _may_decide(self, issue: Issue, by: Actor) -> bool:
        parties = self.parties(issue, by)
        level = self._level_above(issue, by.person_id) if by.person_id else None
        high = level is not None and rank(level) >= rank(UnitKind.PIAN)
        return high or Party.SUPERVISOR in parties

    def _ask_for_decision(self, issue: Issue, by: Actor, target: Target, reason: str) -> None:
        """The third 退单: the 片长 or the town says whose it is; until then it stays."""
        judge = self._judge(issue)
        if judge is None:
            raise NotAllowed("已经退过两次，上面没有可以定的人了，请您办理或打电话给镇里。")
        issue.wanted = Action.RETURN
        issue.wanted_data = {"person": target.person.userid, "unit": target.unit.path}
        change = Change(Action.RETURN, issue.state, reason, {"asked": issue.wanted_data})
        event = self._event(issue, by, change)
        whom = f"{target.unit.name} {target.person.name}"
        notice = self._notice(issue, "third_return", reason=reason, whom=whom)
        self._tell(issue).later(judge.userid, f"e{event.seq}:decide", notice)

    def _judge(self, issue: Issue) -> Person | None:
        """Who decides a third 退单."""
        at_least = [s for s in self._seats(issue) if rank(s.level) >= rank(UnitKind.PIAN)]
        higher = [s for s in at_least if rank(s.level) > rank(issue.level)]
        seat = first(higher, self._out_of(issue))
        return tree.by_id(self.session, seat.person) if seat else None

    def _trouble(self, issue: Issue, why: str) -> None:
        """问题工单: shown to the level above and to the 督办."""
        issue.troubled = True
        event = self._event(issue, CLOCK, Change("troubled", issue.state, why))
        notice = self._notice(issue, "troubled", why=why)
        watchers = tree.with_role(self.session, Role.SUPERVISOR, self._today)
        told = {p.userid: p for p in (self._above(issue, 1), *watchers) if p}
        for userid, person in told.items():
            if person.id not in self._shut_out(issue):
                self._tell(issue).later(userid, f"e{event.seq}:troubled", notice)


def _because(reason: str, target: Target) -> str:
    """Why the new holder has it, on his card: what was said with it, else what the 分工表 says."""
    return reason or target.why
