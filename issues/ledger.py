"""The 三单式台账 (点单, 接单, 评单): one row an issue, made from its events.

Masked unless ``named``; complaints about a 长 are not in the ledger of his own unit or of those
below it. Writing the file is issues/ledger_file.py's business, the log of exports the command's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from issues import history, masks
from issues.history import Case, Happened, Life
from issues.rate_board import Days, inside
from people.town import Unit
from rules.actions import ACTION_CHINESE, ROWS, LedgerColumn
from rules.deadlines import Clock
from rules.ladder import LEVEL_CHINESE, LEVELS, rank
from rules.words import (
    OPEN_STATES,
    RATING_CHINESE,
    SOLVED_CHINESE,
    STATE_CHINESE,
    TIER_CHINESE,
    State,
    Tier,
    UnitKind,
)
from storage.tables import HouseholdRow, PersonRow

Cell = str | int | datetime | None
Progress = Callable[[int, int], None]

#: The columns that a town office expects, with their widths in characters.
COLUMNS: dict[str, int] = {
    "编号": 19,
    "报单时间": 17,
    "来源": 12,
    "单位": 34,
    "反映人": 9,
    "户": 9,
    "电话": 14,
    "内容": 44,
    "类别": 10,
    "难度": 7,
    "承诺时限": 17,
    "现在的时限": 17,
    "接单人": 9,
    "接单时间": 17,
    "首次联系": 17,
    "现负责人": 9,
    "协办": 24,
    "延期、挂起、改难度": 30,
    "上交转办经过": 36,
    "办理情况": 44,
    "状态": 9,
    "办结时间": 17,
    "办结层级": 10,
    "是否超期": 12,
    "解决": 10,
    "满意": 10,
    "回访": 10,
    "重办次数": 9,
    "附议数": 8,
}
SOURCES = {"app": "应用私聊", "aibot": "智能机器人", "console": "网页", "phone": "电话"}
LEFT_OUT = "（不公开）"
#: A delicate matter says no more of the place than 镇/村.
PARTS_SHOWN = 2


def _called(column: LedgerColumn) -> dict[str, str]:
    """What each kind of event is called in that column."""
    told = ((row.action.value, row.ledger) for row in ROWS if row.ledger)
    return {kind: word for kind, (page, word) in told if page is column}


MOVES, HELP = _called(LedgerColumn.MOVES), _called(LedgerColumn.HELP)
DELAYS, WORK = _called(LedgerColumn.DELAYS), _called(LedgerColumn.WORK)


@dataclass(frozen=True)
class LedgerPart:
    """Which part of the ledger, as it stands at ``at``."""

    unit: Unit
    period: Days
    at: datetime
    named: bool = False


@dataclass(frozen=True)
class Reached:
    """What is known of a person."""

    name: str
    phone: str


@dataclass(frozen=True)
class Page:
    """What the rows of one batch look up, and how they are shown."""

    people: dict[str, Reached]
    households: dict[int, str]
    zone: ZoneInfo
    wanted: LedgerPart

    def name(self, userid: str) -> str:
        """Somebody in office, by name."""
        return self.people[userid].name if userid in self.people else userid


def rows(
    session: Session, wanted: LedgerPart, clock: Clock, progress: Progress | None = None
) -> Iterator[list[Cell]]:
    """The rows of the ledger in order of the issues' numbers, a batch in memory at a time."""
    window = wanted.period.window(clock)
    total, done = history.count(session, window), 0
    for batch in _batches(history.cases(session, window)):
        told = [(case, history.life(case, clock, wanted.at)) for case in batch]
        shown = [(case, life) for case, life in told if _belongs(case, life, wanted)]
        page = _page(session, shown, clock.zone, wanted)
        yield from (_row(case, life, page) for case, life in shown)
        done += len(batch)
        if progress:
            progress(done, total)


def _batches(cases: Iterable[Case]) -> Iterator[list[Case]]:
    left = iter(cases)
    while batch := list(islice(left, history.CHUNK)):
        yield batch


def _belongs(case: Case, life: Life, wanted: LedgerPart) -> bool:
    """In the unit; a complaint about its own 长, or one above, only in an export with names."""
    if not life.events or not inside(life.unit, wanted.unit):
        return False
    return wanted.named or not hidden_from(case.issue.bypassed, wanted.unit)


def hidden_from(bypassed: UnitKind | None, unit: Unit) -> bool:
    """Whether the one complained about, or somebody under him, may read that unit's ledger."""
    if bypassed is None:
        return False
    return unit.kind not in LEVELS or rank(bypassed) >= rank(unit.kind)


def _page(
    session: Session, shown: Sequence[tuple[Case, Life]], zone: ZoneInfo, wanted: LedgerPart
) -> Page:
    userids = {who for _, life in shown for who in _involved(life)} - {""}
    homes = {life.household for _, life in shown if life.household}
    people = session.execute(
        select(PersonRow.userid, PersonRow.name, PersonRow.phone).where(
            PersonRow.userid.in_(userids)
        )
    )
    households = session.execute(
        select(HouseholdRow.id, HouseholdRow.name).where(HouseholdRow.id.in_(homes))
    )
    return Page(
        {row.userid: Reached(row.name, row.phone) for row in people},
        {row.id: row.name for row in households},
        zone,
        wanted,
    )


def _involved(life: Life) -> set[str]:
    """Reporter, holders, and whoever acted."""
    holders = {event.data.get("holder") or "" for event in life.events}
    return {life.reporter, *life.endorsers, *holders, *(event.actor for event in life.events)}


# --- one row ---


def _row(case: Case, life: Life, page: Page) -> list[Cell]:
    return [
        *_what_was_asked(case, life, page),
        *_what_was_promised(life, page),
        *_what_was_done(life, page),
        *_what_was_said_of_it(life),
    ]


def _what_was_asked(case: Case, life: Life, page: Page) -> list[Cell]:
    """群众点单"""
    source = SOURCES.get(case.issue.channel, case.issue.channel)
    number: list[Cell] = [life.number, _wall(life.reported_at, page)]
    source = f"{source}（群里）" if case.issue.chat_id else source
    if _secret(life, page):
        place = "/".join((life.unit or "").split("/")[:PARTS_SHOWN])
        return [*number, source, place, *[LEFT_OUT] * 4]
    return [
        *number,
        source,
        life.unit or "",
        *_who(life, page),
        _text(case.issue.content, life, page),
    ]


def _who(life: Life, page: Page) -> list[Cell]:
    """The reporter, the household and the phone."""
    known = page.people.get(life.reporter, Reached("未登记居民", ""))
    home = page.households.get(life.household or 0, "")
    if page.wanted.named:
        return [known.name, home, known.phone]
    shown = masks.name(known.name) if life.reporter in page.people else known.name
    return [shown, masks.name(home), masks.number(known.phone)]


def _what_was_promised(life: Life, page: Page) -> list[Cell]:
    """三长接单"""
    return [
        life.category,
        TIER_CHINESE[life.tier],
        _last_minute(life.promised_at, page),
        _last_minute(life.due_at, page),
        page.name(life.accepted_by),
        _wall(life.accepted_at, page),
        _wall(life.contacted_at, page),
        page.name(life.holder),
    ]


def _what_was_done(life: Life, page: Page) -> list[Cell]:
    level = life.resolved_level
    return [
        *(_history(life, page, kinds) for kinds in (HELP, DELAYS, MOVES, WORK)),
        STATE_CHINESE[life.state],
        _wall(life.resolved_at, page),
        LEVEL_CHINESE.get(level, str(level)) if level and life.resolved_at else "",
        late(life, page.wanted.at),
    ]


def _what_was_said_of_it(life: Life) -> list[Cell]:
    """群众评单"""
    own = life.answers.get(life.reporter)
    return [
        SOLVED_CHINESE[own.solved] if own and own.solved else "",
        RATING_CHINESE[own.rating] if own and own.rating else "",
        _asked_back(life),
        life.redone,
        len(life.endorsers),
    ]


def _asked_back(life: Life) -> str:
    if life.reporter in life.answers:
        return "已评"
    if life.state is State.CLOSED:
        return "不请评价" if life.delicate else "未评"
    return "等评价" if life.state is State.RESOLVED else ""


def late(life: Life, at: datetime) -> str:
    """Whether the promise was broken, as it stood; kept only by a longer one is said as well."""
    ended = life.resolved_at or life.closed_at
    if life.late_marks or (ended or at) > life.due_at:
        return "是"
    if life.state in OPEN_STATES:
        return "未到期"
    return "否（延期后）" if ended and ended > life.promised_at else "否"


# --- what happened, in lines ---


def _history(life: Life, page: Page, kinds: dict[str, str]) -> str:
    if _secret(life, page):
        return LEFT_OUT if any(event.kind in kinds for event in life.events) else ""
    lines = [_line(event, life, page, kinds) for event in life.events if _is_in(event, kinds)]
    return "\n".join(lines)


def _is_in(event: Happened, kinds: dict[str, str]) -> bool:
    risen = event.kind == "mark" and event.data.get("late") and kinds is MOVES
    return event.kind in kinds or bool(risen)


def _line(event: Happened, life: Life, page: Page, kinds: dict[str, str]) -> str:
    """06-03 10:20 张某 上交 → 彭某：要动公家的线路"""
    local = event.at.astimezone(page.zone)
    who = _actor(event, life, page)
    what = kinds.get(event.kind, "到期升级")
    parts = [f"{local:%m-%d %H:%M}", who, f"{what}{_object(event, page)}"]
    if event.reason:
        parts[-1] += f"：{_text(event.reason, life, page)}"
    return " ".join(part for part in parts if part)


def _actor(event: Happened, life: Life, page: Page) -> str:
    """Who did it: somebody in office by name, a resident as what he is to the issue."""
    if event.actor == life.reporter:
        return "反映人"
    return "附议人" if event.actor in life.endorsers else page.name(event.actor)


def _object(event: Happened, page: Page) -> str:
    """To whom, until when, which tier: what the event says besides its words."""
    data = event.data
    if event.kind in ("grant", "refuse"):
        asked = ACTION_CHINESE.get(data.get("what", "regrade"), "")
        return f"{asked}{_until(data.get('due_at'), page)}"
    if event.kind == "regrade" and data.get("tier"):
        return f"改为{TIER_CHINESE[Tier(data['tier'])]}"
    if event.kind in HELP or event.kind == "return":
        return f" {data.get('unit') or ''}".rstrip()
    holder = data.get("holder")
    return f" → {page.name(holder)}" if holder and event.kind not in WORK else ""


def _until(due_at: str | None, page: Page) -> str:
    at = history.moment(due_at)
    last = _last_minute(at, page) if at else None
    return f"，到 {last:%m-%d %H:%M}" if last else ""


def _secret(life: Life, page: Page) -> bool:
    return life.delicate and not page.wanted.named


def _text(said: str, life: Life, page: Page) -> str:
    """Free words, without numbers and without the names of those who asked."""
    if page.wanted.named:
        return said
    asking = (life.reporter, *life.endorsers)
    names = tuple(page.people[who].name for who in asking if who in page.people)
    return masks.text(said, names)


def _wall(at: datetime | None, page: Page) -> datetime | None:
    """The local time without a zone, which is what a spreadsheet knows."""
    return at.astimezone(page.zone).replace(tzinfo=None, microsecond=0) if at else None


def _last_minute(due_at: datetime, page: Page) -> datetime | None:
    """23:59 for the 24:00 of a day, which a spreadsheet would show as the next day."""
    local = _wall(due_at, page)
    ends_a_day = local and (local.hour, local.minute, local.second) == (0, 0, 0)
    return local - timedelta(minutes=1) if local and ends_a_day else local
