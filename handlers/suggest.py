"""Unsure: up to three suggestions plus "都不是, 转邻长"; ten minutes of silence make an issue.

The pick is read by dialogue.py, the silence by the scheduler.
"""

from faq.book import Match
from handlers import dialogues
from handlers.context import Context
from handlers.message import Reply

NAME = "suggest"
WRITES = True
MOST = 3


def matches(ctx: Context) -> Match | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    return ctx.match if ctx.match.band == "suggest" and ctx.match.candidates else None


def run(ctx: Context, match: Match) -> Reply:
    entries = [candidate.entry for candidate in match.candidates[:MOST]]
    incoming = ctx.incoming
    data = {
        "text": ctx.text,
        "entries": [entry.id for entry in entries],
        "message": incoming.to_dict(),
    }
    userid, until = incoming.userid.lower(), ctx.now + dialogues.SUGGEST_FOR
    dialogues.ask(ctx.session, userid, incoming.chat_id, "suggest", data, until)
    lines = [f"{n} {entry.question}" for n, entry in enumerate(entries, start=1)]
    last = f"{len(entries) + 1} 都不是，转邻长"
    return Reply("\n".join(["您是不是想问（回复数字）：", *lines, last]))
