"""What somebody who has been rung says while it rings and no other handler takes: 谁离得近, 火好大.

It can only be about the emergency: told to the others who were rung, and it is rung on. Nobody who
was woken by a fire opens an issue by accident.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from handlers import running
from handlers.context import Context
from handlers.message import Reply
from issues import ringing, standing
from issues.events import Actor
from issues.short_numbers import matching
from issues.work import Work
from rules.words import Party
from speech.acts import Act
from speech.scene import beside_the_scene
from storage.tables import Issue

NAME = "from_the_scene"
WRITES = True
#: Public matters of the FAQ's tables that no emergency touches.
_NOT_OF_IT = re.compile("水质|电压|井盖|厂子|养殖|水渠|停车|护栏")
_RUNG = frozenset({Party.HOLDER, Party.CO_OWNER, Party.ABOVE})


@dataclass(frozen=True)
class Words:
    """Words that are no order, about these emergencies; ``how``: a key of _SAID."""

    issues: list[Issue]
    how: str


def matches(ctx: Context) -> Words | None:
    if ctx.incoming.kind != "message" or not ctx.text or not ctx.posts:
        return None
    if ctx.match.band == "answer":
        return None
    rung = still_ringing(ctx)
    if len(rung) != 1 or is_elsewhere(ctx, rung[0]) or names_another(ctx, rung[0]):
        return None
    return Words(rung, "heard" if ctx.match.band == "smalltalk" else "words")


def run(ctx: Context, said: Words) -> Reply:
    act, key = _SAID[said.how]
    if act:
        for issue in said.issues:
            act(ctx.work, issue, ctx.actor, ctx.text)
    return ctx.privately(ctx.say(key, number=said.issues[0].number))


#: What becomes of them, and what is answered.
_SAID: dict[str, tuple[Callable[[Work, Issue, Actor, str], None] | None, str]] = {
    "cannot": (ringing.cannot_come, "did_tell_cannot"),
    "words": (ringing.from_scene, "did_tell_rung"),
    "heard": (None, "ask_on_the_way"),
}


def is_elsewhere(ctx: Context, issue: Issue) -> bool:
    """我屋里自来水发黄, 低保要什么材料: plainly something else, a report or a question of the
    speaker's own. Who was rung is in no danger himself: it is another matter sooner than of one who
    has reported the fire."""
    if running.is_another(ctx, issue):
        return True
    beside = beside_the_scene(ctx.utterance, issue.content)
    if beside is None:
        return False
    if beside.asks_of_policy:
        return True
    about = ctx.book.matters.about
    things, theirs = about(ctx.text), about(issue.content)
    if not (things or beside.tells_of_trouble or ctx.match.band == "report"):
        return False
    unlike = bool(things) and all(_NOT_OF_IT.search(thing) for thing in things)
    return not things & theirs and (beside.is_at_home or unlike or beside.is_on_paper)


def names_another(ctx: Context, issue: Issue) -> bool:
    """1 我来, 水沟那个我来处理: plainly about something else that the speaker has in hand. It stops
    no ring and is nothing to those who were rung."""
    others = [matter.number for matter in ctx.situation.in_hand if matter.number != issue.number]
    numbers = ctx.utterance.numbers
    if numbers:
        known = [one for one in (*ctx.issues, *ctx.watched) if one.number in others]
        return any(matching(n, known) for n in numbers) and not any(
            matching(n, [issue]) for n in numbers
        )
    heard = ctx.heard
    return heard.act is Act.ORDER and bool(heard.matters) and set(heard.matters) <= set(others)


def mine(ctx: Context) -> list[Issue]:
    """The emergencies that run and that the speaker holds, or stands above of."""
    found = ringing.running(ctx.work)
    return [one for one in found if _RUNG & standing.parties(ctx.work, one, ctx.actor)]


def still_ringing(ctx: Context) -> list[Issue]:
    """Those of them that nobody has answered."""
    return [one for one in mine(ctx) if one.ring_at]
