"""协办: a unit is asked to help, with a deadline of its own; the lead answers for the whole.

Who is meant by a name or a unit is people/finding.py's business.
"""

from issues import allowed, events, moving, planning, standing, tell, words
from issues.events import CLOCK, Actor, Change
from issues.moving import Target
from issues.numbers import short
from issues.work import Work
from people import tree
from rules.transitions import NotAllowed
from rules.words import Action
from storage.tables import Assist, Event, Issue


def assist(
    work: Work, issue: Issue, by: Actor, target: Target, request: str, days: int | None = None
) -> Assist:
    """协办: asks a unit to help, with its own deadline in working days (if none is said, the
    one of the 分工表); names stay covered."""
    before = allowed.advance(work, issue, Action.ASSIST, by)
    number = short(issue.number)
    allowed.needs(Action.ASSIST, request, f"请写明要做什么，例如：协办 {number} 供电所 查线路")
    _may_help(work, issue, target)
    target = moving.by_table(work, issue, target, lead=False)
    due_at = moving.sub_due(work, days if days is not None else target.days or moving.SUB_DAYS)
    helper = Assist(
        issue_id=issue.id,
        unit_id=target.unit.id,
        person_id=target.person.id,
        asked_by=by.person_id,
        request=request,
        asked_at=work.now,
        due_at=due_at,
        unit=target.unit,
        person=target.person,
    )
    work.session.add(helper)
    work.session.flush()
    planning.plan_nudge(work, issue, work.now)
    data = {"unit_asked": target.unit.path, "helper": target.person.userid, "why": target.why}
    data["sub_due_at"] = due_at.isoformat()
    event = events.record(work, issue, by, Change(Action.ASSIST, before, request, data))
    _tell_helper(work, issue, helper, event)
    return helper


def answer_assist(work: Work, issue: Issue, by: Actor, answer: str) -> None:
    """The helper says what was done; the lead answers for the whole."""
    before = allowed.advance(work, issue, Action.ASSIST_DONE, by)
    number = short(issue.number)
    allowed.needs(Action.ASSIST_DONE, answer, f"请说一句做了什么，例如：协办完成 {number} 已查")
    assert by.person_id is not None  # helpers are known people
    helper = standing.assist_of(work, issue, by.person_id)
    assert helper is not None  # the table says that he is one
    helper.answered_at, helper.answer = work.now, answer.strip()
    planning.plan_nudge(work, issue, work.now)
    data = {"unit_asked": helper.unit.path, "overdue": helper.overdue}
    event = events.record(work, issue, by, Change(Action.ASSIST_DONE, before, helper.answer, data))
    notice = words.notice(work, issue, "helped", unit=helper.unit.name, answer=helper.answer)
    tell.holder(work, issue, f"e{event.seq}:helped", notice)


def replace_helper(work: Work, assist: Assist) -> None:
    """The helper has left: a colleague of the same unit is asked, else the lead is told."""
    issue = work.session.get(Issue, assist.issue_id)
    assert issue is not None  # issues are never deleted
    colleagues = tree.in_unit(work.session, assist.unit, work.today)
    if colleagues:
        assist.person, assist.person_id = colleagues[0], colleagues[0].id
    else:
        assist.answered_at, assist.answer = work.now, "协办人已离开，单位暂时没有人"
    data = {"unit_asked": assist.unit.path, "helper": assist.person.userid}
    event = events.record(work, issue, CLOCK, Change("helper_left", issue.state, data=data))
    if colleagues:
        _tell_helper(work, issue, assist, event)
        return
    unit, answer = assist.unit.name, assist.answer
    notice = words.notice(work, issue, "helper_left", unit=unit, answer=answer)
    tell.holder(work, issue, f"e{event.seq}:helper_left", notice)


def _tell_helper(work: Work, issue: Issue, assist: Assist, event: Event) -> None:
    """What is asked, by card; he reads no name unless the lead has opened it (domain.md §8)."""
    until = words.deadline(assist.due_at, work.zone)
    content = issue.content if assist.named else standing.covered_content(work, issue)
    task = tell.task(issue, event.seq, "a")
    asked = {"request": assist.request, "until": until}
    card = words.helper_card(work, issue, task, **asked, content=content)
    brief = words.cut(content, 60)
    notice = words.notice(work, issue, "asked_to_help", card=card, **asked, content=brief)
    tell.new_holder(work, issue, assist.person, f"e{event.seq}:new:help", notice)


def _may_help(work: Work, issue: Issue, target: Target) -> None:
    if moving.is_shut_out(work, issue, target):
        raise NotAllowed("这件事不能请这位同志协办。")
    if any(
        a.unit_id == target.unit.id and not a.answered_at for a in standing.assists(work, issue)
    ):
        raise NotAllowed(f"已经请{target.unit.name}协办了，还在等他们答复。")


def pass_overdue(work: Work, issue: Issue) -> None:
    """协办 not answered in time: flagged, and both sides are told."""
    for helper in standing.assists(work, issue):
        if helper.answered_at or helper.overdue or helper.due_at > work.now:
            continue
        helper.overdue = True
        data = {"unit_asked": helper.unit.path}
        event = events.record(work, issue, CLOCK, Change("assist_overdue", issue.state, data=data))
        _tell_helper_overdue(work, issue, helper, event)
    work.session.flush()
    planning.plan_nudge(work, issue, work.now)


def _tell_helper_overdue(work: Work, issue: Issue, helper: Assist, event: Event) -> None:
    what, unit = f"e{event.seq}:late_help", helper.unit.name
    asked = words.notice(work, issue, "help_overdue", request=helper.request)
    tell.persons(work, issue, [helper.person], what, asked, work.now)
    lead = words.notice(work, issue, "helper_overdue", unit=unit)
    tell.persons(work, issue, [issue.holder], what, lead, work.now)
