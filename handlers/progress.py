"""What residents say about their own issues: 进度, 我的诉求, 撤回, 催一下, 可以来了.

Always in private, and only about what the sender has reported or joined (附议). Words that tell of
a new trouble are left to the report.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers import complained, doing, endorsing
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from issues import joining, judging, merging, registering, stages, standing, wording, working
from issues.short_numbers import matching, short
from rules.words import OPEN_STATES, State
from speech import numbers
from speech.polite import ASKING
from storage.tables import Issue

NAME = "progress"
WRITES = True
#: So many are told of, briefly; of the others these many numbers.
MOST = 3
BRIEF = 40
MOST_NUMBERS = 8

_ASKED = re.compile(r"(?:查|查看|看)?(?P<what>进度|撤回|撤销|我的诉求)")
#: 催一下, 怎么还没人来 42: alone they are about what has been reported; with more words a report.
_URGED = re.compile(
    r"(?:麻烦|请|帮我|帮忙|再|能不能|快点?)*催(?:一?催|一下|下|办|促)?(?:吧|吗|一下)?"
    r"|(?:怎么|为什么|咋)?还(?:没有?|不)(?:人|有人)?(?:来|管|修|处理|弄|办|动静|消息|结果|来人|来修|来看|修好|办好)(?:啊|呀|呢|吗|的)*"
    r"|(?:什么时候|几时|哪天|好久)(?:才|能|会|可以|有人)*(?:来|修|办|处理|来人|来修|来看|修好|办好)(?:啊|呀|呢)*"
)
#: 那个事怎么样了, 我报的灯修了没, 我上次说的事呢
_MY = r"(?:我们?家?|咱们?)?(?:上次|上回|之前|以前|前天|昨天|那天|刚才|前几天|上个?星期|上个?月)?"
_TOLD = rf"{_MY}(?:跟[你您]们?|向[你您]们?)?(?:报|说|反映|讲|提|登记)(?:的|过的|上去的|了的)"
_ENDING = (
    r"(?P<ending>(?:现在|到底|怎么|怎样|咋|样|如何|办|修|弄|处理|解决|搞|有|了|好|没|进展|结果"
    r"|消息|下文|着落|回音|到哪|哪?一?步|得|的|情况|还|是|吗|呢|啊|呀|不|么|什么时候|几时|能|来|人|管|多久)*)"
)
_THAT = rf"{_MY}(?:那|这)[个件](?:事|事情|问题|诉求)"
_WILD = re.compile(
    rf"{ASKING}(?:{_TOLD}(?P<thing>(?!是|不)[^\s,。?!]{{0,6}}?)|{_THAT}){_ENDING}[。?!~]*"
)
#: 路灯的事办得怎么样了, 路灯修好没有: only of a thing that he has reported.
_DONE_YET = r"(?:修|办|弄|搞|处理|解决|装|换)(?:好|完)?了?(?:没有?|吗|了吗)(?:啊|呀|呢)?"
_THING = re.compile(
    rf"{ASKING}(?P<thing>[^\s,。?!]{{2,6}}?)"
    rf"(?:(?:的|那|这)[个件]?(?:事情?|问题){_ENDING}|{_DONE_YET})[。?!~]*"
)
_QUESTION = re.compile(
    r"没|吗|呢|怎|咋|如何|什么时候|几时|结果|进展|消息|下文|着落|回音|到哪|情况|多久"
)
_AGAIN = re.compile("又|也|还有|另外|现在")
_NOBODY = re.compile(r"没有?人|还没")
#: 好了, 我回来了, 可以来了 42: what a 挂起 has been waiting for.
_READY = (
    r"(?:我|我们|我家|这边|这里|现在|家里|已经|都)*"
    r"(?:好了|准备好了|弄好了|回来了|到家了|在家了?|有空了?|有人了|可以来了?|可以办了|可以了|来吧|可以接着办了?|齐了|备齐了)"
)
_BACK = re.compile(rf"(?:{_READY}[,，。\s]*+)+")
_BACK_SAID = re.compile(r"回来了|可以来|在家了|到家了|可以接着办|备齐了|准备好了|有空了")
_LONGEST_BACK = 30


@dataclass(frozen=True)
class Wish:
    """What is wanted, of which number, and with which words."""

    what: str
    number: str = ""
    said: str = ""
    #: what it is about: 灯, of "我报的灯修了没"
    thing: str = ""


def matches(ctx: Context) -> Wish | None:
    if ctx.incoming.kind != "message":
        return None
    said = ctx.utterance.apart
    match = _ASKED.fullmatch(said.words)
    return Wish(match["what"], said.number) if match else _in_own_words(ctx, ctx.utterance.plain)


def _in_own_words(ctx: Context, plain: str) -> Wish | None:
    """Words that mean something only to one who has an issue that they can be about."""
    said = ctx.utterance.apart
    urged, wild, back = _URGED.fullmatch(said.words), _asks_how_it_is(plain), _is_back(plain)
    thing = _THING.fullmatch(plain)
    mine = endorsing.mine(ctx) if urged or wild or thing or back else []
    if urged and any(i.state in OPEN_STATES for i in mine):
        return Wish("催办", said.number, "" if "催" in plain else ctx.text)
    if wild and mine:
        pressing = _NOBODY.search(wild["ending"]) and any(i.state in OPEN_STATES for i in mine)
        told = ctx.text if pressing else ""
        return Wish("催办" if pressing else "进度", said=told, thing=wild["thing"] or "")
    if thing and _is_reported(ctx, thing, mine):
        return Wish("进度", thing=thing["thing"])
    return _ready(ctx, plain, mine) if back else None


def _ready(ctx: Context, plain: str, mine: list[Issue]) -> Wish | None:
    """可以来了: to what is waiting, or to the issue whose number is said, whatever its state."""
    said = numbers.trailing(plain)
    alone = _BACK.fullmatch(said.words) is not None
    number = said.number if alone else ""
    waits = any(issue.state is State.SUSPENDED for issue in mine)
    if not waits and not (number and matching(number, mine)):
        return None
    if not alone and ctx.match.band in ("report", "answer"):
        return None
    return Wish("恢复", number, "" if alone else ctx.text)


def _asks_how_it_is(plain: str) -> re.Match[str] | None:
    match = _WILD.fullmatch(plain)
    if match is None or _AGAIN.search(match["thing"] or ""):
        return None
    return match if _QUESTION.search(match["ending"]) else None


def _is_reported(ctx: Context, asked: re.Match[str], mine: list[Issue]) -> bool:
    """Whether it is a question, about a thing that the sender has named in an open issue."""
    ending, userid = asked["ending"], ctx.incoming.userid
    open_ones = (issue for issue in mine if issue.state in OPEN_STATES)
    named = any(
        asked["thing"] in standing.own_words(ctx.work, issue, userid) for issue in open_ones
    )
    return named and (ending is None or bool(_QUESTION.search(ending)))


def _is_back(plain: str) -> bool:
    short_enough = len(plain) <= _LONGEST_BACK
    alone = _BACK.fullmatch(numbers.trailing(plain).words)
    return bool(alone) or bool(short_enough and _BACK_SAID.search(plain))


def run(ctx: Context, wish: Wish) -> Reply:
    mine = endorsing.mine(ctx)
    meant = matching(wish.number, mine) if wish.number else _recent(mine)
    if not meant:
        return ctx.privately(_none(ctx, wish))
    going = (merging.goes_on_as(ctx.work, issue) for issue in meant)
    meant = list({issue.id: issue for issue in going}.values())
    act = _ACTS.get(wish.what)
    return ctx.privately(act(ctx, wish, meant) if act else _status(ctx, wish, meant))


def _recent(mine: list[Issue]) -> list[Issue]:
    still = [issue for issue in mine if issue.state in OPEN_STATES]
    return (still or mine)[::-1]


def _none(ctx: Context, wish: Wish) -> str:
    if wish.number:
        return ctx.say("progress_unknown", number=wish.number)
    return ctx.say("progress_none")


def _status(ctx: Context, wish: Wish, meant: list[Issue]) -> str:
    """One in full; of several the newest, and the numbers of the others."""
    named = _named(ctx, wish, meant)
    if len(named) == 1:
        return _stands(ctx, named[0])
    first, others = named[:MOST], named[MOST : MOST + MOST_NUMBERS]
    told = [_stands(ctx, issue, longest=BRIEF, brief=True) for issue in first]
    numbers = "、".join(issue.number for issue in others)
    rest = ctx.say("progress_more", count=len(named) - MOST, numbers=numbers)
    return "\n\n".join([*told, *([rest] if others else [])])


def _stands(ctx: Context, issue: Issue, **how: Any) -> str:
    """In no group a telephone is told, not even where answers are open."""
    said = standing.own_words(ctx.work, issue, ctx.incoming.userid)
    phone = not ctx.incoming.in_group or ctx.private_group
    return stages.status(ctx.work, issue, said, phone=phone, **how)


def _named(ctx: Context, wish: Wish, meant: list[Issue]) -> list[Issue]:
    """Those that the thing in the question names ("我报的灯修了没"), if it names any."""
    userid = ctx.incoming.userid
    said = {issue.id: set(standing.own_words(ctx.work, issue, userid)) for issue in meant}
    return [issue for issue in meant if set(wish.thing) & said[issue.id]] or meant


def _withdraw(ctx: Context, wish: Wish, meant: list[Issue]) -> str:
    if len(meant) > 1:
        return _which(ctx, meant, "撤回")
    issue = meant[0]
    if standing.endorsement(ctx.work, issue, ctx.incoming.userid):
        refusal = attempt(ctx, lambda: joining.leave_endorsement(ctx.work, issue, ctx.actor))
        return refusal or ctx.say("withdrawn_joined", number=issue.number)
    refusal = attempt(ctx, lambda: judging.withdraw(ctx.work, issue, ctx.actor))
    return refusal or ctx.say("withdrawn_own", number=issue.number)


def _urge(ctx: Context, wish: Wish, meant: list[Issue]) -> str:
    still = _named(ctx, wish, [issue for issue in meant if issue.state in OPEN_STATES] or meant)
    if len(still) > 1:
        return _which(ctx, still, "催一下")
    issue = still[0]
    words, besides = complained.apart(ctx, issue, wish.said)
    refusal = attempt(ctx, lambda: working.urge(ctx.work, issue, ctx.actor, words))
    if refusal:
        return _with(refusal, besides)
    hears, promise = doing.holder_hears(ctx, issue), _promise(ctx, issue)
    told = ctx.say("urged_own", number=issue.number, told=hears, promise=promise)
    return _with(told, besides)


def _promise(ctx: Context, issue: Issue) -> str:
    """Until when there is a result; never a date that has gone by."""
    gone = issue.due_at <= ctx.now
    return wording.say(ctx.work, issue, "promise_gone" if gone else "promise_open")


def _resume(ctx: Context, wish: Wish, meant: list[Issue]) -> str:
    waiting = [issue for issue in meant if issue.state is State.SUSPENDED]
    if len(waiting) > 1:
        return _which(ctx, waiting, "可以来了")
    if not waiting:
        return _status(ctx, Wish("进度"), meant)
    issue = waiting[0]
    joined = standing.endorsement(ctx.work, issue, ctx.incoming.userid) is not None
    words, besides = complained.apart(ctx, issue, wish.said)
    if words or joined:  # what is said with it tells when to come
        said = words or ctx.say("is_ready")
        refusal = attempt(ctx, lambda: registering.supplement(ctx.work, issue, ctx.actor, said))
    else:
        said = ctx.say("is_ready") if besides else ctx.text
        refusal = attempt(ctx, lambda: working.resume(ctx.work, issue, ctx.actor, said))
    promise = _promise(ctx, issue)
    told = refusal or wording.say(ctx.work, issue, "resumed_own", promise=promise)
    return _with(told, besides)


def _with(told: str, besides: str) -> str:
    return f"{told}\n\n{besides}" if besides else told


def _which(ctx: Context, meant: list[Issue], verb: str) -> str:
    userid = ctx.incoming.userid
    lines = [
        f"{issue.number}：{wording.cut(standing.own_words(ctx.work, issue, userid), 20)}"
        for issue in meant[:5]
    ]
    ask = ctx.say("which_issue", verb=verb, short=short(meant[0].number))
    return "\n".join([ask, *lines])


#: What else than 进度 can be wished for.
_ACTS: dict[str, Callable[[Context, Wish, list[Issue]], str]] = {
    "撤回": _withdraw,
    "撤销": _withdraw,
    "催办": _urge,
    "恢复": _resume,
}
