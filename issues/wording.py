"""How what residents and 三长 read is put together: dates, names, cards, digests that fit.

The sentences themselves stand in texts.yaml. When and to whom is tell.py's business, the lengths
that a channel allows are the channel's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from issues import masks
from issues.short_numbers import short
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
    Solved,
    State,
    Tier,
    UnitKind,
)
from storage.notice import Button, Card, Notice
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
    """The same with its line in a digest."""
    return work.texts.notice(key, values(work, issue, **more), card)


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


def holder_card(
    work: Work, issue: Issue, task: str, heading: str, reporter: str, more: More = NO_MORE
) -> Card:
    """接单 / 上交 / 办结 for whoever holds the issue now; once accepted, all else behind one more
    button, so that an old man has three to choose from and not ten."""
    accept, resolve, up, other = work.texts.buttons("assigned")
    given = _assignment(work, issue, heading, reporter, more)
    urgent = work.texts.say("assigned_urgent", {}) if issue.urgent else ""
    works = Button(resolve, "resolve", 1), Button(up, "raise", 2)
    pending = issue.state is State.PENDING
    buttons = (Button(accept, "accept", 1), *works) if pending else (*works, Button(other, MORE, 2))
    return Card(
        task_id=task,
        title=say(work, issue, "assigned", "title", **given),
        desc=urgent or say(work, issue, "assigned", "desc", **given),
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
    """Several things for one person at one pick-up slot, in at most ``largest`` bytes."""
    lines = [cut(notice.line or notice.text, LONGEST_LINE) for notice in notices]
    head, hints = texts.say("digest", {"count": len(lines)}), _hints(notices, texts)
    room = largest - len("\n".join([head, *hints]).encode()) - 1
    shown = listed(lines, room, lambda n: texts.say("digest_more", {"count": n}))
    return "\n".join([head, *shown, *hints])


def board(notices: Sequence[Notice], texts: Texts, largest: int) -> str:
    """The same for a group, which has been told of nothing but numbers."""
    lines = [notice.line or notice.text for notice in notices]
    return "\n".join(listed(lines, largest, lambda n: texts.say("board_more", {"count": n})))


def _hints(notices: Sequence[Notice], texts: Texts) -> list[str]:
    """A digest has no buttons: say which words do the same."""
    cards = [notice.card for notice in notices if notice.card]
    keys = {button.key: card for card in cards for button in card.buttons}
    hints = []
    if "accept" in keys or "resolve" in keys:
        number = _number_of(keys.get("accept") or keys["resolve"])
        hints.append(texts.say("digest_accept", {"short": number}))
    if "grant" in keys:
        number = _number_of(keys["grant"])
        hints.append(texts.say("digest_decide", {"short": number}))
    if f"solved:{Solved.YES}" in keys:
        number = _number_of(keys[f"solved:{Solved.YES}"])
        hints.append(texts.say("digest_rate", {"short": number}))
    return hints


def _number_of(card: Card) -> str:
    return short(card.task_id.split("_")[0])
