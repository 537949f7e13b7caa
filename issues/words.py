"""The words of receipts, reminders and cards: what residents and 三长 read on a phone.

Plain, warm and short; the number and the next step always first. When and to whom is tell.py's
business, the lengths that a channel allows are the channel's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from issues import masks
from issues.numbers import short
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
from storage.tables import Issue, Person, Post

WEEKDAYS = "一二三四五六日"
PROMISE = {
    Tier.ORDINARY: "一般问题 2 天内反馈结果",
    Tier.HARD: "较难问题 1 周内反馈结果",
    Tier.COMPLEX: "复杂问题 1 个月内反馈进展",
}
RATE_KEYS = "1 非常满意 2 满意 3 基本满意 4 不满意 5 非常不满意"
#: What takes the buttons' place when the one who tapped is not the holder (any more).
DID = {Action.GRANT: "已同意", Action.REFUSE: "没有同意", Action.RAISE: "已上交"}
MATERIAL_CHINESE = {
    "image": "照片",
    "voice": "语音",
    "video": "视频",
    "location": "位置",
    "file": "文件",
}
#: A line in a digest has to leave room for the others, and its own words for the names in it.
LINE = 40
LONGEST_LINE = 120
#: A list that somebody has asked for, in bytes: what the app takes, less a sentence around it.
LIST = 1900
#: Characters that both kinds of card show of a field, and of the name of a card.
FIELD = 26
HEADING = 18
#: The longest names of people have about twenty.
NAME = 24


def moment(at: datetime, zone: ZoneInfo) -> str:
    """11月23日 09:05"""
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def deadline(at: datetime, zone: ZoneInfo) -> str:
    """11月23日（周一）24点前, since the end of a day is not the next day to a reader."""
    local = at.astimezone(zone)
    if local.hour or local.minute or local.second:
        return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）{local:%H:%M} 前"
    day = local - timedelta(days=1)
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）24 点前"


def called(person: Person | None, level: UnitKind) -> str:
    """邻长 张某, or what to say when nobody is there."""
    return f"{LEVEL_CHINESE[level]}{cut(person.name, NAME)}" if person else "值班人员"


def holding(issue: Issue) -> str:
    """Who has it now: 邻长张某, or 市城管局李某 when a department leads."""
    if issue.lead_unit and issue.holder:
        return f"{cut(issue.lead_unit.name, NAME)}{cut(issue.holder.name, NAME)}"
    return called(issue.holder, issue.level)


def values(issue: Issue, zone: ZoneInfo, **more: object) -> dict[str, object]:
    """What every template may name (texts.COMMON), and what this one names besides."""
    return {
        "number": issue.number,
        "short": short(issue.number),
        "who": holding(issue),
        "content": cut(issue.content, 60),
        "brief": cut(issue.content, 20),
        "due": deadline(issue.due_at, zone),
        "promised": deadline(issue.promised_at, zone),
        "place": place(issue),
        **more,
    }


def cut(text: str, length: int) -> str:
    """At most ``length`` characters on one line, with … for what is left out."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


#: What stands in the place of a name that somebody may not see (domain.md §8).
COVERED = "（未公开）"


def covered(text: str, name: str) -> str:
    """The words without the reporter's own name, and without telephone and identity numbers."""
    return masks.text(text.replace(name, "居民") if len(name) > 1 else text)


def listed(lines: Sequence[str], largest: int, more: str) -> list[str]:
    """The lines that fit into ``largest`` bytes together, and ``more`` for how many do not."""
    last = more.format(len(lines))
    if sum(len(line.encode()) + 1 for line in lines) <= largest:
        return list(lines)
    room, shown = largest - len(last.encode()) - 1, 0
    while (room := room - len(lines[shown].encode()) - 1) >= 0:
        shown += 1
    return [*lines[:shown], more.format(len(lines) - shown)]


# --- to the resident ---


def receipt(issue: Issue, zone: ZoneInfo) -> str:
    """The answer to a report in private: number, name, promised date."""
    if issue.urgent:
        return f"已记为急事，编号 {issue.number}。\n{_answerable(issue)}"
    return "\n".join(
        [
            f"收到了，编号 {issue.number}。",
            _answerable(issue),
            *(["被反映的人看不到这件事。"] if issue.bypassed else []),
            f"{PROMISE[issue.tier]}：最晚 {deadline(issue.due_at, zone)}。",
            f"想知道办到哪了，回复：进度 {short(issue.number)}",
        ]
    )


def _answerable(issue: Issue) -> str:
    holder = issue.holder
    if holder is None:
        return "我们正在为您找负责的人，找到后马上告诉您。"
    phone = f"，电话 {holder.phone}" if holder.phone else ""
    if issue.unclaimed:
        return f"您还没有登记到户，先由{called(holder, issue.level)}认领{phone}。"
    if issue.level is UnitKind.LIN:
        return f"您的邻长 {cut(holder.name, NAME)} 负责{phone}。"
    return f"由{called(holder, issue.level)} 负责{phone}。"


def group_receipt(issue: Issue) -> str:
    """In a group nobody's content, name or address is repeated (domain.md §7)."""
    return f"收到，编号 {issue.number}。详情已私信您。"


def repeated_receipt(issue: Issue) -> str:
    return (
        f"这件事已经登记了，编号 {issue.number}，不用再报。回复“进度 {short(issue.number)}”可查。"
    )


def joined(issue: Issue, households: int, zone: ZoneInfo) -> str:
    """The receipt of 附议: number, how many, the promise as it stands."""
    number = short(issue.number)
    return "\n".join(
        [
            f"记下了，您家一起附议 {issue.number}，现在共 {households} 户反映。",
            f"由{holding(issue)}负责，最晚 {deadline(issue.due_at, zone)}给结果。",
            "有进展会告诉您；办好了，也请您家自己评价。",
            f"想知道办到哪了，回复：进度 {number}",
        ]
    )


def supplemented(issue: Issue, what: str) -> str:
    return f"{what}已加到 {issue.number}，{holding(issue)}看得到。"


def status(issue: Issue, zone: ZoneInfo, said: str = "", *, longest: int = 400) -> str:
    """进度, for the resident; ``said``: the own words of one who has joined; ``longest``: characters
    of what is quoted."""
    lines = [
        f"{issue.number}：{STATE_CHINESE[issue.state]}",
        f"内容：{cut(said or issue.content, min(60, longest))}",
    ]
    if issue.state is State.RESOLVED or issue.result:
        lines.append(f"办理情况：{cut(issue.result, longest) or '—'}")
    if issue.closed_at is None and issue.state is not State.RESOLVED:
        lines.append(f"现在由{holding(issue)}负责")
        lines.append(f"答应的时间：{deadline(issue.due_at, zone)}{_moved_from(issue, zone)}")
    return "\n".join(lines)


def _moved_from(issue: Issue, zone: ZoneInfo) -> str:
    """The original date stays visible beside one that 延期 or 挂起 has moved."""
    if issue.due_at == issue.promised_at:
        return ""
    return f"（原定 {deadline(issue.promised_at, zone)}）"


def accepted(issue: Issue) -> Notice:
    text = f"您的诉求 {issue.number}，{holding(issue)} 已接单，正在办理。"
    return Notice(text=text, line=f"{short(issue.number)} {holding(issue)}已接单")


def risen(issue: Issue, late: bool, zone: ZoneInfo) -> Notice:
    """The issue stands one level higher; the resident is told so, and why."""
    why = f"{_missed(issue)}，对不住您。" if late else ""
    now = f"现在由{holding(issue)}负责"
    text = f"您的诉求 {issue.number} {why}{now}，办好后请您评价。"
    return Notice(text=text, line=f"{short(issue.number)} {why}{now}")


def progressed(issue: Issue, said: str) -> Notice:
    text = f"您的诉求 {issue.number} 有进展：{said}\n（{holding(issue)}）"
    return Notice(text=text, line=f"{short(issue.number)} 进展：{cut(said, LINE)}")


def regraded(issue: Issue, reason: str, zone: ZoneInfo, *, harder: bool) -> Notice:
    """Another tier: the resident is told the new date and why."""
    when = deadline(issue.due_at, zone)
    how = "比较难办，按" if harder else "改按"
    text = (
        f"您的诉求 {issue.number} {how}“{TIER_CHINESE[issue.tier]}”办理，"
        f"{PROMISE[issue.tier]}，改到 {when}。\n原因：{reason}"
    )
    return Notice(text=text, line=f"{short(issue.number)} 改到 {when}：{cut(reason, LINE)}")


def ask_rating(issue: Issue, task: str, said: str) -> Notice:
    """群众评单: was it solved, and how was it; by card, by number or in words. ``said``: what the
    one who is asked had reported."""
    number = short(issue.number)
    text = "\n".join(
        [
            f"您的诉求 {issue.number} 已办结：{issue.result}",
            "请您评价，回复数字就行：",
            RATE_KEYS,
            f"还没解决，回复：没修好 {number}",
        ]
    )
    card = Card(
        task_id=task,
        title=f"{number} 办好了，问题解决了吗？",
        desc="请您评单",
        body=issue.result,
        fields=(("编号", issue.number), ("您反映", cut(said, FIELD))),
        buttons=(
            Button("已解决", f"solved:{Solved.YES}", 1),
            Button("部分解决", f"solved:{Solved.PARTLY}", 2),
            Button("没解决", f"solved:{Solved.NO}", 3),
        ),
    )
    return Notice(text=text, line=f"{number} 已办结：{cut(issue.result, LINE)}，请评价", card=card)


def ask_level(issue: Issue, task: str) -> Card:
    """The second question, in place of the first once that is answered."""
    return Card(
        task_id=task,
        title=f"{short(issue.number)} 您满意吗？",
        desc="再点一下就好",
        body=issue.result,
        buttons=tuple(
            Button(text, f"rate:{rating}", 1 if rating in (Rating.VERY_GOOD, Rating.GOOD) else 2)
            for rating, text in RATING_CHINESE.items()
        ),
    )


def thanks(issue: Issue) -> str:
    return thanks_for(issue, issue.rating)


def thanks_for(issue: Issue, rating: Rating | None) -> str:
    """The same for whoever has rated: the reporter, or one who has joined."""
    said = f"（{RATING_CHINESE[rating]}）" if rating else ""
    return f"谢谢您的评价{said}。{issue.number} 已办结。"


def reopened(issue: Issue) -> str:
    who = holding(issue)
    return f"记下了。{issue.number} 重新办理，由{who}负责，编号和时间都不变。"


class Counted(Protocol):
    """A material as it came, or as it is stored."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...


def counted(materials: Iterable[Counted]) -> str:
    """照片 2、位置（长冲组水塘边）"""
    kinds = Counter(MATERIAL_CHINESE.get(m.kind, "文件") for m in materials if not m.text)
    named = [f"{MATERIAL_CHINESE.get(m.kind, '文件')}（{m.text}）" for m in materials if m.text]
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

    def fields(self, issue: Issue) -> tuple[tuple[str, str], ...]:
        """For the card; empty ones are left out."""
        ask = f"，回复“照片 {short(issue.number)}”"
        rows = (
            ("附件", self.with_it, cut(self.with_it, FIELD - len(ask)) + ask),
            ("为什么", self.why, self.why.removeprefix("分工表：")),
            ("可转", self.could, f"{self.could}，回复“{self.say}”"),
        )
        return tuple((name, value) for name, given, value in rows if given)

    def lines(self) -> str:
        """For the text."""
        why = f"为什么派给您：{self.why}\n" if self.why else ""
        could = f"按分工表可转：{self.could}（回复：{self.say}）\n" if self.could else ""
        return f"{why}{could}"


NO_MORE = More()


def holder_card(
    issue: Issue, task: str, heading: str, zone: ZoneInfo, reporter: str, more: More = NO_MORE
) -> Card:
    """接单 / 上交 / 办结 for whoever holds the issue now."""
    accept = () if issue.state is not State.PENDING else (Button("接单", "accept", 1),)
    return Card(
        task_id=task,
        title=f"{cut(heading, HEADING)} {short(issue.number)}",
        desc="急事，请马上联系" if issue.urgent else _promise(issue, zone),
        body=issue.content,
        fields=(
            ("编号", issue.number),
            ("反映人", reporter),
            ("位置", place(issue)),
            ("报的时间", moment(issue.reported_at, zone)),
            *more.fields(issue),
        ),
        buttons=(*accept, Button("办结", "resolve", 1), Button("上交", "raise", 2)),
    )


def _promise(issue: Issue, zone: ZoneInfo) -> str:
    return f"{TIER_CHINESE[issue.tier]}问题，{deadline(issue.due_at, zone)}"


def done_card(issue: Issue, card: Card, did: Action | None = None) -> Card:
    """The same card when its buttons have done their work for the one who tapped."""
    told = STATE_CHINESE[issue.state]
    if did in DID:
        return replace(card, buttons=card.buttons or (Button("—", "none"),), done=DID[did])
    if issue.rating and issue.state is State.CLOSED:
        told, card = f"已评：{RATING_CHINESE[issue.rating]}", replace(card, desc="谢谢您")
    elif issue.state in OPEN_STATES:
        told = f"现由{cut(holding(issue), 15)}负责"
    return replace(card, buttons=card.buttons or (Button("—", "none"),), done=told)


def place(issue: Issue) -> str:
    """The unit as people say it, without the town."""
    return issue.unit.path.split("/", 1)[-1].replace("/", "") if issue.unit else "未登记"


def assigned(
    issue: Issue, task: str, heading: str, zone: ZoneInfo, reporter: str, more: More = NO_MORE
) -> Notice:
    """The card that an issue reaches its holder with."""
    number = short(issue.number)
    text = (
        f"{heading} {issue.number}：{issue.content}\n反映人：{reporter}（{place(issue)}）\n"
        f"{deadline(issue.due_at, zone)}要有结果。\n{more.lines()}"
        f"回复：接单 {number} / 办结 {number} 做了什么 / 上交 {number} 原因"
    )
    line = f"{number} {heading}：{cut(issue.content, LINE)}"
    return Notice(text, line, holder_card(issue, task, heading, zone, reporter, more))


def reminder(issue: Issue, mark: Mark, late: bool) -> Notice:
    """To the holder, at a mark: 催办 when it is late, else ask for a word to the resident."""
    number = short(issue.number)
    ask = "已到期，请今天办好或上交" if late else "请把进展告诉居民"
    text = f"【提醒】{issue.number} 已满 {mark.chinese}，{ask}。\n{cut(issue.content, 60)}"
    return Notice(text, line=f"{number} 已满 {mark.chinese}，{ask}：{cut(issue.content, 20)}")


def _missed(issue: Issue) -> str:
    """What a promise that was not kept had promised."""
    return "没有新的进展" if issue.tier is Tier.COMPLEX else "还没办结"


def rose_away(issue: Issue, mark: Mark) -> Notice:
    """To the former holder: it has risen, but he stays the face that the resident knows."""
    who = holding(issue)
    text = f"【提醒】{issue.number} 满 {mark.chinese}{_missed(issue)}，已升给{who}。请您继续跟进，给居民回个话。"
    return Notice(
        text,
        line=f"{short(issue.number)} 满 {mark.chinese}{_missed(issue)}，已升给{who}，请继续跟进",
    )


def escalation(issue: Issue, mark: Mark) -> Notice:
    """To the level above the holder."""
    who = holding(issue)
    text = f"【到期升级】{issue.number} 满 {mark.chinese}{_missed(issue)}，现由{who}负责，请您督促。\n{cut(issue.content, 60)}"
    return Notice(
        text, line=f"{short(issue.number)} 满 {mark.chinese}{_missed(issue)}，现由{who}负责，请督促"
    )


def half_time(issue: Issue, zone: ZoneInfo) -> Notice:
    text = f"【提醒】{issue.number} 时间过半，还没人接单。{deadline(issue.due_at, zone)}到期。"
    return Notice(text, line=f"{short(issue.number)} 时间过半还没接单")


def unaccepted(issue: Issue) -> Notice:
    """To a level above: nobody has accepted it for two or three pick-up slots."""
    who = holding(issue)
    text = f"【还没接单】{issue.number} 已过几次定时接，{who}还没接单，请您过问。\n{cut(issue.content, 60)}"
    return Notice(text, line=f"{short(issue.number)} {who}还没接单，请过问")


def due_today(issue: Issue) -> Notice:
    text = f"【今天到期】{issue.number}：{cut(issue.content, 60)}\n今天 24 点前请给居民一个结果。"
    return Notice(text, line=f"{short(issue.number)} 今天到期：{cut(issue.content, 20)}")


def supervision(issue: Issue) -> Notice:
    who = holding(issue)
    text = f"【督办】{issue.number} 超期已 3 天，现由{who}负责，请过问。\n{cut(issue.content, 60)}"
    return Notice(text, line=f"{short(issue.number)} 超期已3天，现由{who}负责，请过问")


def board_mark(issue: Issue, mark: Mark, late: bool) -> Notice:
    """Into the unit's group: the number only."""
    how = f"{_missed(issue)}，已升级" if late else "正在办理"
    text = f"【0211提醒】{issue.number} 已满 {mark.chinese}，{how}，现由{LEVEL_CHINESE[issue.level]}负责。"
    return Notice(text, line=text)


def wants_tier(issue: Issue, tier: Tier, reason: str, task: str) -> Notice:
    """To the next level: 难度 is asked for, with a reason."""
    what = f"由“{TIER_CHINESE[issue.tier]}”改为“{TIER_CHINESE[tier]}”"
    return _request(issue, what, f"改为“{TIER_CHINESE[tier]}”", reason, task)


def wants_time(issue: Issue, until: datetime, reason: str, task: str, zone: ZoneInfo) -> Notice:
    """To the next level: 延期 is asked for, with a reason."""
    what = f"延期到 {deadline(until, zone)}（原定 {deadline(issue.due_at, zone)}）"
    return _request(issue, what, f"延期到{deadline(until, zone)}", reason, task)


def wants_to_decline(issue: Issue, reason: str, channel: str, task: str) -> Notice:
    """To the next level: 不受理 is asked for, with the right channel."""
    return _request(issue, "不受理", "不受理", f"{reason}；居民该找：{channel}", task)


def _request(issue: Issue, what: str, title: str, reason: str, task: str) -> Notice:
    number, who = short(issue.number), holding(issue)
    text = (
        f"{who}请您同意：{issue.number} {what}。\n"
        f"原因：{reason}\n回复：同意 {number} 或 不同意 {number}"
    )
    card = Card(
        task_id=task,
        title=f"{number} 请求{title}",
        desc=f"{cut(who, FIELD)}提出",
        body=f"原因：{reason}",
        fields=(("编号", issue.number), ("内容", cut(issue.content, FIELD))),
        buttons=(Button("同意", "grant", 1), Button("不同意", "refuse", 2)),
    )
    return Notice(text, f"{number} {who}请求{title}：{cut(reason, 20)}", card)


def tier_granted(issue: Issue, zone: ZoneInfo) -> Notice:
    """To the holder: the harder tier is agreed to."""
    when = deadline(issue.due_at, zone)
    text = f"{short(issue.number)} 已同意改为“{TIER_CHINESE[issue.tier]}”，{when}。"
    return Notice(text, line=text)


def helper_card(issue: Issue, task: str, request: str, until: str, content: str) -> Card:
    """协办: what is asked and until when; ``content`` as this helper may read it."""
    return Card(
        task_id=task,
        title=f"请您协办 {short(issue.number)}",
        desc=f"{until}答复",
        body=f"{request.rstrip('。')}。居民反映：{cut(content, 120)}",
        fields=(("编号", issue.number), ("主办", holding(issue)), ("位置", place(issue))),
        buttons=(Button("协办完成", "assist_done", 1),),
    )


def taken_over(issue: Issue) -> Notice:
    text = f"{issue.number} 由{holding(issue)} 接手办理，请您配合跟进。"
    return Notice(text, line=text)


def new_face(issue: Issue) -> Notice:
    """To the resident: somebody else looks after it now."""
    who = holding(issue)
    text = f"您的诉求 {issue.number} 现在由{who}负责，编号和答应的时间都不变。"
    return Notice(text, line=f"{short(issue.number)} 现在由{who}负责")


def withdrawn(issue: Issue) -> Notice:
    text = f"{issue.number} 居民已撤回，不用再办。"
    return Notice(text, line=text)


def closed(issue: Issue) -> Notice:
    rating = RATING_CHINESE[issue.rating] if issue.rating else "未评"
    text = f"{issue.number} 已办结，居民评价：{rating}。谢谢您。"
    return Notice(text, line=f"{short(issue.number)} 已办结，评价：{rating}")


def said_more(issue: Issue, what: str, *, shown: bool) -> Notice:
    hint = f"（回复“照片 {short(issue.number)}”看）" if shown else ""
    text = f"{issue.number} 居民补充：{what}{hint}"
    return Notice(text, line=f"{short(issue.number)} 居民补充：{cut(what, LINE)}{hint}")


def unreachable(issue: Issue, name: str) -> Notice:
    """A notice to ``name`` could not be delivered by any channel."""
    text = f"{issue.number} 的通知送不到 {name}，请您当面告知或先接手。\n{cut(issue.content, 60)}"
    return Notice(text, line=f"{short(issue.number)} 通知送不到{name}，请当面告知")


def departed(person: Person, posts: list[Post], vacant: list[Post], handed: int) -> Notice:
    """To the admins: who has left the corp, and which posts are empty now."""
    empty = [f"· {_post(post)}" for post in vacant]
    lines = [
        f"{cut(person.name, NAME)}（{person.userid}）的企业微信账号已删除或停用，担任的职务到昨天为止。",
        *(["现在空缺：", *listed(empty, LIST // 2, "· 还有 {} 个")] if empty else []),
        *([] if empty or not posts else ["原来的职务都还有别人担任，没有空缺。"]),
        *([f"手上没办完的 {handed} 件诉求已交给下一位负责的人。"] if handed else []),
        "请在花名册里补上新的人，再导入。弄错了的，恢复账号后重新导入花名册就行。",
    ]
    return Notice("\n".join(lines), line=f"{cut(person.name, NAME)} 已离开，空缺 {len(empty)} 个")


def _post(post: Post) -> str:
    return f"{ROLE_CHINESE[post.role]} {post.unit.path or post.unit.name}"


def emergency_card_heading(name: str) -> str:
    return f"【急】{name}"


def digest(notices: Sequence[Notice], largest: int) -> str:
    """Several things for one person at one pick-up slot, in at most ``largest`` bytes."""
    lines = [cut(notice.line or notice.text, LONGEST_LINE) for notice in notices]
    head, hints = f"【三长】有 {len(lines)} 件事告诉您：", _hints(notices)
    room = largest - len("\n".join([head, *hints]).encode()) - 1
    shown = listed(lines, room, "还有 {} 件，回复“待办”或“我的诉求”看")
    return "\n".join([head, *shown, *hints])


def _hints(notices: Sequence[Notice]) -> list[str]:
    """A digest has no buttons: say which words do the same."""
    cards = [notice.card for notice in notices if notice.card]
    keys = {button.key: card for card in cards for button in card.buttons}
    hints = []
    if "accept" in keys or "resolve" in keys:
        number = _number_of(keys.get("accept") or keys["resolve"])
        hints.append(f"回复：接单 {number}，办结 {number} 做了什么，或上交 {number}")
    if "grant" in keys:
        number = _number_of(keys["grant"])
        hints.append(f"回复：同意 {number}，或 不同意 {number} 原因")
    if f"solved:{Solved.YES}" in keys:
        hints.append(f"评价请回复：{_number_of(keys[f'solved:{Solved.YES}'])} 满意（或不满意）")
    return hints


def _number_of(card: Card) -> str:
    return short(card.task_id.split("_")[0])
