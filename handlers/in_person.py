"""请当面告知: what no channel could deliver to a resident, for whoever looks after the issue.

"当面告知" lists it, "已告知 42" ticks it off. What lands here, and who hears of it, is the
business of issues/unreached.py.
"""

import re
from dataclasses import dataclass

from sqlalchemy import select

from handlers.context import Context
from handlers.message import Reply
from issues import standing, unreached, wording
from issues.short_numbers import matching, short
from rules.words import Party
from speech import numbers
from speech.numbers import Apart
from storage.tables import InPerson, Issue

NAME = "in_person"
WRITES = True
SHOWN = 10

_LIST = re.compile(
    r"(?:看看?|查看?|还有哪些|有哪些)?(?:我的|请|还?要|待)?(?:当面)?告知(?:的|清单|哪些)?[。?!]*"
)
_TOLD = re.compile(r"(?:已经?|都)(?:当面)?(?:告知|告诉|说)(?:了|过了?)?")
_WHO = re.compile(r"[^\d\s,。!]{0,8}")
_GAPS = " \t\n,:"
_ALL = ("都", "全部", "都说了", "都告知了", "两位", "各位", "所有人")


@dataclass(frozen=True)
class TickOff:
    """The list (``number`` None), or what has been told: of which number, to whom."""

    number: str | None
    who: str = ""


def matches(ctx: Context) -> TickOff | None:
    if ctx.incoming.kind != "message" or ctx.person is None:
        return None
    order = told(ctx.utterance.plain)
    if order is None:
        return None
    if order.number is None:
        return order if ctx.posts or _rows(ctx) else None
    return order if _is_meant(ctx, order.number) else None


def told(plain: str) -> TickOff | None:
    """What plain words say about telling in person: 已告知 42 毛某, 42 已告知."""
    if "告知" in plain and _LIST.fullmatch(plain):
        return TickOff(None)
    ahead = numbers.leading(plain)
    match = _TOLD.match(ahead.words.lstrip(_GAPS))
    if match is None:
        return None
    rest = match.string[match.end() :]
    said = Apart(ahead.number, rest) if ahead.number else numbers.leading(rest)
    who = said.words.strip(_GAPS).rstrip("。!")
    return TickOff(said.number, who) if _WHO.fullmatch(who) else None


def _is_meant(ctx: Context, number: str) -> bool:
    """What is to be told is meant before all; else it may be the sentence of a 办结."""
    rows = _rows(ctx)
    if number and _of_number(ctx, number, rows):
        return True
    if ctx.asked_here:
        return False
    return bool(ctx.posts) if number else bool(rows)


def run(ctx: Context, order: TickOff) -> Reply:
    if order.number is None:
        return ctx.privately(_listed(ctx, _rows(ctx)))
    return ctx.privately(_told(ctx, order.number, order.who))


def _rows(ctx: Context) -> list[InPerson]:
    return unreached.to_tell_in_person(ctx.work, ctx.person.id) if ctx.person else []


def _listed(ctx: Context, rows: list[InPerson]) -> str:
    if not rows:
        return ctx.say("in_person_none")
    lines = [_line(ctx, row) for row in rows[:SHOWN]]
    left = len(rows) - len(lines)
    more = [ctx.say("in_person_more", count=left)] if left else []
    head = ctx.say("in_person_list", count=len(rows))
    return "\n".join([head, *lines, *more, ctx.say("in_person_hint", short=_short(ctx, rows[0]))])


def _line(ctx: Context, row: InPerson) -> str:
    return f"{_short(ctx, row)} {_name(ctx, row)}：{wording.cut(row.text, 60)}"


def _told(ctx: Context, number: str, who: str) -> str:
    rows = _rows(ctx)
    found = rows if not number else _of_number(ctx, number, rows)
    if not found:
        return _nothing(ctx, number)
    names = {row.id: _name(ctx, row) for row in found}
    chosen = [row for row in found if who and names[row.id] == who]
    if who in _ALL or len(found) == 1:
        chosen = found
    if not chosen:
        some = "、".join(f"{_short(ctx, row)} {names[row.id]}" for row in found[:SHOWN])
        example = {"short": _short(ctx, found[0]), "name": names[found[0].id]}
        return ctx.say("in_person_which", some=some, **example)
    for row in chosen:
        unreached.told_in_person(ctx.work, row, ctx.incoming.userid.lower())
    done = "、".join(f"{_short(ctx, row)} {names[row.id]}" for row in chosen)
    left = len(rows) - len(chosen)
    if left:
        return ctx.say("in_person_told_some", some=done, count=left)
    return ctx.say("in_person_told", some=done)


def _of_number(ctx: Context, number: str, rows: list[InPerson]) -> list[InPerson]:
    """Those of the newest issue that the number can mean and something is left of."""
    issues = {row.issue_id: _issue(ctx, row) for row in rows}
    meant = matching(number, issues.values())
    return [row for row in rows if meant and row.issue_id == meant[0].id]


def _nothing(ctx: Context, number: str) -> str:
    """Said twice is said once; somebody else's is nobody's here."""
    mine = {issue.id: issue for issue in matching(number, ctx.issues)}
    done = select(InPerson).where(InPerson.issue_id.in_(mine), InPerson.told_at.is_not(None))
    row = ctx.session.scalar(done.order_by(InPerson.told_at.desc()).limit(1))
    if row is None or ctx.person is None or not _follows(ctx, mine[row.issue_id]):
        return ctx.say("in_person_unknown", number=number)
    return ctx.say("in_person_again", short=short(mine[row.issue_id].number))


def _follows(ctx: Context, issue: Issue) -> bool:
    return bool(standing.parties(ctx.work, issue, ctx.actor) & {Party.HOLDER, Party.CO_OWNER})


def _issue(ctx: Context, row: InPerson) -> Issue:
    issue = ctx.session.get(Issue, row.issue_id)
    assert issue is not None  # a foreign key
    return issue


def _short(ctx: Context, row: InPerson) -> str:
    return short(_issue(ctx, row).number)


def _name(ctx: Context, row: InPerson) -> str:
    person = ctx.town.person(row.userid)
    return person.name if person else ctx.say("in_person_stranger")
