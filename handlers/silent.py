"""Somebody opens the chat once more, or an event that needs no answer.

Clicks on cards are not events here: staff, rating and suggest take them. Of changes in the address
book only those arrive that concern nobody (contact.py).
"""

from handlers.context import Context
from handlers.message import NOTHING, Reply

NAME = "events"
WRITES = False


def matches(ctx: Context) -> str | None:
    if ctx.incoming.kind in ("enter", "other", "contact"):
        return ctx.incoming.kind
    return None


def run(ctx: Context, kind: str) -> Reply:
    if kind != "enter":
        return NOTHING
    return Reply(ctx.say("welcome_again", office=ctx.office.name))
