"""三长接单: what staff do by card or in plain words, each a row of rules/actions.py.

rules/transitions.py decides whether it is allowed; a refusal says what is possible instead. What
the words of an action mean is doing.py's business, which issue they mean reach.py's.
"""

from dataclasses import dataclass

from handlers import asking, complained, doing, lists, reach
from handlers.asking import Choice, Said, Unclear
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from handlers.tapped import card_after
from issues import allowed, events, standing, wording
from issues.allowed import NeedsWords
from issues.short_numbers import by_number, short
from rules.actions import ACTION_CHINESE, ACTIONS, ROWS
from rules.transitions import NotAllowed
from rules.words import ROLE_CHINESE, Action, Party, Role, State
from speech.command import Command
from storage.tables import Event, Issue

NAME = "staff"
WRITES = True
LISTS = {
    **dict.fromkeys(("待办", "我的待办", "我手上的", "清单", "待办清单"), lists.todo),
    **dict.fromkeys(("逾期", "超期", "逾期清单", "超期清单", "看逾期", "看超期"), lists.overdue),
}
#: Said of other things too: without a number they need an issue that they fit.
EVERYDAY = frozenset(row.action for row in ROWS if row.everyday)
#: What residents say as well: they press, or say that it can go on.
FOR_RESIDENTS = frozenset(row.action for row in ROWS if row.by_residents)


@dataclass(frozen=True)
class Order:
    """What to do, to which of these issues (none: nothing fits), with which words."""

    action: Action
    issues: list[Issue]
    words: str
    number: str = ""

    def said(self, issue: Issue) -> Said:
        return Said(self.action, issue.number, self.words)


# --- what was said ---


def matches(ctx: Context) -> Order | str | None:
    click = ctx.incoming.click
    if click:
        return _clicked(ctx, click.key, click.task_id)
    if ctx.incoming.kind != "message":
        return None
    plain = ctx.utterance.plain.rstrip("。.!")
    if plain in LISTS and ctx.posts:
        return plain
    command = ctx.utterance.command
    return _ordered(ctx, command) if command else None


def _clicked(ctx: Context, key: str, task_id: str) -> Order | None:
    if key not in set(Action):
        return None
    issue = by_number(ctx.session, task_id.split("_")[0])
    action = Action(key)
    return Order(action, [issue], "") if issue and ACTIONS[action].act else None


def _ordered(ctx: Context, command: Command) -> Order | None:
    """None when these words are no order from this person: a report, a rating, a question."""
    action = command.action
    if command.number:
        found = reach.named(ctx, command.number, action)
    else:
        found = reach.unnumbered(ctx, action)
    if not _is_order(ctx, command, found):
        return None
    mine = found if _is_staff(ctx) or action in FOR_RESIDENTS else []
    return Order(action, mine, command.words, command.number)


def _is_order(ctx: Context, command: Command, found: list[Issue]) -> bool:
    """Whether the words are an order from this person, and not a report or a rating."""
    if command.soft and not _is_result(ctx, command, found):
        return False
    if not _is_staff(ctx):
        if command.action in FOR_RESIDENTS and (found or command.action is Action.URGE):
            return bool(found) or not command.words
        return bool(command.number) and not command.words  # with more words it may be a report
    if command.number or not command.words:
        return True
    if command.run_on:
        return bool(found) and doing.is_somebody(ctx, found[0], command.words)
    return command.action not in EVERYDAY or (bool(found) and not _is_asked(ctx, command.words))


def _is_asked(ctx: Context, said: str) -> bool:
    """上交 医保怎么交: a question that the FAQ answers."""
    scope = (ctx.unit.path,) if ctx.unit else ()
    today = ctx.office.today(ctx.now)
    return ctx.book.match(said, scope=scope, channel="私", today=today).band == "answer"


def may_order(ctx: Context, action: Action) -> bool:
    """Whether such an order can come from this person at all."""
    return _is_staff(ctx) or (action in FOR_RESIDENTS and bool(reach.own(ctx)))


def _is_staff(ctx: Context) -> bool:
    return bool(ctx.posts or reach.held(ctx) or reach.helping(ctx))


def _is_result(ctx: Context, command: Command, found: list[Issue]) -> bool:
    """修好了 by somebody who has it to do, and who was not asked for a rating himself."""
    asked = not command.number and any(i.state is State.RESOLVED for i in reach.own(ctx))
    return not asked and bool(reach.able(ctx, command.action, found))


# --- doing it ---


def run(ctx: Context, order: Order | str) -> Reply:
    if isinstance(order, str):
        return ctx.privately(LISTS[order](ctx))
    if not order.issues:
        return ctx.privately(_none(ctx, order))
    if len(order.issues) == 1:
        return at_once_or_asked(ctx, order, order.issues[0])
    question = ctx.say("choose_issue", action=ACTION_CHINESE[order.action])
    choices = asking.by_issue(ctx, order.issues, order.action, order.words)
    return asking.which(ctx, question, choices)


def at_once_or_asked(ctx: Context, order: Order, issue: Issue) -> Reply:
    """What cannot well be taken back is asked back once, with what may have been the reason."""
    if not ACTIONS[order.action].sure or _not_now(ctx, issue, order.action):
        return carry_out(ctx, order, issue)
    reasons = [order.words] if order.words else list(ctx.work.texts.buttons("sure"))
    choices = [Choice(reason, Said(order.action, issue.number, reason)) for reason in reasons]
    stays = Choice(ctx.say("sure_not"), Said("", issue.number, ""))
    asked = {
        "number": issue.number,
        "about": about(ctx, issue),
        "word": ACTION_CHINESE[order.action],
    }
    return asking.which(ctx, ctx.say("sure", **asked), [*choices, stays])


def act_on(ctx: Context, action: Action, issue: Issue, words: str) -> tuple[str | None, str]:
    """Do it: why not (None when it is done), and what is said of it. Raises NeedsWords."""
    row = ACTIONS[action]
    act = doing.act(row)
    told: list[str | None] = []
    refusal = _not_now(ctx, issue, action)
    if refusal is None:
        refusal = attempt(ctx, lambda: told.append(act(ctx, issue, words)))
    if refusal:
        return refusal, ""
    return None, told[0] or ctx.say(row.did, short=short(issue.number))


def carry_out(ctx: Context, order: Order, issue: Issue, asked: int = 0) -> Reply:
    """Do it, or say why not, or ask for what is missing (``asked``: how often already)."""
    words, besides = _for_others(ctx, order, issue)
    try:
        refusal, told = act_on(ctx, order.action, issue, words)
    except Unclear as unclear:
        return asking.which(ctx, str(unclear), asking.by_person(issue, unclear))
    except NeedsWords as needed:
        lacks = kindly(ctx, needed)
        return asking.more_words(ctx, order.said(issue), lacks, asked + 1, about(ctx, issue))
    if ctx.incoming.click:
        return _answer_tap(ctx, order.action, issue, refusal)
    answer = _answer(ctx, issue, refusal, told, order.action)
    return ctx.privately(f"{answer.text}\n\n{besides}") if besides else answer


def _for_others(ctx: Context, order: Order, issue: Issue) -> tuple[str, str]:
    """The words of a resident without a complaint about a 长 that they are, and what he is told."""
    residents = {Party.REPORTER, Party.ENDORSER}
    if order.action in FOR_RESIDENTS and residents & standing.parties(ctx.work, issue, ctx.actor):
        return complained.apart(ctx, issue, order.words)
    return order.words, ""


def about(ctx: Context, issue: Issue) -> str:
    """What it is about in a few words, as the speaker may read them; "" in a group, and for who
    has nothing to do with it."""
    if ctx.incoming.in_group and not ctx.private_group:
        return ""
    if not reach.is_entitled(ctx, issue):
        return ""
    joined = standing.endorsement(ctx.work, issue, ctx.incoming.userid)
    words = joined.content if joined else standing.content_for(ctx.work, issue, ctx.actor)
    return wording.cut(words, 20)


def _answer(ctx: Context, issue: Issue, refusal: str | None, told: str, action: Action) -> Reply:
    """In a group only the number and what was done: whom it concerns is told in private."""
    matter = about(ctx, issue)
    line = f"\n{ctx.say('did_about', about=matter)}" if matter else ""
    if refusal:
        in_group = ctx.say("group_not_done", number=issue.number)
        return ctx.privately(f"{refusal}{line}", in_group)
    usual = ACTIONS[action].did
    if ctx.private_group and usual and told == ctx.say(usual, short=short(issue.number)):
        return Reply(f"{issue.number} {told}")
    return ctx.privately(f"{issue.number} {told}{line}", ctx.say("group_done", number=issue.number))


def _answer_tap(ctx: Context, action: Action, issue: Issue, refusal: str | None) -> Reply:
    card = card_after(ctx, issue, action, done=refusal is None)
    return Reply(refusal, card) if refusal else Reply(card=card)


def kindly(ctx: Context, needed: NeedsWords) -> NeedsWords:
    if needed.action in (Action.RESOLVE, Action.ASSIST_DONE):
        return NeedsWords(needed.action, ctx.say("needs_what_was_done"))
    return needed


# --- why not ---

#: Moves of others that explain why something is not possible any more.
_TOLD = frozenset(row.action for row in ROWS if row.explains)


def _not_now(ctx: Context, issue: Issue, action: Action) -> str | None:
    """Why it is not possible as the issue stands, and what somebody else did meanwhile."""
    parties = standing.parties(ctx.work, issue, ctx.actor)
    try:
        allowed.after(ctx.work, issue.state, action, parties)
        _still_asked(ctx, issue, action)
    except NotAllowed as refusal:
        lately = _lately(ctx, issue) if parties else ""
        return f"{refusal}{lately}"
    return None


def _still_asked(ctx: Context, issue: Issue, action: Action) -> None:
    """A card of a request that has been answered must not answer the next one."""
    if action not in (Action.GRANT, Action.REFUSE):
        return
    if issue.wanted is None:
        raise NotAllowed(ctx.say("refused_nothing_asked", number=issue.number))
    asks = [e.seq for e in events.of(ctx.session, issue.id) if _asks(e, issue.wanted)]
    click = ctx.incoming.click
    if click and f"h{asks[-1]}" not in click.task_id.split("_"):
        raise NotAllowed(ctx.say("refused_answered", number=issue.number))


def _asks(event: Event, wanted: Action) -> bool:
    """Lowering the tier is no request, though the same action."""
    return event.kind == wanted and "due_at" not in event.data


def _lately(ctx: Context, issue: Issue) -> str:
    """What somebody else did last: 6月1日 09:05 组长彭某已「接单」。"""
    done = [e for e in events.of(ctx.session, issue.id) if e.kind in _TOLD]
    if not done or done[-1].actor == ctx.actor.userid:
        return ""
    when = wording.moment(done[-1].at, ctx.office.clock.zone)
    did = {"by": _who(ctx, done[-1]), "action": ACTION_CHINESE[Action(done[-1].kind)]}
    return f"\n{ctx.say('did_lately', when=when, **did)}"


def _who(ctx: Context, event: Event) -> str:
    if event.role not in set(Role):
        return ctx.say("name_system")
    role = Role(event.role)
    person = ctx.town.person(event.actor)
    named = person is not None and role is not Role.RESIDENT
    return f"{ROLE_CHINESE[role]}{person.name if person and named else ''}"


def _none(ctx: Context, order: Order) -> str:
    if order.number and (ctx.posts or order.action in FOR_RESIDENTS):
        key = "order_unknown" if ctx.posts else "order_unknown_own"
        return ctx.say(key, number=order.number)
    if not ctx.posts and order.action in FOR_RESIDENTS:
        return ctx.say("order_nothing_own")
    if not ctx.posts:
        return ctx.say("order_for_staff", number=order.number).strip()
    if order.action in (Action.GRANT, Action.REFUSE):
        return ctx.say("order_nothing_asked")
    if order.action is Action.ASSIST_DONE:
        return ctx.say("order_no_help")
    return ctx.say("order_nothing")
