"""What the words of an action mean: whom, how long, why, and what is said afterwards.

Each takes what was said after the number; rules/actions.py names it in the action's row.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from handlers.asking import Missing, Unclear
from handlers.attempt import attempt
from handlers.context import Context
from issues import (
    helping,
    merging,
    moving,
    requesting,
    ringing,
    splitting,
    standing,
    tell,
    wording,
    working,
)
from issues.moving import Target
from issues.short_numbers import by_numbers, short
from people import finding
from people.finding import Found
from rules.actions import Row
from rules.transitions import NotAllowed
from rules.words import TIER_CHINESE, Action
from speech import days, whom
from speech.days import NoSuchDay, Until
from speech.tiers import tier
from storage.tables import Issue

ASK_WHOM = {
    Action.RETURN: "whom_returned",
    Action.REASSIGN: "whom_reassigned",
    Action.ASSIGN: "whom_assigned",
    Action.ASSIST: "whom_asked",
}
#: A name and a reason written together: 给二组不在我们组.
LONGEST_NAME = 12
#: Does it on the words that were said; None leaves what is said of it to the row.
Act = Callable[[Context, Issue, str], str | None]


def act(row: Row) -> Act:
    """The function of this module that the row names."""
    does: Act = globals()[row.act]
    return does


# --- to whom ---


def give_back(ctx: Context, issue: Issue, said: str) -> str:
    found, why = _whom(ctx, issue, Action.RETURN, said)
    moving.give_back(ctx.work, issue, ctx.actor, _target(found), why)
    judge = requesting.approver(ctx.work, issue) if issue.wanted is Action.RETURN else None
    if judge:
        return ctx.say("did_return_asked", name=judge.name)
    return ctx.say("did_return", whom=found.label, told=_told(ctx, issue))


def reassign(ctx: Context, issue: Issue, said: str) -> str:
    found, why = _whom(ctx, issue, Action.REASSIGN, said)
    moving.reassign(ctx.work, issue, ctx.actor, _target(found), why)
    return ctx.say("did_reassign", whom=found.label, told=_told(ctx, issue))


def assign(ctx: Context, issue: Issue, said: str) -> str:
    found, why = _whom(ctx, issue, Action.ASSIGN, said)
    moving.assign(ctx.work, issue, ctx.actor, _target(found), why)
    return ctx.say("did_assign", whom=found.label, told=_told(ctx, issue))


def assist(ctx: Context, issue: Issue, said: str) -> str:
    found, rest = _whom(ctx, issue, Action.ASSIST, said)
    request, days = _sub_days(ctx, rest)
    if len(request) < 2:
        ask = ctx.say("whom_asked_what", whom=found.label)
        raise Missing(Action.ASSIST, ask, f"{found.key} {rest}".strip(), "{kept} {said}")
    given = {"days": days} if days else {}
    helper = helping.assist(ctx.work, issue, ctx.actor, _target(found), request, **given)
    until = wording.deadline(helper.due_at, ctx.office.clock.zone)
    return ctx.say("did_assist", whom=found.label, until=until)


def _target(found: Found) -> Target:
    """Why it is that one is left to the 分工表: that somebody has said so is no reason."""
    return Target(found.person, found.unit, found.behalf)


def _whom(ctx: Context, issue: Issue, action: Action, said: str) -> tuple[Found, str]:
    """The one who is meant and the words after it. Raises Missing or Unclear."""
    named = whom.whom(said)
    if not named.said:
        raise Missing(action, ctx.say(ASK_WHOM[action]), named.rest)
    found = _all_meant(ctx, issue, named.said)
    rest = named.rest
    if not found:
        found, more = _run_together(ctx, issue, named.said)
        rest = f"{more} {rest}".strip()
    if not found:
        kept = named.rest if named.named or action is Action.ASSIST else said
        near = _near(ctx, issue, named.said)
        question = ctx.say("whom_near" if near else ASK_WHOM[action])
        unknown = ctx.say("whom_unknown", said=named.said, question=question)
        raise Missing(action, unknown, kept, near=[(one, named.rest) for one in near])
    if len(found) > 1:
        which = ctx.say("choose_person", name=named.said)
        raise Unclear(action, which, [(one, rest) for one in found])
    return found[0], rest


def _near(ctx: Context, issue: Issue, said: str) -> list[Found]:
    """Who there is to ask: by the 分工表 for such words, else by a name that is like them."""
    near, day = ctx.work.unit(issue), ctx.work.today
    routes = ctx.office.routes.find(said, near.path if near else "")
    named = (finding.find(ctx.town, route.unit, near=near, day=day)[:1] for route in routes)
    found = [one for several in named for one in several]
    if not found and len(said) <= LONGEST_NAME:
        found = finding.alike(ctx.town, said, near=near, day=day)
    found = [one for one in found if one.person.id != issue.holder_id]
    return list({one.key: one for one in found}.values())[: finding.MOST_ALIKE]


def is_somebody(ctx: Context, issue: Issue, said: str) -> bool:
    """Whether the words are the name of somebody to whom it can be given, and nothing else."""
    named = whom.whom(said)
    return bool(named.said and not named.rest and _all_meant(ctx, issue, named.said))


def _all_meant(ctx: Context, issue: Issue, said: str) -> list[Found]:
    """Nobody means the present holder when somebody else has the same name."""
    near = ctx.work.unit(issue)
    found = finding.find(ctx.town, said, near=near, day=ctx.work.today)
    others = [one for one in found if one.person.id != issue.holder_id]
    return others or found


def _run_together(ctx: Context, issue: Issue, said: str) -> tuple[list[Found], str]:
    for length in range(min(len(said) - 1, LONGEST_NAME), 1, -1):
        name = said[:length]
        found = [f for f in _all_meant(ctx, issue, name) if name in (f.unit.name, f.person.name)]
        if found:
            return found, said[length:]
    return [], ""


def _sub_days(ctx: Context, said: str) -> tuple[str, int | None]:
    """查线路 3天 -> (查线路, 3): at either end; a day is counted in working days."""
    until = _until(ctx, said)
    if until.rest not in (said[: len(until.rest)], said[len(said) - len(until.rest) :]):
        return said, None  # 把3天前坏的线路查一下
    if until.day:
        return until.rest, _workdays(ctx, until.day)
    return until.rest, until.days


def _workdays(ctx: Context, day: date) -> int:
    today, is_workday = ctx.office.today(ctx.now), ctx.office.clock.is_workday
    if day <= today:
        raise NotAllowed(ctx.say("refused_day_past", day=wording.day(day)))
    span = (day - today).days
    return max(1, sum(is_workday(today + timedelta(days=n)) for n in range(1, span + 1)))


# --- how long ---


def extend(ctx: Context, issue: Issue, said: str) -> str:
    until = _until(ctx, said)
    if until.day is None and until.days is None:
        raise Missing(Action.EXTEND, ctx.say("how_long_extended"), said)
    days = until.days if until.day is None else _days_beyond(ctx, issue, until.day)
    requesting.extend(ctx.work, issue, ctx.actor, days or 0, until.rest)
    return ctx.say("did_extend", name=_approver(ctx, issue))


def suspend(ctx: Context, issue: Issue, said: str) -> str:
    until = _until(ctx, said)
    if until.day is None and until.days is None:
        raise Missing(Action.SUSPEND, ctx.say("how_long_suspended"), said)
    today = ctx.office.today(ctx.now)
    days = until.days if until.day is None else (_ahead(ctx, until.day) - today).days
    working.suspend(ctx.work, issue, ctx.actor, days or 0, until.rest)
    return wording.say(ctx.work, issue, "did_suspend", told=_told(ctx, issue, result=True))


def _until(ctx: Context, said: str) -> Until:
    try:
        return days.until(said, ctx.office.today(ctx.now))
    except NoSuchDay as wrong:
        raise NotAllowed(str(wrong)) from wrong


def _ahead(ctx: Context, day: date) -> date:
    if day <= ctx.office.today(ctx.now):
        raise NotAllowed(ctx.say("refused_day_come", day=wording.day(day)))
    return day


def _days_beyond(ctx: Context, issue: Issue, day: date) -> int:
    """How many days later than what was promised."""
    zone = ctx.office.clock.zone
    last = (issue.due_at - timedelta(seconds=1)).astimezone(zone).date()
    if _ahead(ctx, day) <= last:
        raise NotAllowed(wording.say(ctx.work, issue, "refused_day_early", day=wording.day(day)))
    return (day - last).days


def _approver(ctx: Context, issue: Issue) -> str:
    approver = requesting.approver(ctx.work, issue)
    return approver.name if approver else ctx.say("leave_to_above")


# --- what is asked for, and the answer ---


def regrade(ctx: Context, issue: Issue, said: str) -> str:
    wanted, reason = tier(said)
    if wanted is None:
        ask = ctx.say("needs_which_tier", short=short(issue.number))
        raise Missing(Action.REGRADE, ask, said)
    requesting.regrade(ctx.work, issue, ctx.actor, wanted, reason)
    if issue.wanted is None:
        told = _told(ctx, issue, result=True)
        return ctx.say("did_lower", tier=TIER_CHINESE[issue.tier], told=told)
    return ctx.say("did_regrade", name=_approver(ctx, issue))


def decline(ctx: Context, issue: Issue, said: str) -> str:
    reason, where = whom.channel(said)
    if reason and not where:
        ask = ctx.say("whom_instead")
        raise Missing(Action.DECLINE, ask, reason, "{kept}，请找{said}")
    where = whom.without_asking(where)
    requesting.decline(ctx.work, issue, ctx.actor, reason, where)
    return ctx.say("did_decline", name=_approver(ctx, issue), channel=where)


def grant(ctx: Context, issue: Issue, said: str) -> str:
    wanted = issue.wanted
    requesting.grant(ctx.work, issue, ctx.actor)
    told = _told(ctx, issue, result=True)
    if wanted is Action.DECLINE:
        return ctx.say("did_grant_decline", told=told)
    if wanted is Action.RETURN:
        return wording.say(ctx.work, issue, "did_grant_return")
    return ctx.say("did_grant", told=told)


def refuse(ctx: Context, issue: Issue, said: str) -> str:
    requesting.refuse(ctx.work, issue, ctx.actor, said)
    when = tell.heard_at(ctx.work, issue)
    other = ctx.say("hears_other")
    return ctx.say("did_refuse", told=wording.hears(ctx.work, other, when))


# --- the rest ---


def merge(ctx: Context, issue: Issue, said: str) -> str:
    """``issue``: the one that the others, by their full numbers, go into. Those that cannot are
    said one by one."""
    done, told = list[str](), list[str]()
    for other in by_numbers(ctx.session, said.split()):
        refusal = attempt(ctx, partial(merging.merge, ctx.work, other, ctx.actor, issue))
        if refusal:
            told.append(ctx.say("merge_not", short=short(other.number), why=refusal))
        else:
            done.append(short(other.number))
    if not done:
        raise NotAllowed("\n".join(told))
    given = {"numbers": "、".join(done), "count": len(standing.endorsements(ctx.work, issue)) + 1}
    given["first"] = done[0]
    return "\n".join([ctx.say("did_merge", **given), *told])


def split(ctx: Context, issue: Issue, _said: str) -> str:
    into = splitting.split(ctx.work, issue, ctx.actor)
    told, other = _told(ctx, issue), short(into.number)
    return wording.say(ctx.work, issue, "did_split", other=other, told=told)


def dismiss(ctx: Context, issue: Issue, said: str) -> None:
    working.dismiss(ctx.work, issue, ctx.actor, said)


def accept(ctx: Context, issue: Issue, _said: str) -> None:
    working.accept(ctx.work, issue, ctx.actor)


def raise_up(ctx: Context, issue: Issue, said: str) -> None:
    moving.raise_up(ctx.work, issue, ctx.actor, said)


def on_way(ctx: Context, issue: Issue, said: str) -> None:
    ringing.on_way(ctx.work, issue, ctx.actor, said)


def answer_assist(ctx: Context, issue: Issue, said: str) -> None:
    helping.answer_assist(ctx.work, issue, ctx.actor, said)


def show_names(ctx: Context, issue: Issue, _said: str) -> None:
    working.show_names(ctx.work, issue, ctx.actor)


def resolve(ctx: Context, issue: Issue, said: str) -> str:
    """Of what is spoken of in private nobody is asked a rating."""
    working.resolve(ctx.work, issue, ctx.actor, said)
    if issue.delicate:
        return ctx.say("did_resolve_delicate")
    return ctx.say("did_resolve", told=_told(ctx, issue, result=True))


def unresolve(ctx: Context, issue: Issue, said: str) -> str:
    told = working.unresolve(ctx.work, issue, ctx.actor, said)
    hear = _told(ctx, issue, result=True) if told else ctx.say("hears_nothing")
    key = "did_unresolve" if issue.due_at > ctx.now else "did_unresolve_late"
    return wording.say(ctx.work, issue, key, told=hear)


def progress(ctx: Context, issue: Issue, said: str) -> str:
    working.progress(ctx.work, issue, ctx.actor, said)
    return ctx.say("did_progress", told=_told(ctx, issue))


def urge(ctx: Context, issue: Issue, said: str) -> str:
    working.urge(ctx.work, issue, ctx.actor, said)
    return ctx.say("did_urge", told=holder_hears(ctx, issue))


def supervise(ctx: Context, issue: Issue, said: str) -> str:
    working.supervise(ctx.work, issue, ctx.actor, said)
    return ctx.say("did_supervise", told=_told(ctx, issue))


def holder_hears(ctx: Context, issue: Issue) -> str:
    """When the one who has it hears of what has just been said: nobody is told a thing before."""
    when = tell.heard_at(ctx.work, issue)
    return wording.hears(ctx.work, wording.holding(ctx.work, issue), when)


def _told(ctx: Context, issue: Issue, *, result: bool = False) -> str:
    """When the residents hear of it."""
    return wording.residents_hear(ctx.work, tell.heard_at(ctx.work, issue, result=result))


def lift(ctx: Context, issue: Issue, said: str) -> str:
    moving.lift(ctx.work, issue, ctx.actor, said)
    return wording.say(ctx.work, issue, "did_lift")


def resume(ctx: Context, issue: Issue, said: str) -> str:
    working.resume(ctx.work, issue, ctx.actor, said)
    return wording.say(ctx.work, issue, "did_resume")
