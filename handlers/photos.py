"""A photo, voice, video or place without words: it belongs to the issue it came with.

Alone it opens an issue and asks for one sentence; nothing is thrown away.
"""

from dataclasses import dataclass, replace

from handlers import complained, dialogues, endorsing
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import forget_asked, just_asked, just_opened
from handlers.reporting import accused, is_fragment, report
from issues import registering, wording
from rules.words import State
from storage.tables import Issue

NAME = "media"
WRITES = True
#: A photo this long after the words (or after another photo) still belongs to them.
BELONGS = registering.JUST_NOW


@dataclass(frozen=True)
class Loose:
    """The materials and the issue they belong to, if there is one."""

    issue: Issue | None


def matches(ctx: Context) -> Loose | None:
    if ctx.incoming.kind != "message" or ctx.text or not ctx.incoming.materials:
        return None
    return Loose(just_opened(ctx, BELONGS) or _waits_for_sender(ctx))


def _waits_for_sender(ctx: Context) -> Issue | None:
    """The one issue that is 挂起 until the resident does something: that is what the photo is."""
    waiting = [issue for issue in endorsing.mine(ctx) if issue.state is State.SUSPENDED]
    return waiting[0] if len(waiting) == 1 else None


def run(ctx: Context, loose: Loose) -> Reply:
    what = wording.counted(ctx.incoming.materials)
    asked, issue = endorsing.waiting(ctx), loose.issue
    if asked and complained.follows(ctx, endorsing.asked_at(asked)):
        return endorsing.add_materials(ctx, asked)
    if issue and _goes_there(ctx, issue):
        registering.supplement(ctx.work, issue, ctx.actor, "", ctx.incoming.materials)
        told = wording.say(ctx.work, issue, "receipt_more", what=what)
        return ctx.privately(told, wording.group_receipt(ctx.work, issue), issue)
    said = just_asked(ctx)  # a photo of what was meant answers "您是不是想问" with no
    if said:
        forget_asked(ctx)
    if said and accused(ctx, said):
        return complained.reply(ctx, said)
    if complained.latest(ctx):
        return complained.ask(ctx, said)
    came = replace(report(ctx, said or f"（{what}）"), wordless=not said)
    issue = registering.open_issue(ctx.work, came)
    receipt = wording.receipt(ctx.work, issue)
    if not said or is_fragment(said):
        _ask_what(ctx, issue)
        receipt = f"{receipt}\n\n{ctx.say('ask_what')}"
    return ctx.privately(receipt, wording.group_receipt(ctx.work, issue), issue)


def _goes_there(ctx: Context, issue: Issue) -> bool:
    """To a complaint of a moment ago; to what is no complaint only if none can be meant."""
    if complained.waiting(ctx):
        return False
    before = complained.latest(ctx)
    mine = before is not None and before.id == issue.id
    return mine or complained.follows(ctx, issue.reported_at)


def _ask_what(ctx: Context, issue: Issue) -> None:
    until = ctx.now + dialogues.DESCRIBE_FOR
    userid, chat = ctx.incoming.userid.lower(), ctx.incoming.chat_id
    dialogues.ask(ctx.session, userid, chat, "describe", {"number": issue.number}, until)
