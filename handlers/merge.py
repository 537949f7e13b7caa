"""合并 4 5 6 到 2: which of the numbers go into which; what then happens is issues/merging.py's.

Without a number to go into, that is asked once.
"""

import re
from dataclasses import dataclass

from handlers import asking, reach, staff
from handlers.asking import Choice, Said
from handlers.context import Context
from handlers.message import Reply
from issues.short_numbers import short
from rules.words import Action
from speech import numbers
from speech.polite import without_ordering
from storage.tables import Issue

NAME = "merge"
WRITES = True
#: Longer words are no list of numbers.
LONGEST = 120
_INTO = r"(?:合并|并|合|归|归并|合在一起|并案)?(?:到|进|入|至|成|给|在)(?:一起到)?"
#: 合并 4 5 6 到 2, 把4、5合并到2, 4 5 并到 2, 4 5 合成 2.
_ORDER = re.compile(
    rf"(?:(?P<verb>合并|并案)|(?=.*(?:合|并)))[\s:：,，]*(?P<some>[^到进入至成并合归]+?)[\s,，]*"
    rf"(?:都|一起|全部)*{_INTO}[\s:：,，]*(?:编号)?(?P<into>[^\s].*?)(?:里面?|上|去|一起|一件)?[\s。.!！]*"
)
#: 合并 4 5 6; 4 5 6 合并; 4 和 5 是同一件, 合并.
_ALONE = re.compile(
    r"(?:合并|并案)[\s:：,，]*(?P<behind>.+?)[\s。.!！]*"
    r"|(?P<front>.+?)[\s,，]*(?:是|都是)?(?:同一件|一件|一回)?(?:事情?)?[\s,，]*(?:请|要|都)?(?:合并|并案)"
    r"(?:一下|了|吧|成一件|到一起|在一起)*[\s。.!！]*"
)
#: 4 和 5 是同一件: said instead of the order; into which is asked, so nothing is done on it.
_SAME = re.compile(
    r"(?P<front>[\d#].*?)[\s,，]*(?:其实|好像|应该)?(?:都)?(?:是|讲的是|说的是|报的是)?[\s,，]*"
    r"(?:同一?[件个]|一回|一件|一个|重复)(?:了|的)?(?:事情?|诉求)?的?[\s。.!！]*"
)


@dataclass(frozen=True)
class Merge:
    """The numbers as they were said; ``into`` "" if that was left open."""

    some: tuple[str, ...]
    into: str = ""


def matches(ctx: Context) -> Merge | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    order = read(ctx.utterance.words)
    return order if order and staff.may_order(ctx, Action.MERGE) else None


def read(words: str) -> Merge | None:
    """What is to go into what; None for other words."""
    if len(words) > LONGEST:
        return None
    said = without_ordering(words)
    order = _ORDER.fullmatch(said)
    if order:
        some, into = _numbers(order["some"]), _numbers(order["into"])
        if some and len(into) == 1:
            return Merge(tuple(one for one in some if one not in into), into[0])
    alone = _ALONE.fullmatch(said)
    same = _SAME.fullmatch(said)
    some = _numbers(alone["behind"] or alone["front"]) if alone else ()
    some = some or (_numbers(same["front"]) if same else ())
    return Merge(some) if len(some) > 1 else None


def _numbers(said: str) -> tuple[str, ...]:
    """All of them, if there is nothing else; 4 到 6 is no range here."""
    listed, rest = numbers.listed(said)
    return () if rest.strip(" ,，、。号件") else listed


def run(ctx: Context, order: Merge) -> Reply:
    said = [number for number in (*order.some, order.into) if number]
    meant = reach.each_named(ctx, said, Action.MERGE)
    found = {number: _first(ctx, issues) for number, issues in meant.items()}
    unknown = [number for number, issue in found.items() if issue is None]
    if unknown:
        told = [ctx.say("order_unknown", number=number) for number in unknown]
        return ctx.privately("\n".join(told))
    issues = [issue for number in order.some if (issue := found[number])]
    into = found.get(order.into)
    if into is None:
        return _ask_which(ctx, issues)
    return staff.carry_out(ctx, staff.Order(Action.MERGE, [into], _words(issues, into)), into)


def _first(ctx: Context, found: list[Issue]) -> Issue | None:
    """Of several with that number the newest that can be merged."""
    return next((issue for issue in found if reach.is_entitled(ctx, issue)), None)


def _ask_which(ctx: Context, issues: list[Issue]) -> Reply:
    """Each of them with what it is about, the earliest first."""
    choices = [
        Choice(
            f"{short(into.number)} {staff.about(ctx, into)}".rstrip(),
            Said(Action.MERGE, into.number, _words(issues, into)),
        )
        for into in sorted(issues, key=lambda issue: issue.number)
    ]
    return asking.which(ctx, ctx.say("merge_which"), choices)


def _words(issues: list[Issue], into: Issue) -> str:
    """The full numbers of those that go into it."""
    return " ".join(issue.number for issue in issues if issue is not into)
