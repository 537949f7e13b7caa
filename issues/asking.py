"""What has to be asked for one level up: 难度, 延期, 不受理, the third 退单; and the answer to it.

One question at a time is open on an issue. It is void when the issue rises before it is answered.
"""

from datetime import datetime, timedelta

from issues import words
from issues.events import Actor, Change
from issues.moving import Moving, Target
from issues.numbers import short
from people import tree
from rules import marks
from rules.transitions import GRANTED, NotAllowed
from rules.words import ACTION_CHINESE, TIER_CHINESE, Action, State, Tier
from storage.notice import Notice
from storage.tables import Event, Issue, Person

#: 延期 is granted so often, for so many days at a time (domain.md §3).
MOST_EXTENSIONS = 2
LONGEST_EXTENSION = 30
HARDER = {Tier.ORDINARY: 0, Tier.HARD: 1, Tier.COMPLEX: 2}


class Asking(Moving):
    """Requests of the holder and what becomes of them."""

    def regrade(self, issue: Issue, by: Actor, tier: Tier, reason: str) -> None:
        """难度: lowering is free; raising asks the next level, with a reason, before it is due."""
        before = self._advance(issue, Action.REGRADE, by)
        if HARDER[tier] == HARDER[issue.tier]:
            raise NotAllowed(f"{issue.number} 现在就是“{TIER_CHINESE[issue.tier]}”。")
        if HARDER[tier] < HARDER[issue.tier]:
            self._lower(issue, by, tier, reason, before)
            return
        number = short(issue.number)
        self._needs(Action.REGRADE, reason, f"请写明原因，例如：难度 {number} 复杂 要等立项")
        self._in_time(issue, "改难度")
        event = self._ask(issue, by, Change(Action.REGRADE, before, reason, {"tier": tier}))
        task = self._task(issue, event.seq)
        asked = {"tier": TIER_CHINESE[issue.tier], "wanted": TIER_CHINESE[tier], "reason": reason}
        notice = words.wants(issue, self.office, "wants_tier", task, **asked)
        self._tell_approver(issue, event, notice)

    def extend(self, issue: Issue, by: Actor, days: int, reason: str) -> None:
        """延期: asked before the promise runs out, with a reason; at most twice."""
        before = self._advance(issue, Action.EXTEND, by)
        number = short(issue.number)
        self._needs(Action.EXTEND, reason, f"请写明几天和原因，例如：延期 {number} 3天 等配件")
        if issue.tier is Tier.COMPLEX:
            raise NotAllowed("复杂问题每个月给居民一次进展就行，不用延期。")
        if issue.extended >= MOST_EXTENSIONS:
            raise NotAllowed(f"已经延期 {MOST_EXTENSIONS} 次，不能再延。请办理、上交或改难度。")
        if not 1 <= days <= LONGEST_EXTENSION:
            raise NotAllowed(
                f"一次可以延 1 到 {LONGEST_EXTENSION} 天，例如：延期 {number} 3天 等配件"
            )
        self._in_time(issue, "延期")
        until = issue.due_at + timedelta(days=days)
        data = {"until": until.isoformat()}
        event = self._ask(issue, by, Change(Action.EXTEND, before, reason, data))
        task = self._task(issue, event.seq)
        asked = {"until": words.deadline(until, self._zone), "reason": reason}
        notice = words.wants(issue, self.office, "wants_time", task, **asked)
        self._tell_approver(issue, event, notice)

    def decline(self, issue: Issue, by: Actor, reason: str, channel: str) -> None:
        """不受理: a reason and the right channel, approved one level up."""
        before = self._advance(issue, Action.DECLINE, by)
        number = short(issue.number)
        ask = f"请写明原因和居民该找谁，例如：不受理 {number} 是法院管的事，请找县法院立案大厅"
        self._needs(Action.DECLINE, reason, ask)
        self._needs(Action.DECLINE, channel, ask)
        change = Change(Action.DECLINE, before, reason, {"channel": channel})
        event = self._ask(issue, by, change)
        task = self._task(issue, event.seq)
        asked = {"reason": reason, "channel": channel}
        notice = words.wants(issue, self.office, "wants_to_decline", task, **asked)
        self._tell_approver(issue, event, notice)

    def grant(self, issue: Issue, by: Actor) -> None:
        """The next level agrees; the residents are told what changes and why."""
        before = self._advance(issue, Action.GRANT, by)
        asked = self._open_request(issue)
        reason, data = self._last_reason(issue, asked), dict(issue.wanted_data)
        if asked is Action.RETURN and not self._may_decide(issue, by):
            raise NotAllowed("第三次退单要由片长、村或镇来定。")
        issue.wanted, issue.wanted_data = None, {}
        if asked is Action.REGRADE:
            self._set_tier(issue, Tier(data["tier"]))
        elif asked is Action.EXTEND:
            self._set_due(issue, datetime.fromisoformat(data["until"]))
        elif asked is Action.DECLINE:
            self._turn_away(issue)
        else:
            self._give_as_decided(issue, data)
        data = {"what": asked, **self._promise(issue), **self._where(issue)}
        event = self._event(issue, by, Change(Action.GRANT, before, reason, data))
        self._tell_granted(issue, asked, event)

    def refuse(self, issue: Issue, by: Actor, reason: str = "") -> None:
        """The next level does not agree; the promise stays as it is."""
        before = self._advance(issue, Action.REFUSE, by)
        asked = self._open_request(issue)
        issue.wanted, issue.wanted_data = None, {}
        event = self._event(issue, by, Change(Action.REFUSE, before, reason, {"what": asked}))
        why = f"：{reason}" if reason else ""
        notice = self._notice(issue, "refused", what=ACTION_CHINESE[asked], why=why)
        self._tell_holder(issue, f"e{event.seq}:refused", notice)

    def approver(self, issue: Issue) -> Person | None:
        """Who is asked: one level up, for a third 退单 the 片长 or higher."""
        return self._judge(issue) if issue.wanted is Action.RETURN else self._above(issue, 1)

    # --- asking ---

    def _ask(self, issue: Issue, by: Actor, change: Change) -> Event:
        """Remember the question; raises NotAllowed when there is nobody to ask, or one is open."""
        if issue.wanted is not None:
            waiting = ACTION_CHINESE[issue.wanted]
            raise NotAllowed(f"{issue.number} 的「{waiting}」还在等上一级答复。")
        if self._next_seat(issue) is None:
            raise NotAllowed(
                f"上面没有可以批准的人，「{ACTION_CHINESE[Action(change.kind)]}」办不了。"
            )
        issue.wanted, issue.wanted_data = Action(change.kind), change.data
        return self._event(issue, by, change)

    def _in_time(self, issue: Issue, what: str) -> None:
        if self.now >= issue.due_at:
            raise NotAllowed(f"已经过了答应的时间，不能再{what}了，请办理或上交。")

    def _tell_approver(self, issue: Issue, event: Event, notice: Notice) -> None:
        approver = self._above(issue, 1)
        assert approver is not None  # _ask has looked
        self._tell(issue).later(approver.userid, f"e{event.seq}:asks", notice, while_open=True)

    def _open_request(self, issue: Issue) -> Action:
        if issue.wanted is None:
            raise NotAllowed(f"{issue.number} 没有等您答复的申请。")
        return issue.wanted

    # --- what becomes of it ---

    def _lower(self, issue: Issue, by: Actor, tier: Tier, reason: str, before: State) -> None:
        due_at = marks.promised(issue.reported_at, tier, self._clock, issue.tier_version)
        if due_at <= self.now:
            raise NotAllowed(f"“{TIER_CHINESE[tier]}”的时间已经过了，不能改低。请办理或上交。")
        issue.tier, issue.due_at, issue.promised_at = tier, due_at, due_at
        self._plan(issue)
        event = self._event(issue, by, Change(Action.REGRADE, before, reason, self._promise(issue)))
        self._tell_new_date(issue, event, reason, harder=False)

    def _set_tier(self, issue: Issue, tier: Tier) -> None:
        """The promise of the harder tier, never earlier than what was promised already."""
        issue.tier = tier
        due_at = marks.promised(issue.reported_at, tier, self._clock, issue.tier_version)
        issue.promised_at, issue.due_at = due_at, max(due_at, issue.due_at)
        self._plan(issue)

    def _set_due(self, issue: Issue, due_at: datetime) -> None:
        if due_at <= self.now:
            raise NotAllowed("申请的日子已经过了，同意也来不及了。请直接办理或上交。")
        issue.due_at = max(due_at, issue.due_at)
        issue.extended += 1
        self._plan(issue)

    def _turn_away(self, issue: Issue) -> None:
        issue.state = GRANTED[Action.DECLINE]
        issue.closed_at, issue.suspended_until = self.now, None
        issue.next_mark_at = issue.next_nudge_at = None

    def _give_as_decided(self, issue: Issue, data: dict[str, str]) -> None:
        """The third 退单 was right: it goes where it was said to belong, and stays there."""
        person = tree.person(self.session, data["person"])
        unit = tree.unit_at(self.session, data["unit"])
        if person is None or unit is None:
            raise NotAllowed("要退给的单位已经不在花名册上了，请用：强派 编号 给 单位")
        issue.forced, issue.state = True, State.PENDING
        target = Target(person, unit, why="上一级同意了第三次退单")
        self._give_to(issue, self._by_table(issue, target))

    # --- telling ---

    def _tell_granted(self, issue: Issue, asked: Action, event: Event) -> None:
        if asked is Action.REGRADE:
            self._tell_new_date(issue, event, event.reason, harder=True)
            notice = self._notice(issue, "tier_granted", tier=TIER_CHINESE[issue.tier])
            self._tell_holder(issue, f"e{event.seq}:tier", notice)
        elif asked is Action.EXTEND:
            notice = self._notice(issue, "extended", reason=event.reason)
            self._tell_residents(issue, f"e{event.seq}:extended", notice)
            self._tell_holder(issue, f"e{event.seq}:granted", self._notice(issue, "may_extend"))
        elif asked is Action.DECLINE:
            self._tell_turned_away(issue, event)
        else:
            self._tell_moved(issue, event.seq, "指定您办理", None)

    def _tell_turned_away(self, issue: Issue, event: Event) -> None:
        asked = [e for e in self._events(issue) if e.kind == Action.DECLINE][-1]
        channel = asked.data["channel"]
        notice = self._notice(issue, "declined", reason=event.reason, channel=channel)
        self._tell_residents(issue, f"e{event.seq}:declined", notice)
        self._tell_holder(issue, f"e{event.seq}:granted", self._notice(issue, "may_decline"))

    def _tell_new_date(self, issue: Issue, event: Event, reason: str, *, harder: bool) -> None:
        why = reason or "按实际情况调整"
        notice = words.regraded(issue, self.office, why, harder=harder)
        self._tell_residents(issue, f"e{event.seq}:tier", notice)
