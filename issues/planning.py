"""The columns by which the clock finds an issue again: the next mark and the next nudge.

Which moments there are is rules/marks.py's business, what happens then marking.py's.
"""

from datetime import datetime

from issues import standing
from issues.work import Work
from rules import marks
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
    first = marks.nudges(reported, work.now, due_at, work.pace, work.clock)
    return first[0].at if first else None


def nudges(work: Work, issue: Issue) -> list[marks.Nudge]:
    """All reminders around the promise, and what has a deadline of its own."""
    pace = work.pace
    own = marks.nudges(issue.reported_at, issue.held_since, issue.due_at, pace, work.clock)
    if issue.suspended_until:
        own = [marks.Nudge(marks.NudgeKind.RESUME, issue.suspended_until)]
    if issue.sub_due_at:
        own.append(marks.Nudge(marks.NudgeKind.SUB_DUE, issue.sub_due_at))
    helpers = (a for a in standing.assists(work, issue) if not a.answered_at and not a.overdue)
    own += [marks.Nudge(marks.NudgeKind.ASSIST_DUE, helper.due_at) for helper in helpers]
    return sorted(own, key=lambda nudge: nudge.at)
