"""How what residents and 三长 read is put together: dates, names, cards, digests that fit.

The sentences themselves stand in texts.yaml. When and to whom is tell.py's business, the lengths
that a channel allows are the channel's.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from issues import masks
from issues.short_numbers import names, short
from issues.texts import Texts
from issues.texts import cut as cut  # lists are cut to the same measure
from issues.work import Work
from people.town import Person, Post
from rules.actions import ROWS
from rules.ladder import LEVEL_CHINESE
from rules.marks import Mark
from rules.words import (
    OPEN_STATES,
    RATING_CHINESE,
    ROLE_CHINESE,
    STATE_CHINESE,
    TIER_CHINESE,
    Action,
    Rating,
    Role,
    Solved,
    State,
    Tier,
    UnitKind,
)
from storage.notice import LAST, Button, Card, Notice
from storage.tables import Issue

WEEKDAYS = "一二三四五六日"
RATE_KEYS = "1 非常满意 2 满意 3 基本满意 4 不满意 5 非常不满意"
#: What takes the buttons' place when the one who tapped is not the holder (any more).
DID = {row.action: row.done for row in ROWS if row.done}
MATERIAL_CHINESE = {
    "image": "照片",
    "voice": "语音",
    "video": "视频",
    "location": "位置",
    "file": "文件",
}


class DigestTurn(IntEnum):
    """The order of lines in a digest (domain.md §4)."""

    URGENT = 0  #: an urgent matter
    APPROVE = 1  #: waits for his 同意
    DUE = 2  #: due today, or late with him
    RISEN = 3  #: has come up to him, or to be pressed from above
    REST = LAST


#: Where the line of a template stands.
TURNS: Mapping[str, DigestTurn] = {
    **dict.fromkeys(
        ("wants_tier", "wants_time", "wants_to_decline", "third_return"), DigestTurn.APPROVE
    ),
    **dict.fromkeys(("due_today", "overdue", "reminder_late"), DigestTurn.DUE),
    **dict.fromkeys(
        ("escalation", "supervision", "bulletin", "unaccepted", "press", "troubled"),
        DigestTurn.RISEN,
    ),
}
#: Templates that say how a matter stands: of several about one issue only the last is of use.
STATES = frozenset(
    {
        *("accepted", "risen", "risen_late", "pressed_late", "new_face", "watched", "reopened"),
        *("assigned", "reminder", "reminder_late", "rose_away", "escalation", "half_time"),
        *("unaccepted", "due_today", "overdue", "supervision", "bulletin", "press", "troubled"),
        *("taken_over", "moved_on", "handed_over", "resumed", "redone_away", "withdrawn", "closed"),
    }
)
#: What each place of a digest is called in its first line, where there is anything in it.
KINDS: Mapping[DigestTurn, str] = {
    DigestTurn.URGENT: "digest_urgent",
    DigestTurn.APPROVE: "digest_approve",
    DigestTurn.DUE: "digest_due",
    DigestTurn.RISEN: "digest_risen",
    DigestTurn.REST: "digest_rest",
}
#: The button behind which everything is that has none of its own.
MORE = "more"
#: A line in a digest has to leave room for the others.
LONGEST_LINE = 120
#: A list that somebody has asked for, in bytes: what the app takes, less a sentence around it.
LIST = 1900
#: Characters that both kinds of card show of a field.
FIELD = 26
#: The longest names of people have about twenty.
NAME = 24


def moment(at: datetime, zone: ZoneInfo) -> str:
    """11月23日 09:05"""
    local = at.astimezone(zone)
    return f"{day(local)} {local:%H:%M}"


def deadline(at: datetime, zone: ZoneInfo) -> str:
    """11月23日（周一）24点前, since the end of a day is not the next day to a reader."""
    local = at.astimezone(zone)
    if local.hour or local.minute or local.second:
        return f"{day(local)}（周{WEEKDAYS[local.weekday()]}）{local:%H:%M} 前"
    last = local - timedelta(days=1)
    return f"{day(last)}（周{WEEKDAYS[last.weekday()]}）24 点前"


def day(on: date) -> str:
    """11月23日"""
    return f"{on.month}月{on.day}日"


def called(person: Person, level: UnitKind) -> str:
    """邻长张某"""
    return f"{LEVEL_CHINESE[level]}{cut(person.name, NAME)}"


def holding(work: Work, issue: Issue) -> str:
    """Who has it now: 邻长张某, or 市城管局李某 when a department leads."""
    lead, holder = work.lead(issue), work.holder(issue)
    if lead and holder:
        return f"{cut(lead.name, NAME)}{cut(holder.name, NAME)}"
    return called(holder, issue.level) if holder else work.say("name_nobody")


def values(work: Work, issue: Issue, **more: object) -> dict[str, object]:
    """What every template may name (texts.COMMON), and what this one names besides."""
    return {
        "number": issue.number,
        "short": short(issue.number),
        "who": holding(work, issue),
        "content": cut(issue.content, 60),
        "brief": cut(issue.content, 20),
        "due": deadline(issue.due_at, work.zone),
        "promised": deadline(issue.promised_at, work.zone),
        "place": place(work, issue),
        **more,
    }


def say(work: Work, issue: Issue, key: str, part: str = "text", **more: object) -> str:
    """That template, or another part of it, about this issue as it stands now."""
    return work.texts.say(key, values(work, issue, **more), part)


def notice(work: Work, issue: Issue, key: str, card: Card | None = None, **more: object) -> Notice:
    """The same with its line in a digest, and where that stands there."""
    told = work.texts.notice(key, values(work, issue, **more), card)
    turn, is_state = TURNS.get(key, DigestTurn.REST), key in STATES
    return replace(told, about=issue.number, turn=turn, urgent=issue.urgent, state=is_state)


def hears(work: Work, whom: str, when: datetime) -> str:
    """When somebody is told what has not been told yet: 19:00 告诉居民, or that it is now."""
    if when <= work.now:
        return work.say("hears_now", whom=whom)
    return work.say("hears_at", when=clock(work, when), whom=whom)


def clock(work: Work, when: datetime) -> str:
    """19:00, 明天 07:45, 6月3日 07:45"""
    local = when.astimezone(work.zone)
    days = (local.date() - work.today).days
    if days == 0:
        return f"{local:%H:%M}"
    return work.say("tomorrow_at", at=f"{local:%H:%M}") if days == 1 else moment(when, work.zone)


def residents_hear(work: Work, when: datetime) -> str:
    """When the residents are told."""
    return hears(work, work.say("hears_residents"), when)


def covered(work: Work, text: str, name: str) -> str:
    """The words without the reporter's own name, and without telephone and identity numbers."""
    resident = work.say("name_resident")
    return masks.text(text.replace(name, resident) if len(name) > 1 else text)


def listed(lines: Sequence[str], largest: int, more: Callable[[int], str]) -> list[str]:
    """The lines that fit into ``largest`` bytes together, and ``more`` for how many do not."""
    if sum(len(line.encode()) + 1 for line in lines) <= largest:
        return list(lines)
    room, shown = largest - len(more(len(lines)).encode()) - 1, 0
    while (room := room - len(lines[shown].encode()) - 1) >= 0:
        shown += 1
    return [*lines[:shown], more(len(lines) - shown)]


# --- to the resident ---


def receipt(work: Work, issue: Issue) -> str:
    """The answer to a report in private: number, name, promised date."""
    answers = _answerable(work, issue)
    if issue.urgent:
        return say(work, issue, "receipt_urgent", answers=answers)
    hidden = work.texts.say("receipt_hidden", {}) if issue.bypassed else ""
    told = promise(work, issue)
    return say(work, issue, "receipt", answers=answers, hidden=hidden, promise=told)


def promise(work: Work, issue: Issue) -> str:
    """What 0211 promises for this tier."""
    return work.texts.say(f"promise_{issue.tier}", {})


def _answerable(work: Work, issue: Issue) -> str:
    holder, texts = work.holder(issue), work.texts
    if holder is None:
        return texts.say("answers_nobody", {})
    phone = texts.say("answers_phone", {"tel": holder.phone}) if holder.phone else ""
    who = called(holder, issue.level)
    if issue.unclaimed:
        return texts.say("answers_unclaimed", {"who": who, "phone": phone})
    if issue.level is UnitKind.LIN:
        return texts.say("answers_lin", {"name": cut(holder.name, NAME), "phone": phone})
    return texts.say("answers_above", {"who": who, "phone": phone})


def holders_phone(work: Work, issue: Issue) -> str:
    """，电话 13800000001; "" without one."""
    holder = work.holder(issue)
    return work.say("answers_phone", tel=holder.phone) if holder and holder.phone else ""


def regraded(work: Work, issue: Issue, reason: str, *, harder: bool) -> Notice:
    """Another tier: the resident is told the new date and why."""
    key = "regraded_harder" if harder else "regraded"
    tier, told = TIER_CHINESE[issue.tier], promise(work, issue)
    return notice(work, issue, key, tier=tier, promise=told, reason=reason)


def ask_rating(work: Work, issue: Issue, task: str, said: str) -> Notice:
    """群众评单: was it solved, and how was it; by card, by number or in words. ``said``: what the
    one who is asked had reported."""
    yes, partly, no = work.texts.buttons("ask_rating")
    number, reported = work.texts.fields("ask_rating")
    card = Card(
        task_id=task,
        title=say(work, issue, "ask_rating", "title", result=issue.result, keys=RATE_KEYS),
        desc=say(work, issue, "ask_rating", "desc", result=issue.result, keys=RATE_KEYS),
        body=issue.result,
        fields=((number, issue.number), (reported, cut(said, FIELD))),
        buttons=(
            Button(yes, f"solved:{Solved.YES}", 1),
            Button(partly, f"solved:{Solved.PARTLY}", 2),
            Button(no, f"solved:{Solved.NO}", 3),
        ),
    )
    return notice(work, issue, "ask_rating", card, result=issue.result, keys=RATE_KEYS)


def ask_level(work: Work, issue: Issue, task: str) -> Card:
    """The second question, in place of the first once that is answered."""
    return Card(
        task_id=task,
        title=say(work, issue, "ask_level", "title"),
        desc=say(work, issue, "ask_level", "desc"),
        body=issue.result,
        buttons=tuple(
            Button(text, f"rate:{rating}", 1 if rating in (Rating.VERY_GOOD, Rating.GOOD) else 2)
            for rating, text in RATING_CHINESE.items()
        ),
    )


def thanks(work: Work, issue: Issue, rating: Rating | None) -> str:
    """To whoever has rated: the reporter, or one who has joined."""
    if rating is None:
        return say(work, issue, "receipt_closed")
    return say(work, issue, "receipt_rated", rating=RATING_CHINESE[rating])


def material_chinese(kind: str) -> str:
    """照片, 语音; 文件 for a kind that nobody has heard of."""
    return MATERIAL_CHINESE.get(kind, MATERIAL_CHINESE["file"])


class Counted(Protocol):
    """A material as it came, or as it is stored."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...


def counted(materials: Iterable[Counted]) -> str:
    """照片 2、位置（长冲组水塘边）"""
    kinds = Counter(material_chinese(m.kind) for m in materials if not m.text)
    named = [f"{material_chinese(m.kind)}（{m.text}）" for m in materials if m.text]
    return "、".join([f"{kind} {n}" if n > 1 else kind for kind, n in kinds.items()] + named)


# --- to the 三长 ---


@dataclass(frozen=True)
class More:
    """What a card says besides: materials (照片 2), why it comes to him, who else it could be for
    (市城管局) and what to say then (转 0042 给 市城管局)."""

    with_it: str = ""
    why: str = ""
    could: str = ""
    say: str = ""

    def fields(self, issue: Issue, texts: Texts) -> tuple[str, ...]:
        """For the card, in the order of its names; "" for what there is none of."""
        ask = texts.say("field_materials", {"short": short(issue.number)})
        could = {"could": self.could, "say": self.say}
        return (
            cut(self.with_it, FIELD - len(ask)) + ask if self.with_it else "",
            self.why.removeprefix("分工表："),
            texts.say("field_could", could) if self.could else "",
        )

    def lines(self, texts: Texts) -> dict[str, str]:
        """For the text."""
        could = {"could": self.could, "say": self.say}
        return {
            "why": texts.say("assigned_why", {"why": self.why}) if self.why else "",
            "could": texts.say("assigned_could", could) if self.could else "",
        }


NO_MORE = More()


class Spot(Protocol):
    """A place that somebody has sent."""

    @property
    def text(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


@dataclass(frozen=True)
class Alarm:
    """What the card of an emergency says: who reported it, with which telephone, from which
    household, the place that was last sent, materials, and who has been rung."""

    reporter: str
    phone: str = ""
    home: str = ""
    spot: Spot | None = None
    with_it: str = ""
    rung: tuple[tuple[Person, UnitKind], ...] = ()


def alarm_card(work: Work, issue: Issue, task: str, heading: str, alarm: Alarm) -> Notice:
    """The card that rings: whoever reads it can telephone and go there without asking."""
    accept, on_way, up, resolve, other = work.texts.buttons("alarm")
    given = _alarming(work, issue, heading, alarm)
    works = Button(resolve, "resolve", 1), Button(up, "raise", 2), Button(other, MORE, 2)
    first = Button(accept, "accept", 1), Button(on_way, "on_way", 1), Button(up, "raise", 2)
    ask = work.say("field_materials", short=short(issue.number))
    with_it = f"{cut(alarm.with_it, FIELD - len(ask))}{ask}" if alarm.with_it else ""
    sent = spot(work, alarm.spot) if alarm.spot else ""
    at_home = f"{place(work, issue)}{alarm.home}"
    listed = (issue.number, alarm.reporter, given["phone"], at_home, sent, with_it)
    card = Card(
        task_id=task,
        title=say(work, issue, "alarm", "title", **given),
        desc=say(work, issue, "alarm", "desc", **given),
        body=say(work, issue, "alarm", "body", **given),
        fields=tuple(
            (name, value)
            for name, value in zip(work.texts.fields("alarm"), listed, strict=True)
            if value
        ),
        buttons=first if issue.state is State.PENDING else works,
    )
    return replace(notice(work, issue, "alarm", card, **given), again=True)


def _alarming(work: Work, issue: Issue, heading: str, alarm: Alarm) -> dict[str, str]:
    """What the template of an emergency's card may name."""
    where = f"{place(work, issue)}{alarm.home}"
    if alarm.spot:
        where = work.say("alarm_spot", spot=spot(work, alarm.spot), where=where)
    return {
        "heading": heading,
        "whole": issue.content,
        "reporter": alarm.reporter,
        "phone": alarm.phone or work.say("phone_unknown"),
        "where": where,
        "when": moment(issue.reported_at, work.zone),
        "rung": "、".join(f"{called(one, level)}{_phone(one)}" for one, level in alarm.rung),
    }


def _phone(person: Person) -> str:
    """Behind a name, where there is one."""
    return f" {person.phone}" if person.phone else ""


def with_phone(name: str, person: Person | None) -> str:
    """毛某 13800000002, or the name alone."""
    return f"{name}{_phone(person)}" if person else name


def spot(work: Work, sent: Spot) -> str:
    """长冲组路口（27.9，112.5）: what can be told of a place in words."""
    if sent.latitude is None:
        return sent.text
    at = {"latitude": sent.latitude, "longitude": sent.longitude}
    return work.say("spot", place=sent.text, **at)


def holder_card(
    work: Work, issue: Issue, task: str, heading: str, reporter: str, more: More = NO_MORE
) -> Card:
    """接单 / 上交 / 办结 for whoever holds the issue now; once accepted, all else behind one more
    button, so that an old man has three to choose from and not ten."""
    accept, resolve, up, other = work.texts.buttons("assigned")
    given = _assignment(work, issue, heading, reporter, more)
    works = Button(resolve, "resolve", 1), Button(up, "raise", 2)
    pending = issue.state is State.PENDING
    buttons = (Button(accept, "accept", 1), *works) if pending else (*works, Button(other, MORE, 2))
    return Card(
        task_id=task,
        title=say(work, issue, "assigned", "title", **given),
        desc=say(work, issue, "assigned", "desc", **given),
        body=issue.content,
        fields=_fields(work, issue, reporter, more),
        buttons=buttons,
    )


def _fields(work: Work, issue: Issue, reporter: str, more: More) -> tuple[tuple[str, str], ...]:
    at = moment(issue.reported_at, work.zone)
    given = (issue.number, reporter, place(work, issue), at, *more.fields(issue, work.texts))
    listed = zip(work.texts.fields("assigned"), given, strict=True)
    return tuple((name, value) for name, value in listed if value)


def _assignment(
    work: Work, issue: Issue, heading: str, reporter: str, more: More
) -> dict[str, str]:
    """What the template of a new holder may name."""
    return {
        "heading": heading,
        "whole": issue.content,
        "reporter": reporter,
        "tier": TIER_CHINESE[issue.tier],
        **more.lines(work.texts),
    }


def done_card(work: Work, issue: Issue, card: Card, did: Action | None = None) -> Card:
    """The same card when its buttons have done their work for the one who tapped."""
    told = STATE_CHINESE[issue.state]
    if did in DID:
        return replace(
            card, buttons=card.buttons or (Button("—", "none"),), done=work.say(DID[did])
        )
    if issue.rating and issue.state is State.CLOSED:
        told, card = rated(work, issue.rating), replace(card, desc=work.say("done_thanks"))
    elif issue.state in OPEN_STATES:
        told = work.say("done_held", who=holding(work, issue))
    return replace(card, buttons=card.buttons or (Button("—", "none"),), done=told)


def rated(work: Work, rating: Rating) -> str:
    """What stands on the card of one who has rated."""
    return work.say("done_rated", rating=RATING_CHINESE[rating])


def place(work: Work, issue: Issue) -> str:
    """The unit as people say it, without the town."""
    unit = work.unit(issue)
    return unit.path.split("/", 1)[-1].replace("/", "") if unit else work.say("place_unknown")


def assigned(
    work: Work, issue: Issue, task: str, heading: str, reporter: str, more: More = NO_MORE
) -> Notice:
    """The card that an issue reaches its holder with."""
    card = holder_card(work, issue, task, heading, reporter, more)
    given = _assignment(work, issue, heading, reporter, more)
    return notice(work, issue, "assigned", card, **given)


def missed(work: Work, issue: Issue) -> str:
    """What a promise that was not kept had promised."""
    return work.texts.say("missed_complex" if issue.tier is Tier.COMPLEX else "missed", {})


def board_mark(work: Work, issue: Issue, mark: Mark, late: bool) -> Notice:
    """Into the unit's group: the number only, whatever the template would like to name."""
    given = {
        "number": issue.number,
        "short": short(issue.number),
        "mark": mark.chinese,
        "level": LEVEL_CHINESE[issue.level],
    }
    if late:
        return work.texts.notice("board_mark_late", {**given, "missed": missed(work, issue)})
    return work.texts.notice("board_mark", given)


def group_receipt(work: Work, issue: Issue) -> str:
    """In a group nobody's content, name or address is repeated (domain.md §7)."""
    return work.texts.say("receipt_group", {"number": issue.number, "short": short(issue.number)})


def wants(work: Work, issue: Issue, key: str, task: str, **asked: object) -> Notice:
    """To the next level: the holder asks for another tier, for time, or to decline."""
    grant, refuse = work.texts.buttons(key)
    number, content = work.texts.fields(key)
    card = Card(
        task_id=task,
        title=say(work, issue, key, "title", **asked),
        desc=say(work, issue, key, "desc", **asked),
        body=say(work, issue, key, "body", **asked),
        fields=((number, issue.number), (content, cut(issue.content, FIELD))),
        buttons=(Button(grant, "grant", 1), Button(refuse, "refuse", 2)),
    )
    return notice(work, issue, key, card, **asked)


def helper_card(
    work: Work, issue: Issue, task: str, *, request: str, until: str, content: str
) -> Card:
    """协办: what is asked and until when; ``content`` as this helper may read it."""
    asked = {"request": request.rstrip("。"), "until": until, "content": content}
    (done,) = work.texts.buttons("asked_to_help")
    number, lead, where = work.texts.fields("asked_to_help")
    return Card(
        task_id=task,
        title=say(work, issue, "asked_to_help", "title", **asked),
        desc=say(work, issue, "asked_to_help", "desc", **asked),
        body=say(work, issue, "asked_to_help", "body", **asked),
        fields=(
            (number, issue.number),
            (lead, holding(work, issue)),
            (where, place(work, issue)),
        ),
        buttons=(Button(done, "assist_done", 1),),
    )


def said_more(work: Work, issue: Issue, what: str, *, shown: bool) -> Notice:
    """``shown``: with something to look at."""
    look = work.texts.say("said_more_look", {"short": short(issue.number)}) if shown else ""
    return notice(work, issue, "said_more", what=what, look=look)


def more_of_alarm(work: Work, issue: Issue, by: str, what: str, *, shown: bool) -> Notice:
    """What somebody adds to an emergency; ``by``: with his telephone."""
    look = work.texts.say("said_more_look", {"short": short(issue.number)}) if shown else ""
    return notice(work, issue, "more_of_alarm", by=by, what=what, look=look)


def of_number(work: Work, issue: Issue, kind: str) -> str:
    """0042 的照片"""
    return work.say("materials_of", short=short(issue.number), what=material_chinese(kind))


def in_office(work: Work, role: str, name: str) -> str:
    """邻长张某; a resident by name."""
    known = role in set(Role) and role != Role.RESIDENT
    return f"{ROLE_CHINESE[Role(role)]}{name}" if known else name


def closed(work: Work, issue: Issue) -> Notice:
    """To the holder: what the resident thinks."""
    rating = RATING_CHINESE[issue.rating] if issue.rating else work.say("closed_unrated")
    return notice(work, issue, "closed", rating=rating)


def departed(
    person: Person, texts: Texts, posts: list[Post], vacant: list[Post], handed: int
) -> Notice:
    """To the admins: who has left the corp, and which posts are empty now."""
    lines = [f"· {_post(post)}" for post in vacant]
    empty = listed(lines, LIST // 2, lambda n: texts.say("departed_more", {"count": n}))
    told = ""
    if vacant:
        told = texts.say("departed_vacant", {"posts": "\n".join(empty)})
    elif posts:
        told = texts.say("departed_filled", {})
    given = {
        "name": cut(person.name, NAME),
        "userid": person.userid,
        "count": len(vacant),
        "vacant": told,
        "handed": texts.say("departed_handed", {"count": handed}) if handed else "",
    }
    return texts.notice("departed", given)


def _post(post: Post) -> str:
    return f"{ROLE_CHINESE[post.role]} {post.unit.path or post.unit.name}"


def heading(texts: Texts, emergency: str, *, unclaimed: bool) -> str:
    """How the card of a new issue begins."""
    new = texts.say("heading_new", {})
    told = texts.say("heading_urgent", {"name": emergency}) if emergency else new
    return texts.say("heading_unclaimed", {"heading": told}) if unclaimed else told


def digest(notices: Sequence[Notice], texts: Texts, largest: int) -> str:
    """Several things for one person at one pick-up slot, in at most ``largest`` bytes: one line an
    issue, its last state only, what presses most first (domain.md §4)."""
    matters = _matters(notices)
    called = names(matter.number for matter in matters if matter.number)
    lines = [matter.line(called) for matter in matters]
    head = _head(matters, texts)
    hints = _hints([matter.told for matter in matters], texts, called)
    room = largest - len("\n".join([head, *hints]).encode()) - 1
    shown = listed(lines, room, lambda n: texts.say("digest_more", {"count": n}))
    return "\n".join([head, *shown, *hints])


def board(notices: Sequence[Notice], texts: Texts, largest: int) -> str:
    """The same for a group, which has been told of nothing but numbers."""
    lines = [notice.line or notice.text for notice in notices]
    return "\n".join(listed(lines, largest, lambda n: texts.say("board_more", {"count": n})))


@dataclass(frozen=True)
class DigestMatter:
    """All that a digest says about one issue: how it stands (or what is asked), and what else is
    new about it. ``number``: "" for what is about no issue."""

    number: str
    told: Notice
    news: tuple[Notice, ...] = ()

    @property
    def turn(self) -> DigestTurn:
        return DigestTurn.URGENT if self.told.urgent else DigestTurn(self.told.turn)

    def line(self, called: Mapping[str, str]) -> str:
        """The number once, then everything; two issues with the same short number carry the day."""
        said = [notice.line or notice.text for notice in (self.told, *self.news)]
        longest = LONGEST_LINE // min(len(said), 3)
        if not self.number:
            return cut("；".join(said), LONGEST_LINE)
        own = short(self.number)
        rest = [cut(_unnumbered(one, own), longest) for one in said]
        head = cut(said[0], longest) if len(said) > 1 else cut(said[0], LONGEST_LINE)
        line = "；".join([head, *rest[1:]])
        if called[self.number] == own:
            return line
        return re.sub(rf"(?<![\d-]){own}(?!\d)", called[self.number], line)


def _unnumbered(line: str, own: str) -> str:
    return line.removeprefix(own).lstrip()


def _matters(notices: Sequence[Notice]) -> list[DigestMatter]:
    """One an issue, in the order of a digest."""
    together: dict[str, list[Notice]] = {}
    for n, notice in enumerate(notices):
        together.setdefault(notice.about or f"#{n}", []).append(notice)
    return sorted(map(_matter, together.values()), key=lambda matter: matter.turn)


def _matter(notices: Sequence[Notice]) -> DigestMatter:
    """What is asked for stays until it is answered; else how it stands, which is what was told
    last; and what is no state is news that nothing else tells."""
    asked = [n for n in notices if n.turn == DigestTurn.APPROVE]
    states = [n for n in notices if n.state]
    news = [n for n in notices if not n.state and n not in asked]
    told = (asked or states or news[:1])[-1]
    return DigestMatter(told.about, told, tuple(n for n in news if n is not told))


def to_approve(notices: Sequence[Notice]) -> list[Card]:
    """The cards of what a digest asks its reader to agree to, in its order."""
    asked = [matter.told for matter in _matters(notices)]
    return [one.card for one in asked if one.turn == DigestTurn.APPROVE and one.card]


def _head(matters: Sequence[DigestMatter], texts: Texts) -> str:
    """【三长】3 件：等您同意 1、今天要办 2"""
    count = Counter(matter.turn for matter in matters)
    if set(count) <= {DigestTurn.REST}:
        return texts.say("digest", {"count": len(matters)})
    kinds = [texts.say(KINDS[turn], {"count": count[turn]}) for turn in DigestTurn if count[turn]]
    return texts.say("digest_kinds", {"count": len(matters), "kinds": "、".join(kinds)})


def _hints(notices: Sequence[Notice], texts: Texts, called: Mapping[str, str]) -> list[str]:
    """A digest has no buttons: say which words do the same."""
    cards = [notice.card for notice in notices if notice.card]
    keys = {button.key: card for card in cards for button in card.buttons}
    hints = []
    if "accept" in keys or "resolve" in keys:
        number = _called_on(keys.get("accept") or keys["resolve"], called)
        hints.append(texts.say("digest_accept", {"short": number}))
    if "grant" in keys:
        number = _called_on(keys["grant"], called)
        hints.append(texts.say("digest_decide", {"short": number}))
    if f"solved:{Solved.YES}" in keys:
        number = _called_on(keys[f"solved:{Solved.YES}"], called)
        hints.append(texts.say("digest_rate", {"short": number}))
    return hints


def _called_on(card: Card, called: Mapping[str, str]) -> str:
    number = card.task_id.split("_")[0]
    return called.get(number, short(number))
