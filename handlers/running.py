"""What is said while an emergency runs belongs to it: words, photos, places, voice (domain.md §4).

For six hours the bot listens to whoever has reported or joined it; what he says goes on at once to
all who have been rung. What is plainly another matter is left to the others. After words of
self-harm everything is answered by a text that listens.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from faq.danger import EmergencyClass
from handlers import dialogue, dialogues, endorsing, progress, staff
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import with_quote
from issues import joining, registering, standing, tell, wording
from issues.short_numbers import by_number, matching
from rules import urgent
from storage.tables import Dialogue, Issue

NAME = "running"
WRITES = True
#: The kind under which it is remembered to whom the bot listens; in all chats.
KIND = "emergency"
#: 人没事了, 火灭了: noted and passed on, but people close it.
_ALL_CLEAR = re.compile(
    r"没事[了哒啦]|平安|虚惊|误报|搞错[了哒]|不用来|别来了|莫来|灭[了哒]|扑灭|熄[了哒]|救[上出下]来[了哒]?"
    r"|找到[了哒]|回来[了哒]|脱险|安全[了哒]|关[好掉][了哒]|醒[了哒]|算了|撤[回销]|取消"
)
_NOT_CLEAR = re.compile(r"[没冇未不][有得]?(?:人)?(?:灭|熄|醒|找到|回来|救|脱险|安全|关)|[吗?？]")
#: Said of itself, or of what has gone on for days: another matter.
_ANOTHER = re.compile(r"另外(?:有|还|想|一)|(?:另|别的?|还有)一?[件个]事|别的事|顺便[问说报]")
_FOR_DAYS = re.compile(
    r"[\d一二两三四五六七八九十几好半]+个?(?:多)?(?:天|星期|周|礼拜|月|年)(?!前着)|天天|每天|经常|老是|总是|长期|上个?月|去年"
)
#: A resident who asks after the matter itself is answered as always.
_ASKS_AFTER = ("进度", "我的诉求")
_LISTENING = ("listens_first_again", "listens_second", "listens_third")


@dataclass(frozen=True)
class MoreOfIt:
    """The emergency that it belongs to, and what the bot remembers of it."""

    issue: Issue
    data: dict[str, Any]


def matches(ctx: Context) -> MoreOfIt | None:
    asked = _remembered(ctx)
    if asked is None or ctx.incoming.kind != "message":
        return None
    if not (ctx.text or ctx.incoming.materials):
        return None
    issue = _still_runs(ctx, asked)
    return None if issue is None or _is_other(ctx, issue) else MoreOfIt(issue, asked.data)


def run(ctx: Context, more: MoreOfIt) -> Reply:
    issue, text = more.issue, with_quote(ctx.text, ctx.incoming.quote) if ctx.text else ""
    if add(ctx, issue, text):
        return ctx.privately(wording.status(ctx.work, issue), issue=issue)
    if issue.delicate:
        listen(ctx, issue, more.data["call"])
        return ctx.privately(_listens(ctx, issue, more.data), ctx.say("seen_in_private"), issue)
    clear = _ALL_CLEAR.search(text) and not _NOT_CLEAR.search(text)
    key = "receipt_all_clear" if clear else "receipt_urgent_more"
    told = _passed_on(ctx, issue, key, more.data["call"])
    return ctx.privately(told, ctx.say("seen_in_private"), issue)


def add(ctx: Context, issue: Issue, text: str) -> str | None:
    """More of an emergency, by its reporter, his household or a neighbour, who joins it; why it
    cannot be, if it cannot."""
    work, by, materials = ctx.work, ctx.actor, ctx.incoming.materials
    if issue.reporter == by.userid or standing.endorsement(work, issue, by.userid):
        return attempt(ctx, lambda: registering.supplement(work, issue, by, text, materials))
    if joining.of_household(work, by.userid, [issue]):
        return attempt(ctx, lambda: joining.household_adds(work, issue, by, text, materials))
    return attempt(ctx, lambda: joining.endorse(work, issue, by, text, materials))


def listen(ctx: Context, issue: Issue, call: str) -> None:
    """From now on what the sender says belongs to this emergency; ``call``: numbers to call."""
    since = ctx.now if issue.delicate else issue.reported_at
    userid, number = ctx.incoming.userid.lower(), {"number": issue.number, "call": call}
    dialogues.ask(ctx.session, userid, "", KIND, number, since + urgent.RUNS_FOR)


def same(ctx: Context, emergency: EmergencyClass) -> Issue | None:
    """The emergency that runs already and is meant again: the sender's own, his household's, or a
    neighbour's with the same danger within an hour. Words that accuse a 长 never join."""
    own = _remembered(ctx)
    issue = _still_runs(ctx, own) if own else None
    if issue and _is_same(ctx, issue, emergency) and not _accuses(ctx, issue):
        return issue
    if emergency.private_only:
        return None
    found = (one for one in _around(ctx) if one.danger == emergency.name)
    return next((one for one in found if not _accuses(ctx, one)), None)


def numbers_of(emergency: EmergencyClass) -> str:
    """119、120"""
    return "、".join(emergency.numbers)


def _remembered(ctx: Context) -> Dialogue | None:
    return next((one for one in ctx.asked if one.kind == KIND), None)


def _still_runs(ctx: Context, asked: Dialogue) -> Issue | None:
    issue = by_number(ctx.session, asked.data["number"])
    if issue is None:
        return None
    listens = issue.delicate and issue.closed_at is None
    return issue if listens or tell.runs(ctx.work, issue) else None


def _is_same(ctx: Context, issue: Issue, emergency: EmergencyClass) -> bool:
    """The same danger; in the first hour whatever danger follows from it. What is spoken of in
    private only does not become part of what is not."""
    if emergency.private_only and not issue.delicate:
        return False
    return issue.danger == emergency.name or _within_the_hour(ctx, issue.reported_at)


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
    return registering.accuses(ctx.work, issue, ctx.text)


# --- what is another matter ---


def _is_other(ctx: Context, issue: Issue) -> bool:
    if not ctx.text:
        return False
    if _is_order(ctx) or _accuses(ctx, issue):
        return True
    return not issue.delicate and (_is_answer(ctx) or _asks(ctx, issue) or _is_new(ctx, issue))


def _is_order(ctx: Context) -> bool:
    """What somebody with a 职务 does to issues."""
    return bool(ctx.posts) and staff.matches(ctx) is not None


def _is_answer(ctx: Context) -> bool:
    """A number, or a bare answer to what the bot has asked."""
    if ctx.utterance.pick is not None:
        return True
    answer = dialogue.matches(ctx)
    if answer is None or answer.kind == "describe":
        return False
    return answer.kind != endorsing.KIND or not answer.said.words


def _asks(ctx: Context, issue: Issue) -> bool:
    """How far it is, or something that the FAQ answers."""
    wish = progress.matches(ctx)
    if wish is not None:
        other = bool(wish.number) and not matching(wish.number, [issue])
        return other or wish.what in _ASKS_AFTER or "邻长" in wish.what
    if ctx.match.band == "suggest":
        return ctx.utterance.asks and not _within_the_hour(ctx, issue.reported_at)
    return ctx.match.band == "answer"


def _is_new(ctx: Context, issue: Issue) -> bool:
    """A report of something that has nothing to do with it: said so, of days ago, or later."""
    if ctx.match.band != "report" and not _ANOTHER.search(ctx.text):
        return False
    if _ANOTHER.search(ctx.text):
        return True
    about = ctx.book.matters.about
    if about(ctx.text) & about(issue.content):
        return False
    later = not _within_the_hour(ctx, issue.reported_at) and bool(about(ctx.text))
    return later or _FOR_DAYS.search(ctx.text) is not None


# --- what is answered ---


def receipt(ctx: Context, issue: Issue, call: str) -> str:
    """To whoever tells of a danger that is known already."""
    if issue.delicate:
        return wording.say(
            ctx.work, issue, "listens_who", phone=wording.holders_phone(ctx.work, issue)
        )
    return _passed_on(ctx, issue, "receipt_urgent_joined", call)


def _passed_on(ctx: Context, issue: Issue, key: str, call: str) -> str:
    rung = [wording.called(one, level) for one, level in standing.rung(ctx.work, issue)]
    names = "、".join(rung) or wording.holding(ctx.work, issue)
    return wording.say(ctx.work, issue, key, rung=names, call=call)


def _listens(ctx: Context, issue: Issue, data: dict[str, Any]) -> str:
    """Not the same sentence again and again to somebody who pours out his heart."""
    key = _LISTENING[issue.last_seq % len(_LISTENING)]
    phone = wording.holders_phone(ctx.work, issue)
    return wording.say(ctx.work, issue, key, phone=phone, call=data["call"])
