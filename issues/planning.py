"""The columns by which the clock finds an issue again: the next mark and the next nudge.

Which moments there are is rules/marks.py's business, what happens then marking.py's.
"""

from datetime import datetime

from issues import standing
from issues.work import Work
from rules import marks
from rules.words import State, Tier
from storage.tables import (
    Issue,
)


def mark_after_now(work: Work, issue: Issue) -> datetime:
    return marks.next_mark(issue.reported_at, issue.due_at, work.now, work.clock).at


def plan(work: Work, issue: Issue) -> None:
    """Look at it again at the next mark, and at the next nudge after now."""
    issue.next_mark_at = mark_after_now(work, issue)
    plan_nudge(work, issue, work.now)


def plan_nudge(work: Work, issue: Issue, after: datetime) -> None:
    later = [nudge.at for nudge in nudges(work, issue) if nudge.at > after]
    issue.next_nudge_at = min(later) if later else None


def first_nudge(work: Work, reported: datetime, due_at: datetime) -> datetime | None:
    """The first reminder of an issue that is registered now."""
    around = marks.nudges(reported, due_at, work.pace, work.clock)
    waiting = marks.unaccepted(max(reported, work.now), 0, work.pace)
    return min(nudge.at for nudge in (*around, *waiting))


def unaccepted(work: Work, issue: Issue) -> list[marks.Nudge]:
    """When it is told that nobody accepts: counted once, from the delivery of the first holder's
    card; as long as that is not known, from the report, and looked at then."""
    since = issue.carded_at or max(issue.reported_at, work.now)
    found = marks.unaccepted(since, issue.unaccepted, work.pace)
    # later the broken promise itself says more, to the same people
    return [nudge for nudge in found if nudge.at < issue.due_at]


def renew(work: Work, issue: Issue) -> None:
    """复杂: progress given late renews the promise, for the month that runs (domain.md §4)."""
    if issue.tier is Tier.COMPLEX and issue.due_at <= work.now:
        due_at = marks.next_month(issue.reported_at, issue.due_at, work.now, work.clock)
        issue.due_at = issue.promised_at = due_at
        plan(work, issue)


def nudges(work: Work, issue: Issue) -> list[marks.Nudge]:
    """All reminders around the promise, and what has a deadline of its own."""
    pace = work.pace
    own = marks.nudges(issue.reported_at, issue.due_at, pace, work.clock)
    if issue.state is State.PENDING:
        own += unaccepted(work, issue)
    if issue.suspended_until:
        own = [marks.Nudge(marks.NudgeKind.RESUME, issue.suspended_until)]
    if issue.sub_due_at:
        own.append(marks.Nudge(marks.NudgeKind.SUB_DUE, issue.sub_due_at))
    helpers = (a for a in standing.assists(work, issue) if not a.answered_at and not a.overdue)
    own += [marks.Nudge(marks.NudgeKind.ASSIST_DUE, helper.due_at) for helper in helpers]
    return sorted(own, key=lambda nudge: nudge.at)
