"""我片里, 我组里, 我村里: what is open in one's units, a line for each 邻长; 张某手上.

Numbers and counts in the order of the units, never a ranking. What a complaint shuts somebody out
of is not even counted for him.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from handlers import lists
from handlers.context import Context
from handlers.lists import ListSection
from handlers.message import Reply
from issues import routing, wording
from issues.short_numbers import names
from people import finding
from people.finding import Found
from people.town import Person, Post, Unit, covers
from rules.ladder import HOLDER, LEVELS, rank
from rules.words import STATE_CHINESE, Role, State, UnitKind
from storage.tables import STILL_OPEN, Issue

NAME = "area"
WRITES = True
KINDS = {
    "邻": UnitKind.LIN,
    "组": UnitKind.ZU,
    "片": UnitKind.PIAN,
    "村": UnitKind.VILLAGE,
    "社区": UnitKind.VILLAGE,
    "镇": UnitKind.TOWNSHIP,
    "乡": UnitKind.TOWNSHIP,
    "街道": UnitKind.TOWNSHIP,
    "市": UnitKind.CITY,
    "县": UnitKind.CITY,
}
#: A line is for one of these: above the village a line for each 邻长 would be a book.
LINE_OF = {UnitKind.TOWNSHIP: UnitKind.VILLAGE, UnitKind.CITY: UnitKind.TOWNSHIP}
#: So many numbers stand on one line, so many issues of one person are read.
MOST_NUMBERS, MOST_HELD = 6, 200

_LOOK = r"(?:请|麻烦|帮我|给我|看一?下?|看看|查一?下?|查看|查查|[\s,，])*+"
_WHAT = (
    r"(?:现在|目前|今天|还|都|的)*(?:有)?(?:哪些|几件|多少|什么|啥|么子)?"
    r"(?:没办完|没接单|没办|没接|在办|未办|未接)?(?:的)?(?:事情?|诉求|件|情况|待办|怎么?样)*"
    r"[了呢啊呀吗]*[\s?？。!！]*"
)
_AREA = re.compile(
    rf"{_LOOK}(?:(?:我们|咱们|我|咱|本)(?:这个?|管的)?(?P<mine>{'|'.join(KINDS)})(?:里|上|内|区)"
    rf"|(?P<named>{'|'.join(KINDS)})(?:里|上|内|区)?(?:的)?(?=情况))(?:头|边)?{_WHAT}"
)
_HAND = re.compile(rf"{_LOOK}(?P<who>[^\s,，。?？!！\d]{{1,12}}?)(?:的)?(?:手上|手里|手头){_WHAT}")
#: 我手上的 is 待办; of others nobody is named.
_NOBODY = frozenset({"我", "我们", "咱们", "自己", "我自己", "你", "您", "他", "她", "谁", "他们"})


class OpenRow(NamedTuple):
    """What is counted of one open issue."""

    number: str
    state: State
    due_at: datetime
    unit_id: int | None
    bypassed: UnitKind | None


_COLUMNS = (Issue.number, Issue.state, Issue.due_at, Issue.unit_id, Issue.bypassed)


@dataclass(frozen=True)
class AskedArea:
    """The units that somebody answers for; none if he has no such post. ``who``: whose hands are
    asked about, "" for all."""

    units: tuple[Unit, ...]
    who: str = ""
    kind: UnitKind | None = None


def matches(ctx: Context) -> AskedArea | None:
    if ctx.incoming.kind != "message" or not ctx.posts:
        return None
    plain = ctx.utterance.plain
    area, hand = _AREA.fullmatch(plain), _HAND.fullmatch(plain)
    if area:
        kind = KINDS[area["mine"] or area["named"]]
        return AskedArea(_units(ctx, kind), kind=kind)
    if hand and hand["who"] not in _NOBODY:
        return AskedArea(_units(ctx), hand["who"])
    return None


def all_of(ctx: Context) -> AskedArea:
    """The widest unit that the speaker answers for."""
    return AskedArea(_units(ctx)[:1])


def is_asked(plain: str) -> bool:
    """Whether the words ask for an area, or for somebody's hands."""
    return bool(_AREA.fullmatch(plain) or _HAND.fullmatch(plain))


def _units(ctx: Context, kind: UnitKind | None = None) -> tuple[Unit, ...]:
    """Those of that kind that the speaker answers for or watches over; of any kind, the widest
    first."""
    mine = {post.unit.id: post.unit for post in ctx.posts if _answers(post)}
    found = [unit for unit in mine.values() if kind in (None, unit.kind)]
    return tuple(sorted(found, key=lambda unit: (-rank(unit.kind), unit.id)))


def _answers(post: Post) -> bool:
    kind = post.unit.kind
    return kind in LEVELS and post.role in (HOLDER[kind], Role.SUPERVISOR)


def run(ctx: Context, wanted: AskedArea) -> Reply:
    if wanted.who:
        return ctx.in_private(_in_hand(ctx, wanted))
    if not wanted.units:
        return ctx.in_private(_not_yours(ctx))
    told = [_told(ctx, unit) for unit in wanted.units]
    return ctx.in_private("\n\n".join(told))


def _not_yours(ctx: Context) -> str:
    mine = _units(ctx)
    if not mine:
        return ctx.say("area_none")
    names_of = "、".join(unit.name for unit in mine)
    return ctx.say("area_other", units=names_of, kind=_word(mine[0].kind))


def _word(kind: UnitKind) -> str:
    return next(word for word, meant in KINDS.items() if meant is kind)


# --- what is open in a unit ---


def _told(ctx: Context, unit: Unit) -> str:
    rows = _open(ctx, unit)
    if not rows:
        return ctx.say("area_empty", unit=unit.name)
    name = names(row.number for row in rows)
    groups: dict[int, list[OpenRow]] = {}
    for row in rows:
        groups.setdefault(_line_of(ctx, unit, row).id, []).append(row)
    lines = [_line(ctx, unit, key, groups[key], name) for key in sorted(groups)]
    head = ctx.say("area_head", unit=unit.name, counts=_counts(ctx, rows))
    hint = ctx.say("area_hint")
    room = lists.LARGEST - len(f"{head}\n{hint}\n".encode())
    shown = wording.listed(lines, room, lambda n: ctx.say("area_more", count=n))
    return "\n".join([head, *shown, hint])


def _open(ctx: Context, unit: Unit) -> list[OpenRow]:
    """Everything that is open there, the earliest due first; without what shuts the speaker out."""
    found = select(*_COLUMNS).where(STILL_OPEN).order_by(Issue.due_at, Issue.id)
    if unit.kind is not UnitKind.CITY:
        found = found.where(Issue.unit_id.in_([one.id for one in ctx.town.inside(unit)]))
    rows = (OpenRow(*row) for row in ctx.session.execute(found))
    return [row for row in rows if not _is_shut_out(ctx, row)]


def _is_shut_out(ctx: Context, row: OpenRow | Issue) -> bool:
    if row.bypassed is None or ctx.person is None:
        return False
    unit = ctx.town.unit(row.unit_id)
    return ctx.person.id in routing.shut_out(ctx.town, unit, row.bypassed, ctx.work.today)


def _line_of(ctx: Context, unit: Unit, row: OpenRow) -> Unit:
    """The 邻 that an issue is counted for, else the lowest unit that it belongs to."""
    at = ctx.town.unit(row.unit_id)
    if at is None:
        return unit
    return ctx.town.within(LINE_OF.get(unit.kind, UnitKind.LIN), at) or at


def _line(ctx: Context, unit: Unit, key: int, rows: Sequence[OpenRow], name: dict[str, str]) -> str:
    one = ctx.town.unit(key)
    assert one is not None  # it came out of the town
    inside = one.path.removeprefix(f"{unit.path}/").replace("/", "") if one != unit else one.name
    numbers = "、".join(name[row.number] for row in rows[:MOST_NUMBERS])
    more = ctx.say("area_and_more") if len(rows) > MOST_NUMBERS else ""
    given = {"counts": _counts(ctx, rows), "numbers": f"{numbers}{more}"}
    return ctx.say("area_line", unit=inside, who=_who(ctx, one), **given)


def _who(ctx: Context, unit: Unit) -> str:
    """邻长张某: who answers for it by post, whoever has the issue now."""
    role = HOLDER.get(unit.kind)
    held = [p for p in ctx.town.posts_in.get(unit.id, ()) if p.held_on(ctx.work.today)]
    people = [post.person for post in held if post.role == role]
    if not people:
        return ctx.say("area_nobody")
    return wording.called(people[0], unit.kind)


def _counts(ctx: Context, rows: Iterable[OpenRow]) -> str:
    """没办完 3 件，没接单 1，今天到期 1: what there is none of is left out."""
    every = list(rows)
    today = ctx.work.today
    late = [row for row in every if row.due_at <= ctx.now]
    due = [row for row in every if row.due_at > ctx.now and _last_day(ctx, row) == today]
    waits = [row for row in every if row.state is State.PENDING]
    parts = [("area_open", every), ("area_unaccepted", waits), ("area_due", due)]
    parts.append(("area_late", late))
    return "，".join(ctx.say(key, count=len(found)) for key, found in parts if found)


def _last_day(ctx: Context, row: OpenRow) -> date:
    return (row.due_at - timedelta(seconds=1)).astimezone(ctx.office.clock.zone).date()


# --- what one person has in hand ---


def _in_hand(ctx: Context, wanted: AskedArea) -> str:
    near = ctx.posts[0].unit
    found = finding.find(ctx.town, wanted.who, near=near, day=ctx.work.today)
    below = [one for one in found if any(_is_below(unit, one) for unit in wanted.units)]
    if not below:
        return ctx.say("hand_other" if found else "hand_unknown", who=wanted.who)
    people = list({one.person.id: one for one in below}.values())
    sections = [_section(ctx, one, wanted.units) for one in people]
    if not any(section.lines for section in sections):
        return "\n".join(ctx.say("hand_none", who=one.label) for one in people)
    return lists.fitted(ctx.say, [section for section in sections if section.lines])


def _is_below(unit: Unit, found: Found) -> bool:
    kind = found.unit.kind
    lower = kind not in LEVELS or rank(kind) < rank(unit.kind)
    return lower and covers(unit, found.unit)


def _section(ctx: Context, one: Found, units: Sequence[Unit]) -> ListSection:
    held = _held(ctx, one.person, units)
    heading = ctx.say("hand_held", who=one.label, count=len(held))
    lines = [(issue.number, _about(ctx, issue)) for issue in held[: lists.MOST_LINES]]
    return ListSection(heading, ctx.say("hint_look"), len(held), lines)


def _held(ctx: Context, person: Person, units: Sequence[Unit]) -> list[Issue]:
    """What he holds in the speaker's own units."""
    found = select(Issue).where(Issue.holder_id == person.id, STILL_OPEN)
    rows = ctx.session.scalars(found.order_by(Issue.due_at, Issue.id).limit(MOST_HELD))
    return [one for one in rows if _is_in(ctx, one, units) and not _is_shut_out(ctx, one)]


def _is_in(ctx: Context, issue: Issue, units: Sequence[Unit]) -> bool:
    unit = ctx.town.unit(issue.unit_id)
    return unit is not None and any(covers(mine, unit) for mine in units)


def _about(ctx: Context, issue: Issue) -> str:
    """Whoever stands above reads what it is about."""
    when = lists.when(ctx, issue.due_at)
    return f"{STATE_CHINESE[issue.state]} {when}：{wording.cut(issue.content, 20)}"
