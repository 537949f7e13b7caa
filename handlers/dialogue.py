"""The answer to a question that the bot has just asked: a pick, a sentence, a few more words.

Which questions are open is in dialogues.py; new commands and emergencies go before an old question.
"""

from dataclasses import dataclass
from typing import Any

from handlers import dialogues
from handlers.answer import give, is_written, remember
from handlers.attempt import attempt
from handlers.commands import parse
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import open_issue
from handlers.picks import PICK, picked
from handlers.staff import ask_words
from issues import words
from issues.desk import NeedsWords
from issues.numbers import by_number
from storage.tables import Dialogue, Issue

NAME = "dialogue"
WRITES = True


@dataclass(frozen=True)
class Answer:
    """The open question and what was said to it."""

    kind: str
    data: dict[str, Any]
    said: Any


def matches(ctx: Context) -> Answer | None:
    incoming = ctx.incoming
    if incoming.click:
        return _tapped(ctx, incoming.click.key)
    if incoming.kind != "message" or not ctx.text:
        return None
    asked = dialogues.pending(ctx.session, incoming.userid.lower(), incoming.chat_id, ctx.now)
    return next((answer for one in asked if (answer := _answer(ctx, one))), None)


def _answer(ctx: Context, asked: Dialogue) -> Answer | None:
    """What the text says to that question; a new command is no answer to an old one."""
    if asked.kind == "suggest":
        said = picked(ctx.text, asked.data)
        said = _named(ctx, asked) if said is None else said
        return Answer(asked.kind, asked.data, said) if said is not None else None
    return None if parse(ctx.text) else Answer(asked.kind, asked.data, ctx.text)


def _named(ctx: Context, asked: Dialogue) -> str | None:
    """A suggestion said in words, which is a pick as well: it must not become an issue later."""
    sure = ctx.match.entry if ctx.match.band == "answer" else None
    return sure.id if sure and sure.id in asked.data["entries"] else None


def run(ctx: Context, answer: Answer) -> Reply:
    userid, chat = ctx.incoming.userid.lower(), ctx.incoming.chat_id
    dialogues.clear(ctx.session, userid, chat, answer.kind)
    return {"suggest": _suggested, "resolve": _resolve, "describe": _describe}[answer.kind](
        ctx, answer
    )


def _tapped(ctx: Context, key: str) -> Answer | None:
    """A tap on a suggestion counts for the one who was asked; others' taps change nothing."""
    userid, chat = ctx.incoming.userid.lower(), ctx.incoming.chat_id
    asked = dialogues.suggested(ctx.session, userid, chat, ctx.now)
    if not key.startswith(PICK) or asked is None:
        return None
    said = picked(key.removeprefix(PICK), asked.data)
    return Answer(asked.kind, asked.data, said) if said is not None else None


def _suggested(ctx: Context, answer: Answer) -> Reply:
    question = answer.data["text"]
    entry = ctx.book.entry(answer.said) if answer.said else None
    if entry is None or not is_written(entry):  # none of them, or taken out of the FAQ meanwhile
        remember(ctx, "suggest", "", 0.0, question=question)
        return open_issue(ctx, question)
    remember(ctx, "answer", entry.id, 1.0, question=question)
    return Reply(give(entry))


def _resolve(ctx: Context, answer: Answer) -> Reply:
    issue = by_number(ctx.session, answer.data["number"])
    assert issue is not None  # issues are never deleted
    try:
        refusal = attempt(ctx, lambda: ctx.desk.resolve(issue, ctx.actor, answer.said))
    except NeedsWords as needed:  # "好" is no sentence: ask again
        return ask_words(ctx, issue, needed)
    return Reply(refusal or f"{issue.number} 已办结，已请居民评价。辛苦了！")


def _describe(ctx: Context, answer: Answer) -> Reply:
    issue = by_number(ctx.session, answer.data["number"])
    assert issue is not None
    if ctx.desk.accuses(issue, answer.said):
        return open_issue(ctx, answer.said)
    more = ctx.incoming.materials
    refusal = attempt(ctx, lambda: ctx.desk.supplement(issue, ctx.actor, answer.said, more))
    if refusal:
        return open_issue(ctx, answer.said)
    return _told(ctx, issue)


def _told(ctx: Context, issue: Issue) -> Reply:
    return ctx.privately(words.supplemented(issue, "您说的"), words.group_receipt(issue))
