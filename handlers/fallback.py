"""What nobody else has taken: words become an issue, nothing is ever dropped.

A click on an old card or an empty message gets a kind word instead.
"""

from handlers import besides
from handlers.answer import remember
from handlers.context import Context
from handlers.message import NOTHING, Reply
from handlers.opening import open_issue

NAME = "fallback"
WRITES = True


def matches(ctx: Context) -> bool:
    return True


def run(ctx: Context, _: bool) -> Reply:
    if ctx.incoming.click:
        return NOTHING
    if not ctx.utterance.has_words:  # 😀, ？, a lone 2
        return Reply(ctx.say("wordless"))
    remember(ctx, "issue", "", ctx.match.confidence)
    return open_issue(ctx, ctx.text, extra=besides.answer(ctx))
