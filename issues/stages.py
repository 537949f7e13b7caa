"""进度: the four stages of an issue with their times, the last 进展, and the next date.

Told from the events alone, for the resident and for those who serve. A date that has gone by is
never promised again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from issues import events, ringing, standing, tell, wording
from issues.texts import cut
from issues.work import Work
from rules import marks
from rules.words import OPEN_STATES, STATE_CHINESE, Action, State, Tier
from storage.tables import Event, Issue

#: Somebody has begun: a 挂起 waits in the middle of the work.
_BEGUN = frozenset({State.WORKING, State.SUSPENDED, State.RESOLVED, State.CLOSED})


@dataclass(frozen=True)
class Stages:
    """When each stage was reached, None for one that is still ahead; what was said last."""

    reported: datetime
    accepted: datetime | None = None
    working: datetime | None = None
    done: datetime | None = None
    progress_at: datetime | None = None
    progress: str = ""


def stages(issue: Issue, happened: Iterable[Event]) -> Stages:
    """The stages as the issue stands: what has gone back to 待接单 waits to be accepted again."""
    accepted = working = progress_at = None
    progress = ""
    for event in happened:
        if event.after == State.PENDING:
            accepted = working = None
        elif event.after == State.ACCEPTED:
            accepted = accepted or event.at
        elif event.after in _BEGUN:
            accepted, working = accepted or event.at, working or event.at
        if event.kind == Action.PROGRESS:
            progress_at, progress = event.at, event.reason
    done = issue.resolved_at or (issue.closed_at if issue.state is State.CLOSED else None)
    return Stages(issue.reported_at, accepted, working, done, progress_at, progress)


def lines(work: Work, issue: Issue, reached: Stages) -> list[str]:
    """✓ 已报 6月1日 09:00, ○ 办结; of what has ended before, only what was reached."""
    named = {
        "stage_reported": reached.reported,
        "stage_accepted": reached.accepted,
        "stage_working": reached.working,
        "stage_done": reached.done,
    }
    over = issue.state in (State.DECLINED, State.WITHDRAWN, State.MERGED)
    return [_line(work, key, at) for key, at in named.items() if at or not over]


def _line(work: Work, key: str, at: datetime | None) -> str:
    stage = work.say(key)
    if at is None:
        return work.say("stage_ahead", stage=stage)
    return work.say("stage_reached", stage=stage, when=wording.moment(at, work.zone))


def status(
    work: Work,
    issue: Issue,
    said: str = "",
    *,
    longest: int = 400,
    brief: bool = False,
    phone: bool = False,
) -> str:
    """进度, for the resident; ``said``: the own words of one who has joined; ``longest``: how many
    characters are quoted; ``brief``: the stages on one line; ``phone``: with the holder's number,
    which is for nobody else in a group."""
    reached = stages(issue, events.of(work.session, issue.id))
    told = {
        "state": STATE_CHINESE[issue.state],
        "said": cut(said or issue.content, min(60, longest)),
        "stages": (" " if brief else "\n").join(lines(work, issue, reached)),
        "result": done_so_far(work, issue, reached, longest),
        "now": now(work, issue, phone=phone),
    }
    return wording.say(work, issue, "status", **told)


def done_so_far(work: Work, issue: Issue, reached: Stages, longest: int) -> str:
    """What was done, once that has been said, else the last 进展; "" without any."""
    if issue.state is State.RESOLVED or issue.result:
        return work.texts.say("status_result", {"result": cut(issue.result, longest) or "—"})
    if reached.progress_at is None:
        return ""
    when = wording.moment(reached.progress_at, work.zone)
    return work.say("status_last", when=when, said=cut(reached.progress, longest))


def now(work: Work, issue: Issue, *, phone: bool) -> str:
    """Who has it and until when, while it is open; a promise that is broken is said to be."""
    if issue.state not in OPEN_STATES:
        return ""
    tel = wording.holders_phone(work, issue) if phone else ""
    if issue.delicate:  # nobody in despair is told a deadline
        return wording.say(work, issue, "status_now_delicate", phone=tel)
    if tell.runs(work, issue):
        return _urgent(work, issue, phone=phone)
    if issue.tier is Tier.COMPLEX:
        month = marks.next_month(issue.reported_at, issue.due_at, work.now, work.clock)
        then = wording.deadline(month, work.zone)
        return wording.say(work, issue, "status_monthly", phone=tel, next=then)
    if issue.due_at <= work.now:
        at = issue.next_mark_at
        again = wording.deadline(at, work.zone) if at and at > work.now else ""
        then = work.say("status_again", next=again) if again else ""
        return wording.say(work, issue, "status_late", phone=tel, next=then)
    # the original date stays visible beside one that 延期 or 挂起 has moved
    moved = issue.due_at != issue.promised_at and issue.promised_at > work.now
    told = wording.say(work, issue, "status_moved") if moved else ""
    return wording.say(work, issue, "status_now", phone=tel, moved=told)


def _urgent(work: Work, issue: Issue, *, phone: bool) -> str:
    """Of what burns nobody is told a day, but who knows of it and whether somebody comes."""
    state = ringing.answered(work, issue)
    named = standing.rung(work, issue)
    rung = [(wording.called(one, level), one) for one, level in named]
    told = [wording.with_phone(name, one) if phone else name for name, one in rung]
    return wording.say(work, issue, "status_now_urgent", state=state, rung="、".join(told))
