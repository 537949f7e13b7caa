"""限时办, 及时督: what the clock does when nobody acts (domain.md §4).

Which moments there are is rules/marks.py's business; when a notice leaves is tell.py's.
"""

from sqlalchemy import or_, select

from issues import words
from issues.events import CLOCK, Change
from issues.judging import Judging
from issues.routing import Arrival, place
from people import tree
from rules import marks
from rules.ladder import above
from rules.marks import ACTING, Mark, Nudge, NudgeKind
from rules.words import OPEN_STATES, Role, State, Tier
from storage.notice import Notice
from storage.tables import Assist, CoOwner, Event, InPerson, Issue, Person

#: Of no use once somebody has accepted.
ONLY_UNACCEPTED = frozenset({NudgeKind.SECOND_SLOT, NudgeKind.THIRD_SLOT, NudgeKind.HALF})


class Keeping(Judging):
    """The clock's acts; each is safe to repeat and happens once."""

    def pass_mark(self, issue: Issue) -> Mark | None:
        """Pass what marks are due: only the latest is told, but each late one raises a level."""
        due = self._marks_passed(issue)
        still_open = issue.state in OPEN_STATES
        if not due or not still_open:
            issue.next_mark_at = self._mark_after_now(issue) if still_open else None
            return None
        found = self._find_holder(issue) if issue.holder is None else {}
        mark, former, before = due[-1], issue.holder, issue.state
        late = [m for m in due if self._is_late(issue, m)]
        risen = sum(self._rise(issue) for _ in late)
        if late and issue.state is not State.SUSPENDED and risen:
            issue.state = State.PENDING
        self._keep_recurring_promise(issue, mark, bool(late))
        issue.marked_until, issue.next_mark_at = mark.at, self._mark_after_now(issue)
        if risen:
            self._plan_nudge(issue, self.now)
        data = {"mark": mark.name, "late": len(late), **self._where(issue), **self._promise(issue)}
        data |= found
        event = self._event(issue, CLOCK, Change("mark", before, data=data))
        self._tell_mark(issue, mark, former, event)
        return mark

    def pass_nudge(self, issue: Issue) -> NudgeKind | None:
        """Pass the nudges that are due: those that change something each, of the others only the
        latest; one that a later mark has overtaken is left out."""
        if issue.state is State.RESOLVED:
            self.ask_again_or_close(issue)
            return None
        since = issue.next_nudge_at or self.now
        due = [nudge for nudge in self._nudges(issue) if nudge.at <= self.now]
        self._plan_nudge(issue, self.now)
        if issue.state not in OPEN_STATES:
            return None
        acting = [nudge for nudge in due if nudge.kind in ACTING]
        for nudge in acting:
            self._act(issue, nudge)
        told = [n for n in due if n not in acting and n.at >= max(since, issue.marked_until)]
        if told and self._tell_nudge(issue, told[-1]):
            return told[-1].kind
        return acting[-1].kind if acting else None

    def undeliverable(self, issue: Issue, userid: str, text: str = "") -> None:
        """Somebody cannot be reached by any channel: a resident is told in person (请当面告知), for
        a 长 the level above is told. Nothing is dropped."""
        event = self._event(issue, CLOCK, Change("undeliverable", issue.state, data={"to": userid}))
        if userid == issue.reporter or self.endorsement(issue, userid):
            self._list_in_person(issue, userid, text, event)
        elif issue.state in OPEN_STATES:
            self._tell_above_unreachable(issue, userid, event)

    def to_tell_in_person(self, person_id: int) -> list[InPerson]:
        """请当面告知, still to be done by a holder or a former one, oldest first."""
        followed = select(CoOwner.issue_id).where(CoOwner.person_id == person_id)
        held = or_(Issue.holder_id == person_id, Issue.behalf_id == person_id)
        waiting = (
            select(InPerson)
            .join(Issue, Issue.id == InPerson.issue_id)
            .where(InPerson.told_at.is_(None), or_(held, Issue.id.in_(followed)))
        )
        found = self.session.scalars(waiting.order_by(InPerson.since, InPerson.id))
        return [row for row in found if self._may_tell(row, person_id)]

    def _may_tell(self, row: InPerson, person_id: int) -> bool:
        """A complaint about somebody is nothing that he could pass on."""
        issue = self.session.get(Issue, row.issue_id)
        return issue is not None and person_id not in self._shut_out(issue)

    def told_in_person(self, row: InPerson, by: str) -> None:
        """Ticks off 请当面告知."""
        row.told_at, row.told_by = self.now, by
        issue = self.session.get(Issue, row.issue_id)
        assert issue is not None  # issues are never deleted
        data = {"to": row.userid, "by": by}
        self._event(issue, CLOCK, Change("told_in_person", issue.state, data=data))

    # --- marks ---

    def _marks_passed(self, issue: Issue) -> list[Mark]:
        since = issue.marked_until
        return marks.passed(issue.reported_at, issue.due_at, since, self.now, self._clock)

    def _is_late(self, issue: Issue, mark: Mark) -> bool:
        if mark.at < issue.due_at:
            return False
        if issue.tier is not Tier.COMPLEX:
            return True
        since = marks.cycle_start(issue.reported_at, max(issue.due_at, mark.at), self._clock)
        return issue.progress_at is None or issue.progress_at <= since

    def _keep_recurring_promise(self, issue: Issue, mark: Mark, late: bool) -> None:
        """复杂 with progress in this cycle: the promise is the next month's."""
        if issue.tier is Tier.COMPLEX and mark.at >= issue.due_at and not late:
            months = (m for m in marks.marks(issue.reported_at, self._clock) if m.months)
            issue.due_at = next(m.at for m in months if m.at > mark.at)
            issue.promised_at = issue.due_at
            self._plan_nudge(issue, self.now)

    def _find_holder(self, issue: Issue) -> dict[str, str]:
        """An issue from before the first roster: look again for somebody who answers for it."""
        sender = tree.person(self.session, issue.reporter)
        arrival = Arrival(sender, self._chat_unit(issue.chat_id), issue.content)
        where = place(self.session, arrival, self._today)
        issue.unit, issue.household_id = where.unit, where.household
        issue.level, issue.unclaimed = where.level, where.unclaimed
        issue.bypassed, issue.behalf_id = where.bypassed, where.behalf
        issue.holder, issue.holder_id = tree.by_id(self.session, where.holder), where.holder
        issue.held_since = self.now
        return {"unit": where.unit.path} if where.unit else {}

    def _tell_mark(self, issue: Issue, mark: Mark, former: Person | None, event: Event) -> None:
        tell, what, late = self._tell(issue), f"mark:{mark.name}", bool(event.data["late"])
        tell.board(what, words.board_mark(issue, self.office.texts, mark, late), mark.at)
        if late:
            self._ping_overseers(issue, mark)
        if issue.holder is former:
            key = "reminder_late" if late else "reminder"
            notice = self._notice(issue, key, mark=mark.chinese)
            tell.persons([former], what, notice, mark.at)
            return
        self._tell_risen(issue, mark, former, event)

    def _tell_risen(self, issue: Issue, mark: Mark, former: Person | None, event: Event) -> None:
        """The former holder, who stays the face that the resident knows; the new one; residents."""
        tell, what = self._tell(issue), f"mark:{mark.name}"
        missed = words.missed(issue, self.office.texts)
        away = self._notice(issue, "rose_away", mark=mark.chinese, missed=missed)
        tell.persons([former], what, away, mark.at)
        heading = self.office.texts.say("heading_risen", {"mark": mark.chinese})
        tell.persons([issue.holder], what, self._card(issue, heading, event.seq), mark.at)
        notice = self._notice(issue, "risen_late", missed=missed)
        for userid in (issue.reporter, *(e.userid for e in self.endorsements(issue))):
            tell.later(userid, what, notice, mark.at, while_open=True)

    def _ping_overseers(self, issue: Issue, mark: Mark) -> None:
        """The level above the new holder, and the 联片干部 who sees the overdue of the 片."""
        seen = [self._above(issue, 1), *self._linked(issue)]
        unique = list({p.id: p for p in seen if p and p.id != issue.holder_id}.values())
        missed = words.missed(issue, self.office.texts)
        notice = self._notice(issue, "escalation", mark=mark.chinese, missed=missed)
        self._tell(issue).persons(unique, f"mark:{mark.name}", notice, mark.at)

    def _linked(self, issue: Issue) -> list[Person]:
        if issue.unit is None:
            return []
        linked = tree.over(self.session, issue.unit, Role.LINKED_CADRE, self._today)
        return [p for p in linked if self._oversees(issue, p.id, Role.LINKED_CADRE)]

    # --- nudges ---

    def _act(self, issue: Issue, nudge: Nudge) -> None:
        if nudge.kind is NudgeKind.RESUME:
            self.resume(issue, CLOCK, "等候的时间到了")
        elif nudge.kind is NudgeKind.SUB_DUE:
            self._sub_overdue(issue)
        else:
            self._helpers_overdue(issue)

    def _sub_overdue(self, issue: Issue) -> None:
        """The department is late by its own clock; the public promise goes on untouched."""
        issue.sub_due_at = None
        event = self._event(issue, CLOCK, Change("sub_due", issue.state, data=self._where(issue)))
        notice = self._notice(issue, "sub_overdue")
        people = [issue.holder, self._above(issue, 1)]
        self._tell(issue).persons(people, f"e{event.seq}:sub", notice, self.now)

    def _helpers_overdue(self, issue: Issue) -> None:
        """协办 not answered in time: flagged, and both sides are told."""
        for helper in self.assists(issue):
            if helper.answered_at or helper.overdue or helper.due_at > self.now:
                continue
            helper.overdue = True
            data = {"unit_asked": helper.unit.path}
            event = self._event(issue, CLOCK, Change("assist_overdue", issue.state, data=data))
            self._tell_helper_overdue(issue, helper, event)
        self.session.flush()
        self._plan_nudge(issue, self.now)

    def _tell_helper_overdue(self, issue: Issue, helper: Assist, event: Event) -> None:
        what, unit = f"e{event.seq}:late_help", helper.unit.name
        tell = self._tell(issue)
        asked = self._notice(issue, "help_overdue", request=helper.request)
        tell.persons([helper.person], what, asked, self.now)
        lead = self._notice(issue, "helper_overdue", unit=unit)
        tell.persons([issue.holder], what, lead, self.now)

    def _tell_nudge(self, issue: Issue, nudge: Nudge) -> bool:
        """Tell it, unless it is of no use any more; remembered as an event."""
        if nudge.kind in ONLY_UNACCEPTED and issue.state is not State.PENDING:
            return False
        if nudge.kind is NudgeKind.URGE and issue.held_since >= issue.due_at:
            return False  # the card with which it has just risen to him says it all
        people, notice = self._nudged(issue, nudge.kind)
        what = f"nudge:{nudge.kind}:{nudge.at:%Y%m%d%H%M}"
        self._tell(issue).persons(people, what, notice, nudge.at)
        self._event(issue, CLOCK, Change("nudge", issue.state, data={"nudge": nudge.kind}))
        return True

    def _nudged(self, issue: Issue, kind: NudgeKind) -> tuple[list[Person | None], Notice]:
        """Who hears of it, and in which words."""
        if kind is NudgeKind.DUE_DAY:
            return [issue.holder], self._notice(issue, "due_today")
        if kind is NudgeKind.HALF:
            return [issue.holder], self._notice(issue, "half_time")
        if kind is NudgeKind.URGE:
            return [issue.holder], self._notice(issue, "overdue")
        if kind is NudgeKind.SUPERVISE:
            return [self._above(issue, 1), *self._linked(issue)], self._notice(issue, "supervision")
        if kind is NudgeKind.BULLETIN:
            return self._bulletin_readers(issue), self._notice(issue, "bulletin")
        steps = 1 if kind is NudgeKind.SECOND_SLOT else 2
        return [self._above(issue, steps)], self._notice(issue, "unaccepted")

    def _bulletin_readers(self, issue: Issue) -> list[Person | None]:
        """The 督办 of the issue's units; without any, whoever sits above."""
        unit = issue.unit
        watchers = tree.over(self.session, unit, Role.SUPERVISOR, self._today) if unit else []
        shut_out = self._shut_out(issue)
        return [p for p in watchers if p.id not in shut_out] or [self._above(issue, 1)]

    # --- what no channel delivers ---

    def _list_in_person(self, issue: Issue, userid: str, text: str, event: Event) -> None:
        row = self._in_person(issue, userid)
        if row is None:
            row = InPerson(issue_id=issue.id, userid=userid, text="", since=self.now)
        elif row.told_at is not None:
            row.text, row.since = "", self.now
        row.text = "\n".join(said for said in (row.text, text) if said)
        row.told_at, row.told_by = None, ""
        self.session.add(row)
        self.session.flush()
        name = self._name_of(userid)
        notice = self._notice(issue, "tell_in_person", name=name, said=words.cut(text, 120))
        self._tell_holder(issue, f"e{event.seq}:in_person", notice)

    def _in_person(self, issue: Issue, userid: str) -> InPerson | None:
        listed = select(InPerson).where(InPerson.issue_id == issue.id, InPerson.userid == userid)
        return self.session.scalar(listed)

    def _tell_above_unreachable(self, issue: Issue, userid: str, event: Event) -> None:
        lost = tree.person(self.session, userid)
        out = self._out_of(issue) | ({lost.id} if lost else set())
        seat = above(self._seats(issue), issue.level, out)
        chief = tree.by_id(self.session, seat.person) if seat else None
        if chief:
            notice = self._notice(issue, "unreachable", name=lost.name if lost else userid)
            self._tell(issue).later(chief.userid, f"e{event.seq}:unreachable", notice)
