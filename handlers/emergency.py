"""Emergencies before everything else (domain.md §7): the number to call, and an urgent issue.

A danger that is known already is joined, not opened again. The bot never says that it has called
for help, and speaks of self-harm only in private.
"""

from faq.danger import EmergencyClass
from handlers import complained, dialogues, running
from handlers.context import Context
from handlers.hints import taken_up
from handlers.message import Reply
from handlers.opening import SPLIT_WITHIN, just_opened
from handlers.reporting import is_fragment, report, with_quote
from issues import registering, wording
from issues.short_numbers import by_number
from storage.db import one_at_a_time
from storage.tables import Issue

NAME = "emergency"
WRITES = True


def matches(ctx: Context) -> EmergencyClass | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    quote = ctx.incoming.quote
    return ctx.match.emergency or (taken_up(ctx.book, quote, ctx.heard.act) if quote else None)


def run(ctx: Context, emergency: EmergencyClass) -> Reply:
    one_at_a_time(ctx.session, f"danger:{emergency.id}")  # neighbours who report at one moment
    issue, call = running.same(ctx, emergency), running.numbers_of(emergency)
    said = with_quote(ctx.text, ctx.incoming.quote)
    knows = issue is not None and running.knows(ctx, issue, emergency)
    if issue and running.add(ctx, issue, said) is None:
        if knows:
            return ctx.privately(running.told_again(ctx, issue, call), issue=issue)
        receipt = running.receipt(ctx, issue, call)
    else:
        issue = _opened(ctx, emergency)
        receipt = _receipt(ctx, issue)
    running.listen(ctx, issue, call)
    told = f"{emergency.reply}\n\n{receipt}"
    if not ctx.incoming.in_group:
        return Reply(told)
    ctx.push(told, issue)
    if emergency.private_only:
        return Reply(ctx.say("seen_in_private"))
    return Reply(emergency.reply)


def _opened(ctx: Context, emergency: EmergencyClass) -> Issue:
    """A photo or half a sentence that came just before becomes the emergency itself, unless the
    words are to be kept from whoever has it."""
    level = complained.in_emergency(ctx, ctx.text, emergency, rung=running.accuses(ctx))
    begun, said = _begun(ctx), report(ctx, ctx.text, emergency, level)
    if begun and level is None:
        registering.becomes_urgent(ctx.work, begun, ctx.actor, said)
        return begun
    complained.photo_goes_along(ctx, level)
    return registering.open_issue(ctx.work, said)


def _begun(ctx: Context) -> Issue | None:
    asked = next((one for one in ctx.asked_here if one.kind == "describe"), None)
    if asked:
        dialogues.clear(ctx.session, asked.userid, asked.chat_id, asked.kind)
        return by_number(ctx.session, asked.data["number"])
    before = just_opened(ctx, SPLIT_WITHIN)
    return before if before and not before.urgent and is_fragment(before.content) else None


def _receipt(ctx: Context, issue: Issue) -> str:
    """Nobody in despair is given a number and a deadline: who it is that knows, and how to reach
    him."""
    if not issue.delicate:
        return wording.receipt(ctx.work, issue)
    phone = wording.holders_phone(ctx.work, issue)
    return wording.say(ctx.work, issue, "listens_who", phone=phone)
