"""待办 and 逾期 as they are read on a phone: what is late first, in as many bytes as a channel has.

Which issues they are is reach.py's business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from handlers import reach
from handlers.context import Context
from issues import standing, words
from issues.numbers import names
from rules.actions import ACTION_CHINESE
from rules.ladder import LEVELS
from rules.words import STATE_CHINESE
from storage.tables import Assist, InPerson, Issue

T = TypeVar("T")

#: A passive text of WeCom has 2048 bytes.
LARGEST = 2000
MOST_LINES = 20
#: What can be replied.
DO, DECIDE, HELP = "接单/办结/上交 + 编号", "同意/不同意 + 编号", "协办完成 + 编号 + 做了什么"
TELL, URGE, LATE = "已告知 + 编号", "催办 + 编号", "。看超期的，回复：逾期"


@dataclass(frozen=True)
class Section:
    """A heading with {n} for how many there are, what can be replied, and of the first ones the
    number and a line."""

    heading: str
    hint: str
    total: int
    lines: Sequence[tuple[str, str]]

    def shown(self, most: int, name: Mapping[str, str]) -> list[str]:
        first = [f"{name[number]} {line}" for number, line in self.lines[:most]]
        left = self.total - len(first)
        more = [f"……还有 {left} 件"] if left > 0 else []
        return [self.heading.format(n=self.total), *first, *more]


def _section(
    heading: str, hint: str, found: Sequence[T], line: Callable[[T], tuple[str, str]]
) -> Section:
    return Section(heading, hint, len(found), [line(one) for one in found[:MOST_LINES]])


def todo(ctx: Context) -> str:
    """What the speaker holds, has to answer, to help with, and to tell in person."""
    sections = [
        _section("您手上有 {n} 件：", DO, reach.held(ctx), lambda one: _held(ctx, one)),
        _section("等您同意 {n} 件：", DECIDE, reach.asked_of(ctx), lambda one: _asked(ctx, one)),
        _section("请您协办 {n} 件：", HELP, reach.helping(ctx), lambda two: _help(ctx, *two)),
        _section("请当面告知 {n} 件：", TELL, reach.to_tell(ctx), lambda two: _to_tell(*two)),
    ]
    full = [section for section in sections if section.lines]
    above = any(post.unit.kind in LEVELS[1:] for post in ctx.posts)
    return fitted(full, LATE if above else "") if full else "您手上没有待办的诉求。"


def overdue(ctx: Context) -> str:
    """What is late in the speaker's units."""
    late = _section("超期 {n} 件：", URGE, reach.overdue(ctx), lambda one: _late(ctx, one))
    if not late.lines:
        return "您这里没有超期的诉求。"
    return fitted([late])


def fitted(sections: Sequence[Section], more: str = "") -> str:
    """As many lines as the channel takes; what is left out is counted."""
    name = names(number for section in sections for number, _ in section.lines)
    hint = f"回复：{'；'.join(section.hint for section in sections)}{more}"
    for most in range(MOST_LINES, 0, -1):
        lines = [line for section in sections for line in section.shown(most, name)]
        text = "\n".join([*lines, hint])
        if len(text.encode()) <= LARGEST:
            return text
    return text


def _held(ctx: Context, issue: Issue) -> tuple[str, str]:
    state = STATE_CHINESE[issue.state]
    when = _when(ctx, issue.due_at)
    return issue.number, f"{state} {when}：{words.cut(issue.content, 20)}"


def _asked(ctx: Context, issue: Issue) -> tuple[str, str]:
    assert issue.wanted is not None  # reach.asked_of says so
    what = ACTION_CHINESE[issue.wanted]
    about = words.cut(issue.content, 16)
    return issue.number, f"{what}（{words.holding(ctx.work, issue)}）：{about}"


def _help(ctx: Context, helper: Assist, issue: Issue) -> tuple[str, str]:
    return issue.number, f"{_when(ctx, helper.due_at)}：{words.cut(helper.request, 20)}"


def _to_tell(row: InPerson, issue: Issue) -> tuple[str, str]:
    return issue.number, words.cut(row.text, 20)


def _late(ctx: Context, issue: Issue) -> tuple[str, str]:
    when, who = _when(ctx, issue.due_at), words.holding(ctx.work, issue)
    content = standing.content_for(ctx.work, issue, ctx.actor)
    return issue.number, f"{when} {who}：{words.cut(content, 16)}"


def _when(ctx: Context, due_at: datetime) -> str:
    zone = ctx.office.clock.zone
    if due_at > ctx.now:
        return words.deadline(due_at, zone)
    last = (due_at - timedelta(seconds=1)).astimezone(zone).date()
    days = (ctx.office.today(ctx.now) - last).days
    return f"已超期 {days} 天" if days else "已超期"
