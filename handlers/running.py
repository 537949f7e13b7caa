"""What is said while an emergency runs belongs to it: words, photos, places, voice (domain.md §4).

For six hours the bot listens to whoever has reported or joined it; what he says goes on at once to
all who have been rung. What is plainly another matter is left to the others. After words of
self-harm everything is answered by a text that listens.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from faq.danger import EmergencyClass
from handlers import (
    accusations,
    dialogue,
    dialogues,
    endorsing,
    materials,
    my_zhang,
    progress,
    rating,
    staff,
)
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from handlers.reporting import report, with_quote
from issues import joining, registering, ringing, stages, standing, tell, wording
from issues.short_numbers import by_number, matching
from rules import urgent
from rules.words import OPEN_STATES, UnitKind
from storage.tables import Issue

NAME = "running"
WRITES = True
#: The kinds under which it is remembered to whom the bot listens, in all chats: who is in despair
#: is listened to whatever else happens.
KIND, DESPAIR = "emergency", "despair"
#: 人没事了: noted and passed on, but people close it.
_CALM = re.compile(
    r"没事[了哒啦]|平安|虚惊|误报|搞错[了哒]|不用来|别来了|莫来|脱险|安全[了哒]|算了|撤[回销]|取消"
)
#: 火灭了, 找到了: the same where nobody attacks; 他回来了 is no comfort to whom he beats.
_OVER = re.compile(
    r"灭[了哒]|扑灭|熄[了哒]|救[上出下]来[了哒]|找到[了哒]|(?<!又)回来[了哒]|醒[了哒]"
)
_NOT_CLEAR = re.compile(
    r"[没冇未不][有得]?(?:人)?(?:灭|熄|醒|找到|回来|救|脱险|安全|平安)|还[有在没冇]|又|但|可是|不过|[吗?？]"
)
#: 怎么办, 119 怎么打: what the class's own words say once more.
_WHAT_TO_DO = re.compile(
    r"怎么[办打搞弄]|怎样[办做]|何解搞|打(?:哪|什么|多少)|要不要|能不能|可不可以|该不该"
)
#: 还没人来, 人呢, 邻长电话多少: who knows of it, and how to reach him.
_WHO_COMES = re.compile(
    r"[没冇](?:看?[见到])?(?:有)?(?:一个)?人(?:来|到|管|应|接|回)|人呢|来[了没冇]?人?[没冇吗]|来人|有没有人"
    r"|(?:几时|什么时候|多久|好久)[^，。,.]{0,4}(?:来|到|有人)|快[点些]?来|催|打[谁哪]个?的?电话"
    r"|电话(?:是)?(?:多少|几|号码)|联系方式|(?:怎么|怎样|咋|如何)(?:才能)?(?:联系|找)"
)
_THANKS = r"多谢|谢谢|感谢|辛苦|麻烦|你们?|您们?|大家"
_YES = r"好[的吧]?(?![了哒])|行|嗯|哦|噢|收到|(?:知道|晓得|明白)[了哒]?"
#: 谢谢, 好的: answered, and nobody is woken by it.
_POLITE = re.compile(rf"(?:{_THANKS}|{_YES}|[了哒啊呀咯啦吧,，。.!！~ ])++")
#: Said of itself, or of what has gone on for days: another matter.
_ANOTHER = re.compile(
    r"另外(?:我|有件|还有件|想|问|跟|报)|(?:另|别的?|还有)一?[件个]事|别的事|顺便[问说报]"
)
#: Matters of which no emergency is the cause, nor they of one.
_UNRELATED = re.compile(
    "路灯|垃圾|噪音|扬尘|养殖异味|健身器材|公厕|楼道灯|鼠虫|野狗|公交|有线电视|网络"
)
_FOR_DAYS = re.compile(
    r"[\d一二两三四五六七八九十几好半]{1,9}个?(?:多)?(?:天|星期|周|礼拜|月|年)(?!前着)|天天|每天|经常|老是|总是|长期|上个?月|去年"
)
#: A resident who asks after the matter itself is answered as always.
_ASKS_AFTER = ("进度", "我的诉求")
#: A judgement of another matter in these few words.
_LONGEST_RATING = 8
_LISTENING = ("listens_first_again", "listens_second", "listens_third")


@dataclass(frozen=True)
class MoreOfIt:
    """The emergency that it belongs to, and what the bot remembers of it; ``accuses``: one of those
    who were rung, who must not read it."""

    issue: Issue
    data: dict[str, Any]
    accuses: bool = False


def matches(ctx: Context) -> MoreOfIt | None:
    if ctx.incoming.kind != "message" or not (ctx.text or ctx.incoming.materials):
        return None
    found = (replace(more, accuses=_accuses(ctx, more.issue)) for more in _own(ctx))
    return next((more for more in found if not _is_other(ctx, more)), None)


def run(ctx: Context, more: MoreOfIt) -> Reply:
    issue, text = more.issue, with_quote(ctx.text, ctx.incoming.quote) if ctx.text else ""
    if not issue.delicate and text and _POLITE.fullmatch(text):
        return ctx.privately(_passed_on(ctx, issue, "receipt_urgent_here", more.data["call"]))
    if more.accuses:
        issue = _apart(ctx, more)
        more = replace(more, issue=issue)
    elif add(ctx, issue, text):
        return ctx.privately(stages.status(ctx.work, issue), issue=issue)
    if issue.delicate:
        listen(ctx, issue, more.data["call"])
        return ctx.privately(_listens(ctx, issue, more.data), ctx.say("seen_in_private"), issue)
    return ctx.privately(_told(ctx, more), ctx.say("seen_in_private"), issue)


def add(ctx: Context, issue: Issue, text: str) -> str | None:
    """More of an emergency, by its reporter, his household or a neighbour, who joins it; why it
    cannot be, if it cannot."""
    work, by, came = ctx.work, ctx.actor, ctx.incoming.materials
    if issue.reporter == by.userid or standing.endorsement(work, issue, by.userid):
        return attempt(ctx, lambda: registering.supplement(work, issue, by, text, came))
    if joining.of_household(work, by.userid, [issue]):
        return attempt(ctx, lambda: joining.household_adds(work, issue, by, text, came))
    return attempt(ctx, lambda: joining.endorse(work, issue, by, text, came))


def _apart(ctx: Context, more: MoreOfIt) -> Issue:
    """An emergency of its own, of which whoever is accused learns nothing, nor of what follows."""
    said = report(ctx, ctx.text, accuses=_accused(ctx, more.issue))
    urgent_one = replace(said, emergency=more.issue.danger, delicate=more.issue.delicate)
    issue = registering.open_issue(ctx.work, urgent_one)
    listen(ctx, issue, more.data["call"])
    return issue


def listen(ctx: Context, issue: Issue, call: str) -> None:
    """From now on what the sender says belongs to this emergency; ``call``: numbers to call."""
    since = ctx.now if issue.delicate else issue.reported_at
    userid, number = ctx.incoming.userid.lower(), {"number": issue.number, "call": call}
    kind = DESPAIR if issue.delicate else KIND
    dialogues.ask(ctx.session, userid, "", kind, number, since + urgent.RUNS_FOR)


def same(ctx: Context, emergency: EmergencyClass) -> Issue | None:
    """The emergency that runs already and is meant again: the sender's own, his household's, or a
    neighbour's with the same danger within an hour. Words that accuse a 长 never join."""
    for own in _own(ctx):
        if _is_same(ctx, own.issue, emergency) and not _accuses(ctx, own.issue):
            return own.issue
    if emergency.private_only:
        return None
    found = (one for one in _around(ctx) if one.danger == emergency.name)
    return next((one for one in found if not _accuses(ctx, one)), None)


def knows(ctx: Context, issue: Issue, emergency: EmergencyClass) -> bool:
    """Whether it is the sender who told of this danger, and read within the hour what to do: nobody
    who runs from the water reads five lines at every sentence. Who is in despair does each time."""
    own = issue.reporter == ctx.incoming.userid.lower()
    first = issue.danger == emergency.name and _within_the_hour(ctx, issue.reported_at)
    return own and first and not issue.delicate


def told_again(ctx: Context, issue: Issue, call: str) -> str:
    """What he needs to hear now of a danger of which he has told already."""
    return _told(ctx, MoreOfIt(issue, {"call": call}))


def accuses(ctx: Context) -> bool:
    """Whether the words accuse somebody who was rung for what the sender has told of."""
    return any(_accuses(ctx, own.issue) for own in _own(ctx))


def numbers_of(emergency: EmergencyClass) -> str:
    """119、120"""
    return "、".join(emergency.numbers)


def _own(ctx: Context) -> list[MoreOfIt]:
    """The emergencies in which the bot listens to the sender, the newest first."""
    kept = [one for one in ctx.asked if one.kind in (KIND, DESPAIR)]
    found = ((by_number(ctx.session, one.data["number"]), one.data) for one in kept)
    return [MoreOfIt(one, data) for one, data in found if one and _goes_on(ctx, one)]


def _goes_on(ctx: Context, issue: Issue) -> bool:
    return tell.runs(ctx.work, issue) or (issue.delicate and issue.state in OPEN_STATES)


def _is_same(ctx: Context, issue: Issue, emergency: EmergencyClass) -> bool:
    """The same danger; in the first hour whatever danger follows from it, but for an attack. What
    is spoken of in private only is not mixed with what is not."""
    if issue.danger == emergency.name:
        return True
    if emergency.private_only or not _within_the_hour(ctx, issue.reported_at):
        return False
    if issue.delicate:
        return _is_medical(emergency)
    return not emergency.bypass_named or _bypasses(ctx, issue)


def _is_medical(emergency: EmergencyClass) -> bool:
    """Who has hurt himself, and nobody else: spoken of in private like the words before."""
    return emergency.numbers[:1] == ("120",)


def _around(ctx: Context) -> list[Issue]:
    """Emergencies of the last hour in the sender's own 组, his household's first."""
    recent = [
        one
        for one in ctx.lately
        if tell.runs(ctx.work, one) and _within_the_hour(ctx, one.reported_at)
    ]
    userid = ctx.incoming.userid
    ours = joining.of_household(ctx.work, userid, recent)
    return [*ours, *joining.nearby(ctx.work, userid, recent)]


def _within_the_hour(ctx: Context, reported: datetime) -> bool:
    return ctx.now <= reported + urgent.SAME_WITHIN


def _accuses(ctx: Context, issue: Issue) -> bool:
    return _accused(ctx, issue) is not None


def _accused(ctx: Context, issue: Issue) -> UnitKind | None:
    """The highest level, over the sender or over the danger, that the words complain about."""
    userid, plainly = ctx.incoming.userid, accusations.ACCUSED
    return accusations.accused_beside(ctx.work, userid, issue, ctx.text, plainly)


# --- what is another matter ---


def _is_other(ctx: Context, more: MoreOfIt) -> bool:
    issue = more.issue
    if not ctx.text:
        return False
    if _is_order(ctx):
        return True
    if issue.delicate:
        return False
    if more.accuses and not _bypasses(ctx, issue):
        return True
    return _is_answer(ctx) or _asks(ctx, issue) or is_another(ctx, issue)


def _bypasses(ctx: Context, issue: Issue) -> bool:
    """Whether it is a danger in which whoever is named is the danger himself."""
    known = (one for one in ctx.book.emergencies.classes if one.name == issue.danger)
    return any(one.bypass_named for one in known)


def _is_order(ctx: Context) -> bool:
    """What somebody with a 职务 does to issues, and what asks for photos."""
    return (bool(ctx.posts) and staff.matches(ctx) is not None) or bool(materials.matches(ctx))


def _is_answer(ctx: Context) -> bool:
    """A number, a rating, or a bare answer to what the bot has asked."""
    if ctx.utterance.pick is not None:
        return True
    judged = rating.matches(ctx) if len(ctx.text) <= _LONGEST_RATING else None
    if isinstance(judged, rating.Several) or (judged and judged.issue and not judged.redo):
        return True
    answer = dialogue.matches(ctx)
    if answer is None or answer.kind == "describe":
        return False
    return answer.kind != endorsing.KIND or not answer.said.words


def _asks(ctx: Context, issue: Issue) -> bool:
    """How far it is, who his 邻长 is, or something that the FAQ answers."""
    wish = progress.matches(ctx)
    if wish is not None:
        other = bool(wish.number) and not matching(wish.number, [issue])
        return other or wish.what in _ASKS_AFTER
    if _WHO_COMES.search(ctx.text) or _WHAT_TO_DO.fullmatch(ctx.text.strip("？?。！! ")):
        return False
    if my_zhang.asked(ctx.utterance.plain):  # who he is, not how to reach him
        return True
    if ctx.match.band == "suggest":
        return ctx.utterance.asks and not _within_the_hour(ctx, issue.reported_at)
    return ctx.match.band == "answer"


def is_another(ctx: Context, issue: Issue) -> bool:
    """A report of something that has nothing to do with it: said so, of days ago, or later."""
    if ctx.match.band != "report" and not _ANOTHER.search(ctx.text):
        return False
    if _ANOTHER.search(ctx.text):
        return True
    about = ctx.book.matters.about
    if about(ctx.text) & about(issue.content):
        return False
    things = about(ctx.text)
    later = not _within_the_hour(ctx, issue.reported_at) and bool(things)
    unrelated = bool(things) and all(_UNRELATED.search(thing) for thing in things)
    return later or unrelated or _FOR_DAYS.search(ctx.text) is not None


# --- what is answered ---


def receipt(ctx: Context, issue: Issue, call: str) -> str:
    """To whoever tells of a danger that is known already."""
    if issue.delicate:
        return wording.say(
            ctx.work, issue, "listens_who", phone=wording.holders_phone(ctx.work, issue)
        )
    return _passed_on(ctx, issue, "receipt_urgent_joined", call)


def _told(ctx: Context, more: MoreOfIt) -> str:
    """What he needs to hear now: that people know, who they are, or what to do."""
    issue, call, text = more.issue, more.data["call"], ctx.text
    if _is_clear(ctx, issue):
        return _passed_on(ctx, issue, "receipt_all_clear", call)
    if _WHO_COMES.search(text):
        return _who_comes(ctx, issue, call)
    told = _passed_on(ctx, issue, "receipt_urgent_more", call)
    advice = _advice(ctx, issue) if _WHAT_TO_DO.search(text) else ""
    return f"{advice}\n\n{told}" if advice else told


def _is_clear(ctx: Context, issue: Issue) -> bool:
    """Whether nobody is in danger any more, as the sender says."""
    over = None if _bypasses(ctx, issue) else _OVER.search(ctx.text)
    return bool(_CALM.search(ctx.text) or over) and not _NOT_CLEAR.search(ctx.text)


def _who_comes(ctx: Context, issue: Issue, call: str) -> str:
    found = standing.rung(ctx.work, issue)
    named = (wording.with_phone(wording.called(one, level), one) for one, level in found)
    state = ringing.answered(ctx.work, issue)
    return wording.say(
        ctx.work, issue, "receipt_urgent_who", rung="、".join(named), call=call, state=state
    )


def _advice(ctx: Context, issue: Issue) -> str:
    """What the danger's own words say."""
    known = (one for one in ctx.book.emergencies.classes if one.name == issue.danger)
    return next((one.reply for one in known), "")


def _passed_on(ctx: Context, issue: Issue, key: str, call: str) -> str:
    rung = [wording.called(one, level) for one, level in standing.rung(ctx.work, issue)]
    names = "、".join(rung) or wording.holding(ctx.work, issue)
    return wording.say(ctx.work, issue, key, rung=names, call=call)


def _listens(ctx: Context, issue: Issue, data: dict[str, Any]) -> str:
    """Not the same sentence again and again to somebody who pours out his heart."""
    key = _LISTENING[issue.last_seq % len(_LISTENING)]
    phone = wording.holders_phone(ctx.work, issue)
    return wording.say(ctx.work, issue, key, phone=phone, call=data["call"])
