"""别的办法 on a card: what else the one who taps may do now, as numbered choices.

The choice is carried out by dialogue.py, which asks for whatever words the action needs.
"""

from handlers import asking
from handlers.asking import Choice, Said
from handlers.cards import card_after
from handlers.context import Context
from handlers.message import Reply
from issues import standing
from issues.numbers import by_number, short
from issues.words import MORE
from rules.transitions import possible
from rules.words import ACTION_CHINESE, Action
from storage.tables import Issue

NAME = "more"
WRITES = True
#: What has no button of its own, and what it is for in a few words.
CHOICES = {
    Action.PROGRESS: "告诉居民办到哪了",
    Action.RESUME: "接着办",
    Action.REASSIGN: "转给别人办",
    Action.ASSIST: "请别的单位帮忙",
    Action.EXTEND: "晚几天，要上一级同意",
    Action.SUSPEND: "等居民几天",
    Action.REGRADE: "比较难办，要上一级同意",
    Action.RETURN: "不是我们这里的",
    Action.DECLINE: "不归我们管，要上一级同意",
}


def matches(ctx: Context) -> Issue | None:
    click = ctx.incoming.click
    if click is None or click.key != MORE:
        return None
    return by_number(ctx.session, click.task_id.split("_")[0])


def run(ctx: Context, issue: Issue) -> Reply:
    card = card_after(ctx, issue, Action.ACCEPT, done=False)
    may = possible(issue.state, standing.parties(ctx.work, issue, ctx.actor))
    choices = [
        Choice(f"{ACTION_CHINESE[action]}（{what}）", Said(action, issue.number, ""))
        for action, what in CHOICES.items()
        if action in may
    ]
    if not choices:
        return Reply(f"{issue.number} 现在没有别的要您办的。", card)
    asked = asking.which(ctx, f"{short(issue.number)} 您想怎么办？", choices)
    return Reply(asked.text, card)
