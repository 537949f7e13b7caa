"""待办 and 逾期 as they are read on a phone: what is late first, in as many bytes as a channel has.

Which issues they are is reach.py's business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from handlers import reach
from handlers.context import Context
from issues import standing, wording
from issues.short_numbers import names
from rules.actions import ACTION_CHINESE
from rules.ladder import LEVELS
from rules.words import STATE_CHINESE
from storage.tables import Assist, InPerson, Issue

T = TypeVar("T")
#: The sentence of a key in the words of the office, as `Context.say`.
Say = Callable[..., str]

#: A passive text of WeCom has 2048 bytes.
LARGEST = 2000
MOST_LINES = 20


@dataclass(frozen=True)
class ListSection:
    """A heading, what can be replied, how many there are, and of the first ones the number and a
    line."""

    heading: str
    hint: str
    total: int
    lines: Sequence[tuple[str, str]]

    def shown(self, say: Say, most: int, name: Mapping[str, str]) -> list[str]:
        first = [f"{name[number]} {line}" for number, line in self.lines[:most]]
        left = self.total - len(first)
        more = [say("list_more", count=left)] if left > 0 else []
        return [self.heading, *first, *more]


@dataclass(frozen=True)
class Kind:
    """The keys of a section's heading and of what can be replied."""

    heading: str
    hint: str


HELD, ASKED = Kind("todo_held", "hint_held"), Kind("todo_asked", "hint_asked")
HELP, TELL = Kind("todo_help", "hint_help"), Kind("todo_tell", "hint_tell")
LATE = Kind("overdue_list", "hint_overdue")


def _section(
    ctx: Context, kind: Kind, found: Sequence[T], line: Callable[[T], tuple[str, str]]
) -> ListSection:
    heading, hint = ctx.say(kind.heading, count=len(found)), ctx.say(kind.hint)
    return ListSection(heading, hint, len(found), [line(one) for one in found[:MOST_LINES]])


def todo(ctx: Context) -> str:
    """What the speaker holds, has to answer, to help with, and to tell in person."""
    sections = [
        _section(ctx, HELD, reach.held(ctx), lambda one: _held(ctx, one)),
        _section(ctx, ASKED, reach.asked_of(ctx), lambda one: _asked(ctx, one)),
        _section(ctx, HELP, reach.helping(ctx), lambda two: _help(ctx, *two)),
        _section(ctx, TELL, reach.to_tell(ctx), lambda two: _to_tell(*two)),
    ]
    full = [section for section in sections if section.lines]
    above = any(post.unit.kind in LEVELS[1:] for post in ctx.posts)
    if not full:
        return ctx.say("todo_none")
    return fitted(ctx.say, full, "list_hint_late" if above else "list_hint")


def overdue(ctx: Context) -> str:
    """What is late in the speaker's units."""
    late = _section(ctx, LATE, reach.overdue(ctx), lambda one: _late(ctx, one))
    if not late.lines:
        return ctx.say("overdue_none")
    return fitted(ctx.say, [late])


def fitted(say: Say, sections: Sequence[ListSection], hint: str = "list_hint") -> str:
    """As many lines as the channel takes; what is left out is counted. ``hint``: the key of the
    last line, what can be replied."""
    name = names(number for section in sections for number, _ in section.lines)
    last = say(hint, hints="；".join(section.hint for section in sections))
    for most in range(MOST_LINES, 0, -1):
        lines = [line for section in sections for line in section.shown(say, most, name)]
        text = "\n".join([*lines, last])
        if len(text.encode()) <= LARGEST:
            return text
    return text


def _held(ctx: Context, issue: Issue) -> tuple[str, str]:
    state = STATE_CHINESE[issue.state]
    until = when(ctx, issue.due_at)
    return issue.number, f"{state} {until}：{wording.cut(issue.content, 20)}"


def _asked(ctx: Context, issue: Issue) -> tuple[str, str]:
    assert issue.wanted is not None  # reach.asked_of says so
    what = ACTION_CHINESE[issue.wanted]
    about = wording.cut(issue.content, 16)
    return issue.number, f"{what}（{wording.holding(ctx.work, issue)}）：{about}"


def _help(ctx: Context, helper: Assist, issue: Issue) -> tuple[str, str]:
    return issue.number, f"{when(ctx, helper.due_at)}：{wording.cut(helper.request, 20)}"


def _to_tell(row: InPerson, issue: Issue) -> tuple[str, str]:
    return issue.number, wording.cut(row.text, 20)


def _late(ctx: Context, issue: Issue) -> tuple[str, str]:
    late, who = when(ctx, issue.due_at), wording.holding(ctx.work, issue)
    content = standing.content_for(ctx.work, issue, ctx.actor)
    return issue.number, f"{late} {who}：{wording.cut(content, 16)}"


def when(ctx: Context, due_at: datetime) -> str:
    """Until when, or for how long it has been late."""
    zone = ctx.office.clock.zone
    if due_at > ctx.now:
        return wording.deadline(due_at, zone)
    last = (due_at - timedelta(seconds=1)).astimezone(zone).date()
    days = (ctx.office.today(ctx.now) - last).days
    return ctx.say("late_days", count=days) if days else ctx.say("late_today")
