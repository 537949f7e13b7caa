"""What the words of an action mean: whom, how long, why, and what is said afterwards.

Each takes what was said after the number; staff.ACTIONS names them, a line an action.
"""

from datetime import date, timedelta

from handlers.asking import Missing, Unclear
from handlers.context import Context
from issues import helping, moving, requesting, words, working
from issues.moving import Target
from issues.numbers import short
from people import finding
from people.finding import Found
from rules.deadlines import IsWorkday
from rules.transitions import NotAllowed
from rules.words import TIER_CHINESE, Action
from speech import days, whom
from speech.days import NoSuchDay, Until
from speech.tiers import tier
from storage.tables import Issue

ASK_WHOM = {
    Action.RETURN: "该退给谁？请回复单位或姓名，例如：长冲组",
    Action.REASSIGN: "转给谁？请回复单位或姓名，例如：长冲组",
    Action.ASSIGN: "派给谁？请回复单位或姓名，例如：长冲组",
    Action.ASSIST: "请谁协办、做什么？请回复，例如：供电所 查线路",
}
#: A name and a reason written together: 给二组不在我们组.
LONGEST_NAME = 12


# --- to whom ---


def give_back(ctx: Context, issue: Issue, said: str) -> str:
    found, why = _whom(ctx, issue, Action.RETURN, said)
    moving.give_back(ctx.work, issue, ctx.actor, _target(found), why)
    judge = requesting.approver(ctx.work, issue) if issue.wanted is Action.RETURN else None
    if judge:
        return f"已退过两次，这次请{judge.name}来定，定好告诉您。"
    return f"已退给{found.label}，居民已知道。"


def reassign(ctx: Context, issue: Issue, said: str) -> str:
    found, why = _whom(ctx, issue, Action.REASSIGN, said)
    moving.reassign(ctx.work, issue, ctx.actor, _target(found), why)
    return f"已转给{found.label}，居民已知道。"


def assign(ctx: Context, issue: Issue, said: str) -> str:
    found, why = _whom(ctx, issue, Action.ASSIGN, said)
    moving.assign(ctx.work, issue, ctx.actor, _target(found), why)
    return f"已指定{found.label}办理，居民已知道。"


def assist(ctx: Context, issue: Issue, said: str) -> str:
    found, rest = _whom(ctx, issue, Action.ASSIST, said)
    request, days = _sub_days(ctx, rest)
    if len(request) < 2:
        ask = f"请{found.label}做什么？请回复一句话，例如：查线路"
        raise Missing(Action.ASSIST, ask, f"{found.key} {rest}".strip(), "{kept} {said}")
    given = {"days": days} if days else {}
    helper = helping.assist(ctx.work, issue, ctx.actor, _target(found), request, **given)
    until = words.deadline(helper.due_at, ctx.office.clock.zone)
    return f"已请{found.label}协办，{until}答复。整件事仍由您负责。"


def _target(found: Found) -> Target:
    """Why it is that one is left to the 分工表: that somebody has said so is no reason."""
    return Target(found.person, found.unit, found.behalf)


def _whom(ctx: Context, issue: Issue, action: Action, said: str) -> tuple[Found, str]:
    """The one who is meant and the words after it. Raises Missing or Unclear."""
    named = whom.whom(said)
    if not named.said:
        raise Missing(action, ASK_WHOM[action], named.rest)
    found = _all_meant(ctx, issue, named.said)
    rest = named.rest
    if not found:
        found, more = _run_together(ctx, issue, named.said)
        rest = f"{more} {rest}".strip()
    if not found:
        kept = named.rest if named.named or action is Action.ASSIST else said
        raise Missing(action, f"没找到“{words.cut(named.said, 12)}”。{ASK_WHOM[action]}", kept)
    if len(found) > 1:
        raise Unclear(action, named.said, [(one, rest) for one in found])
    return found[0], rest


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
        today = ctx.office.today(ctx.now)
        return until.rest, _workdays(today, until.day, ctx.office.clock.is_workday)
    return until.rest, until.days


def _workdays(today: date, day: date, is_workday: IsWorkday) -> int:
    if day <= today:
        raise NotAllowed(f"{_chinese(day)}已经过了，请说以后的日子。")
    span = (day - today).days
    return max(1, sum(is_workday(today + timedelta(days=n)) for n in range(1, span + 1)))


# --- how long ---


def extend(ctx: Context, issue: Issue, said: str) -> str:
    until = _until(ctx, said)
    if until.day is None and until.days is None:
        raise Missing(Action.EXTEND, "延几天、为什么？请回复，例如：3天 等配件", said)
    days = until.days if until.day is None else _days_beyond(ctx, issue, until.day)
    requesting.extend(ctx.work, issue, ctx.actor, days or 0, until.rest)
    return f"延期申请已记下，要{_approver(ctx, issue)}同意，同意后告诉您和居民。"


def suspend(ctx: Context, issue: Issue, said: str) -> str:
    until = _until(ctx, said)
    if until.day is None and until.days is None:
        raise Missing(Action.SUSPEND, "等几天、等什么？请回复，例如：2天 等老人回家", said)
    today = ctx.office.today(ctx.now)
    days = until.days if until.day is None else (_ahead(ctx, until.day) - today).days
    working.suspend(ctx.work, issue, ctx.actor, days or 0, until.rest)
    due = words.deadline(issue.due_at, ctx.office.clock.zone)
    return f"已挂起，期限改到{due}，居民已知道。提前好了，回复：恢复 {short(issue.number)}"


def _until(ctx: Context, said: str) -> Until:
    try:
        return days.until(said, ctx.office.today(ctx.now))
    except NoSuchDay as wrong:
        raise NotAllowed(str(wrong)) from wrong


def _ahead(ctx: Context, day: date) -> date:
    if day <= ctx.office.today(ctx.now):
        raise NotAllowed(f"{_chinese(day)}已经到了，请说以后的日子。")
    return day


def _days_beyond(ctx: Context, issue: Issue, day: date) -> int:
    """How many days later than what was promised."""
    zone = ctx.office.clock.zone
    last = (issue.due_at - timedelta(seconds=1)).astimezone(zone).date()
    if _ahead(ctx, day) <= last:
        due = words.deadline(issue.due_at, zone)
        raise NotAllowed(f"{issue.number} 本来就是{due}到期，不用延到{_chinese(day)}。")
    return (day - last).days


def _chinese(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _approver(ctx: Context, issue: Issue) -> str:
    approver = requesting.approver(ctx.work, issue)
    return approver.name if approver else "上一级"


# --- what is asked for, and the answer ---


def regrade(ctx: Context, issue: Issue, said: str) -> str:
    wanted, reason = tier(said)
    if wanted is None:
        ask = f"请说改成哪一档，例如：难度 {short(issue.number)} 复杂 要等立项"
        raise Missing(Action.REGRADE, ask, said)
    requesting.regrade(ctx.work, issue, ctx.actor, wanted, reason)
    if issue.wanted is None:
        return f"已改为“{TIER_CHINESE[issue.tier]}”，新的时间已告诉居民。"
    return f"难度申请已记下，要{_approver(ctx, issue)}同意，同意后告诉您。"


def decline(ctx: Context, issue: Issue, said: str) -> str:
    reason, where = whom.channel(said)
    if reason and not where:
        ask = "居民该找谁？请回复去处，例如：县法院立案大厅"
        raise Missing(Action.DECLINE, ask, reason, "{kept}，请找{said}")
    where = whom.without_asking(where)
    requesting.decline(ctx.work, issue, ctx.actor, reason, where)
    return f"不受理的申请已记下，要{_approver(ctx, issue)}同意，同意后告诉居民去找{where}。"


def grant(ctx: Context, issue: Issue, said: str) -> str:
    wanted = issue.wanted
    requesting.grant(ctx.work, issue, ctx.actor)
    if wanted is Action.DECLINE:
        return "已同意不受理，原因和去处已告诉居民。"
    if wanted is Action.RETURN:
        return f"已同意，现在由{words.holding(ctx.work, issue)}负责。"
    return "已同意，新的时间已告诉居民。"


def refuse(ctx: Context, issue: Issue, said: str) -> str:
    requesting.refuse(ctx.work, issue, ctx.actor, said)
    return "已告诉对方不同意。"


# --- the rest ---


def resolve(ctx: Context, issue: Issue, said: str) -> str | None:
    """None leaves the usual words; of what is spoken of in private nobody is asked a rating."""
    working.resolve(ctx.work, issue, ctx.actor, said)
    return "已办结。这样的事不请居民评价，请常去看看。辛苦了！" if issue.delicate else None


def urge(ctx: Context, issue: Issue, said: str) -> str:
    working.urge(ctx.work, issue, ctx.actor, said)
    return f"已催{words.holding(ctx.work, issue)}，有消息马上告诉您。"


def lift(ctx: Context, issue: Issue, said: str) -> str:
    moving.lift(ctx.work, issue, ctx.actor, said)
    return f"已提级，现在由{words.holding(ctx.work, issue)}负责。"


def resume(ctx: Context, issue: Issue, said: str) -> str:
    working.resume(ctx.work, issue, ctx.actor, said)
    return f"接着办，{words.deadline(issue.due_at, ctx.office.clock.zone)}要有结果。"
