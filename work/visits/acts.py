"""What is done about visits: noted, asked about once, made an issue, listed by who waits longest.

Functions over a SystemWork; how it was said is hears.py's business. Nothing is ever demanded: no
place, photo or number, and there is no count, share or deadline to be read (domain.md §8, the
opinion of 2023 on 指尖上的形式主义).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from people.town import Household, Person, Post, Unit
from rules.ladder import HOLDER, LEVELS, rank
from rules.words import UnitKind
from work.system import Core, InTheNameOf, Question, SystemWork, Told
from work.visits import households
from work.visits.tables import Visit

#: Households in the list of those who wait longest: what fits on a phone.
LISTED = 10
#: Visits of a household that are shown.
RECORDS = 5
#: As many as one digit picks; where more can be meant, nobody is asked.
CHOICES = 8
#: Characters of somebody's words in a question, and in a line of a list.
BRIEF, LINE = 60, 30


@dataclass(frozen=True)
class VisitedHousehold:
    """A household as it was told of. ``candidates``: whom it can mean, none if nobody on the
    roster; ``households``: for how many it stands."""

    who: str
    candidates: tuple[Household, ...]
    words: str
    households: int = 1
    nobody: bool = False
    trouble: str = ""


# --- noting ---


def note(
    work: SystemWork,
    speaker: Person,
    posts: Sequence[Post],
    seen: Sequence[VisitedHousehold],
    on: date,
) -> Told:
    """Note the visit of one message and ask at most one question about it."""
    unit = households.own_units(posts)[0]
    before = [_same(work, speaker, one, on) for one in seen]
    rows = [
        same or _add(work, speaker, unit, one, on) for one, same in zip(seen, before, strict=True)
    ]
    work.session.flush()
    head = _again(work, seen) if all(before) else _noted(work, seen)
    asked, question = _ask(work, seen, rows)
    return _told(work, f"{head}\n{asked}" if asked else head, question)


def _add(work: SystemWork, speaker: Person, unit: Unit, seen: VisitedHousehold, on: date) -> Visit:
    home = _home(seen)
    row = Visit(
        visited_on=on,
        noted_at=work.now,
        person_id=speaker.id,
        unit_id=home.lin.id if home else unit.id,
        household_id=home.id if home else None,
        said_of=seen.who,
        households=seen.households,
        nobody_home=seen.nobody,
        words=seen.words,
        trouble=seen.trouble,
        issue="",
    )
    work.session.add(row)
    return row


def _same(work: SystemWork, speaker: Person, seen: VisitedHousehold, on: date) -> Visit | None:
    """What somebody says twice on one day is one visit."""
    found = select(Visit).where(
        Visit.person_id == speaker.id,
        Visit.visited_on == on,
        Visit.said_of == seen.who,
        Visit.words == seen.words,
        Visit.households == seen.households,
    )
    return work.session.scalar(found.order_by(Visit.id).limit(1))


def _home(seen: VisitedHousehold) -> Household | None:
    return seen.candidates[0] if len(seen.candidates) == 1 else None


def _noted(work: SystemWork, seen: Sequence[VisitedHousehold]) -> str:
    what = _what(work, seen)
    lines = [work.says.say("noted", what=what) if what else work.says.say("noted_plain")]
    lines += [work.says.say("unknown", who=s.who) for s in seen if s.who and not s.candidates]
    return "\n".join(lines)


def _again(work: SystemWork, seen: Sequence[VisitedHousehold]) -> str:
    what = _what(work, seen)
    return work.says.say("again", what=what) if what else work.says.say("noted_plain")


def _what(work: SystemWork, seen: Sequence[VisitedHousehold]) -> str:
    """张家、刘家（没人在家）、另外 2 户; 3 户 where nobody was named."""
    named = [told for one in seen if (told := _one(work, one))]
    more = sum(one.households for one in seen if not one.who)
    if more and named:
        named.append(work.says.say("others", count=more))
    elif more > 1:
        named.append(work.says.say("count", count=more))
    return "、".join(named)


def _one(work: SystemWork, seen: VisitedHousehold) -> str:
    return work.says.say("nobody", who=seen.who) if seen.who and seen.nobody else seen.who


# --- asking ---


def _ask(
    work: SystemWork, seen: Sequence[VisitedHousehold], rows: Sequence[Visit]
) -> tuple[str, Question | None]:
    """Which household, if several can be meant; else whether the trouble is to be reported."""
    offers = [row.id for row in rows if row.trouble and not row.issue]
    for one, row in zip(seen, rows, strict=True):
        if row.household_id is None and 1 < len(one.candidates) <= CHOICES:
            return _which(work, one), Question(_which_data(one, row, offers))
    return _offer(work, rows)


def _which_data(seen: VisitedHousehold, row: Visit, offers: list[int]) -> dict[str, Any]:
    return {"visit": row.id, "households": [h.id for h in seen.candidates], "offers": offers}


def _which(work: SystemWork, seen: VisitedHousehold) -> str:
    lines = [
        work.says.say("which_line", n=n, who=home.name, where=_where(home))
        for n, home in enumerate(seen.candidates, start=1)
    ]
    head = work.says.say("which", who=seen.who, count=len(seen.candidates))
    return "\n".join([head, *lines, work.says.say("which_end")])


def _where(home: Household) -> str:
    """长冲组一邻"""
    return "".join(home.lin.path.split("/")[-2:])


def _offer(work: SystemWork, rows: Iterable[Visit]) -> tuple[str, Question | None]:
    """What is wrong, to be reported in the household's name; ("", None) if nothing is."""
    told = [row for row in rows if row.trouble and not row.issue]
    if not told:
        return "", None
    question = Question({"offers": [row.id for row in told]})
    if len(told) == 1:
        key = "offer_nobody" if told[0].nobody_home else "offer"
        return work.says.say(key, who=_who(work, told[0]), words=_cut(told[0].trouble)), question
    lines = [
        work.says.say("offer_line", who=_who(work, row), words=_cut(row.trouble, LINE))
        for row in told
    ]
    return work.says.say("offer_several", lines="\n".join(lines)), question


def _who(work: SystemWork, visit: Visit) -> str:
    home = households.of_id(work.town, visit.household_id)
    return visit.said_of or (home.name if home else work.says.say("somebody"))


# --- what was answered ---


def choose(work: SystemWork, visit_id: int, home: Household, offers: Sequence[int]) -> Told:
    """It was that household; then its trouble is asked about."""
    row = work.session.get(Visit, visit_id)
    assert row is not None  # visits are never deleted
    row.household_id, row.unit_id, row.said_of = home.id, home.lin.id, home.name
    head = work.says.say("noted", what=home.name)
    asked, question = _offer(work, _rows(work, offers))
    return _told(work, f"{head}\n{asked}" if asked else head, question)


def decline(work: SystemWork) -> Told:
    """It stays a visit."""
    return _told(work, work.says.say("declined"))


def report(work: SystemWork, speaker: Person, offers: Sequence[int], core: Core) -> Told:
    """Make an issue of the trouble of each of these visits, in the household's name."""
    return _told(
        work, "\n".join(_reported(work, speaker, row, core) for row in _rows(work, offers))
    )


def _reported(work: SystemWork, speaker: Person, row: Visit, core: Core) -> str:
    if row.issue:
        return work.says.say("opened_before", number=row.issue)
    home = households.of_id(work.town, row.household_id)
    told = work.says.say("for_you", who=speaker.name, words=_cut(row.trouble))
    words = row.trouble if home else f"{row.said_of}{row.trouble}"  # 王家腿摔了
    opened = core.open_issue(InTheNameOf(home, words, speaker, told))
    row.issue = opened.number
    if not opened.resident:
        return work.says.say("opened_own", number=opened.number, holder=opened.holder)
    who = _who(work, row)
    sentence = "opened_in_person" if opened.in_person else "opened"
    return work.says.say(sentence, number=opened.number, holder=opened.holder, who=who)


def _rows(work: SystemWork, ids: Sequence[int]) -> list[Visit]:
    found = select(Visit).where(Visit.id.in_(ids)).order_by(Visit.id)
    return list(work.session.scalars(found))


# --- looking ---


def unseen(work: SystemWork, speaker: Person, posts: Sequence[Post]) -> Told:
    """Up to ten households of his own units that he has not seen for longest, never seen first.

    Nobody at home is a visit, but nobody was seen.
    """
    units = households.own_units(posts)
    own = {home.id for home in work.town.homes.lives.get(speaker.id, ())}
    homes = [home for home in households.within(work.town, units) if home.id not in own]
    if not homes:
        return _told(work, work.says.say("no_households"))
    last = _last_seen(work, speaker)
    waiting = [home for home in homes if last.get(home.id) != work.today]
    if not waiting:
        return _told(work, work.says.say("all_seen"))
    waiting.sort(key=lambda home: last.get(home.id, date.min))
    lines = (_line(work, home, last.get(home.id)) for home in waiting[:LISTED])
    return _told(work, work.says.say("unseen", lines="\n".join(lines)))


def _last_seen(work: SystemWork, speaker: Person) -> dict[int, date]:
    found = select(Visit.household_id, func.max(Visit.visited_on)).where(
        Visit.person_id == speaker.id,
        Visit.household_id.is_not(None),
        Visit.nobody_home.is_(False),
    )
    rows = work.session.execute(found.group_by(Visit.household_id))
    return {home: day for home, day in rows if home is not None}


def _line(work: SystemWork, home: Household, last: date | None) -> str:
    when = work.says.say("last", when=_day(work, last)) if last else work.says.say("never")
    return work.says.say("unseen_line", who=home.name, where=home.lin.name, when=when)


def records(work: SystemWork, reader: Person, who: str, homes: Sequence[Household]) -> Told:
    """The last visits of these households that somebody may read."""
    found = select(Visit).where(Visit.household_id.in_([home.id for home in homes]))
    rows = work.session.scalars(found.order_by(Visit.visited_on.desc(), Visit.id.desc()))
    shown = [row for row in rows if may_read(work, reader, row)][:RECORDS]
    if not shown:
        return _told(work, work.says.say("no_records", who=who))
    lines = "\n".join(_record(work, row) for row in shown)
    return _told(work, work.says.say("records", who=who, lines=lines))


def _record(work: SystemWork, row: Visit) -> str:
    by = work.town.by_id(row.person_id)
    when = _day(work, row.visited_on)
    key = "record_nobody" if row.nobody_home else "record"
    words = row.trouble if row.nobody_home else row.words
    return work.says.say(key, when=when, by=by.name if by else "", words=_cut(words, LINE))


def may_read(work: SystemWork, reader: Person, visit: Visit) -> bool:
    """Whoever was there, and who sits above him on the ladder of that household."""
    if reader.id == visit.person_id:
        return True
    unit = work.town.unit(visit.unit_id)
    chain = work.town.upwards(unit) if unit else []
    visitor = _highest(work, visit.person_id, chain, seated=False)
    own = _highest(work, reader.id, chain, seated=True)
    return visitor is not None and own is not None and rank(own) > rank(visitor)


def _highest(
    work: SystemWork, person_id: int, chain: Sequence[Unit], *, seated: bool
) -> UnitKind | None:
    """The highest level on which somebody serves in these units; ``seated``: as their 长."""
    units = {unit.id for unit in chain}
    levels = [
        post.unit.kind
        for post in work.town.posts_on(person_id, work.today)
        if post.unit_id in units and post.unit.kind in LEVELS
        if not seated or HOLDER[post.unit.kind] is post.role
    ]
    return max(levels, key=rank, default=None)


# --- words ---


def _told(work: SystemWork, text: str, question: Question | None = None) -> Told:
    return Told(text, work.says.say("in_group"), question)


def _day(work: SystemWork, day: date) -> str:
    """6月1日; of another year with the year."""
    values = {"month": day.month, "day": day.day}
    if day.year == work.today.year:
        return work.says.say("day", **values)
    return work.says.say("day_of_year", **values, year=day.year)


def _cut(words: str, length: int = BRIEF) -> str:
    line = " ".join(words.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
