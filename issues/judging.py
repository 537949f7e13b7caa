"""群众评单: rating, 没修好, 撤回, and what silence means (domain.md §5, §6).

How a rating is said is the handlers' business.
"""

from datetime import datetime, timedelta
from typing import Any

from issues import words
from issues.bench import userid_of
from issues.events import CLOCK, Actor, Change
from issues.moving import TROUBLE, Moving
from issues.working import SECOND_ASK, Working
from people import tree
from rules.transitions import NotAllowed
from rules.words import (
    BAD_RATINGS,
    RATING_CHINESE,
    SOLVED_CHINESE,
    Action,
    Party,
    Rating,
    Solved,
    State,
)
from storage.tables import Endorsement, Issue

#: 没修好 within this time after 办结 (domain.md §5).
REDO_WITHIN = timedelta(days=15)
#: Silence after two asks in this time closes the issue, 未评 (domain.md §6).
SILENCE = timedelta(days=7)


class Judging(Working, Moving):
    """The residents say whether it is solved."""

    def rate(
        self, issue: Issue, by: Actor, solved: Solved | None = None, rating: Rating | None = None
    ) -> None:
        """One or both answers of a resident; a bad one reopens the issue one level up, once."""
        if Party.ENDORSER in self.parties(issue, by):
            self._endorser_rates(issue, by, solved, rating)
            return
        before = self._advance(issue, Action.RATE, by)
        if issue.rating and (rating or not solved or issue.solved):
            said = words.thanks(issue, self.office, issue.rating)
            raise NotAllowed(f"您已经评过了。{said}")
        finished = issue.closed_at is not None
        issue.solved, issue.rating = solved or issue.solved, rating or issue.rating
        reopen = _is_bad(issue) and self._may_reopen(issue)
        if issue.rating or issue.solved is Solved.NO:
            self._close(issue)
        else:
            issue.state = State(before)  # the second question is still open
        data = {"solved": solved, "rating": rating}
        event = self._event(issue, by, Change(Action.RATE, before, data=data))
        if reopen:
            self._reopen(issue, CLOCK, f"评价：{_verdict(issue)}")
        elif issue.closed_at and not finished:
            self._tell_closed(issue, event.seq, _is_bad(issue))

    def _endorser_rates(
        self, issue: Issue, by: Actor, solved: Solved | None, rating: Rating | None
    ) -> None:
        """Who has joined rates for the own household; that can reopen the issue as well."""
        before = self._advance(issue, Action.ENDORSE_RATE, by)
        joined = self.endorsement(issue, by.userid)
        assert joined is not None  # that is what makes him a party
        if joined.rating and (rating or not solved or joined.solved):
            said = words.thanks(issue, self.office, joined.rating)
            raise NotAllowed(f"您已经评过了。{said}")
        joined.solved, joined.rating = solved or joined.solved, rating or joined.rating
        reopen = _is_bad(joined) and self._may_reopen(issue)
        data = {"solved": solved, "rating": rating}
        self._event(issue, by, Change(Action.ENDORSE_RATE, before, data=data))
        if reopen:
            self._reopen(issue, CLOCK, f"附议人评价：{_verdict(joined)}")

    def redo(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """没修好: back to work one level up, with the old number and the old clock."""
        if self._too_late_to_redo(issue.closed_at or issue.resolved_at):
            raise NotAllowed(f"{issue.number} 办结已超过 15 天，请重新说一下情况，我们另外登记。")
        self._advance(issue, Action.REDO, by)
        issue.state = State.CLOSED if issue.closed_at else State.RESOLVED
        self._reopen(issue, by, reason)

    def withdraw(self, issue: Issue, by: Actor) -> None:
        """撤回, by the resident; others who have joined keep the issue alive."""
        before = self._advance(issue, Action.WITHDRAW, by)
        heirs = self.endorsements(issue)
        if heirs:
            self._pass_on(issue, by, before, heirs[0])
            return
        issue.closed_at = self.now
        issue.next_mark_at = issue.next_nudge_at = issue.suspended_until = None
        event = self._event(issue, by, Change(Action.WITHDRAW, before))
        told = {issue.holder.userid} if issue.holder else set()
        told |= {a.person.userid for a in self.assists(issue) if a.answered_at is None}
        for userid in sorted(told):
            notice = self._notice(issue, "withdrawn")
            self._tell(issue).later(userid, f"e{event.seq}:withdrawn", notice)

    def ask_again_or_close(self, issue: Issue) -> None:
        """Nobody has answered: ask once more, then close it, 未评, never counted as satisfied."""
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

    # --- how ---

    def _may_reopen(self, issue: Issue) -> bool:
        """A bad rating reopens once by itself, while 没修好 is still possible."""
        finished_at = issue.closed_at or issue.resolved_at
        return issue.redone == 0 and not self._too_late_to_redo(finished_at)

    def _too_late_to_redo(self, finished_at: datetime | None) -> bool:
        return finished_at is not None and self.now > finished_at + REDO_WITHIN

    def _reopen(self, issue: Issue, by: Actor, reason: str) -> None:
        before = issue.state
        issue.state = State.PENDING
        issue.redone += 1
        issue.resolved_at = issue.closed_at = None
        if not self._rise(issue):
            issue.held_since = self.now
        issue.marked_until = max(issue.marked_until, self.now)
        self._plan(issue)
        event = self._event(issue, by, Change(Action.REDO, before, reason, self._where(issue)))
        self._tell_new_holder(issue, event.seq, "重办", "redo", why=reason)
        others = {issue.reporter, *(e.userid for e in self.endorsements(issue))} - {by.userid}
        for userid in sorted(others):
            notice = self._notice(issue, "reopened")
            self._tell(issue).later(userid, f"e{event.seq}:reopened", notice)
        if issue.redone == TROUBLE:
            self._trouble(issue, f"已重办 {TROUBLE} 次")

    def _pass_on(self, issue: Issue, by: Actor, before: State, heir: Endorsement) -> None:
        """The first who has joined is the reporter now; nothing else changes."""
        issue.state = before
        former, issue.reporter, issue.household_id = issue.reporter, heir.userid, heir.household_id
        data: dict[str, Any] = {
            "passed_to": heir.userid,
            "household": heir.household_id,
            "content": issue.content,
        }
        issue.content = heir.content  # nobody reads a neighbour's words
        self.session.delete(heir)
        own = userid_of(issue.holder) == heir.userid  # nobody holds what he has reported himself
        risen = own and self._rise(issue)
        data |= self._where(issue)
        event = self._event(issue, by, Change(Action.WITHDRAW, before, data=data))
        if risen:
            self._tell_new_holder(issue, event.seq, "转来", "passed_on")
        notice = self._notice(issue, "first_has_withdrawn", name=self._name_of(former))
        self._tell_holder(issue, f"e{event.seq}:passed_on", notice)

    def _name_of(self, userid: str) -> str:
        person = tree.person(self.session, userid)
        return person.name if person else "居民"

    def _tell_closed(self, issue: Issue, seq: int, bad: bool) -> None:
        """The holder learns what the resident thinks; a second bad rating, the level above too."""
        chief = self._above(issue, 1) if bad else None
        for person in (issue.holder, chief):
            if person:
                notice = words.closed(issue, self.office)
                self._tell(issue).later(person.userid, f"e{seq}:closed", notice)


def _is_bad(judged: Issue | Endorsement) -> bool:
    return judged.solved is Solved.NO or judged.rating in BAD_RATINGS


def _verdict(judged: Issue | Endorsement) -> str:
    solved = SOLVED_CHINESE[judged.solved] if judged.solved else ""
    rating = RATING_CHINESE[judged.rating] if judged.rating else ""
    return "、".join(said for said in (solved, rating) if said)
