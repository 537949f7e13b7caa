"""The way out of an answer: "没解决? 回复 1 转您的邻长" opens an issue with the question asked.

Only for a while after an answer; a newer request for a rating takes a lone number first.
"""

import re
from datetime import datetime

from sqlalchemy import func, select

from handlers.answer import remember
from handlers.context import Context
from handlers.hits import Hit
from handlers.message import Reply
from handlers.opening import open_issue
from storage.tables import Outbox

NAME = "way_out"
WRITES = True
_WORDS = re.compile(r"(1|一|没解决|没有解决|转?邻长|找邻长|转人工|人工)[。.!]?")


def matches(ctx: Context) -> Hit | None:
    if ctx.incoming.kind != "message" or not _WORDS.fullmatch(ctx.utterance.plain):
        return None
    userid = ctx.incoming.userid.lower()
    hit = ctx.hits.last(ctx.session, userid, ctx.incoming.chat_id, ctx.now)
    if hit is None or hit.band != "answer" or rating_asked_since(ctx, userid, hit.at):
        return None
    return hit


def run(ctx: Context, hit: Hit) -> Reply:
    remember(ctx, "unsolved", hit.entry, hit.confidence, question=hit.question)
    return open_issue(ctx, hit.question)


def rating_asked_since(ctx: Context, userid: str, since: datetime) -> bool:
    """Whether the bot has asked for a rating after that moment: a lone number is for it."""
    asked = select(func.count()).where(
        Outbox.target == userid,
        Outbox.key.endswith(f":rate:{userid}", autoescape=True),
        Outbox.sent_at > since,
    )
    return bool(ctx.session.scalar(asked))
