"""协办: a unit is asked to help, with a deadline of its own; the lead answers for the whole.

Who is meant by a name or a unit is people/finding.py's business.
"""

from issues import allowed, events, moving, planning, standing, tell, wording
from issues.events import CLOCK, Actor, Change, Link
from issues.moving import Target
from issues.short_numbers import short
from issues.standing import userid_of
from issues.work import Work
from people.town import Unit
from rules.transitions import NotAllowed
from rules.words import Action
from storage.tables import Assist, Issue


def assist(
    work: Work, issue: Issue, by: Actor, target: Target, request: str, days: int | None = None
) -> Assist:
    """协办: asks a unit to help, with its own deadline in working days (if none is said, the
    one of the 分工表); names stay covered."""
    before = allowed.advance(work, issue, Action.ASSIST, by)
    allowed.needs(Action.ASSIST, request, work.say("needs_help", short=short(issue.number)))
    _may_help(work, issue, target)
    target = moving.by_table(work, issue, target, lead=False)
    due_at = moving.sub_due(work, days if days is not None else target.days or moving.SUB_DAYS)
    helper = work.added(
        Assist(
            issue_id=issue.id,
            unit_id=target.unit.id,
            person_id=target.person.id,
            asked_by=by.person_id,
            request=request,
            asked_at=work.now,
            due_at=due_at,
            overdue=False,
            named=False,
        )
    )
    planning.plan_nudge(work, issue, work.now)
    data = {"unit_asked": target.unit.path, "helper": target.person.userid, "why": target.why}
    data["sub_due_at"] = due_at.isoformat()
    event = events.record(work, issue, by, Change(Action.ASSIST, before, request, data))
    _tell_helper(work, issue, helper, event)
    return helper


def answer_assist(work: Work, issue: Issue, by: Actor, answer: str) -> None:
    """The helper says what was done; the lead answers for the whole."""
    before = allowed.advance(work, issue, Action.ASSIST_DONE, by)
    ask = work.say("needs_help_done", short=short(issue.number))
    allowed.needs(Action.ASSIST_DONE, answer, ask)
    assert by.person_id is not None  # helpers are known people
    helper = standing.assist_of(work, issue, by.person_id)
    assert helper is not None  # the table says that he is one
    helper.answered_at, helper.answer = work.now, answer.strip()
    planning.plan_nudge(work, issue, work.now)
    unit = _unit(work, helper)
    data = {"unit_asked": unit.path, "overdue": helper.overdue}
    event = events.record(work, issue, by, Change(Action.ASSIST_DONE, before, helper.answer, data))
    notice = wording.notice(work, issue, "helped", unit=unit.name, answer=helper.answer)
    tell.holder(work, issue, f"e{event.seq}:helped", notice)


def replace_helper(work: Work, assist: Assist) -> None:
    """The helper has left: a colleague of the same unit is asked, else the lead is told."""
    issue = work.session.get(Issue, assist.issue_id)
    assert issue is not None  # issues are never deleted
    unit = _unit(work, assist)
    colleagues = work.town.in_unit(unit, work.today)
    if colleagues:
        assist.person_id = colleagues[0].id
    else:
        assist.answered_at, assist.answer = work.now, work.say("reason_no_helper")
    asked = work.town.by_id(assist.person_id)
    data = {"unit_asked": unit.path, "helper": userid_of(asked)}
    event = events.record(work, issue, CLOCK, Change("helper_left", issue.state, data=data))
    if colleagues:
        _tell_helper(work, issue, assist, event)
        return
    notice = wording.notice(work, issue, "helper_left", unit=unit.name, answer=assist.answer)
    tell.holder(work, issue, f"e{event.seq}:helper_left", notice)


def _tell_helper(work: Work, issue: Issue, assist: Assist, event: Link) -> None:
    """What is asked, by card; he reads no name unless the lead has opened it (domain.md §8)."""
    until = wording.deadline(assist.due_at, work.zone)
    content = issue.content if assist.named else standing.covered_content(work, issue)
    task = tell.task(issue, event.seq, "a")
    asked = {"request": assist.request, "until": until}
    card = wording.helper_card(work, issue, task, **asked, content=content)
    brief = wording.cut(content, 60)
    notice = wording.notice(work, issue, "asked_to_help", card=card, **asked, content=brief)
    helper = work.town.by_id(assist.person_id)
    tell.new_holder(work, issue, helper, f"e{event.seq}:new:help", notice)


def _may_help(work: Work, issue: Issue, target: Target) -> None:
    if moving.is_shut_out(work, issue, target):
        raise NotAllowed(work.say("refused_helper"))
    if any(
        a.unit_id == target.unit.id and not a.answered_at for a in standing.assists(work, issue)
    ):
        raise NotAllowed(work.say("refused_helper_again", unit=target.unit.name))


def pass_overdue(work: Work, issue: Issue) -> None:
    """协办 not answered in time: flagged, and both sides are told."""
    for helper in standing.assists(work, issue):
        if helper.answered_at or helper.overdue or helper.due_at > work.now:
            continue
        helper.overdue = True
        data = {"unit_asked": _unit(work, helper).path}
        event = events.record(work, issue, CLOCK, Change("assist_overdue", issue.state, data=data))
        _tell_helper_overdue(work, issue, helper, event)
    work.session.flush()
    planning.plan_nudge(work, issue, work.now)


def _tell_helper_overdue(work: Work, issue: Issue, helper: Assist, event: Link) -> None:
    what, unit = f"e{event.seq}:late_help", _unit(work, helper).name
    asked = wording.notice(work, issue, "help_overdue", request=helper.request)
    tell.persons(work, issue, [work.town.by_id(helper.person_id)], what, asked, work.now)
    lead = wording.notice(work, issue, "helper_overdue", unit=unit)
    tell.persons(work, issue, [work.holder(issue)], what, lead, work.now)


def _unit(work: Work, assist: Assist) -> Unit:
    unit = work.town.unit(assist.unit_id)
    assert unit is not None  # a foreign key
    return unit
