"""What a resident asks about the own issues: 进度, 我的诉求, 撤回, 我的邻长是谁.

Always in private, and only about what the sender has reported.
"""

import re
import unicodedata
from dataclasses import dataclass

from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from issues import words
from issues.numbers import matching
from people import tree
from rules.ladder import LEVEL_CHINESE, first
from rules.words import OPEN_STATES
from storage.tables import Issue

NAME = "progress"
WRITES = True

#: So many are told of, briefly; of the others these many numbers.
MOST = 3
BRIEF = 40
MOST_NUMBERS = 8

_NUMBER = r"#?(?:SZ-?)?(?:\d{8}-)?\d{1,6}号?"
_ASKED = re.compile(
    rf"(?:查|查看|看)?(?P<what>进度|撤回|撤销|我的诉求|我的邻长(?:是谁)?|谁是我的?邻长)"
    rf"[\s,:]*(?P<number>{_NUMBER})?[。?!]*"
)
_NUMBER_FIRST = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<what>进度|撤回|撤销)[。?!]*")


@dataclass(frozen=True)
class Wish:
    what: str
    number: str


def matches(ctx: Context) -> Wish | None:
    if ctx.incoming.kind != "message":
        return None
    plain = unicodedata.normalize("NFKC", ctx.text).strip()
    match = _ASKED.fullmatch(plain) or _NUMBER_FIRST.fullmatch(plain)
    return Wish(match["what"], match["number"] or "") if match else None


def run(ctx: Context, wish: Wish) -> Reply:
    if "邻长" in wish.what:
        return ctx.privately(_my_linzhang(ctx))
    mine = [i for i in ctx.issues if i.reporter == ctx.incoming.userid.lower()]
    meant = matching(wish.number, mine) if wish.number else _recent(mine)
    if not meant:
        return ctx.privately(_none(wish))
    if wish.what.startswith("撤"):
        return ctx.privately(_withdraw(ctx, meant))
    return ctx.privately(_told(ctx, meant))


def _told(ctx: Context, meant: list[Issue]) -> str:
    """One in full; of several the newest, and the numbers of the others."""
    zone = ctx.office.clock.zone
    if len(meant) == 1:
        return words.status(meant[0], zone)
    first, others = meant[:MOST], meant[MOST : MOST + MOST_NUMBERS]
    told = [words.status(issue, zone, BRIEF) for issue in first]
    numbers = "、".join(issue.number for issue in others)
    rest = f"还有 {len(meant) - MOST} 件，查看请回复“进度 编号”：{numbers}"
    return "\n\n".join([*told, *([rest] if others else [])])


def _recent(mine: list[Issue]) -> list[Issue]:
    still = [issue for issue in mine if issue.state in OPEN_STATES]
    return (still or mine)[::-1]


def _none(wish: Wish) -> str:
    if wish.number:
        return f"没有找到您报的 {wish.number}。回复“我的诉求”看全部。"
    return "您还没有登记过诉求。有事直接说就行。"


def _withdraw(ctx: Context, meant: list[Issue]) -> str:
    if len(meant) > 1:
        lines = [f"{i.number}：{words.cut(i.content, 20)}" for i in meant[:5]]
        return "\n".join(["您要撤回哪一件？请带上编号，比如：撤回 0042", *lines])
    issue = meant[0]
    refusal = attempt(ctx, lambda: ctx.desk.withdraw(issue, ctx.actor))
    return refusal or f"{issue.number} 已撤回。有需要随时再说。"


def _my_linzhang(ctx: Context) -> str:
    home = tree.home(ctx.session, ctx.person.id) if ctx.person else None
    if home is None:
        return "您还没有登记到户，我查不到您的邻长。有事直接说，我们会找人认领。"
    seats = tree.seats(ctx.session, home[1], ctx.office.today(ctx.now))
    seat = first(seats)
    holder = tree.by_id(ctx.session, seat.person) if seat else None
    if seat is None or holder is None:
        return "您这一邻暂时没有邻长，有事直接说，我们会找人负责。"
    phone = f"，电话 {holder.phone}" if holder.phone else ""
    if seat.level != home[1].kind:
        return f"您这一邻暂时没有邻长，有事找{LEVEL_CHINESE[seat.level]} {holder.name}{phone}。"
    return f"您的邻长是 {holder.name}{phone}。有事直接在这里说也行。"
