"""请假: "我请假 到周五 李四代", "请假三天", "我回来了"; an admin says it for somebody else.

What a leave does to seats and issues is issues/leave.py's business.
"""

import re
from dataclasses import dataclass
from datetime import date

from handlers import asking
from handlers.asking import Choice, Missing, Said, Unclear
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from issues import leave as leaves
from issues.allowed import NeedsWords
from issues.deployment import MEMBER
from issues.wording import day
from people import finding
from people.finding import Found
from people.town import Person
from rules.transitions import NotAllowed
from rules.words import Action, Role
from speech.clean import clean
from speech.days import NoSuchDay, find_day, find_span
from storage import outbox
from storage.notice import Notice
from storage.tables import Leave

NAME = "leave"
WRITES = True
#: As the action of a stored order (asking.Said).
SAID = "leave"

_LEAVE = re.compile(r"(?P<head>[^请]{0,16})请(?P<inside>[^假请]{0,6})假(?P<rest>.*)", re.DOTALL)
BACK = re.compile(r"(?:我?(?:已经)?回来(?:上班)?了|我?(?:要|来)?销假(?:了)?|我请假结束了?)[。!！]*")
_MYSELF = re.compile(r"^(?:我(?!们)|因事|因病|有事)?[，,\s]*(?:想|要|得|需要|准备|打算)?[，,\s]*")
#: Words that tell of somebody's absence or ask about it.
_NO_LEAVE = re.compile(r"没|吗|呢|怎么|什么|多少|可以|能不能|条|制度|[?？]|^\s*[了的过]|谁")
_CONNECT = re.compile(r"从|到|至|起|开始|为止|一共|共|[-~—]|(?<![^\s])的(?![^\s])")
_NAME = r"(?P<name>[^\s,，。]{1,60}?)"
_HELP = r"(?:代班|代管|代替|代理|顶班|顶替|替班|代|替|顶)"
#: @李四 代班: a phone puts the space.
_MENTIONED = re.compile(r"(?<![A-Za-z0-9._-])@([^\s@]{1,20})\s?")
#: Characters at the end of the words in which whoever stands in is looked for.
_LONGEST_DELEGATE = 120
_DELEGATES = (
    re.compile(r"代班人?(?:是|为|[:：])?\s{0,3}(?P<name>[^\s,，。]{1,80})$"),
    re.compile(
        rf"(?:(?:由|请|让|找|交给)\s*+)?{_NAME}(?:来|帮我|帮忙|先)?{_HELP}(?:一下|我的班|我|班|着)*[。!！]*$"
    ),
)


@dataclass(frozen=True)
class LeaveWish:
    """A leave in words: whose ("" for the speaker's own), which days, who stands in."""

    who: str
    from_on: date | None
    to_on: date | None
    delegate: str
    #: a 2月30日, or days in the wrong order
    wrong: str = ""


def read(text: str, today: date) -> LeaveWish | None:
    """The leave in a text that has not been read yet; None when it is about something else."""
    return _read(clean(text).words, today)


def _read(said: str, today: date) -> LeaveWish | None:
    """None for 我们组长请假了没人管."""
    match = _LEAVE.fullmatch(said)
    if match is None or _NO_LEAVE.search(match["rest"]) or "我们" in match["head"]:
        return None
    try:
        head, before = _days(match["head"], today)
        base = before[0] if before else today
        said, after = _days(f"{match['inside']} {match['rest']}", base)
    except NoSuchDay as wrong:
        return LeaveWish("", None, None, "", str(wrong))
    span = find_span(said)
    days = [*before, *after]
    from_on, to_on = _range(days, span.days if span else None, match, today)
    who = _MYSELF.sub("", _CONNECT.sub(" ", head)).strip()
    delegate = _delegate(_CONNECT.sub(" ", span.rest if span else said).strip(" ,，。"))
    return LeaveWish(who, from_on, to_on, delegate)


def _days(said: str, base: date) -> tuple[str, list[date]]:
    """The words without their days, and at most two days, the second seen from the first."""
    days: list[date] = []
    while len(days) < 2 and (found := find_day(said, base)):
        days.append(found.day)
        said, base = found.rest, found.day
    return said, days


def _range(
    days: list[date], span: int | None, match: re.Match[str], today: date
) -> tuple[date | None, date | None]:
    if len(days) > 1:
        return days[0], days[1]
    if not days:
        return (today, _after(today, span)) if span else (None, None)
    if span:
        return days[0], _after(days[0], span)
    until = re.search(r"[到至]", f"{match['inside']}{match['rest']}") is not None
    return (today if until else days[0]), days[0]


def _after(first: date, span: int) -> date:
    """Both days are included."""
    return date.fromordinal(first.toordinal() + max(span, 1) - 1)


def _delegate(said: str) -> str:
    said = _MENTIONED.sub(r"\1", said)
    end = max(0, len(said) - _LONGEST_DELEGATE)
    for pattern in _DELEGATES:
        match = pattern.search(said, end)
        if match:
            return match["name"]
    return ""


# --- the handler ---


def matches(ctx: Context) -> LeaveWish | str | None:
    if ctx.incoming.kind != "message" or not ctx.posts:
        return None
    if BACK.fullmatch(ctx.utterance.plain):
        return "back"
    wish = _read(ctx.utterance.words, ctx.office.today(ctx.now))
    return wish if wish and _is_meant(ctx, wish) else None


def _is_meant(ctx: Context, wish: LeaveWish) -> bool:
    if wish.who:
        return bool(wish.from_on) and _is_admin(ctx) and bool(_named(ctx, wish.who))
    return True


def _is_admin(ctx: Context) -> bool:
    return any(post.role is Role.ADMIN for post in ctx.posts)


def run(ctx: Context, wish: LeaveWish | str) -> Reply:
    if isinstance(wish, str):
        return ctx.privately(_back(ctx))
    return ask_for(ctx, wish, ctx.text)


def say(ctx: Context, said: str, asked: int = 0) -> Reply:
    """The same from a stored order, completed by an answer."""
    wish = read(said, ctx.office.today(ctx.now))
    return ask_for(ctx, wish or LeaveWish("", None, None, ""), said, asked)


def ask_for(ctx: Context, wish: LeaveWish, said: str, asked: int = 0) -> Reply:
    """Do it, or ask for what is missing."""
    told: list[str] = []
    try:
        refusal = attempt(ctx, lambda: told.append(_take(ctx, wish, said)))
    except Unclear as unclear:
        choices = [_choice(wish, one) for one, _ in unclear.found]
        return asking.which(ctx, str(unclear), choices)
    except NeedsWords as needed:
        return asking.more_words(ctx, Said(SAID, "", said), needed, asked + 1)
    return ctx.privately(refusal or told[0])


def _back(ctx: Context) -> str:
    person = ctx.person
    assert person is not None  # he has a post
    refusal = attempt(ctx, lambda: leaves.back(ctx.work, person, ctx.actor))
    return refusal or ctx.say("leave_back")


def _take(ctx: Context, wish: LeaveWish, said: str) -> str:
    if wish.wrong:
        raise NotAllowed(wish.wrong)
    if wish.from_on is None or wish.to_on is None:
        ask = ctx.say("leave_which_days")
        raise Missing(Action.HAND_OVER, ask, said, "{kept} {said}")
    today = ctx.office.today(ctx.now)
    if wish.to_on < today:
        raise NotAllowed(ctx.say("leave_past", day=day(wish.to_on)))
    person = _whose(ctx, wish)
    found = _stands_in(ctx, wish) if wish.delegate else None
    delegate = found.person if found else None
    first = max(wish.from_on, today)
    leave = leaves.take(ctx.work, person, first, wish.to_on, delegate, ctx.actor)
    return _told(ctx, leave)


def _whose(ctx: Context, wish: LeaveWish) -> Person:
    people = _named(ctx, wish.who) if wish.who else [ctx.person]
    if len(people) > 1:
        raise NotAllowed(ctx.say("leave_many", count=len(people), name=wish.who))
    person = people[0] if people else None
    if person is None:
        raise NotAllowed(ctx.say("leave_unknown", name=wish.who))
    return person


def _named(ctx: Context, said: str) -> list[Person]:
    return finding.in_office(ctx.town, said, ctx.work.today)


def _find(ctx: Context, said: str) -> list[Found]:
    near = ctx.posts[0].unit
    return finding.find(ctx.town, said, near=near, day=ctx.work.today)


def _stands_in(ctx: Context, wish: LeaveWish) -> Found:
    whose = _whose(ctx, wish)
    found = [one for one in _find(ctx, wish.delegate) if one.person.id != whose.id]
    if any(one.behalf for one in found):
        raise NotAllowed(ctx.say("leave_delegate_away", name=wish.delegate))
    if not found:
        ask = ctx.say("leave_delegate_unknown", name=wish.delegate)
        raise Missing(Action.HAND_OVER, ask, _days_said(wish), "{kept} 由{said}代")
    if len(found) > 1:
        which = ctx.say("choose_person", name=wish.delegate)
        raise Unclear(Action.HAND_OVER, which, [(one, "") for one in found])
    return found[0]


def _choice(wish: LeaveWish, one: Found) -> Choice:
    said = f"{_days_said(wish)} 由{one.key}代"
    return Choice(f"{one.label}（{one.unit.path}）", Said(SAID, "", said))


def _days_said(wish: LeaveWish) -> str:
    """The order once more, with days that mean the same tomorrow."""
    return f"{wish.who}请假 {wish.from_on} 到 {wish.to_on}"


def _told(ctx: Context, leave: Leave) -> str:
    days = _between(ctx, leave.from_on, leave.to_on)
    mine = ctx.person is not None and leave.person_id == ctx.person.id
    name = ctx.say("leave_you") if mine else leaves.whose(ctx.work, leave).name
    delegate = ctx.town.by_id(leave.delegate_id)
    if delegate is None:
        to = {"whom": _next(ctx), "day": day(leave.to_on)}
        return ctx.say("leave_taken", days=days, name=name, **to)
    _tell_delegate(ctx, leave, delegate, days)
    return ctx.say("leave_taken_delegate", days=days, name=name, delegate=delegate.name)


def _next(ctx: Context) -> str:
    lowest = any(post.role is Role.LINZHANG for post in ctx.posts)
    return ctx.say("leave_to_zuzhang" if lowest else "leave_to_above")


def _tell_delegate(ctx: Context, leave: Leave, delegate: Person, days: str) -> None:
    text = ctx.say("leave_delegate", days=days, name=leaves.whose(ctx.work, leave).name)
    posting = outbox.Posting(
        key=f"leave:{leave.id}:{delegate.userid}",
        channel=MEMBER,
        target=delegate.userid,
        notice=Notice(text, text),
        not_before=ctx.office.pace.slot(ctx.now),
        gather=True,
    )
    outbox.put(ctx.session, posting, ctx.now)


def _between(ctx: Context, first: date, last: date) -> str:
    return day(first) if first == last else ctx.say("leave_days", first=day(first), last=day(last))
