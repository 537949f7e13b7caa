"""A photo, voice, video or place without words: it belongs to the issue it came with.

Alone it opens an issue and asks for one sentence; nothing is thrown away.
"""

from dataclasses import dataclass

from handlers import dialogues, endorsing
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import forget_asked, is_fragment, just_asked, just_opened, report
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
    asked = endorsing.waiting(ctx)
    if asked:
        return endorsing.add_materials(ctx, asked)
    if loose.issue:
        registering.supplement(ctx.work, loose.issue, ctx.actor, "", ctx.incoming.materials)
        told = wording.say(ctx.work, loose.issue, "receipt_more", what=what)
        return ctx.privately(told, wording.group_receipt(ctx.work, loose.issue), loose.issue)
    said = just_asked(ctx)  # a photo of what was meant answers "您是不是想问" with no
    if said:
        forget_asked(ctx)
    issue = registering.open_issue(ctx.work, report(ctx, said or f"（{what}）"))
    receipt = wording.receipt(ctx.work, issue)
    if not said or is_fragment(said):
        _ask_what(ctx, issue)
        receipt = f"{receipt}\n\n{ctx.say('ask_what')}"
    return ctx.privately(receipt, wording.group_receipt(ctx.work, issue), issue)


def _ask_what(ctx: Context, issue: Issue) -> None:
    until = ctx.now + dialogues.DESCRIBE_FOR
    userid, chat = ctx.incoming.userid.lower(), ctx.incoming.chat_id
    dialogues.ask(ctx.session, userid, chat, "describe", {"number": issue.number}, until)
