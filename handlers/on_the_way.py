"""我过去了, 到现场了, 120 打了: somebody who has been rung answers an emergency in his own words.

Heard only from those who hold it or stand above, while it runs. A bare 接单 means the emergency
that rings, whoever holds it. What he says besides is from_the_scene.py's business.
"""

import re

from handlers import absence, asking, from_the_scene, staff
from handlers.context import Context
from handlers.from_the_scene import Words
from handlers.message import Reply
from handlers.staff import Order
from issues.short_numbers import matching
from rules.words import Action
from storage.tables import Issue

NAME = "on_the_way"
WRITES = True
_CALL = r"(?:1[12][0-9]|消防队?|救护车|警察?|派出所|医生|医院|电力|燃气公司)"
_GO = r"(?:过[去来]|赶[去来到]|赶过[去来]|上去|下去|跑去|去看|去现场|出发|动身|往那[边里])"
_SOON = r"(?:已经?|正在?|马上|立刻|立即|这就|现在|就|先|在)"
_GOES = re.compile(
    rf"{_GO}(?:了|看看|的路上)|{_SOON}[^，。,.!！]{{0,4}}{_GO}|{_SOON}(?:到|来|去)(?:了|$|[，。,.!！])"
    r"|我们?(?:就|先|也|马上)?[去来](?:看看|看一?下|一趟|救|帮忙|扑火|灭火)"
    r"|在路上|路上了|[在到]现场|到场|(?:^|[长我们人某员部，。,.])(?:都|也|已经?)?(?:到|去|来)了"
    rf"|(?:打|拨|叫|喊|报|联系|通知)(?:了|过|好)[^，。,.!！]{{0,3}}{_CALL}|已[打拨叫喊报]{_CALL}"
    rf"|{_CALL}[^，。,.!！]{{0,4}}(?:打了|打过|叫了|喊了|来了|到了|在路上|出动|赶来|出发|联系了)|报警了|已报警"
)
_MINUTES = r"[0-9一二三四五六七八九十几两半]+个?(?:来)?分钟"
#: He has taken it in hand, or it is over: somebody is there.
_HANDLES = re.compile(
    rf"我来[处办管弄]|^(?:第?\d+[号件]?\s*)?我来[了吧]?$|交给我|我负责|^(?:我|我们)?(?:已经?)?接(?:了|下了?|手了?)?$|(?:在|已经?)处理|{_MINUTES}[^，。]{{0,3}}[到来赶]"
    r"|(?:安排|派|带|喊|叫|组织)[^，。,.]{0,6}(?:人|[邻组片]长|主任|书记|队|邻居)[^，。,.]{0,4}[去来过上到往]|去人了|往那[边里]?赶"
    r"|^我们?(?:就)?在[他她那][^，。,.]{0,6}[了里边]|送(?:去|到|往)?[^，。,.]{0,3}医院|(?:扑|熄|火|已经?|都)灭了|熄了"
    r"|救[出上下]来|控制住|误报|虚惊|^没事|没有?(?:着火|起火|出事)|(?:阀|气|电|闸|水)[^，。,.]{0,3}关[了好掉]|关[了好掉][^，。,.]{0,3}(?:阀|气|电|闸|水)"
)
_NOT = re.compile(
    r"[没未不](?:有)?(?:人)?(?:[过赶上下跑到去来打报叫拨出动])|[去过到来](?:一下|看看)?[吧没]|谁|哪个|怎么|几时|什么时候"
    r"|能不能|要不要|如果|请|麻烦|[你您]们?(?:快|先|赶|马上|就)?[去过赶]"
)
_CANNOT = re.compile(
    r"[去过赶到回来](?:不[了去到来及赢]|不过[去来])|不在(?:家|屋|村|本地)|在外[地面]|走不开|脱不开身|不方便去"
)
#: 我过去了 is heard before an old question, a whole sentence may be its answer.
_SHORTEST_ANSWER = 8
_LONGEST_UNASKED = 12
_DIALECT = str.maketrans("哒冇克", "了没去")


def matches(ctx: Context) -> Order | Words | None:
    if ctx.incoming.kind != "message" or not ctx.text or not ctx.posts:
        return None
    if _accepts(ctx):
        rung = from_the_scene.still_ringing(ctx)
        return Order(Action.ACCEPT, rung, "") if len(rung) == 1 else None
    return None if _is_for_others(ctx) else _answers(ctx)


def _answers(ctx: Context) -> Order | Words | None:
    said = ctx.utterance.plain.translate(_DIALECT)
    if _CANNOT.search(said):
        rung = from_the_scene.still_ringing(ctx)
        return Words(rung, "cannot") if rung else None
    if _is_going(ctx, said):
        found = _meant(ctx)
        return Order(Action.ON_WAY, found, ctx.text) if found else None
    if ctx.match.emergency:
        found = [one for one in from_the_scene.mine(ctx) if one.danger == ctx.match.emergency.name]
        return Words(found, "words") if found else None
    return None


def run(ctx: Context, said: Order | Words) -> Reply:
    return staff.run(ctx, said) if isinstance(said, Order) else from_the_scene.run(ctx, said)


def _accepts(ctx: Context) -> bool:
    command = ctx.utterance.command
    return bool(
        command and command.action is Action.ACCEPT and not command.number and not command.words
    )


def _is_for_others(ctx: Context) -> bool:
    """An order, a leave, or the sentence that the bot has just asked for."""
    command = ctx.utterance.command
    if command and (command.number or not command.soft):
        return command.action is not Action.ON_WAY
    asked = any(one.kind in (asking.WORDS, asking.WHICH) for one in ctx.asked_here)
    if asked and len(ctx.text) > _SHORTEST_ANSWER:
        return True
    return absence.matches(ctx) is not None


def _is_going(ctx: Context, said: str) -> bool:
    if ctx.utterance.asks:
        return False
    return bool(_HANDLES.search(said) or (_GOES.search(said) and not _NOT.search(said)))


def _meant(ctx: Context) -> list[Issue]:
    """Those that he was rung for; the one whose number he says; one that still rings before one
    that has been answered, of which only few words are: he may speak of anything."""
    mine = from_the_scene.mine(ctx)
    named = matching(ctx.utterance.apart.number, mine) if ctx.utterance.apart.number else []
    found = named or [one for one in mine if one.ring_at] or mine
    rings = bool(named) or any(one.ring_at for one in found)
    if not rings and (len(ctx.text) > _LONGEST_UNASKED or ctx.match.band == "answer"):
        return []
    about = (one for one in found if not from_the_scene.is_elsewhere(ctx, one))
    return [one for one in about if not from_the_scene.names_another(ctx, one)]
