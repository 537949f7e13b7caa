"""常见问题机器人 0 秒回复: a sure answer, at once, with the way out at its end.

Writes nothing before the reply: the same text gets the same answer, so a re-send is harmless.
"""

import re

from faq.book import Match
from faq.entries import PLACEHOLDER, Entry
from handlers.context import Context
from handlers.hits import Hit
from handlers.message import Reply

NAME = "answer"
WRITES = False


def matches(ctx: Context) -> Match | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    entry = ctx.match.entry
    return ctx.match if ctx.match.band == "answer" and entry and is_written(entry) else None


def run(ctx: Context, match: Match) -> Reply:
    assert match.entry is not None  # the band says so
    remember(ctx, match.band, match.entry.id, match.confidence)
    return Reply(give(ctx, match.entry))


def give(ctx: Context, entry: Entry) -> str:
    """The answer as it is sent: each one ends with the way out (domain.md §7)."""
    more = f"{ctx.say('answer_more')}\n" if entry.long_answer else ""
    return f"{plain(ctx, entry)}\n\n{more}{ctx.say('answer_way_out')}"


def is_written(entry: Entry) -> bool:
    """Whether there is more than open places: a mere draft answers nobody."""
    return bool(re.search(r"\w", PLACEHOLDER.sub("", entry.answer)))


def plain(ctx: Context, entry: Entry) -> str:
    """The answer; a local fact that the office has not filled in yet is named as such."""
    return plain_text(ctx, entry.answer)


def plain_text(ctx: Context, text: str) -> str:
    """The text with every open placeholder named as a question for the 邻长."""
    ask = ctx.say("answer_open")
    return PLACEHOLDER.sub(lambda _: ask, text.strip())


def remember(ctx: Context, band: str, entry: str, confidence: float, *, question: str = "") -> None:
    """For the way out, and for what admins learn from. ``question`` is what was asked where the
    message itself is only a pick: "2" would tell nobody anything."""
    incoming, asked = ctx.incoming, question or ctx.text
    ctx.noted.append(
        Hit(ctx.now, incoming.userid.lower(), incoming.chat_id, asked, band, entry, confidence)
    )
