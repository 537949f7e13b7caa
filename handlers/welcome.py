"""The introduction, once: when somebody opens the chat or says 你好 for the first time.

Afterwards opening the chat gets a short word (silent.py), a greeting the usual one (chatter.py).
That he has been here is known from the inbox, so that this answer is stored.
"""

from sqlalchemy import select

from handlers.context import Context
from handlers.message import Reply
from storage.inbox import NEWEST

NAME = "welcome"
WRITES = True
#: How the FAQ names a greeting among small talk.
GREETING = "闲聊：问候"


def matches(ctx: Context) -> str | None:
    if ctx.incoming.in_group or not (ctx.incoming.kind == "enter" or _greets(ctx)):
        return None
    newest = ctx.session.scalar(select(NEWEST), {"sender": ctx.incoming.userid.lower()})
    return None if newest else ctx.incoming.kind


def _greets(ctx: Context) -> bool:
    if ctx.incoming.kind != "message" or not ctx.text:
        return False
    return ctx.match.band == "smalltalk" and GREETING in ctx.match.why


def run(ctx: Context, _kind: str) -> Reply:
    return Reply(ctx.say("welcome", office=ctx.office.name))
