"""详细: the long answer of the entry that has just been given, for those who want all of it."""

import re

from faq.entries import Entry
from handlers.answer import plain_text
from handlers.context import Context
from handlers.message import Reply

NAME = "details"
WRITES = False
_ASKED = re.compile(r"(?:看|要|再)?(?:详细|详情|更多|说详细[点些]?)(?:一点|些)?[。.!！]?")


def matches(ctx: Context) -> Entry | None:
    if ctx.incoming.kind != "message" or not _ASKED.fullmatch(ctx.utterance.plain):
        return None
    userid = ctx.incoming.userid.lower()
    hit = ctx.hits.last(ctx.session, userid, ctx.incoming.chat_id, ctx.now)
    entry = ctx.book.entry(hit.entry) if hit else None
    return entry if entry and entry.long_answer else None


def run(ctx: Context, entry: Entry) -> Reply:
    return Reply(plain_text(ctx, entry.long_answer))
