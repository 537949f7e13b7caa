"""待办 and 逾期 as they are read on a phone: what is late first, in as many bytes as a channel has.

Which issues they are is reach.py's business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from handlers import reach
from handlers.context import Context
from issues import words
from issues.numbers import short
from rules.words import ACTION_CHINESE, STATE_CHINESE, UnitKind
from storage.tables import Assist, InPerson, Issue

T = TypeVar("T")

#: A passive text of WeCom has 2048 bytes.
LARGEST = 2000
MOST_LINES = 20


@dataclass(frozen=True)
class Section:
    """A heading with {n} for how many there are, and the first lines."""

    heading: str
    total: int
    lines: Sequence[str]

    def shown(self, most: int) -> list[str]:
        left = self.total - min(most, len(self.lines))
        more = [f"……还有 {left} 件"] if left > 0 else []
        return [self.heading.format(n=self.total), *self.lines[:most], *more]


def _section(heading: str, found: Sequence[T], line: Callable[[T], str]) -> Section:
    return Section(heading, len(found), [line(one) for one in found[:MOST_LINES]])


def todo(ctx: Context) -> str:
    """What the speaker holds, has to answer, to help with, and to tell in person."""
    sections = [
        _section("您手上有 {n} 件：", reach.held(ctx), lambda issue: _held(ctx, issue)),
        _section("等您同意 {n} 件：", reach.asked_of(ctx), _asked),
        _section("请您协办 {n} 件：", reach.helping(ctx), lambda pair: _help(ctx, *pair)),
        _section("请当面告知 {n} 件：", reach.to_tell(ctx), lambda pair: _to_tell(*pair)),
    ]
    full = [section for section in sections if section.lines]
    return fitted(full, _hint(ctx)) if full else "您手上没有待办的诉求。"


def _hint(ctx: Context) -> str:
    above = any(post.unit.kind is not UnitKind.LIN for post in ctx.posts)
    return "回复：接单/办结/上交 + 编号" + ("；看超期的，回复：逾期" if above else "")


def overdue(ctx: Context) -> str:
    """What is late in the speaker's units."""
    late = _section("超期 {n} 件：", reach.overdue(ctx), lambda issue: _late(ctx, issue))
    if not late.lines:
        return "您这里没有超期的诉求。"
    return fitted([late], "回复：催办 + 编号")


def fitted(sections: Sequence[Section], hint: str) -> str:
    """As many lines as the channel takes; what is left out is counted."""
    for most in range(MOST_LINES, 0, -1):
        lines = [line for section in sections for line in section.shown(most)]
        text = "\n".join([*lines, hint])
        if len(text.encode()) <= LARGEST:
            return text
    return text


def _held(ctx: Context, issue: Issue) -> str:
    state = STATE_CHINESE[issue.state]
    when = _when(ctx, issue.due_at)
    return f"{short(issue.number)} {state} {when}：{words.cut(issue.content, 20)}"


def _asked(issue: Issue) -> str:
    assert issue.wanted is not None  # reach.asked_of says so
    what = ACTION_CHINESE[issue.wanted]
    about = words.cut(issue.content, 16)
    return f"{short(issue.number)} {what}（{words.holding(issue)}）：{about}"


def _help(ctx: Context, helper: Assist, issue: Issue) -> str:
    when = _when(ctx, helper.due_at)
    return f"{short(issue.number)} {when}：{words.cut(helper.request, 20)}"


def _to_tell(row: InPerson, issue: Issue) -> str:
    return f"{short(issue.number)} {words.cut(row.text, 20)}"


def _late(ctx: Context, issue: Issue) -> str:
    when, who = _when(ctx, issue.due_at), words.holding(issue)
    content = ctx.desk.content_for(issue, ctx.actor)
    return f"{short(issue.number)} {when} {who}：{words.cut(content, 16)}"


def _when(ctx: Context, due_at: datetime) -> str:
    zone = ctx.office.clock.zone
    if due_at > ctx.now:
        return words.deadline(due_at, zone)
    last = (due_at - timedelta(seconds=1)).astimezone(zone).date()
    days = (ctx.office.today(ctx.now) - last).days
    return f"已超期 {days} 天" if days else "已超期"
