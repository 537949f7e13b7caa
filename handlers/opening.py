"""Opening an issue with its receipt; shared by all handlers that end in one.

Private matters stay private: in a group the receipt shows the number only (domain.md §7-§8).
"""

from datetime import timedelta

from sqlalchemy import select

from handlers.context import Context
from handlers.message import Reply
from issues import words
from issues.desk import Report
from rules.words import OPEN_STATES
from storage.tables import Issue

#: An impatient second sending of the same words is the same report.
SAME_WITHIN = timedelta(minutes=10)


def open_issue(ctx: Context, text: str, *, emergency: str = "", extra: str = "") -> Reply:
    """A tracked issue and the receipt for its sender; ``extra`` is told in private with it."""
    again = None if emergency else same_again(ctx, text)
    if again:
        return ctx.privately(words.repeated_receipt(again), words.group_receipt(again))
    issue = ctx.desk.open(report(ctx, text, emergency))
    receipt = words.receipt(issue, ctx.office.clock.zone)
    whole = f"{receipt}\n\n{extra}" if extra else receipt
    return ctx.privately(whole, words.group_receipt(issue))


def report(ctx: Context, text: str, emergency: str = "") -> Report:
    """The message as the Desk takes it."""
    incoming = ctx.incoming
    return Report(
        userid=incoming.userid,
        text=_with_quote(text, incoming.quote),
        at=incoming.at,
        channel=incoming.channel,
        chat_id=incoming.chat_id or None,
        materials=incoming.materials,
        emergency=emergency,
    )


def same_again(ctx: Context, text: str) -> Issue | None:
    """The sender's open issue with the same words of a moment ago."""
    since = ctx.now - SAME_WITHIN
    mine = select(Issue).where(
        Issue.reporter == ctx.incoming.userid.lower(),
        Issue.state.in_(OPEN_STATES),
        Issue.reported_at >= since,
        Issue.content == _with_quote(text, ctx.incoming.quote),
    )
    return ctx.session.scalar(mine.limit(1))


def _with_quote(text: str, quote: str) -> str:
    return f"{text}\n（引用：{quote}）" if quote else text
