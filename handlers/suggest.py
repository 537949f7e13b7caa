"""Unsure: up to three suggestions plus "都不是, 转邻长"; ten minutes of silence make an issue.

The pick is read by dialogue.py, the silence by the scheduler.
"""

import hashlib

from faq.book import Match
from faq.entries import Entry
from handlers import dialogues
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import goes_on, open_issue
from handlers.picks import PICK
from issues import wording
from storage.notice import Button, Card

NAME = "suggest"
WRITES = True
MOST = 3
#: Characters of a question with its number: three of them stand on one card.
LONGEST = 36
#: What is far less likely than the threshold asks for would only be in the way of the others.
WORTH_A_LINE = 0.1


def matches(ctx: Context) -> Match | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    return ctx.match if ctx.match.band == "suggest" and ctx.match.candidates else None


def run(ctx: Context, match: Match) -> Reply:
    if goes_on(ctx, ctx.text):
        return open_issue(ctx, ctx.text)
    return _ask(ctx, match)


def _ask(ctx: Context, match: Match) -> Reply:
    entries = offered(match, ctx.book.thresholds.suggest)
    incoming = ctx.incoming
    userid, until = incoming.userid.lower(), ctx.now + dialogues.SUGGEST_FOR
    before = ctx.suggested
    data = {  # a question that was still open is not forgotten over the next one
        "text": f"{before.data['text']}\n{ctx.text}" if before else ctx.text,
        "entries": [entry.id for entry in entries],
        "message": incoming.to_dict(),
        # nobody who has something in hand opens an issue by keeping silent (domain.md §9)
        "registers": not ctx.situation.in_hand,
    }
    dialogues.ask(ctx.session, userid, incoming.chat_id, "suggest", data, until)
    lines = [f"{n} {wording.cut(e.question, 100)}" for n, e in enumerate(entries, start=1)]
    text = ctx.say("suggest", choices="\n".join(lines), count=len(entries) + 1)
    return Reply(text, _card(ctx, lines) if incoming.in_group else None)


def offered(match: Match, suggest: float) -> list[Entry]:
    """The entries that are offered, from that threshold on; the likeliest always."""
    first, *others = match.candidates[:MOST]
    near = (other for other in others if other.score >= suggest * WORTH_A_LINE)
    return [first.entry, *(other.entry for other in near)]


def _card(ctx: Context, lines: list[str]) -> Card:
    """In a group a tap is easier than another @; the buttons carry the numbers of the list."""
    task = hashlib.sha256(f"{ctx.incoming.channel}:{ctx.incoming.key}".encode()).hexdigest()[:32]
    picks = tuple(Button(str(n), f"{PICK}{n}") for n in range(1, len(lines) + 1))
    (none,) = ctx.work.texts.buttons("suggest")
    return Card(
        task_id=f"pick_{task}",
        title=ctx.work.texts.say("suggest", {}, "title"),
        desc=ctx.work.texts.say("suggest", {}, "desc"),
        body="；".join(wording.cut(line, LONGEST) for line in lines),
        buttons=(*picks, Button(none, f"{PICK}{len(lines) + 1}", 2)),
    )
