"""我的组长是谁, 邻长电话多少, 片长叫什么: who sits on the sender's own ladder, from the roster.

Only the own ladder, and in a group only in private. Words that tell of a trouble with somebody are
left to the report.
"""

import re
from dataclasses import dataclass

from handlers import dialogues
from handlers.context import Context
from handlers.message import Reply
from handlers.opening import NAMED, SPLIT_WITHIN
from people.finding import SEATS
from people.town import Unit
from rules.ladder import LEVEL_CHINESE, Seat, first, rank
from rules.words import UnitKind

NAME = "my_zhang"
WRITES = True

_ASKING = (
    r"(?:请问|想问一?下?|问一?下|我?想知道|你好|您好|你?知道|麻烦|告诉(?:我(?!们))?一?下?|能不能|可以"
    r"|查询|查一?下?|给我|帮我|看一?下?|[\s,，。])*+"
)
_MINE = (
    r"(?:我们|咱们|我|咱|本|俺)?(?:家|屋里|屋|这里|这边|这块|这儿|那里)?(?:的|个)?(?:管我们?的)?"
)
#: Not 村委会 and the like, of which the FAQ knows the opening hours.
_TITLES = "|".join([title for title in SEATS if title.endswith(("长", "干部"))] + ["三长"])
_WHAT = (
    r"(?:(?:现在)?(?:是|叫|姓)(?:谁|哪一?个|哪一?位|什么(?:名字?|人)?|啥(?:名字?)?|么子|何人)"
    r"|(?:贵姓|名字)(?:是|叫)?(?:什么)?"
    r"|(?:的)?(?:联系)?(?:电话|手机|号码|联系方式)(?:号码?)?(?:是)?(?:多少|几多|好多|什么|啥|呢)?"
    r"|(?:要|该)?(?:怎么|怎样|咋|如何)(?:联系|找)(?:到|上)?(?:他|她)?|在?哪里?找"
    r"|(?:他|她)?(?:家|屋里|屋)?(?:住|在)+(?:在)?(?:哪里?|哪一?[户家边块]|什么地方))"
)
_ENDS = r"[的呢啊呀嘞咯了吗]*[\s?？。!！~]*"
_ASKED = re.compile(
    rf"{_ASKING}(?:{_MINE}(?P<title>{_TITLES}){_WHAT}"
    rf"|(?:怎么|怎样|咋|如何)(?:才能)?(?:联系|找)(?:到|上)?{_MINE}(?P<found>{_TITLES})"
    rf"|(?:谁|哪一?个|哪一?位)是{_MINE}(?P<who>{_TITLES})"
    rf"|(?:我们|咱们|我|咱)的(?P<mine>{_TITLES})){_ENDS}"
)
#: 三长: all three.
_ALL = (UnitKind.LIN, UnitKind.ZU, UnitKind.PIAN)


@dataclass(frozen=True)
class AskedSeats:
    """The levels of the ladder that are asked about."""

    kinds: tuple[UnitKind, ...]


def matches(ctx: Context) -> AskedSeats | None:
    return asked(ctx.utterance.plain) if ctx.incoming.kind == "message" and ctx.text else None


def asked(plain: str) -> AskedSeats | None:
    """What the words ask; None for other words."""
    match = _ASKED.fullmatch(plain)
    title = next((said for said in match.groups() if said), "") if match else ""
    if not title:
        return None
    return AskedSeats((SEATS[title],) if title in SEATS else _ALL)


def run(ctx: Context, wanted: AskedSeats) -> Reply:
    unit = _own(ctx)
    if unit is None:
        return ctx.in_private(ctx.say("seat_unregistered"))
    # 我们的邻长, and a moment later 收了我两百块: opening.py puts together what is said of him
    until, userid = ctx.now + SPLIT_WITHIN, ctx.incoming.userid.lower()
    dialogues.ask(ctx.session, userid, ctx.incoming.chat_id, NAMED, {"text": ctx.text}, until)
    seats = ctx.town.seats(unit, ctx.work.today)
    told = [_told(ctx, seats, kind) for kind in wanted.kinds]
    return ctx.in_private("\n".join([*dict.fromkeys(told), ctx.say("seat_hint")]))


def _own(ctx: Context) -> Unit | None:
    """Where the sender lives, else where he has a post."""
    home = ctx.town.home(ctx.person.id) if ctx.person else None
    if home:
        return home.lin
    return next((post.unit for post in ctx.posts if post.unit.kind in LEVEL_CHINESE), None)


def _told(ctx: Context, seats: list[Seat], kind: UnitKind) -> str:
    """Who sits there; who stands in for him; else the next who is there."""
    title = LEVEL_CHINESE[kind]
    seat = first([seat for seat in seats if rank(seat.level) >= rank(kind)])
    person = ctx.town.by_id(seat.person) if seat else None
    if seat is None or person is None:
        return ctx.say("seat_nobody", title=title)
    phone = ctx.say("answers_phone", tel=person.phone) if person.phone else ""
    given = {"title": title, "name": person.name, "phone": phone}
    if seat.level != kind:
        return ctx.say("seat_above", **given, level=LEVEL_CHINESE[seat.level])
    absent = ctx.town.by_id(seat.behalf)
    if absent:
        return ctx.say("seat_delegate", **given, absent=absent.name)
    if person == ctx.person:
        return ctx.say("seat_you", title=title)
    return ctx.say("seat", **given)
