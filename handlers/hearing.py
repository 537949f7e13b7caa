"""What is said in the middle of a matter belongs to it (domain.md §9): more words, a correction, an
urge, a withdrawal, a judgement in free words; unclear words of staff are asked back.

What the words are is speech/understanding.py's business; what follows is done by those who do it
for plain commands. Between two near acts one question with numbered choices is asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import Any

from handlers import besides, complained, dialogues, lists, progress, rating, staff
from handlers.attempt import attempt
from handlers.context import Context
from handlers.hints import hints_of
from handlers.message import Reply
from handlers.opening import half_said, just_asked, open_issue, same_again
from handlers.progress import Wish
from handlers.rating import Verdict
from handlers.reporting import is_fragment
from issues import registering, stages, standing, wording
from issues.short_numbers import by_number, names
from rules.actions import ACTION_CHINESE
from rules.words import OPEN_STATES, Action, Solved, State
from speech.acts import FOLLOW_UPS, Act, Understanding
from speech.orders import words_of_order
from speech.read import read
from speech.situation import Matter, Situation
from speech.understanding import hear, judgement
from storage.tables import Issue

NAME = "hearing"
WRITES = True
#: The kind of the open question.
KIND = "hear"
ASK_FOR = timedelta(minutes=10)
#: As many choices as are read on a small screen, besides a new matter and none of them.
MOST_CHOICES = 4
_JUDGEMENTS = frozenset({Act.RATE, Act.REDO})
#: By each of these the words reach whoever has the matter: between them nobody has to choose.
_TELLS = frozenset({Act.ADDITION, Act.CORRECTION, Act.URGE})
#: What is left to others: a report, a question, small talk have their own handlers.
_OWN = FOLLOW_UPS | _JUDGEMENTS | {Act.UNCLEAR, Act.ORDER, Act.LIST}
#: Somebody who has something open, to see whether the words could be about it at all.
_ANY = Matter("?", "")
_PERHAPS = (
    Situation(matters=(_ANY,)),
    Situation(matters=(Matter("?", "", State.RESOLVED, "reported", rating_asked=True),)),
)
_LATE = re.compile(r"[逾超过]期")
#: What the question offers: of an issue, and of none.
_CHOICES: Mapping[str, str] = {
    Act.ADDITION: "hear_addition",
    Act.CORRECTION: "hear_correction",
    Act.PROGRESS: "hear_progress",
    Act.URGE: "hear_urge",
    Act.WITHDRAW: "hear_withdraw",
    Act.RATE: "hear_rate",
    Act.REDO: "hear_redo",
    Act.ORDER: "hear_order",
}
_CHOICES_OF_NONE: Mapping[str, str] = {
    Act.PROGRESS: "hear_progress_none",
    Act.REPORT: "hear_report_none",
    Act.UNCLEAR: "hear_unclear_none",
}


@dataclass(frozen=True)
class Meant:
    """One thing that the words may mean, as it can be stored: the act, the issue's number ("" for
    none), the action that is ordered."""

    act: str
    number: str = ""
    order: str = ""


@dataclass(frozen=True)
class MeantBeside:
    """What is meant by the words beside a question: 灯还没修，顺便问下医保几时交."""

    meant: Meant
    said: str


def matches(ctx: Context) -> Understanding | MeantBeside | None:
    if ctx.incoming.kind != "message" or not ctx.utterance.has_words:
        return None
    beside = _beside(ctx)
    if beside:
        return beside
    if not _may_concern(ctx):
        return None
    if not ctx.situation.matters or _is_half(ctx):
        return None
    found = ctx.heard
    if found.act not in _OWN and not (found.act is Act.REPORT and found.ask):
        return None
    return found if found.act is Act.LIST or _is_worth_asking(ctx, found) else None


def run(ctx: Context, found: Understanding | MeantBeside) -> Reply:
    if isinstance(found, MeantBeside):
        return _and_answer(ctx, carry_out(ctx, found.meant, found.said))
    choices = _choices(ctx, found)
    if found.act is Act.LIST and not found.ask:
        return _list(ctx)
    if found.ask or len(choices) > 1:
        return _ask(ctx, found, choices)
    return carry_out(ctx, choices[0], ctx.text)


def _beside(ctx: Context) -> MeantBeside | None:
    """Only what is plainly more of a matter: all else is asked or opened by the whole message."""
    rest = besides.rest(ctx)
    if not rest or ctx.situation.is_staff or not ctx.situation.own:
        return None
    said = read(rest, today=ctx.work.today)
    found = hear(said, ctx.situation, hints_of(ctx.look_up(rest)))
    if found.ask or found.act not in FOLLOW_UPS - {Act.WITHDRAW}:
        return None
    choices = _choices(ctx, found)
    return MeantBeside(choices[0], rest) if len(choices) == 1 else None


def _and_answer(ctx: Context, reply: Reply) -> Reply:
    answer = besides.answer(ctx)
    if ctx.private_group:
        ctx.push(answer)
        return reply
    return replace(reply, text=f"{reply.text}\n\n{answer}")


def _is_worth_asking(ctx: Context, found: Understanding) -> bool:
    """Whether there is something to do besides opening an issue, which others do."""
    other = any(one.act != Act.REPORT for one in _choices(ctx, found))
    return other or (found.ask and ctx.situation.is_staff)


def _is_half(ctx: Context) -> bool:
    """路灯, and a moment later 坏了三天; or the same words again at once: opening.py puts together
    what belongs to one report."""
    asked = just_asked(ctx)
    if asked and (is_fragment(asked) or is_fragment(ctx.text)):
        return True
    return same_again(ctx, ctx.text) is not None or half_said(ctx, ctx.text) is not None


def _may_concern(ctx: Context) -> bool:
    """Whether the sender's matters have to be read at all: an answer of the FAQ costs no more than
    it did, unless the words can be about something that is open."""
    if ctx.match.band not in ("answer", "smalltalk"):
        return True
    hints = hints_of(ctx.match)
    acts = {hear(ctx.utterance, perhaps, hints).act for perhaps in _PERHAPS}
    return bool(acts & (FOLLOW_UPS | _JUDGEMENTS))


# --- what it can mean ---


def _choices(ctx: Context, found: Understanding) -> list[Meant]:
    """Each act with its matter; of a question the second best as well."""
    acts = [found.act, found.second] if found.ask else [found.act]
    if _TELLS.issuperset(acts):
        acts = acts[:1]
    meant = [list(dict.fromkeys(_of(ctx, act, found))) for act in acts]
    room = MOST_CHOICES - sum(bool(others) for others in meant[1:])
    return list(dict.fromkeys([*meant[0][:room], *chain(*meant[1:])]))[:MOST_CHOICES]


def _of(ctx: Context, act: Act, found: Understanding) -> Iterator[Meant]:
    if act is Act.PROGRESS:
        yield Meant(act, found.matters[0] if len(found.matters) == 1 else "")
    elif act is Act.ORDER and found.order and not _was_judged(ctx):
        yield from (Meant(act, issue.number, found.order) for issue in _in_hand(ctx, found))
    elif act is Act.REPORT and found.ask:
        yield Meant(act)
    elif act is Act.UNCLEAR and found.ask and ctx.situation.is_staff:
        yield Meant(Act.UNCLEAR)
    elif act in FOLLOW_UPS | _JUDGEMENTS:
        able = (issue for issue in _named(ctx, found) if _fits(ctx, act, issue))
        yield from (Meant(act, issue.number) for issue in able)


def _was_judged(ctx: Context) -> bool:
    """上交 医保怎么交: an exact order has been looked at by staff.py, and was none."""
    command = ctx.utterance.command
    return command is not None and not command.soft


def _named(ctx: Context, found: Understanding) -> list[Issue]:
    """The sender's own issues that are spoken of; if that is not plain, all of them."""
    own = {matter.number for matter in ctx.situation.own}
    numbers = [number for number in found.matters if number in own] or own
    return [issue for issue in reversed(ctx.issues) if issue.number in numbers]


def _in_hand(ctx: Context, found: Understanding) -> list[Issue]:
    held = {matter.number for matter in ctx.situation.in_hand}
    numbers = [number for number in found.matters if number in held] or held
    return [issue for issue in ctx.issues if issue.number in numbers]


def _fits(ctx: Context, act: Act, issue: Issue) -> bool:
    """Whether that can be done with it; words that accuse a 长 never go to whoever holds it."""
    if act in _JUDGEMENTS:
        return issue.state in (State.RESOLVED, State.CLOSED)
    may_read = act is Act.WITHDRAW or complained.may_add(ctx, issue, ctx.text)
    return issue.state in OPEN_STATES and may_read


# --- doing it ---


def carry_out(ctx: Context, meant: Meant, said: str) -> Reply:
    """Do what was meant with the words that were said."""
    issue = by_number(ctx.session, meant.number) if meant.number else None
    if meant.act == Act.ORDER and issue is not None:
        action = Action(meant.order)
        return staff.carry_out(ctx, staff.Order(action, [issue], words_of_order(said)), issue)
    act = _ACTS.get(Act(meant.act))
    return act(ctx, issue, said) if act else open_issue(ctx, said)


def _add(ctx: Context, issue: Issue | None, said: str) -> Reply:
    assert issue is not None  # it is only offered with one
    more = ctx.incoming.materials
    refusal = attempt(ctx, lambda: registering.supplement(ctx.work, issue, ctx.actor, said, more))
    if refusal:
        return open_issue(ctx, said)
    told = wording.say(ctx.work, issue, "receipt_more", what=ctx.say("what_said"))
    return ctx.privately(told, wording.group_receipt(ctx.work, issue), issue)


def _progress(ctx: Context, issue: Issue | None, said: str) -> Reply:
    return progress.run(ctx, Wish("进度", issue.number if issue else ""))


def _urge(ctx: Context, issue: Issue | None, said: str) -> Reply:
    return progress.run(ctx, Wish("催办", issue.number if issue else "", said))


def _withdraw(ctx: Context, issue: Issue | None, said: str) -> Reply:
    return progress.run(ctx, Wish("撤回", issue.number if issue else ""))


def _redo(ctx: Context, issue: Issue | None, said: str) -> Reply:
    return rating.run(ctx, Verdict(issue, redo=True, reason=said))


def _rate(ctx: Context, issue: Issue | None, said: str) -> Reply:
    if issue and issue.state is State.RESOLVED and not rating.delivered(ctx, [issue]):
        return ctx.privately(rating.before_asked(ctx, issue), issue=issue)
    level, is_solved = judgement(ctx.utterance, ctx.situation)
    solved = Solved.YES if is_solved else None
    return rating.run(ctx, Verdict(issue, solved=solved, rating=level, reason=said))


def _nothing(ctx: Context, issue: Issue | None, said: str) -> Reply:
    return Reply(ctx.say("left_as_it_is"))


_ACTS: dict[Act, Callable[[Context, Issue | None, str], Reply]] = {
    Act.ADDITION: _add,
    Act.CORRECTION: _add,
    Act.PROGRESS: _progress,
    Act.URGE: _urge,
    Act.WITHDRAW: _withdraw,
    Act.RATE: _rate,
    Act.REDO: _redo,
    Act.UNCLEAR: _nothing,
}


def _list(ctx: Context) -> Reply:
    """All that there is; of a matter that is named, the matter."""
    named = [issue for issue in ctx.issues if issue.number in ctx.heard.matters]
    if len(named) == 1 and ctx.utterance.numbers:
        content = standing.content_for(ctx.work, named[0], ctx.actor)
        return ctx.privately(stages.status(ctx.work, named[0], content))
    if not ctx.posts:
        return progress.run(ctx, Wish("我的诉求"))
    late = _LATE.search(ctx.utterance.plain) is not None
    return ctx.privately(lists.overdue(ctx) if late else lists.todo(ctx))


# --- asking ---


def _ask(ctx: Context, found: Understanding, choices: Sequence[Meant]) -> Reply:
    """One question with numbered choices, which says what happens if nobody answers."""
    reports = any(one.act == Act.REPORT for one in choices) and not ctx.situation.is_staff
    nothing = [one for one in choices if one.act == Act.UNCLEAR]
    shown = [one for one in choices if one not in nothing]
    if all(one.act != Act.REPORT for one in shown):
        shown.append(Meant(Act.REPORT))
    if not reports:
        shown.append(Meant(Act.UNCLEAR))
    chat = "" if ctx.private_group else ctx.incoming.chat_id
    data: dict[str, Any] = {
        "choices": [asdict(one) for one in shown],
        "text": ctx.text,
        "message": ctx.incoming.to_dict(),
        "registers": reports,
    }
    dialogues.ask(ctx.session, ctx.incoming.userid.lower(), chat, KIND, data, ctx.now + ASK_FOR)
    called = names(one.number for one in shown if one.number)
    lines = [f"{n} {_label(ctx, one, called)}" for n, one in enumerate(shown, start=1)]
    silence = ctx.say("hear_silence_registers" if reports else "hear_silence_nothing")
    question = ctx.say("hear_which", said=wording.cut(ctx.text, 30))
    return ctx.privately("\n".join([question, *lines, silence]))


def _label(ctx: Context, meant: Meant, called: Mapping[str, str]) -> str:
    issue = by_number(ctx.session, meant.number) if meant.number else None
    if issue is None:
        return ctx.say(_CHOICES_OF_NONE[meant.act])
    content = standing.content_for(ctx.work, issue, ctx.actor)
    about = {"short": called[issue.number], "brief": wording.cut(content, 20)}
    if meant.act == Act.ORDER:
        about["action"] = ACTION_CHINESE[Action(meant.order)]
    return ctx.say(_CHOICES[meant.act], **about)
