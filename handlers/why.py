"""为什么派给我 42: whoever holds, held or helps with an issue is told how it came to him.

The story is told by issues/reasons.py; others learn nothing, not even that there is such an issue.
"""

import re
from dataclasses import dataclass

from handlers import reach
from handlers.context import Context
from handlers.message import Reply
from issues import standing, wording
from issues.reasons import reasons
from rules.words import OPEN_STATES
from storage.tables import Issue

NAME = "why"
WRITES = True

_ASKED = re.compile(
    r"(?:为什么|为啥|为何|怎么|凭什么)"
    r"(?:又|都|会|要)?(?:派给|交给|转给|分给|指派给|给|找|派|轮到|是)(?:我们?|咱们?)(?:单位|局|这里)?"
    r"(?:来)?(?:办|管|处理|协办)?[的呢啊了]?"
)


@dataclass(frozen=True)
class Asked:
    """The issue that is meant; None when words alone do not say which."""

    issue: Issue | None
    number: str


def matches(ctx: Context) -> Asked | None:
    if ctx.incoming.kind != "message":
        return None
    said = ctx.utterance.apart
    if not _ASKED.fullmatch(said.words):
        return None
    mine = _mine(ctx, said.number)
    if not mine and not ctx.posts:
        return None  # a resident's words, for somebody else to answer
    found = mine if said.number else _only(mine)
    return Asked(found[0] if found else None, said.number)


def run(ctx: Context, asked: Asked) -> Reply:
    if asked.issue is None:
        return ctx.privately(_which(ctx, asked.number))
    return ctx.privately(_answer(ctx, asked.issue))


def _answer(ctx: Context, issue: Issue) -> str:
    assert ctx.person is not None  # he holds, held or helps with it
    units = {post.unit.path for post in ctx.posts}
    came = reasons(ctx.work, issue, ctx.person, units)
    absent = standing.absent(ctx.work, issue) if issue.holder_id == ctx.person.id else None
    head = f"{issue.number}：{wording.cut(standing.content_for(ctx.work, issue, ctx.actor), 40)}"
    behalf = ctx.say("why_delegate", name=absent.name) if absent else ""
    mine = issue.holder_id == ctx.person.id
    now = "" if mine else ctx.say("why_elsewhere", who=wording.holding(ctx.work, issue))
    return "\n".join(line for line in (head, *came, behalf, now) if line)


def _mine(ctx: Context, number: str = "") -> list[Issue]:
    """What the speaker, or the unit he sits in, holds, held or helps with, by that number if one
    was said; newest first."""
    person = ctx.person
    if person is None:
        return []
    units = [*reach.held(ctx), *(issue for _, issue in reach.helping(ctx))]
    seen = reach.seen(ctx, number) if number else [*ctx.issues, *units]
    known = {issue.id: issue for issue in seen}
    mine = [issue for issue in known.values() if standing.worked_on(ctx.work, issue, person.id)]
    return sorted(mine, key=lambda issue: issue.id, reverse=True)


def _only(mine: list[Issue]) -> list[Issue]:
    """The one that is open, when there is but one."""
    still = [issue for issue in mine if issue.state in OPEN_STATES]
    return still if len(still) == 1 else []


def _which(ctx: Context, number: str) -> str:
    if number:
        return ctx.say("why_unknown", number=number)
    still = [issue for issue in _mine(ctx) if issue.state in OPEN_STATES]
    if not still:
        return ctx.say("why_nothing")
    said = [(issue.number, standing.content_for(ctx.work, issue, ctx.actor)) for issue in still[:5]]
    lines = [f"{number}：{wording.cut(content, 20)}" for number, content in said]
    return "\n".join([ctx.say("why_which"), *lines])
