"""三长接单: accept, report progress, wait for the resident, finish; and being asked how it goes.

Moving an issue to somebody else is moving.py's business, what has to be asked for is asking.py's.
"""

from datetime import datetime, timedelta

from issues import guards, words
from issues.bench import Bench
from issues.events import CLOCK, Actor, Change
from issues.numbers import short
from rules.transitions import NotAllowed
from rules.words import Action, State, Tier
from storage import outbox
from storage.tables import Issue

#: 挂起 lasts so many days at most, and may be used so often (domain.md §3).
LONGEST_WAIT = 3
MOST_WAITS = 2
#: When the rating is asked for a second time, if the promise does not expire before.
SECOND_ASK = timedelta(days=3)
LATEST_SECOND_ASK = timedelta(days=4)
#: One household presses once a day.
URGED_AGAIN = timedelta(days=1)


class Working(Bench):
    """What is done to an issue where it stands."""

    def accept(self, issue: Issue, by: Actor) -> None:
        """接单; a 长 from above who accepts takes the issue over (the 片长 steps in)."""
        before = self._advance(issue, Action.ACCEPT, by)
        self._take_over(issue, by)
        issue.unclaimed = False
        event = self._event(issue, by, Change(Action.ACCEPT, before, data=self._where(issue)))
        self._tell_residents(issue, f"e{event.seq}:accepted", self._notice(issue, "accepted"))

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
        notice = self._notice(issue, "progressed", said=text)
        self._tell_residents(issue, f"e{event.seq}:progress", notice)

    def suspend(self, issue: Issue, by: Actor, days: int, reason: str) -> None:
        """挂起: waiting for the resident, for 72 hours at most and at most twice. The promise moves
        by as many days; the original one stays visible beside it."""
        number = short(issue.number)
        before = self._advance(issue, Action.SUSPEND, by)
        if issue.suspended >= MOST_WAITS:
            raise NotAllowed(f"已经挂起过 {MOST_WAITS} 次，不能再挂起。请办理、上交或延期。")
        if self.now >= issue.due_at:
            raise NotAllowed("已经过了答应的时间，不能再挂起，请办理或上交。")
        if not 1 <= days <= LONGEST_WAIT:
            raise NotAllowed(f"挂起最多 {LONGEST_WAIT} 天，例如：挂起 {number} 2天 等老人回家")
        self._needs(Action.SUSPEND, reason, f"请写明等什么，例如：挂起 {number} 2天 等老人回家")
        issue.suspended += 1
        issue.suspended_until = self.now + timedelta(days=days)
        issue.due_at += timedelta(days=days)
        self._plan(issue)
        data = {"until": issue.suspended_until.isoformat(), **self._promise(issue)}
        event = self._event(issue, by, Change(Action.SUSPEND, before, reason, data))
        notice = self._notice(issue, "suspended", reason=reason)
        self._tell_residents(issue, f"e{event.seq}:suspended", notice)

    def resume(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """恢复: by the holder, by a word of the resident, or because the time is up."""
        before = self._advance(issue, Action.RESUME, by)
        issue.suspended_until = None
        self._plan(issue)
        event = self._event(issue, by, Change(Action.RESUME, before, reason))
        if by is CLOCK or by.person_id != issue.holder_id:
            self._tell_holder(issue, f"e{event.seq}:resumed", self._notice(issue, "resumed"))

    def resolve(self, issue: Issue, by: Actor, result: str) -> None:
        """办结: needs a sentence on what was done; the residents are asked to rate."""
        before = self._advance(issue, Action.RESOLVE, by)
        number = short(issue.number)
        self._needs(Action.RESOLVE, result, f"请说一句做了什么，例如：办结 {number} 已换灯泡")
        self._take_over(issue, by)
        issue.result = result.strip()
        issue.resolved_at = self.now
        issue.suspended_until, issue.wanted, issue.wanted_data = None, None, {}
        issue.asked, issue.solved, issue.rating = 1, None, None
        for joined in self.endorsements(issue):
            joined.solved, joined.rating = None, None
        issue.next_mark_at, issue.next_nudge_at = None, self._second_ask(issue)
        change = Change(Action.RESOLVE, before, issue.result, self._where(issue))
        event = self._event(issue, by, change)
        if issue.delicate:
            self._close(issue)
            self._event(issue, CLOCK, Change("closed", State.RESOLVED, "不请评价"))
        else:
            self._ask_rating(issue, event.seq)

    # --- 催办, 督办 by people ---

    def urge(self, issue: Issue, by: Actor, said: str = "") -> None:
        """催办: the holder hears of it with the next slot; changes nothing else."""
        before = self._advance(issue, Action.URGE, by)
        if self._urged_lately(issue, by):
            raise NotAllowed(f"{issue.number} 今天已经催过了，{words.holding(issue)}会收到提醒。")
        event = self._event(issue, by, Change(Action.URGE, before, said))
        mine = by.userid.lower() == issue.reporter or self.endorsement(issue, by.userid)
        who = "居民" if mine else "上级"
        notice = self._notice(issue, "urged", by=who, said=f"：{said}" if said else "")
        self._tell_holder(issue, f"e{event.seq}:urged", notice)

    def supervise(self, issue: Issue, by: Actor, said: str = "") -> None:
        """督办 by somebody above: told to the holder and to all who have held it."""
        before = self._advance(issue, Action.SUPERVISE, by)
        event = self._event(issue, by, Change(Action.SUPERVISE, before, said))
        notice = self._notice(issue, "supervised", said=said or "请尽快办理并回复居民")
        self._tell_holder(issue, f"e{event.seq}:supervised", notice)
        self._tell_residents(issue, f"e{event.seq}:supervised", self._notice(issue, "watched"))

    def show_names(self, issue: Issue, by: Actor) -> None:
        """公开姓名: the lead lets the helpers see who reported it (domain.md §8)."""
        before = self._advance(issue, Action.NAMED, by)
        helpers = self.assists(issue)
        if not helpers:
            raise NotAllowed(f"{issue.number} 还没有请谁协办。")
        for assist in helpers:
            assist.named = True
        event = self._event(issue, by, Change(Action.NAMED, before))
        notice = self._notice(issue, "names_opened", name=self.reporter_name(issue))
        for userid in {assist.person.userid for assist in helpers}:
            self._tell(issue).later(userid, f"e{event.seq}:named", notice)

    # --- the first request for a rating ---

    def _ask_rating(self, issue: Issue, seq: int) -> None:
        task = self._task(issue, seq, "r")
        for userid in self._unrated(issue):
            said = (self.endorsement(issue, userid) or issue).content
            notice = words.ask_rating(issue, self.office, task, said)
            # 已接单 is no news any more
            outbox.supersede(self.session, guards.about(issue.id), userid)
            self._tell(issue).later(userid, f"e{seq}:rate", notice)

    def _unrated(self, issue: Issue) -> list[str]:
        """Who is still to be asked how it was."""
        first = [] if issue.rating else [issue.reporter]
        return first + [e.userid for e in self.endorsements(issue) if e.rating is None]

    def _close(self, issue: Issue) -> None:
        issue.state, issue.next_nudge_at = State.CLOSED, None
        issue.closed_at = issue.closed_at or self.now

    def _second_ask(self, issue: Issue) -> datetime:
        """When the promise expires, if that is soon enough to leave the silence its seven days."""
        if self.now < issue.due_at <= self.now + LATEST_SECOND_ASK:
            return issue.due_at
        return self.now + SECOND_ASK

    def _urged_lately(self, issue: Issue, by: Actor) -> bool:
        since = self.now - URGED_AGAIN
        return any(
            e.kind == Action.URGE and e.actor == by.userid.lower() and e.at > since
            for e in self._events(issue)
        )
