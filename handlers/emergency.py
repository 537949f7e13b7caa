"""Emergencies before everything else (domain.md §7): the number to call, and an urgent issue.

The bot never says that it has called for help, and speaks of self-harm only in private.
"""

from faq.danger import EmergencyClass
from handlers import complained
from handlers.context import Context
from handlers.message import Reply
from handlers.reporting import report
from issues import registering, wording

NAME = "emergency"
WRITES = True


def matches(ctx: Context) -> EmergencyClass | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    return ctx.match.emergency


def run(ctx: Context, emergency: EmergencyClass) -> Reply:
    level = complained.in_emergency(ctx, ctx.text, emergency)
    complained.photo_goes_along(ctx, level)
    issue = registering.open_issue(ctx.work, report(ctx, ctx.text, emergency, level))
    told = f"{emergency.reply}\n\n{wording.receipt(ctx.work, issue)}"
    if not ctx.incoming.in_group:
        return Reply(told)
    ctx.push(told, issue)
    if emergency.private_only:
        return Reply(ctx.say("seen_in_private"))
    return Reply(emergency.reply)
