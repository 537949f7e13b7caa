"""待办 and 逾期 as they are read on a phone: what is late first, in as many bytes as a channel has.

Which issues they are is reach.py's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import reach
from handlers.context import Context
from issues import words
from issues.numbers import short
from rules.words import ACTION_CHINESE, STATE_CHINESE, UnitKind
from storage.tables import Issue

#: A passive text of WeCom has 2048 bytes.
LARGEST = 2000
MOST_LINES = 20


@dataclass(frozen=True)
class Section:
    """A heading with {n} for how many there are, and a line each."""

    heading: str
    lines: Sequence[str]

    def shown(self, most: int) -> list[str]:
        left = len(self.lines) - most
        more = [f"……还有 {left} 件"] if left > 0 else []
        return [self.heading.format(n=len(self.lines)), *self.lines[:most], *more]


def todo(ctx: Context) -> str:
    """What the speaker holds, has to answer, to help with, and to tell in person."""
    sections = [
        Section("您手上有 {n} 件：", [_held(ctx, issue) for issue in reach.held(ctx)]),
        Section("等您同意 {n} 件：", [_asked(issue) for issue in reach.asked_of(ctx)]),
        Section(
            "请您协办 {n} 件：",
            [
                f"{short(i.number)} {_when(ctx, a.due_at)}：{words.cut(a.request, 20)}"
                for a, i in reach.helping(ctx)
            ],
        ),
        Section(
            "请当面告知 {n} 件：",
            [f"{short(i.number)} {words.cut(row.text, 20)}" for row, i in reach.to_tell(ctx)],
        ),
    ]
    full = [section for section in sections if section.lines]
    if not full:
        return "您手上没有待办的诉求。"
    return fitted(full, _hint(ctx))


def _hint(ctx: Context) -> str:
    above = any(post.unit.kind is not UnitKind.LIN for post in ctx.posts)
    return "回复：接单/办结/上交 + 编号" + ("；看超期的，回复：逾期" if above else "")


def overdue(ctx: Context) -> str:
    """What is late in the speaker's units."""
    late = [_late(ctx, issue) for issue in reach.overdue(ctx)]
    if not late:
        return "您这里没有超期的诉求。"
    return fitted([Section("超期 {n} 件：", late)], "回复：督办 或 提级 + 编号")


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


def _late(ctx: Context, issue: Issue) -> str:
    when, who = _when(ctx, issue.due_at), words.holding(issue)
    return f"{short(issue.number)} {when} {who}：{words.cut(issue.content, 16)}"


def _when(ctx: Context, due_at: datetime) -> str:
    zone = ctx.office.clock.zone
    if due_at > ctx.now:
        return words.deadline(due_at, zone)
    last = (due_at - timedelta(seconds=1)).astimezone(zone).date()
    days = (ctx.office.today(ctx.now) - last).days
    return f"已超期 {days} 天" if days else "已超期"
