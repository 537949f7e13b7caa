"""Opening an issue with its receipt; shared by all handlers that end in one.

Private matters stay private: in a group the receipt shows the number only (domain.md §7-§8).
"""

from datetime import timedelta

from handlers import complained, dialogues, endorsing
from handlers.complained import Belongs
from handlers.context import Context
from handlers.message import Reply
from handlers.reporting import accused, is_fragment, report, with_quote
from issues import registering, wording
from storage.tables import Issue

#: A second message this soon may be the rest of the first one.
SPLIT_WITHIN = timedelta(seconds=90)
#: Remembered so long: that the sender has asked who his 邻长 is.
NAMED = "named"
#: An impatient second sending of the same words is the same report.
SAME_WITHIN = registering.JUST_NOW


def open_issue(ctx: Context, text: str, *, extra: str = "") -> Reply:
    """A tracked issue and the receipt for its sender, or first the question whether it is what a
    neighbour has reported; ``extra`` is told in private with it."""
    again = same_again(ctx, text)
    if again:
        told = wording.say(ctx.work, again, "receipt_again")
        return ctx.privately(told, wording.group_receipt(ctx.work, again), again)
    earlier = half_said(ctx, text)
    if earlier:
        registering.supplement(ctx.work, earlier, ctx.actor, text, ctx.incoming.materials)
        told = wording.say(ctx.work, earlier, "receipt_more", what=ctx.say("what_said"))
        return ctx.privately(told, wording.group_receipt(ctx.work, earlier), earlier)
    whole = with_unpicked(ctx, text)
    hidden = _of_a_complaint(ctx, whole, extra)
    if hidden:
        return hidden
    twin = endorsing.twin(ctx, whole)
    if twin:
        said = with_quote(whole, ctx.incoming.quote)
        return endorsing.fold(ctx, said, twin, extra) or endorsing.ask(ctx, said, twin, extra)
    issue = registering.open_issue(ctx.work, report(ctx, whole))
    receipt = wording.receipt(ctx.work, issue)
    told = f"{receipt}\n\n{extra}" if extra else receipt
    return ctx.privately(told, wording.group_receipt(ctx.work, issue), issue)


def _of_a_complaint(ctx: Context, text: str, extra: str) -> Reply | None:
    """What becomes of words that complain about a 长, or of one who has complained; None for all
    else."""
    level = complained.of_named(ctx, text)
    if level:  # 没修好 SZ-20260918-0002, of a complaint that is over
        return complained.reply(ctx, text, extra, level)
    if accused(ctx, text):
        return complained.reply(ctx, text, extra)
    begun = _begun(ctx)  # 邻长, then 收了我两百块
    level = accused(ctx, f"{begun}\n{text}") if begun else None
    if level:
        return complained.reply(ctx, f"{begun}\n{text}", extra, level)
    where = complained.belongs(ctx, text)
    if where is Belongs.JOINS:
        return complained.reply(ctx, text, extra)
    return complained.ask(ctx, text, extra) if where is Belongs.DOUBTFUL else None


def _begun(ctx: Context) -> str:
    """The words of a moment ago that name somebody and say nothing of him yet, "" without any."""
    named = next((one for one in ctx.asked_here if one.kind == NAMED), None)
    if named:
        return str(named.data["text"])
    begun = just_opened(ctx, SPLIT_WITHIN)
    return begun.content if begun and is_fragment(begun.content) and not begun.bypassed else ""


def half_said(ctx: Context, text: str) -> Issue | None:
    """The issue that this message goes on with: "路灯", then "坏了三天". People write one thing in
    several messages; two things that could each be acted on stay two issues."""
    earlier = just_opened(ctx, SPLIT_WITHIN)
    if earlier is None or not (is_fragment(text) or is_fragment(earlier.content)):
        return None
    whole = f"{earlier.content}\n{text}"
    fits = complained.may_add(ctx, earlier, text) and complained.may_add(ctx, earlier, whole)
    return earlier if fits else None


def just_opened(ctx: Context, within: timedelta) -> Issue | None:
    """The sender's newest open issue of a moment ago in the same chat."""
    here = (issue for issue in _own(ctx, within) if (issue.chat_id or "") == ctx.incoming.chat_id)
    return next(here, None)


def _own(ctx: Context, within: timedelta) -> list[Issue]:
    return [one for one in ctx.just_reported if one.reported_at >= ctx.now - within]


def goes_on(ctx: Context, text: str) -> bool:
    """Whether words that the FAQ is not sure about end a report that was begun: "坏了三天", then
    "路灯". After a whole report, or for a whole sentence, they are a matter of their own."""
    earlier = half_said(ctx, text)
    return earlier is not None and is_fragment(text) and is_fragment(earlier.content)


def with_unpicked(ctx: Context, text: str) -> str:
    """The words before these, if the bot is still asking what they meant."""
    said = just_asked(ctx)
    if not said or said == text or not (is_fragment(text) or is_fragment(said)):
        return text
    forget_asked(ctx)
    return f"{said}\n{text}"


def just_asked(ctx: Context) -> str:
    """The words that the bot asked back about a moment ago, "" if it does not wait for a pick."""
    asking = ctx.suggested
    if asking is None or asking.expires_at - dialogues.SUGGEST_FOR < ctx.now - SPLIT_WITHIN:
        return ""
    return str(asking.data["text"])


def forget_asked(ctx: Context) -> None:
    """The words have become an issue: no pick is awaited any more."""
    dialogues.clear(ctx.session, ctx.incoming.userid.lower(), ctx.incoming.chat_id, "suggest")


def same_again(ctx: Context, text: str) -> Issue | None:
    """The sender's open issue with the same words of a moment ago."""
    said = with_quote(text, ctx.incoming.quote)
    return next((issue for issue in _own(ctx, SAME_WITHIN) if issue.content == said), None)
