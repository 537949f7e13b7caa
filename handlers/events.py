"""Somebody opens the chat, or an event that needs no answer.

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
    return Reply(
        f"您好，这里是{ctx.office.name}。\n"
        "有事直接说：问政策、办事，马上答；反映问题，马上交给您的邻长。\n"
        "可以打字、说话、拍照。急事请先打 110、119、120。"
    )
