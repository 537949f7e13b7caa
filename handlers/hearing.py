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

from handlers import (
    area,
    besides,
    complained,
    dialogues,
    lists,
    look,
    progress,
    rating,
    reach,
    several,
    staff,
)
from handlers.attempt import attempt
from handlers.context import Context
from handlers.hints import hints_of
from handlers.message import Reply
from handlers.opening import half_said, just_asked, open_issue, same_again
from handlers.progress import Wish
from handlers.rating import Verdict
from handlers.reporting import is_fragment
from issues import registering, standing, wording
from issues.short_numbers import by_number, by_numbers, matching, names, short
from rules.actions import ACTION_CHINESE, ACTIONS
from rules.numerals import numeral
from rules.words import OPEN_STATES, Action, Solved, State
from speech.acts import FOLLOW_UPS, Act, Understanding
from speech.numbers import leading
from speech.orders import is_sending, words_of_order
from speech.read import read
from speech.situation import Matter, Situation
from speech.understanding import hear, judgement, nearest
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
#: So many matters are offered for words that name none.
MOST_OFFERED = 3
#: More digits are a telephone number.
LONGEST_NUMBER = 4
#: 都接, 两个一起办.
_EVERY = re.compile(r"都|全|[两俩几三四]个?件?一?起?(?=都|全|一起)|一起|两个|两件|俩")
_JUDGES = (Action.GRANT, Action.REFUSE)
#: 第一个换了灯, 2.沟通了: how a list is written.
_ORDINAL = re.compile(
    r"第([一二三四五六七八九十]{1,3}|\d{1,4})[个件条]|(?<![\d.])(\d{1,4})[.．](?=\D)"
)
_PIECES = re.compile(r"(?<![\s,，;；。、])[\s,，;；。、]++(?=\d)")
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
    Act.LIST: "hear_list",
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
    if not (ctx.has_reported or ctx.posts):  # there is nothing that the words could be about
        return None
    beside = _beside(ctx)
    if beside:
        return beside
    if not _may_concern(ctx):
        return None
    if not (ctx.situation.matters or reach.finished(ctx)) or _is_half(ctx):
        return None
    found = _not_by_accident(ctx)
    if found.act not in _OWN and not (found.act is Act.REPORT and found.ask):
        return None
    return found if found.act is Act.LIST or _is_worth_asking(ctx, found) else None


def _not_by_accident(ctx: Context) -> Understanding:
    """What the words are; of somebody who has something in hand, or stands above it, what is
    neither a report nor answered by others would become an issue: it is asked back."""
    found = ctx.heard
    finished = reach.finished(ctx)
    if found.act in _OWN or not (ctx.situation.in_hand or finished):
        return found
    if found.act is Act.REPORT:  # 2还没通，弄错了, of the 2 that he has just closed
        same = any(matching(number, finished) for number in ctx.utterance.numbers)
        loose = bool(finished) and ctx.match.band == "issue"  # 灯泡花了三十块: no trouble is told
        doubtful = same or loose
        return replace(found, act=Act.UNCLEAR, second=Act.REPORT, ask=True) if doubtful else found
    if ctx.match.band not in ("issue", "report"):
        return found
    about = nearest(ctx.utterance, ctx.situation)
    return replace(found, act=Act.UNCLEAR, matters=about, second=found.act, ask=True)


def run(ctx: Context, found: Understanding | MeantBeside) -> Reply:
    if isinstance(found, MeantBeside):
        return _and_answer(ctx, carry_out(ctx, found.meant, found.said))
    told = _told_at_once(ctx, found)
    if told:
        return told
    choices = _choices(ctx, found)
    if found.act is Act.LIST and not found.ask:
        return _list(ctx)
    if found.ask or len(choices) > 1:
        return _ask(ctx, found, choices)
    return carry_out(ctx, choices[0], ctx.text)


def _told_at_once(ctx: Context, found: Understanding) -> Reply | None:
    """What needs no choice: a number of nothing, nothing to agree to, several in free words, what
    is asked about the one matter in hand."""
    if _names_nothing(ctx, found):
        return ctx.privately(ctx.say("order_unknown", number="、".join(found.matters)))
    if found.order in _JUDGES and not reach.asked_of(ctx):
        return ctx.privately(ctx.say("order_nothing_asked"))
    apart = _numbers_apart(ctx)
    if found.ask and len(apart) > 1:
        return ctx.privately(_one_by_one(ctx, apart))
    if ctx.situation.in_hand and look.asks_about(ctx.utterance.plain):
        about = _in_hand(ctx, found)
        if len(about) == 1:
            return look.show(ctx, about[0])
    return None


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
    return other or _names_nothing(ctx, found) or (found.ask and ctx.situation.is_staff)


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
        yield from _ordered(ctx, found)
    elif act is Act.REPORT and found.ask:
        yield Meant(act)
    elif act is Act.UNCLEAR and found.ask and ctx.situation.is_staff:
        if found.second is Act.REPORT:  # a trouble in words of its own comes first
            yield Meant(Act.REPORT)
        if found.act is Act.UNCLEAR:
            yield from _about_it(ctx, found)
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
    """What the speaker has to do or to watch over, as far as the words mean it. A number that is
    none of these is never taken for another: it is looked up, and may be nobody's."""
    known = _known(ctx)
    in_hand = [known[matter.number] for matter in ctx.situation.in_hand]
    numbers = set(found.matters) & {issue.number for issue in in_hand}
    if 0 < len(numbers) < len(in_hand):
        return [issue for issue in in_hand if issue.number in numbers]
    named = [number for number in found.matters if _is_number(number)]
    if named and not numbers and found.order:
        return [one for number in named for one in reach.named(ctx, number, found.order)[:1]]
    if is_sending(ctx.utterance.plain):  # 让陈某去: not what 陈某 has already
        return [issue for issue in in_hand if not _is_with_one_named(ctx, issue)]
    return [issue for issue in in_hand if _is_with_one_named(ctx, issue)] or in_hand


def _known(ctx: Context) -> dict[str, Issue]:
    """What has been read for the situation, by number."""
    return {issue.number: issue for issue in [*ctx.issues, *ctx.watched]}


def _is_with_one_named(ctx: Context, issue: Issue) -> bool:
    """催一下张某: what 张某 has."""
    holder = ctx.town.by_id(issue.holder_id)
    return holder is not None and holder.name in ctx.utterance.plain


def _is_number(said: str) -> bool:
    """Whether it can be the number of an issue at all, and no telephone number."""
    return said.startswith("SZ-") or len(said) <= LONGEST_NUMBER


def _names_nothing(ctx: Context, found: Understanding) -> bool:
    """办洁 9, and there is no 9: nothing else is offered instead."""
    named = found.act is Act.ORDER and any(map(_is_number, found.matters))
    return named and not _in_hand(ctx, found)


def _says_nothing_of(ctx: Context, found: Understanding) -> bool:
    """开会去了, by a 片长: not one of those below him is meant more than another."""
    in_hand = [matter.number for matter in ctx.situation.in_hand]
    urges = Act.URGE in (ctx.heard.act, ctx.heard.second) or ctx.heard.second is Act.ORDER
    return len(_in_hand(ctx, found)) == len(in_hand) > 1 and not urges


def _numbers_apart(ctx: Context) -> list[Issue]:
    """1 灯换了 2 沟通了: what each piece of the message names, of what the speaker has in hand."""
    in_hand = [matter.number for matter in ctx.situation.in_hand]
    plain = _ORDINAL.sub(lambda lead: f"{numeral(lead[1] or lead[2])} ", ctx.utterance.plain)
    leads = [leading(piece) for piece in _PIECES.split(plain)]
    named = (matching(one.number, ctx.issues) for one in leads if one.number and one.words)
    found = (issue for issues in named for issue in issues if issue.number in in_hand)
    return list(dict.fromkeys(found))


def _one_by_one(ctx: Context, issues: Sequence[Issue]) -> str:
    """Two things in free words would be one guess on another: each is to be said by itself."""
    shorts = [short(issue.number) for issue in issues]
    return ctx.say("hear_one_by_one", shorts="、".join(shorts), short=shorts[0])


def _ordered(ctx: Context, found: Understanding) -> Iterator[Meant]:
    """That order on each matter that it can be done to; 都接 on all of them at once."""
    assert found.order is not None
    if found.order is Action.UNRESOLVE:
        closed = [issue for issue in reach.finished(ctx) if issue.number in found.matters]
        yield from (Meant(Act.ORDER, one.number, found.order) for one in closed[:MOST_OFFERED])
        return
    meant = reach.asked_of(ctx) if found.order in _JUDGES else _in_hand(ctx, found)
    several_named = len(ctx.utterance.numbers) > 1
    every = several_named or _EVERY.search(ctx.utterance.plain) is not None
    if every and 1 < len(meant) <= several.MOST and not ACTIONS[found.order].sure:
        yield Meant(Act.ORDER, " ".join(issue.number for issue in meant), found.order)
        meant = [] if several_named else meant
    first = meant[:MOST_CHOICES]
    if found.order is Action.REASSIGN and is_sending(ctx.utterance.plain):
        for issue in first[:2]:
            tries = (Action.REASSIGN, Action.ASSIST, Action.PROGRESS)
            fits = (action for action in tries if reach.able(ctx, action, [issue]))
            yield from (Meant(Act.ORDER, issue.number, action) for action in fits)
        return
    able = reach.able(ctx, found.order, first)
    yield from (Meant(Act.ORDER, issue.number, found.order) for issue in able)
    if found.order is Action.RESOLVE:  # 梯子送去了, of who was asked to help with it
        helped = reach.able(ctx, Action.ASSIST_DONE, [one for one in first if one not in able])
        able += helped
        yield from (Meant(Act.ORDER, issue.number, Action.ASSIST_DONE) for issue in helped)
    if not able:
        yield from (Meant(Act.ORDER, issue.number, found.order) for issue in first)


def _about_it(ctx: Context, found: Understanding) -> Iterator[Meant]:
    """What unclear words about something in hand mostly are: a question about it, or how far it is,
    which the resident may read as it was said."""
    meant = _in_hand(ctx, found)[:MOST_OFFERED]
    if ctx.utterance.asks or look.asks_about(ctx.utterance.plain):
        yield from (Meant(Act.LIST, issue.number) for issue in meant)
        return
    above = {matter.number for matter in ctx.situation.in_hand if matter.mine == "above"}
    if _says_nothing_of(ctx, found):
        meant = [issue for issue in meant if issue.number not in above]
    for issue in meant:
        tries = (Action.URGE,) if issue.number in above else (Action.PROGRESS, Action.ASSIST_DONE)
        fits = next((action for action in tries if reach.able(ctx, action, [issue])), None)
        if fits:
            yield Meant(Act.ORDER, issue.number, fits)


def _fits(ctx: Context, act: Act, issue: Issue) -> bool:
    """Whether that can be done with it; words that accuse a 长 never go to whoever holds it."""
    if act in _JUDGEMENTS:
        return issue.state in (State.RESOLVED, State.CLOSED)
    may_read = act is Act.WITHDRAW or complained.may_add(ctx, issue, ctx.text)
    return issue.state in OPEN_STATES and may_read


# --- doing it ---


def carry_out(ctx: Context, meant: Meant, said: str) -> Reply:
    """Do what was meant with the words that were said."""
    if " " in meant.number:
        issues = by_numbers(ctx.session, meant.number.split())
        return several.carry_out(ctx, Action(meant.order), issues, words_of_order(said), [])
    issue = by_number(ctx.session, meant.number) if meant.number else None
    if meant.act == Act.LIST and issue is not None:
        return look.show(ctx, issue)
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
    if issue is not None and not standing.as_resident(ctx.work, issue, ctx.actor):
        return look.show(ctx, issue)
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
    """All that there is; of a matter that is named, the matter. Who has nothing in hand himself
    reads what is open in his units."""
    if ctx.utterance.numbers and len(ctx.heard.matters) == 1:
        issue = by_number(ctx.session, ctx.heard.matters[0])
        if issue is not None:
            return look.show(ctx, issue)
    if not ctx.posts:
        return progress.run(ctx, Wish("我的诉求"))
    if _LATE.search(ctx.utterance.plain):
        return ctx.privately(lists.overdue(ctx))
    if ctx.watched and not reach.held(ctx):
        return area.run(ctx, area.all_of(ctx))
    return ctx.privately(lists.todo(ctx))


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
    called = names(number for one in shown for number in one.number.split())
    lines = [f"{n} {_label(ctx, one, called)}" for n, one in enumerate(shown, start=1)]
    silence = ctx.say("hear_silence_registers" if reports else "hear_silence_nothing")
    question = ctx.say("hear_which", said=wording.cut(ctx.text, 30))
    return ctx.privately("\n".join([question, *lines, silence]))


def _label(ctx: Context, meant: Meant, called: Mapping[str, str]) -> str:
    if " " in meant.number:
        shorts = "、".join(called[number] for number in meant.number.split())
        return ctx.say("hear_order_all", action=ACTION_CHINESE[Action(meant.order)], shorts=shorts)
    issue = _known(ctx).get(meant.number) if meant.number else None
    if issue is None and meant.number:
        issue = by_number(ctx.session, meant.number)
    if issue is None:
        return ctx.say(_CHOICES_OF_NONE[meant.act])
    content = standing.content_for(ctx.work, issue, ctx.actor)
    about = {"short": called[issue.number], "brief": wording.cut(content, 20)}
    if meant.act == Act.ORDER:
        about["action"] = ACTION_CHINESE[Action(meant.order)]
    return ctx.say(_CHOICES[meant.act], **about)
