"""The bench that the Desk works at: who is who to an issue, how it moves, whom to tell.

Shared by the rooms of the Desk (opening, working, moving, asking, rating, keeping). Nothing here is
an action by itself; nothing commits or sends.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from issues import events, referral, words
from issues.events import CLOCK, Actor, Change
from issues.office import Office
from issues.routing import ladder, shut_out
from issues.tell import Teller
from people import tree
from rules import marks
from rules.deadlines import Clock
from rules.ladder import HOLDER, Seat, above, rank
from rules.transitions import NotAllowed, advance
from rules.words import Action, Party, Role, State, UnitKind
from storage.notice import Card, Notice
from storage.tables import Assist, Attachment, CoOwner, Endorsement, Event, Issue, Person, Unit

#: Who may see a reporter's name; helpers only when the lead opens it, 联片干部 not at all.
SEE_NAMES = frozenset({Party.HOLDER, Party.CO_OWNER, Party.ABOVE, Party.SUPERVISOR, Party.REPORTER})
#: An action that needs a sentence needs more than one character.
SHORTEST_SENTENCE = 2


class NeedsWords(NotAllowed):
    """The action is possible but has to say what was done, or why."""

    def __init__(self, action: Action, text: str) -> None:
        super().__init__(text)
        self.action = action


class Bench:
    """One unit of work over issues, at one moment."""

    def __init__(self, session: Session, now: datetime, office: Office) -> None:
        self.session = session
        self.now = now
        self.office = office

    # --- who is who ---

    def parties(self, issue: Issue, by: Actor) -> set[Party]:
        """All that somebody is towards this issue."""
        if by is CLOCK:
            return {Party.CLOCK}
        found = self._as_resident(issue, by)
        if by.person_id is None or by.person_id in self._shut_out(issue):
            return found
        return found | self._as_staff(issue, by.person_id)

    def _as_resident(self, issue: Issue, by: Actor) -> set[Party]:
        userid = by.userid.lower()
        if userid == issue.reporter:
            return {Party.REPORTER}
        if self.endorsement(issue, userid):
            return {Party.ENDORSER}
        return {Party.NEIGHBOUR} if self._is_neighbour(issue, by.person_id) else set()

    def _as_staff(self, issue: Issue, person_id: int) -> set[Party]:
        roles = {post.role: post for post in tree.posts(self.session, person_id, self._today)}
        found = set()
        if self._leads(issue, person_id):
            found.add(Party.HOLDER)
        elif self.session.get(CoOwner, (issue.id, person_id)):
            found.add(Party.CO_OWNER)
        if self._level_above(issue, person_id) is not None:
            found.add(Party.ABOVE)
        if self._assist_of(issue, person_id):
            found.add(Party.HELPER)
        if Role.LINKED_CADRE in roles and self._oversees(issue, person_id, Role.LINKED_CADRE):
            found.add(Party.LINKED)
        if Role.SUPERVISOR in roles and self._oversees(issue, person_id, Role.SUPERVISOR):
            found.add(Party.SUPERVISOR)
        return found

    def endorsement(self, issue: Issue, userid: str) -> Endorsement | None:
        """The 附议 of somebody who has joined this issue."""
        joined = select(Endorsement).where(
            Endorsement.issue_id == issue.id, Endorsement.userid == userid.lower()
        )
        return self.session.scalar(joined)

    def endorsements(self, issue: Issue) -> list[Endorsement]:
        """Everybody who has joined, in order."""
        joined = select(Endorsement).where(Endorsement.issue_id == issue.id)
        return list(self.session.scalars(joined.order_by(Endorsement.id)))

    def assists(self, issue: Issue) -> list[Assist]:
        """Everybody who was asked to help, in order."""
        asked = select(Assist).where(Assist.issue_id == issue.id)
        return list(self.session.scalars(asked.order_by(Assist.id)))

    def _is_neighbour(self, issue: Issue, person_id: int | None) -> bool:
        """Lives in the same 组, in another household; nobody joins what is private."""
        home = tree.home(self.session, person_id) if person_id else None
        private = issue.bypassed or issue.delicate
        if home is None or issue.unit is None or private or home[0].id == issue.household_id:
            return False
        return tree.same(self.session, UnitKind.ZU, home[1], issue.unit)

    def _leads(self, issue: Issue, person_id: int) -> bool:
        """The holder, whom the holder stands in for, or a colleague in the unit that leads."""
        if person_id in (issue.holder_id, issue.behalf_id):
            return True
        posts = tree.posts(self.session, person_id, self._today) if issue.lead_unit_id else []
        return any(post.unit_id == issue.lead_unit_id for post in posts)

    def _level_above(self, issue: Issue, person_id: int) -> UnitKind | None:
        """The lowest level above the holder's on which somebody sits, also for somebody else."""
        if issue.unit is None:
            return None
        on_ladder = {u.id for u in tree.upwards(self.session, issue.unit)}
        levels = [
            post.unit.kind
            for post in tree.posts(self.session, person_id, self._today)
            if post.unit_id in on_ladder and HOLDER.get(post.unit.kind) == post.role
        ]
        levels += [seat.level for seat in self._seats(issue) if seat.person == person_id]
        higher = [level for level in levels if rank(level) > rank(issue.level)]
        return min(higher, key=rank) if higher else None

    def _oversees(self, issue: Issue, person_id: int, role: Role) -> bool:
        if issue.unit is None or person_id in self._shut_out(issue):
            return False
        units = {u.id for u in tree.upwards(self.session, issue.unit)}
        posts = tree.posts(self.session, person_id, self._today)
        mine = [p for p in posts if p.role is role and p.unit_id in units]
        return any(issue.bypassed is None or _higher(p.unit.kind, issue.bypassed) for p in mine)

    def _assist_of(self, issue: Issue, person_id: int) -> Assist | None:
        """The 协办 that somebody, or a colleague of the same unit, has still to answer."""
        open_ones = select(Assist).where(Assist.issue_id == issue.id, Assist.answered_at.is_(None))
        units = {post.unit_id for post in tree.posts(self.session, person_id, self._today)}
        for assist in self.session.scalars(open_ones.order_by(Assist.id)):
            if assist.person_id == person_id or assist.unit_id in units:
                return assist
        return None

    def _shut_out(self, issue: Issue) -> set[int]:
        """Whom a complaint is about and everyone under them, whatever other seats they have."""
        return shut_out(self.session, issue.unit, issue.bypassed, self._today)

    def _seats(self, issue: Issue) -> list[Seat]:
        return ladder(self.session, issue.unit, self._today, issue.bypassed)

    def _out_of(self, issue: Issue) -> set[int]:
        """Who cannot be the next holder: the present one, and the reporter himself."""
        reporter = tree.person(self.session, issue.reporter)
        return {p for p in (issue.holder_id, reporter.id if reporter else None) if p}

    def _next_seat(self, issue: Issue, level: UnitKind | None = None) -> Seat | None:
        """The next taken seat above the holder (or above ``level``)."""
        return above(self._seats(issue), level or issue.level, self._out_of(issue))

    def _above(self, issue: Issue, steps: int) -> Person | None:
        """Who sits that many taken seats above the holder; None where the ladder ends."""
        level: UnitKind | None = issue.level
        seat = None
        for _ in range(steps):
            seat = self._next_seat(issue, level) if level else None
            level = seat.level if seat else None
        return tree.by_id(self.session, seat.person) if seat else None

    def reporter_name(self, issue: Issue) -> str:
        """The resident's name for those who work on the issue; not for groups."""
        person = tree.person(self.session, issue.reporter)
        return person.name if person else "未登记居民"

    def name_for(self, issue: Issue, by: Actor) -> str:
        """The same for somebody who looks: covered for who may not see it, and a look by anybody
        but the holder is remembered (domain.md §8: every named view is logged)."""
        parties = self.parties(issue, by)
        if Party.HOLDER in parties:
            return self.reporter_name(issue)
        if not self.may_see_name(issue, by):
            return words.COVERED
        self._event(issue, by, Change("named_view", issue.state))
        return self.reporter_name(issue)

    def content_for(self, issue: Issue, by: Actor) -> str:
        """What was said, without names and telephone numbers for who may not see them."""
        return issue.content if self.may_see_name(issue, by) else self._covered(issue)

    def may_see_name(self, issue: Issue, by: Actor) -> bool:
        """Who holds or held it and who is above; a helper when the lead has opened the name."""
        if not SEE_NAMES.isdisjoint(self.parties(issue, by)):
            return True
        posts = tree.posts(self.session, by.person_id, self._today) if by.person_id else []
        units = {post.unit_id for post in posts}
        mine = [a for a in self.assists(issue) if a.person_id == by.person_id or a.unit_id in units]
        return any(assist.named for assist in mine)

    def _covered(self, issue: Issue) -> str:
        person = tree.person(self.session, issue.reporter)
        return words.covered(issue.content, person.name if person else "")

    # --- moving between people ---

    def _hold(self, issue: Issue, seat: Seat) -> None:
        """Somebody else holds it from now on; what the former had asked for is over."""
        issue.holder, issue.holder_id = tree.by_id(self.session, seat.person), seat.person
        issue.behalf_id, issue.level = seat.behalf, seat.level
        issue.lead_unit, issue.lead_unit_id, issue.sub_due_at = None, None, None
        issue.held_since = self.now
        issue.wanted, issue.wanted_data = None, {}

    def _rise(self, issue: Issue) -> bool:
        """One level up, the old holder stays on as co-owner; False where the ladder ends."""
        seat = self._next_seat(issue)
        if seat is None:
            return False
        self._keep_co_owner(issue)
        self._hold(issue, seat)
        return True

    def _take_over(self, issue: Issue, by: Actor) -> None:
        """A 长 above who acts becomes the holder; the old one stays co-owner and is told."""
        if by.person_id is None or self._leads(issue, by.person_id):
            return
        level = self._level_above(issue, by.person_id)
        if level is None:
            return
        former = issue.holder
        self._keep_co_owner(issue)
        self._hold(issue, Seat(level, 0, by.person_id))
        if former:
            what = f"taken:{by.person_id}:{issue.version}"
            self._tell(issue).later(former.userid, what, self._notice(issue, "taken_over"))

    def _keep_co_owner(self, issue: Issue) -> None:
        """The former holder, and whom he stood in for, stay the faces that the resident knows."""
        for person_id in (issue.holder_id, issue.behalf_id):
            if person_id and not self.session.get(CoOwner, (issue.id, person_id)):
                known = CoOwner(issue_id=issue.id, person_id=person_id, level=issue.level)
                self.session.add(known)
        self.session.flush()

    # --- the clock's columns ---

    def _mark_after_now(self, issue: Issue) -> datetime:
        return marks.next_mark(issue.reported_at, issue.due_at, self.now, self._clock).at

    def _plan(self, issue: Issue) -> None:
        """Look at it again at the next mark, and at the next nudge after now."""
        issue.next_mark_at = self._mark_after_now(issue)
        self._plan_nudge(issue, self.now)

    def _plan_nudge(self, issue: Issue, after: datetime) -> None:
        later = [nudge.at for nudge in self._nudges(issue) if nudge.at > after]
        issue.next_nudge_at = min(later) if later else None

    def _nudges(self, issue: Issue) -> list[marks.Nudge]:
        """All reminders around the promise, and what has a deadline of its own."""
        pace = self.office.pace
        own = marks.nudges(issue.reported_at, issue.held_since, issue.due_at, pace, self._clock)
        if issue.suspended_until:
            own = [marks.Nudge(marks.NudgeKind.RESUME, issue.suspended_until)]
        if issue.sub_due_at:
            own.append(marks.Nudge(marks.NudgeKind.SUB_DUE, issue.sub_due_at))
        waiting = select(Assist.due_at).where(
            Assist.issue_id == issue.id, Assist.answered_at.is_(None), Assist.overdue.is_(False)
        )
        kind = marks.NudgeKind.ASSIST_DUE
        own += [marks.Nudge(kind, due) for due in self.session.scalars(waiting)]
        return sorted(own, key=lambda nudge: nudge.at)

    # --- telling and remembering ---

    def _tell(self, issue: Issue) -> Teller:
        return Teller(self.session, self.now, self.office, issue)

    def _notice(
        self, issue: Issue, key: str, *, card: Card | None = None, **more: object
    ) -> Notice:
        """The template of that name, about this issue as it stands now."""
        return words.notice(issue, self.office, key, card, **more)

    def _tell_residents(
        self, issue: Issue, what: str, notice: Notice, *, while_open: bool = False
    ) -> None:
        """The one who reported it and all who have joined."""
        tell = self._tell(issue)
        for userid in (issue.reporter, *(e.userid for e in self.endorsements(issue))):
            tell.later(userid, what, notice, while_open=while_open)

    def _tell_holder(self, issue: Issue, what: str, notice: Notice) -> None:
        if issue.holder:
            self._tell(issue).later(issue.holder.userid, what, notice)

    def _card(self, issue: Issue, heading: str, seq: int, why: str = "") -> Notice:
        """What the holder needs: who and where, why he has it, and from the 片 upwards who else it
        could be for (lower down things are settled between neighbours first)."""
        name = self.reporter_name(issue)
        with_it = words.counted(self._materials(issue))
        could, say = "", ""
        if rank(issue.level) >= rank(UnitKind.PIAN):
            could, say = referral.hint(self.session, self.office, issue, self._today)
        more = words.More(with_it, why, could, say)
        return words.assigned(issue, self.office, self._task(issue, seq), heading, name, more)

    def _materials(self, issue: Issue) -> list[Attachment]:
        return list(self.session.scalars(select(Attachment).where(Attachment.issue_id == issue.id)))

    def _task(self, issue: Issue, seq: int, kind: str = "h") -> str:
        return f"{issue.number}_{kind}{seq}"

    def _event(self, issue: Issue, by: Actor, change: Change) -> Event:
        """Append to the memory; a delegate acts on behalf of the one who is away."""
        if issue.behalf_id and by.person_id == issue.holder_id:
            absent = tree.by_id(self.session, issue.behalf_id)
            by = replace(by, behalf=absent.userid if absent else "")
        return events.record(self.session, issue, by, change, self.now)

    def _where(self, issue: Issue) -> dict[str, Any]:
        """Whom it is with, for the event of whatever has moved it."""
        return {
            "holder": userid_of(issue.holder),
            "level": issue.level,
            "lead": issue.lead_unit.path if issue.lead_unit else "",
        }

    def _promise(self, issue: Issue) -> dict[str, Any]:
        """The tier and the date, for the event of whatever has changed them."""
        return {"tier": issue.tier, "due_at": issue.due_at.isoformat()}

    def _events(self, issue: Issue) -> list[Event]:
        return events.of(self.session, issue.id)

    def _last_reason(self, issue: Issue, action: Action) -> str:
        said = [e.reason for e in self._events(issue) if e.kind == action]
        return said[-1] if said else ""

    # --- small helpers ---

    def _advance(self, issue: Issue, action: Action, by: Actor) -> State:
        """Move the state by the table; the state before. Raises NotAllowed."""
        before = issue.state
        issue.state = advance(before, action, self.parties(issue, by))
        return before

    def _needs(self, action: Action, text: str, ask: str) -> None:
        if len(text.strip()) < SHORTEST_SENTENCE:
            raise NeedsWords(action, ask)

    def _chat_unit(self, chat_id: str | None) -> Unit | None:
        path = self.office.chats.get(chat_id or "")
        return tree.unit_ending(self.session, path) if path else None

    @property
    def _today(self) -> date:
        return self.office.today(self.now)

    @property
    def _zone(self) -> ZoneInfo:
        return self.office.clock.zone

    @property
    def _clock(self) -> Clock:
        return self.office.clock


def userid_of(person: Person | None) -> str:
    """ "" for nobody."""
    return person.userid if person else ""


def _higher(kind: UnitKind, level: UnitKind) -> bool:
    """Whether a unit stands above that level of the ladder."""
    return kind in HOLDER and rank(kind) > rank(level)
