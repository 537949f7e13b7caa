"""The answer to a question that the bot has just asked: a pick, a sentence, a few more words.

Which questions are open is in dialogues.py; new commands and emergencies go before an old question.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers import (
    absence,
    asking,
    complained,
    dialogues,
    endorsing,
    hearing,
    materials,
    progress,
    rating,
    several,
    staff,
)
from handlers.answer import give, is_written, remember
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Incoming, Reply
from handlers.opening import open_issue
from handlers.picks import PICK, picked
from issues import registering, wording
from issues.allowed import SHORTEST_SENTENCE
from issues.short_numbers import by_number
from rules.words import Action
from speech.command import says_undone
from storage.tables import Dialogue, Issue

NAME = "dialogue"
WRITES = True
#: Asked for a sentence on what was done.
SENTENCES = frozenset({Action.RESOLVE, Action.ASSIST_DONE})
NEVER_MIND = re.compile(r"(?:算了|不用了?|不办了|取消|都不是|没有)[。.!]*")


@dataclass(frozen=True)
class DialogueAnswer:
    """The open question and what was said to it."""

    kind: str
    data: dict[str, Any]
    said: Any


def matches(ctx: Context) -> DialogueAnswer | None:
    incoming = ctx.incoming
    if incoming.click:
        return _tapped(ctx, incoming.click.key)
    if incoming.kind != "message" or not ctx.text:
        return None
    return next((answer for one in ctx.asked_here if (answer := _answer(ctx, one))), None)


def _answer(ctx: Context, asked: Dialogue) -> DialogueAnswer | None:
    """What the text says to that question; a new command is no answer to an old one."""
    if asked.kind not in ANSWERS:  # a system's own
        return None
    if asked.kind == "suggest":
        said = picked(ctx.utterance.plain, asked.data)
        said = _named(ctx, asked) if said is None else said
        return DialogueAnswer(asked.kind, asked.data, said) if said is not None else None
    if asked.kind == endorsing.KIND:
        same = endorsing.answered(ctx, asked.data)
        if same is None or (same.words and _is_for_others(ctx)):
            return None
        return DialogueAnswer(asked.kind, asked.data, same)
    if asked.kind in (asking.WHICH, complained.KIND, hearing.KIND):
        return _choice(ctx, asked)
    if asked.kind == asking.WORDS:
        return _words(ctx, asked)
    return None if ctx.utterance.command else DialogueAnswer(asked.kind, asked.data, ctx.text)


def _named(ctx: Context, asked: Dialogue) -> str | None:
    """A suggestion said in words, which is a pick as well: it must not become an issue later."""
    sure = ctx.match.entry if ctx.match.band == "answer" else None
    return sure.id if sure and sure.id in asked.data["entries"] else None


def run(ctx: Context, answer: DialogueAnswer) -> Reply:
    userid, chat = ctx.incoming.userid.lower(), ctx.incoming.chat_id
    dialogues.clear(ctx.session, userid, chat, answer.kind)
    return ANSWERS[answer.kind](ctx, answer)


def _choice(ctx: Context, asked: Dialogue) -> DialogueAnswer | None:
    """The number of one of the choices; anything else is a new message."""
    if NEVER_MIND.fullmatch(ctx.utterance.plain):
        return DialogueAnswer(asked.kind, asked.data, None)
    n, choices = ctx.utterance.pick, asked.data["choices"]
    return (
        DialogueAnswer(asked.kind, asked.data, choices[n - 1]) if n and n <= len(choices) else None
    )


def _words(ctx: Context, asked: Dialogue) -> DialogueAnswer | None:
    """The sentence that was missing, one of those who could be meant, or that it is left."""
    if NEVER_MIND.fullmatch(ctx.utterance.plain):
        return DialogueAnswer(asked.kind, asked.data, None)
    if choice := _near(ctx, asked):
        return DialogueAnswer(asked.kind, asked.data, choice)
    return None if _is_new(ctx, asked) else DialogueAnswer(asked.kind, asked.data, ctx.text)


def _near(ctx: Context, asked: Dialogue) -> dict[str, str] | None:
    """The number of one of those who could be meant."""
    n, choices = ctx.utterance.pick, asked.data.get("choices") or []
    return choices[n - 1] if n and n <= len(choices) else None


def _is_new(ctx: Context, asked: Dialogue) -> bool:
    """Whether somebody who was asked for a sentence says something else instead."""
    command = ctx.utterance.command
    if command and command.soft and not command.number and asked.data["action"] in SENTENCES:
        return False  # 修好了 is what was done
    if asked.data["action"] in SENTENCES and _is_no_result(ctx):
        return True
    return ctx.utterance.plain.endswith(("?", "吗")) or _is_for_others(ctx)


def _is_no_result(ctx: Context) -> bool:
    """还没弄好; 没修好 4, by whoever has reported the 4 himself: nothing is closed on it."""
    verdict = rating.matches(ctx)
    redo = isinstance(verdict, rating.Verdict) and verdict.redo
    return redo or says_undone(ctx.utterance.words)


def _is_for_others(ctx: Context) -> bool:
    """Whether it is an order, or asks for something to be shown."""
    others = (staff, absence, progress, materials)
    return any(handler.matches(ctx) is not None for handler in others)


def _tapped(ctx: Context, key: str) -> DialogueAnswer | None:
    """A tap on a suggestion counts for the one who was asked; others' taps change nothing."""
    asked = ctx.suggested
    if not key.startswith(PICK) or asked is None:
        return None
    said = picked(key.removeprefix(PICK), asked.data)
    return DialogueAnswer(asked.kind, asked.data, said) if said is not None else None


def _suggested(ctx: Context, answer: DialogueAnswer) -> Reply:
    question = answer.data["text"]
    entry = ctx.book.entry(answer.said) if answer.said else None
    if entry is None or not is_written(entry):  # none of them, or taken out of the FAQ meanwhile
        remember(ctx, "suggest", "", 0.0, question=question)
        return open_issue(ctx, question)
    remember(ctx, "answer", entry.id, 1.0, question=question)
    return Reply(give(ctx, entry))


def _chosen(ctx: Context, answer: DialogueAnswer) -> Reply:
    if answer.said is None or not answer.said["action"]:
        return Reply(ctx.say("left_as_it_is"))
    return _carry_out(ctx, asking.Said(**answer.said))


def _completed(ctx: Context, answer: DialogueAnswer) -> Reply:
    """What was said before and what has been said now make one order."""
    if answer.said is None:
        return Reply(ctx.say("left_as_it_is"))
    data = answer.data
    if isinstance(answer.said, dict):
        return _carry_out(ctx, asking.Said(**answer.said), data["asked"])
    if len(answer.said.strip()) < SHORTEST_SENTENCE:
        return asking.ask_again(ctx, data)
    whole = data["form"].format(said=answer.said.strip(), kept=data["kept"]).strip()
    return _carry_out(ctx, asking.Said(data["action"], data["number"], whole), data["asked"])


def _carry_out(ctx: Context, said: asking.Said, asked: int = 0) -> Reply:
    if said.action == absence.SAID:
        return absence.say(ctx, said.words, asked)
    if " " in said.number:
        return several.again(ctx, said, asked)
    issue = by_number(ctx.session, said.number)
    assert issue is not None  # issues are never deleted
    order = staff.Order(Action(said.action), [issue], said.words)
    if not said.words and not asked:  # picked behind 别的办法
        return staff.at_once_or_asked(ctx, order, issue)
    return staff.carry_out(ctx, order, issue, asked)


def _describe(ctx: Context, answer: DialogueAnswer) -> Reply:
    issue = by_number(ctx.session, answer.data["number"])
    assert issue is not None
    if not complained.may_add(ctx, issue, answer.said):
        return open_issue(ctx, answer.said)
    more = ctx.incoming.materials
    refusal = attempt(
        ctx, lambda: registering.supplement(ctx.work, issue, ctx.actor, answer.said, more)
    )
    if refusal:
        return open_issue(ctx, answer.said)
    return _told(ctx, issue)


def _endorse(ctx: Context, answer: DialogueAnswer) -> Reply:
    return endorsing.run(ctx, answer.data, answer.said)


def _complained(ctx: Context, answer: DialogueAnswer) -> Reply:
    return complained.run(ctx, answer.data, answer.said)


def _told(ctx: Context, issue: Issue) -> Reply:
    told = wording.say(ctx.work, issue, "receipt_more", what=ctx.say("what_said"))
    return ctx.privately(told, wording.group_receipt(ctx.work, issue))


def _heard(ctx: Context, answer: DialogueAnswer) -> Reply:
    if answer.said is None:
        return Reply(ctx.say("left_as_it_is"))
    with ctx.said_before(Incoming.from_dict(answer.data["message"])):
        return hearing.carry_out(ctx, hearing.Meant(**answer.said), answer.data["text"])


ANSWERS: dict[str, Callable[[Context, DialogueAnswer], Reply]] = {
    "suggest": _suggested,
    "describe": _describe,
    endorsing.KIND: _endorse,
    complained.KIND: _complained,
    asking.WHICH: _chosen,
    asking.WORDS: _completed,
    hearing.KIND: _heard,
}
