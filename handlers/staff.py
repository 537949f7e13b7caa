"""三长接单: what staff do by card or in plain words, each a line of ACTIONS.

The Desk decides whether it is allowed; a refusal says what is possible instead.
"""

from collections.abc import Callable
from dataclasses import dataclass

from handlers import dialogues
from handlers.attempt import attempt
from handlers.commands import Command, parse, tier
from handlers.context import Context
from handlers.message import Reply
from issues import words
from issues.desk import NeedsWords
from issues.numbers import by_number, matching, short
from rules.words import OPEN_STATES, TIER_CHINESE, Action
from storage.notice import Card
from storage.tables import Issue

NAME = "staff"
WRITES = True
TODO = ("待办", "我的待办", "我手上的", "清单")


@dataclass(frozen=True)
class Order:
    """What to do to which issue; None when words alone do not say which."""

    action: Action
    issue: Issue | None
    words: str
    number: str = ""


def _regrade(ctx: Context, issue: Issue, said: str) -> str:
    wanted, reason = tier(said)
    if wanted is None:
        ask = f"请说改成哪一档，例如：难度 {short(issue.number)} 复杂 要等立项"
        raise NeedsWords(Action.REGRADE, ask)
    ctx.desk.regrade(issue, ctx.actor, wanted, reason)
    if issue.wanted is None:
        return f"已改为“{TIER_CHINESE[issue.tier]}”，新的时间已告诉居民。"
    return "难度申请已记下，要上一级同意，同意后告诉您。"


#: One line an action: what it does, and what the one who did it reads (unless it says so itself).
ACTIONS: dict[Action, tuple[Callable[[Context, Issue, str], str | None], str]] = {
    Action.ACCEPT: (
        lambda c, i, w: c.desk.accept(i, c.actor),
        "已接单。办好后回复：办结 {short} 做了什么",
    ),
    Action.RAISE: (lambda c, i, w: c.desk.raise_up(i, c.actor, w), "已上交，请您继续跟进。"),
    Action.PROGRESS: (lambda c, i, w: c.desk.progress(i, c.actor, w), "进展已转告居民。"),
    Action.REGRADE: (_regrade, ""),
    Action.GRANT: (lambda c, i, w: c.desk.grant(i, c.actor), "已同意，新的时间已告诉居民。"),
    Action.REFUSE: (lambda c, i, w: c.desk.refuse(i, c.actor), "已告诉对方不同意。"),
    Action.RESOLVE: (
        lambda c, i, w: c.desk.resolve(i, c.actor, w),
        "已办结，已请居民评价。辛苦了！",
    ),
}


def matches(ctx: Context) -> Order | str | None:
    click = ctx.incoming.click
    if click:
        return _clicked(ctx, click.key, click.task_id)
    if ctx.incoming.kind != "message":
        return None
    if ctx.text in TODO and ctx.posts:
        return "todo"
    command = parse(ctx.text)
    if command is None:
        return None
    bare = bool(command.number) and not command.words  # with more words it may be a report
    return _ordered(ctx, command) if ctx.posts or bare or _held(ctx) else None


def run(ctx: Context, order: Order | str) -> Reply:
    if isinstance(order, str):
        return ctx.privately(words.in_hand(_held(ctx), ctx.office.clock.zone))
    if order.issue is None:
        return ctx.privately(_which(ctx, order))
    return _carry_out(ctx, order, order.issue)


def _carry_out(ctx: Context, order: Order, issue: Issue) -> Reply:
    act, done = ACTIONS[order.action]
    told: list[str | None] = []
    try:
        refusal = attempt(ctx, lambda: told.append(act(ctx, issue, order.words)))
    except NeedsWords as needed:
        return ask_words(ctx, issue, needed)
    if ctx.incoming.click is None:
        said = told[0] if told and told[0] else done.format(short=short(issue.number))
        return Reply(refusal or f"{issue.number} {said}")
    if refusal:
        return Reply(refusal, _card_after(ctx, issue, None))
    return Reply(card=_card_after(ctx, issue, order.action))


def ask_words(ctx: Context, issue: Issue, needed: NeedsWords) -> Reply:
    """办结 was tapped, or said without the sentence that it needs."""
    if needed.action is Action.RESOLVE:
        dialogues.ask(
            ctx.session,
            ctx.incoming.userid.lower(),
            ctx.incoming.chat_id,
            "resolve",
            {"number": issue.number},
            ctx.now + dialogues.RESULT_FOR,
        )
        return Reply(f"{issue.number}：请回复一句话，说说做了什么（比如：已换灯泡）。")
    return Reply(str(needed))


def _card_after(ctx: Context, issue: Issue, did: Action | None) -> Card:
    """The tapped card, as it stands now: further buttons, or what became of it."""
    click = ctx.incoming.click
    assert click is not None
    name = ctx.desk.name_for(issue, ctx.actor)
    card = words.holder_card(issue, click.task_id, "诉求", ctx.office.clock.zone, name)
    mine = ctx.person is not None and issue.holder_id == ctx.person.id
    if mine and issue.state in OPEN_STATES:
        return card
    return words.done_card(issue, card, did)


def _clicked(ctx: Context, key: str, task_id: str) -> Order | None:
    if key not in set(Action):
        return None
    issue = by_number(ctx.session, task_id.split("_")[0])
    action = Action(key)
    return Order(action, issue, "") if issue and action in ACTIONS else None


def _ordered(ctx: Context, command: Command) -> Order:
    """A number means an issue that the speaker may see; none, the only one it can be."""
    if command.number:
        found = matching(command.number, _reachable(ctx))
        issue = _newest_open(found)
        return Order(command.action, issue, command.words, command.number)
    held = _held(ctx)
    return Order(command.action, held[0] if len(held) == 1 else None, command.words)


def _reachable(ctx: Context) -> list[Issue]:
    return [*ctx.issues, *_below(ctx)]


def _below(ctx: Context) -> list[Issue]:
    """Issues of the units that the speaker answers for; he may step in (接手)."""
    return ctx.below


def _newest_open(found: list[Issue]) -> Issue | None:
    unique = list({issue.id: issue for issue in found}.values())
    still = [issue for issue in unique if issue.state in OPEN_STATES]
    candidates = still or unique
    return candidates[0] if candidates else None


def _held(ctx: Context) -> list[Issue]:
    person = ctx.person
    if person is None:
        return []
    mine = [i for i in ctx.issues if i.holder_id == person.id and i.state in OPEN_STATES]
    return sorted(mine, key=lambda issue: issue.due_at)


def _which(ctx: Context, order: Order) -> str:
    if not ctx.posts:
        return f"这一步由三长来办。查您报的事，请回复：进度 {order.number}".strip()
    if order.number:
        return f"没找到编号 {order.number} 的诉求。回复“待办”看您手上的。"
    if not _held(ctx):
        return "您手上没有待办的诉求。要办别的，请带上编号。"
    return f"您手上有几件，请带上编号。\n{words.in_hand(_held(ctx), ctx.office.clock.zone)}"
