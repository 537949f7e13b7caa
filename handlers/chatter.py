"""Greetings, thanks and chatter: a kind word, no issue."""

from faq.book import Match
from handlers.context import Context
from handlers.message import Reply

NAME = "smalltalk"
WRITES = False


def matches(ctx: Context) -> Match | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    return ctx.match if ctx.match.band == "smalltalk" else None


def run(ctx: Context, match: Match) -> Reply:
    return Reply(match.reply)
