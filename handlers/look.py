"""看 42, 详情 0017, 42 什么情况: the whole matter, for anybody who has to do with it.

Its words, its photos, what has happened, who has it and by which telephone. Whoever has nothing to
do with it reads no more than that there is no such number; every look at a name is remembered.
"""

import re
from dataclasses import dataclass

from handlers import lists, reach
from handlers.context import Context
from handlers.message import Reply
from issues import course, events, registering, stages, standing, wording
from issues.short_numbers import short
from issues.texts import cut
from rules.words import OPEN_STATES, STATE_CHINESE
from speech import numbers
from storage.tables import Issue

NAME = "look"
WRITES = True
#: Bytes of a passive text of WeCom, less a margin; of them what the steps have at least.
LARGEST, LEAST_STEPS = 2000, 500
#: Characters of what was done and of what was brought.
RESULT, BROUGHT = 120, 100
MOST_JOINED = 6
_ENDS = " 。.!?吧呢号"

_BEFORE = re.compile(
    r"(?:请|麻烦|帮我|给我|我要|我想|想|我)*+(?:看一?下|看看|查一?下|查看|查查|看|查|打开|详情|详细)"
    r"(?:诉求|编号|工单|事项)?[:：,，\s]*"
)
_WHO = r"(?:谁|哪个|哪家|哪户|哪位|么子人)"
_ASKED = (
    rf"(?:是)?{_WHO}(?:家|户)?(?:人)?(?:报|反映|提|讲|说)?(?:来|上来)?的"
    rf"|(?:是|现在)?{_WHO}(?:在|来)?(?:弄|办|搞|管|负责|处理|接)(?:的|单)?|在{_WHO}(?:手上|手里|那里)"
    r"|(?:他|她|人家|居民|住户|反映人)?(?:的|家|屋里)?(?:住)?(?:在|到)?(?:哪里|哪儿|何处|哪一?家|哪一?户)"
    r"|(?:他|她|居民|住户|反映人)?(?:的)?(?:电话|手机号?|号码|联系方式|地址)"
    r"(?:是|有)?(?:多少|好多|什么|几多|没有?)?|怎么联系(?:他|她|居民)?"
)
_AFTER = re.compile(
    r"[,，\s]*(?:这件|那件|这个|那个)?(?:事情?|诉求)?(?:的)?(?:"
    r"(?:现在)?(?:是|有)?(?:个)?(?:什么|啥|么子|怎么个)(?:情况|事情?|问题|诉求|内容)"
    r"|(?:是)?(?:怎么|咋)(?:一?回事|样了?|个?情况)|(?:的)?(?:详情|详细|情况|内容|原话|经过)"
    r"|(?:给我)?(?:看一?下|看看|查一?下)"
    rf"|{_ASKED})[呢啊呀了]*[?？。!！]*"
)
_ABOUT = re.compile(rf"(?:{_ASKED})[呢啊呀了]*[\s?？。!！]*$")
#: What residents ask of their own; said by those who serve of what is theirs to do.
_PROGRESS = re.compile(r"(?:查|看|查看)?(?:一下)?(?:进度|到哪了|到哪一步了|办到哪了|办得怎么样了?)")


@dataclass(frozen=True)
class Looked:
    """The number as it was said, and the issues that it can mean; none for one that is not his."""

    number: str
    issues: list[Issue]


def matches(ctx: Context) -> Looked | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    plain = ctx.utterance.plain
    number = asked(plain)
    if number:
        meant = _meant(ctx, number)
        return Looked(number, meant) if meant or not _is_answered(ctx) else None
    said = ctx.utterance.apart
    if not (said.number and ctx.posts and _PROGRESS.fullmatch(said.words)):
        return None
    meant = _meant(ctx, said.number)
    own = {issue.id for issue in reach.own(ctx)}
    return None if not meant or own & {issue.id for issue in meant} else Looked(said.number, meant)


def asks_about(plain: str) -> bool:
    """谁报的, 他家在哪里, 电话多少: asked about a matter that the words need not name."""
    return _ABOUT.search(plain) is not None


def show(ctx: Context, issue: Issue) -> Reply:
    """The whole of one matter, for somebody who has to do with it."""
    if not reach.is_entitled(ctx, issue):
        return run(ctx, Looked(short(issue.number), []))
    return run(ctx, Looked(short(issue.number), [issue]))


def asked(plain: str) -> str:
    """The number in 看 42 or 42 什么情况; "" for other words."""
    before = _BEFORE.match(plain)
    if before:
        rest = numbers.leading(plain[before.end() :])
        if rest.number and not rest.words.strip(_ENDS):
            return rest.number
    first = numbers.leading(plain.removeprefix("把"))
    return first.number if first.number and _AFTER.fullmatch(first.words) else ""


def _is_answered(ctx: Context) -> bool:
    """0211 是什么情况: what the FAQ answers is no number of nobody's."""
    return ctx.match.band == "answer"


def _meant(ctx: Context, number: str) -> list[Issue]:
    """The open ones with that number, else the newest of all; only what is the speaker's."""
    found = reach.ordinal(ctx, number) if number.startswith("第") else reach.seen(ctx, number)
    mine = [issue for issue in found if reach.is_entitled(ctx, issue)]
    return [issue for issue in mine if issue.state in OPEN_STATES] or mine[:1]


def run(ctx: Context, looked: Looked) -> Reply:
    if not looked.issues:
        key = "order_unknown" if ctx.posts else "order_unknown_own"
        return ctx.in_private(ctx.say(key, number=looked.number))
    if len(looked.issues) > 1:
        return ctx.in_private(_which(ctx, looked.issues))
    return ctx.in_private(_whole(ctx, looked.issues[0]))


def _which(ctx: Context, found: list[Issue]) -> str:
    """The same short number on several days."""
    lines = [
        f"{one.number}：{cut(standing.content_for(ctx.work, one, ctx.actor), 20)}"
        for one in found[: reach.MOST_NAMESAKES]
    ]
    return "\n".join([ctx.say("look_which", number=found[0].number), *lines])


def _whole(ctx: Context, issue: Issue) -> str:
    """All of it in one message: long words leave room for the newest steps."""
    happened = events.of(ctx.session, issue.id)
    steps = course.course(ctx.work, issue, happened, ctx.actor)
    around = [*_around(ctx, issue, stages.stages(issue, happened)), ctx.say("look_course")]
    room = LARGEST - len("\n".join(around).encode()) - LEAST_STEPS
    words = cut_bytes(_words(ctx, issue), room)
    head = ctx.say("look_head", number=issue.number, state=STATE_CHINESE[issue.state])
    told = [head, words, *around]
    left = (
        LARGEST - len("\n".join(told).encode()) - len(ctx.say("look_earlier", count=999).encode())
    )
    fit = course.fitting(steps, left, lambda n: ctx.say("look_earlier", count=n))
    return "\n".join([*told, *fit])


def cut_bytes(text: str, most: int) -> str:
    """At most so many bytes on one line, with … for what is left out."""
    line = cut(text, len(text) or 1)
    while len(line.encode()) > most:
        line = cut(line, min(len(line) - 1, max(2, most // 3)))
    return line


def _around(ctx: Context, issue: Issue, reached: stages.Stages) -> list[str]:
    """Who, what was brought, how far it is."""
    photos = registering.own_materials(ctx.work, issue, ctx.actor)
    what = cut(wording.counted(photos), BROUGHT)
    told = [
        *_people(ctx, issue),
        ctx.say("look_materials", what=what, short=short(issue.number)) if what else "",
        *stages.lines(ctx.work, issue, reached),
        stages.done_so_far(ctx.work, issue, reached, RESULT),
        _now(ctx, issue),
    ]
    return [line for line in told if line]


def _now(ctx: Context, issue: Issue) -> str:
    """Who has it and until when; to those who serve a broken promise is a number of days."""
    if issue.state not in OPEN_STATES or standing.as_resident(ctx.work, issue, ctx.actor):
        return stages.now(ctx.work, issue, phone=True)
    given = {"who": wording.holding(ctx.work, issue), "when": lists.when(ctx, issue.due_at)}
    return ctx.say("look_now", **given, phone=wording.holders_phone(ctx.work, issue))


def _words(ctx: Context, issue: Issue) -> str:
    """The own words of one who has joined; of the reporter as the speaker may read them."""
    joined = standing.endorsement(ctx.work, issue, ctx.incoming.userid)
    return joined.content if joined else standing.content_for(ctx.work, issue, ctx.actor)


def _people(ctx: Context, issue: Issue) -> list[str]:
    """For those who serve: who has reported it and how to reach him, where it is, who has joined.
    A resident knows who he is, and nothing of the others."""
    as_resident = standing.as_resident(ctx.work, issue, ctx.actor)
    joined = standing.endorsements(ctx.work, issue)
    count = ctx.say("look_households", count=len(joined) + 1) if joined else ""
    if as_resident:
        return [count]
    name = standing.contact_for(ctx.work, issue, ctx.actor)
    place = wording.place(ctx.work, issue)
    names = [standing.name_of(ctx.work, one.userid) for one in joined[:MOST_JOINED]]
    parties = standing.parties(ctx.work, issue, ctx.actor)
    may_see = joined and not standing.SEE_NAMES.isdisjoint(parties)  # 公开姓名 opens only the first
    others = ctx.say("look_joined", names="、".join(names)) if may_see else count
    return [ctx.say("look_reporter", name=name, place=place), others]
