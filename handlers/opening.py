"""Opening an issue with its receipt; shared by all handlers that end in one.

Private matters stay private: in a group the receipt shows the number only (domain.md §7-§8).
"""

import re
from datetime import timedelta

from faq.danger import EmergencyClass
from handlers import dialogues, endorsing
from handlers.context import Context
from handlers.message import Reply
from issues import registering, wording
from issues.registering import Report
from storage.tables import Issue

#: A second message this soon may be the rest of the first one.
SPLIT_WITHIN = timedelta(seconds=90)
#: Without these words a fragment such as "坏了三天" names nothing that one could go and see.
_NO_THING = re.compile(
    r"(?<![\d一二两三四五六七八九十几好])[\d一二两三四五六七八九十几好]++(?:天|个?小时|个?月|年|次|回)|坏|烂|断|漏|堵|停|塌|掉|不亮|没有?人[管修理来]"
    r"|[了的呢啊吧吗在又还都就是很太一直已经今昨前晚上早我你他们这那里有没也再]|[^\w]"
)
SHORTEST_THING = 2
LONGEST_FRAGMENT = 6
#: （照片 2） stands for what came without words, （引用：…） for words that are somebody else's.
_NOT_SAID = re.compile(r"（[^（）]*+(?:（[^（）]*+）[^（）]*+)?）")
_TROUBLE = re.compile(
    r"坏|烂|断|漏|堵|停|塌|掉|丢|脏|臭|吵|满|垮|裂|倒|破|没|不|乱|占|偷|骂|打|欠|拖"
)
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
    twin = endorsing.twin(ctx, whole)
    if twin:
        said = with_quote(whole, ctx.incoming.quote)
        return endorsing.fold(ctx, said, twin, extra) or endorsing.ask(ctx, said, twin, extra)
    issue = registering.open_issue(ctx.work, report(ctx, whole))
    receipt = wording.receipt(ctx.work, issue)
    told = f"{receipt}\n\n{extra}" if extra else receipt
    return ctx.privately(told, wording.group_receipt(ctx.work, issue), issue)


def half_said(ctx: Context, text: str) -> Issue | None:
    """The issue that this message goes on with: "路灯", then "坏了三天". People write one thing in
    several messages; two things that could each be acted on stay two issues."""
    earlier = just_opened(ctx, SPLIT_WITHIN)
    if earlier is None or not (is_fragment(text) or is_fragment(earlier.content)):
        return None
    return None if registering.accuses(ctx.work, earlier, text) else earlier


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


def is_fragment(text: str) -> bool:
    """Words that name a thing and no trouble, or a trouble and no thing."""
    said = _NOT_SAID.sub("", text).strip()
    thing = _NO_THING.sub("", said)
    if len(thing) < SHORTEST_THING:
        return True
    return len(said) <= LONGEST_FRAGMENT and not _TROUBLE.search(said)


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


def report(ctx: Context, text: str, emergency: EmergencyClass | None = None) -> Report:
    """The message as registering.py takes it."""
    incoming = ctx.incoming
    return Report(
        userid=incoming.userid,
        text=with_quote(text, incoming.quote),
        at=incoming.at,
        channel=incoming.channel,
        chat_id=incoming.chat_id or None,
        materials=incoming.materials,
        emergency=emergency.name if emergency else "",
        delicate=emergency.private_only if emergency else False,
        may_accuse=emergency.bypass_named if emergency else True,
    )


def same_again(ctx: Context, text: str) -> Issue | None:
    """The sender's open issue with the same words of a moment ago."""
    said = with_quote(text, ctx.incoming.quote)
    return next((issue for issue in _own(ctx, SAME_WITHIN) if issue.content == said), None)


def with_quote(text: str, quote: str) -> str:
    """The words with those that they answer to."""
    return f"{text}\n（引用：{quote}）" if quote else text
