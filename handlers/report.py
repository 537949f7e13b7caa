"""A report (诉求) outranks the FAQ: "路灯坏了三天没人修" is never swallowed by a canned answer.

What counts as a report is faq/intent.py's business; a sure answer may be appended in private.
"""

from faq.book import Match
from handlers import besides
from handlers.answer import is_written, plain
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import open_issue

NAME = "report"
WRITES = True


def matches(ctx: Context) -> Match | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    if ctx.match.band in ("answer", "suggest") and besides.is_reported(ctx):
        return ctx.match
    return ctx.match if ctx.match.band == "report" else None


def run(ctx: Context, match: Match) -> Reply:
    extra = besides.answer(ctx)
    if not extra and match.entry and is_written(match.entry):
        extra = ctx.say("answer_besides", answer=plain(ctx, match.entry))
    return open_issue(ctx, ctx.text, extra=extra)
