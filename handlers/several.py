"""接单 4 5 6; 4、5、6 接了: one order on several numbers, done one by one and said one by one;
1 办结 换了灯泡 2 办结 通了沟: several orders in one message, each with its own words.

What an order does to one issue is staff.py's business; a sentence that is missing is asked for
once, for all of them.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from handlers import asking, reach, staff
from handlers.asking import Said, Unclear
from handlers.context import Context
from handlers.message import Reply
from issues.allowed import NeedsWords
from issues.short_numbers import by_numbers, short
from rules.actions import ACTIONS, Needs
from rules.words import Action
from speech import numbers
from speech.command import Command, command
from speech.polite import without_ordering
from speech.utterance import Utterance
from storage.tables import Issue

NAME = "several"
WRITES = True
#: More at once is nobody's order.
MOST = 20
_ALL = re.compile(
    r"[\s,，、]*(?:这?[几两三四五六七八九十\d]+件|一起|全部|全都|全|都|一并)*[\s,，]*"
)
#: 42 2号去修: after a mere gap a number with 号 may be a day or a house.
_LOOSE = re.compile(r"\d\s+第?\d+[号件]")
#: 42 2 天: what is counted belongs to the words.
_COUNTED = re.compile(r"\s*(?:个?工作日|[天日月年周个户人次盏栋楼层点%])")
#: Where a further order may begin; a longer message is no row of orders.
_BETWEEN = re.compile(r"[\s,，。;；、]+")
LONGEST_ROW = 400
_GAPS = " \t\n,，。:：;；、"


@dataclass(frozen=True)
class Numbered:
    """What is ordered, of which numbers as they were said, with which words."""

    action: Action
    numbers: tuple[str, ...]
    words: str
    soft: bool = False


@dataclass(frozen=True)
class SeveralOrders:
    """Several whole orders in one message, in their order."""

    orders: tuple[Command, ...]


@dataclass(frozen=True)
class Batch:
    """An order and the issues that its numbers mean; several where a number can mean several."""

    order: Numbered
    found: tuple[tuple[str, list[Issue]], ...]


def matches(ctx: Context) -> Batch | SeveralOrders | None:
    if ctx.incoming.kind != "message" or not ctx.text:
        return None
    orders = in_a_row(ctx.utterance)
    if orders and all(staff.may_order(ctx, order.action) for order in orders):
        return SeveralOrders(orders)
    order = read(ctx.utterance)
    if order is None or not staff.may_order(ctx, order.action):
        return None
    found = tuple(reach.each_named(ctx, order.numbers, order.action).items())
    return Batch(order, found) if _is_meant(ctx, order, found) else None


def in_a_row(said: Utterance) -> tuple[Command, ...]:
    """Each order with a number of its own and its own words; none if there is only one."""
    words, first = said.words, said.command
    if first is None or not first.number or len(words) > LONGEST_ROW:
        return ()
    starts = [0]
    for gap in _BETWEEN.finditer(words):
        if _is_order(words[starts[-1] : gap.start()]) and _is_order(words[gap.end() :]):
            starts.append(gap.end())
    pieces = (words[a:b] for a, b in pairwise([*starts, len(words)]))
    orders = tuple(command(piece.strip(_GAPS)) for piece in pieces)
    whole = tuple(order for order in orders if order is not None and order.number)
    return whole if 1 < len(whole) == len(orders) <= MOST else ()


def _is_order(said: str) -> bool:
    order = command(said)
    return order is not None and bool(order.number)


def read(said: Utterance) -> Numbered | None:
    """The order on several numbers, in front of the verb or behind it; None for other words."""
    one = said.command
    return (_behind(said.words, one) if one and one.number else None) or _in_front(said.words)


def _in_front(words: str) -> Numbered | None:
    listed, rest = numbers.listed(without_ordering(words))
    if not 1 < len(listed) <= MOST or _is_loose(words, rest, len(listed)):
        return None
    every = _ALL.match(rest)
    one = command(f"{listed[0]} {rest[every.end() :] if every else rest}")
    if one is None or one.number != listed[0]:
        return None
    return Numbered(one.action, listed, one.words, one.soft)


def _behind(words: str, one: Command) -> Numbered | None:
    rest = words[words.index(one.verb) + len(one.verb) :]
    listed, said = numbers.listed(rest)
    if not 1 < len(listed) <= MOST or listed[0] != one.number or _COUNTED.match(said):
        return None
    if _is_loose(rest, said, len(listed)):
        return None
    return Numbered(one.action, listed, said.strip(_GAPS), one.soft)


def _is_loose(whole: str, rest: str, count: int) -> bool:
    span = whole[: len(whole) - len(rest)]
    return bool(_LOOSE.search(span)) and sum(map(span.count, "号件")) < count


def _is_meant(ctx: Context, order: Numbered, found: tuple[tuple[str, list[Issue]], ...]) -> bool:
    """In an order that takes words, a number that is nobody's may be one of them."""
    if order.soft and not all(reach.able(ctx, order.action, issues) for _, issues in found):
        return False
    return ACTIONS[order.action].needs is Needs.NOTHING or all(issues for _, issues in found)


def run(ctx: Context, batch: Batch | SeveralOrders) -> Reply:
    if isinstance(batch, SeveralOrders):
        return _each(ctx, batch.orders)
    if ACTIONS[batch.order.action].sure:
        return ctx.privately(ctx.say("several_one_by_one"))
    order, told, clear = batch.order, list[str](), list[Issue]()
    for number, issues in batch.found:
        if len(issues) == 1:
            clear += issues
        else:
            key = "several_which" if issues else "order_unknown"
            told.append(ctx.say(key, number=number))
    return carry_out(ctx, order.action, clear, order.words, told)


def _each(ctx: Context, orders: tuple[Command, ...]) -> Reply:
    """Every order by itself. The first that lacks words is asked for them; of another one it is
    said that it has not been done."""
    told, lacking, done = list[str](), None, 0
    for order in orders:
        found = reach.named(ctx, order.number, order.action)
        if len(found) != 1:
            key = "several_which" if found else "order_unknown"
            told.append(ctx.say(key, number=order.number))
            continue
        if ACTIONS[order.action].sure:
            told.append(_line(ctx, found[0], "several_not", ctx.say("several_one_by_one")))
            continue
        try:
            refusal, sentence = staff.act_on(ctx, order.action, found[0], order.words)
        except NeedsWords as missing:
            needed = staff.kindly(ctx, missing)
            if lacking is None and not isinstance(missing, Unclear):
                lacking = (Said(order.action, found[0].number, order.words), needed)
            else:
                told.append(_line(ctx, found[0], "several_not", str(needed)))
            continue
        done += refusal is None
        key = "several_done" if refusal is None else "several_not"
        told.append(_line(ctx, found[0], key, refusal or sentence.partition("。")[0]))
    if lacking is not None:
        told.append(asking.ask_words(ctx, *lacking, 1, private=True))
    in_group = ctx.say("several_group", count=done) if done else ""
    return ctx.privately("\n".join(told), in_group)


def again(ctx: Context, said: Said, asked: int) -> Reply:
    """Once more with the words that were missing."""
    found = by_numbers(ctx.session, said.number.split())
    return carry_out(ctx, Action(said.action), found, said.words, [], asked)


def carry_out(
    ctx: Context, action: Action, issues: list[Issue], words: str, told: list[str], asked: int = 0
) -> Reply:
    """Do it to each; ``told``: what has to be said before. Asks once for what all of them lack."""
    lacking, needed, done = list[Issue](), None, 0
    for issue in issues:
        try:
            refusal, sentence = staff.act_on(ctx, action, issue, words)
        except Unclear as unclear:
            told.append(_line(ctx, issue, "several_not", str(unclear)))
            continue
        except NeedsWords as missing:
            lacking.append(issue)
            needed = staff.kindly(ctx, missing)
            continue
        done += refusal is None
        key = "several_done" if refusal is None else "several_not"
        told.append(_line(ctx, issue, key, refusal or sentence.partition("。")[0]))
    if needed is not None:
        kept = Said(action, " ".join(issue.number for issue in lacking), words)
        told.append(asking.ask_words(ctx, kept, needed, asked + 1, private=True))
    in_group = ctx.say("several_group", count=done) if done else ""
    return ctx.privately("\n".join(told), in_group)


def _line(ctx: Context, issue: Issue, key: str, told: str) -> str:
    about = staff.about(ctx, issue)
    told = told.replace("\n", " ").removeprefix(f"{issue.number} ")
    return ctx.say(key, short=short(issue.number), about=f"（{about}）" if about else "", told=told)
