"""别的办法 on a card: what else the one who taps may do now, as numbered choices.

The choice is carried out by dialogue.py, which asks for whatever words the action needs.
"""

from handlers import asking
from handlers.asking import Choice, Said
from handlers.context import Context
from handlers.message import Reply
from handlers.tapped import card_after
from issues import standing
from issues.short_numbers import by_number, short
from issues.wording import MORE
from rules.actions import ROWS
from rules.transitions import possible
from rules.words import Action
from storage.tables import Issue

NAME = "more"
WRITES = True


def matches(ctx: Context) -> Issue | None:
    click = ctx.incoming.click
    if click is None or click.key != MORE:
        return None
    return by_number(ctx.session, click.task_id.split("_")[0])


def run(ctx: Context, issue: Issue) -> Reply:
    card = card_after(ctx, issue, Action.ACCEPT, done=False)
    may = possible(issue.state, standing.parties(ctx.work, issue, ctx.actor))
    choices = [
        Choice(f"{row.word}（{ctx.say(row.hint)}）", Said(row.action, issue.number, ""))
        for row in ROWS
        if row.hint and row.action in may
    ]
    if not choices:
        return Reply(ctx.say("more_none", number=issue.number), card)
    asked = asking.which(ctx, ctx.say("more_which", short=short(issue.number)), choices)
    return Reply(asked.text, card)
