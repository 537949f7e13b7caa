"""Asking back once: which one is meant, or the words that are missing.

What was ordered is kept with the question, so that the answer carries it out; dialogue.py reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handlers import dialogues
from handlers.context import Context
from handlers.message import Reply
from issues import standing, wording
from issues.allowed import NeedsWords
from issues.short_numbers import short
from people.finding import Found
from rules.words import Action
from storage.tables import Issue

WHICH, WORDS = "which", "words"
#: A number after that long answers something else.
WHICH_FOR = timedelta(minutes=10)
#: As many as one digit picks, on one screen.
MOST_CHOICES = 9
#: The first question and one more, for an answer that was no sentence.
MOST_ASKED = 2


@dataclass(frozen=True)
class Said:
    """An order in words that can be stored: the action (or 请假), the full number, the words."""

    action: str
    number: str
    words: str

    def to_dict(self) -> dict[str, str]:
        return {"action": self.action, "number": self.number, "words": self.words}


@dataclass(frozen=True)
class Choice:
    """One of several that can be meant, and the order that it makes."""

    label: str
    said: Said


class Missing(NeedsWords):
    """Something is missing that the next sentence gives; ``form`` says how both make one."""

    def __init__(
        self,
        action: Action,
        text: str,
        kept: str,
        form: str = "{said} {kept}",
        near: Sequence[tuple[Found, str]] = (),
    ) -> None:
        """``near``: who could be meant, each with the words that go with him; picked by number."""
        super().__init__(action, text)
        self.kept = kept
        self.form = form
        self.near = near


class Unclear(NeedsWords):
    """Several people can be meant; each with the words that mean only that one."""

    def __init__(self, action: Action, text: str, found: Sequence[tuple[Found, str]]) -> None:
        super().__init__(action, text)
        self.found = found


def which(ctx: Context, question: str, choices: Sequence[Choice]) -> Reply:
    """Numbered choices; the number that is answered carries one out."""
    shown = choices[:MOST_CHOICES]
    data: dict[str, Any] = {"choices": [choice.said.to_dict() for choice in shown]}
    _ask(ctx, WHICH, data, WHICH_FOR, private=True)
    lines = [f"{n}. {choice.label}" for n, choice in enumerate(shown, start=1)]
    ask = ctx.say("choose_some" if len(choices) > len(shown) else "choose")
    return ctx.privately("\n".join([question, *lines, ask]))


def more_words(
    ctx: Context, said: Said, needed: NeedsWords, asked: int = 1, about: str = ""
) -> Reply:
    """The sentence that is missing; what was said before is kept. ``about``: what the matter is,
    in a few words, for nobody else in a group."""
    if ctx.private_group and not _near(needed):
        return Reply(ask_words(ctx, said, needed, asked))
    return ctx.privately(ask_words(ctx, said, needed, asked, about=about, private=True))


def ask_words(
    ctx: Context,
    said: Said,
    needed: NeedsWords,
    asked: int,
    *,
    about: str = "",
    private: bool = False,
) -> str:
    """Open that question, for an answer in private if it is told there; the words of it."""
    kept = needed.kept if isinstance(needed, Missing) else said.words
    form = needed.form if isinstance(needed, Missing) else "{kept} {said}"
    near = _near(needed)
    lines = [f"{_called(said.number)}：{needed}" if said.number else str(needed)]
    lines += [ctx.say("did_about", about=about)] if about else []
    lines += [f"{n}. {_told(one)}" for n, (one, _) in enumerate(near, start=1)]
    text = "\n".join(lines)
    if asked <= MOST_ASKED:
        choices = [
            Said(said.action, said.number, f"{one.key} {more}".strip()) for one, more in near
        ]
        data: dict[str, Any] = {**said.to_dict(), "kept": kept, "form": form, "asked": asked}
        data |= {"text": text, "choices": [choice.to_dict() for choice in choices]}
        _ask(ctx, WORDS, data, dialogues.RESULT_FOR, private=private)
    return text


def _near(needed: NeedsWords) -> Sequence[tuple[Found, str]]:
    return needed.near if isinstance(needed, Missing) else ()


def _called(said: str) -> str:
    """One number in full, several by what people say."""
    each = said.split()
    return said if len(each) == 1 else "、".join(short(number) for number in each)


def ask_again(ctx: Context, data: dict[str, Any]) -> Reply:
    """好 is no sentence: the same question once more."""
    if data["asked"] < MOST_ASKED:
        _ask(ctx, WORDS, {**data, "asked": data["asked"] + 1}, dialogues.RESULT_FOR)
    return Reply(data["text"])


def _ask(
    ctx: Context, kind: str, data: dict[str, Any], good_for: timedelta, *, private: bool = False
) -> None:
    """In a group the choices are told in private, so that is where they are answered."""
    incoming = ctx.incoming
    chat = "" if private and ctx.private_group else incoming.chat_id
    dialogues.ask(ctx.session, incoming.userid.lower(), chat, kind, data, ctx.now + good_for)


def by_issue(ctx: Context, issues: Sequence[Issue], action: Action, said: str) -> list[Choice]:
    """One of several issues; the day is said where the short numbers are the same."""
    shorts = [short(issue.number) for issue in issues]
    same = len(set(shorts)) < len(shorts)
    return [
        Choice(_about(ctx, issue, same=same), Said(action, issue.number, said)) for issue in issues
    ]


def _about(ctx: Context, issue: Issue, *, same: bool) -> str:
    number = issue.number.removeprefix("SZ-") if same else short(issue.number)
    content = standing.content_for(ctx.work, issue, ctx.actor)
    return f"{number} {wording.cut(content, 20)}（{wording.holding(ctx.work, issue)}）"


def by_person(issue: Issue, unclear: Unclear) -> list[Choice]:
    """One of several people."""
    return [
        Choice(_told(one), Said(unclear.action, issue.number, f"{one.key} {rest}".strip()))
        for one, rest in unclear.found
    ]


def _told(one: Found) -> str:
    return f"{one.label}（{one.unit.path}）"
