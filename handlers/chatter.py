"""Greetings, thanks and chatter: a kind word, no issue."""

from faq.book import Match
from handlers.context import Context
from handlers.message import Reply
from speech.understanding import only_thanks

NAME = "smalltalk"
WRITES = False


def matches(ctx: Context) -> Match | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    thanks = ctx.match.band == "issue" and only_thanks(ctx.utterance)
    return ctx.match if ctx.match.band == "smalltalk" or thanks else None


def run(ctx: Context, match: Match) -> Reply:
    return Reply(match.reply or ctx.say("thanked"))
