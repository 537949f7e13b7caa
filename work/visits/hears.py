"""走访 as people say it: 走访 3户 张家屋漏; 今天去看了胡家，药没了; 走访 alone; 1 for the offer.

Only somebody with a post visits; whatever may be a report, a question or an order is left to
others. What is done with it is acts.py's business.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from people.town import Household
from rules.numerals import numeral
from rules.words import Role
from speech.polite import begins_as_question
from work.system import Core, Heard, SystemWork, Told
from work.visits import acts, households
from work.visits.acts import VisitedHousehold
from work.visits.households import HouseholdNames, Named
from work.visits.sentences import SAYS as SAYS

NAME = "visits"

_GAP = r"[\s,，:：、]*"
_DAY = r"(?:今天|今日|昨天|昨日|前天|刚才|刚刚|刚|早上|上午|中午|下午|傍晚|晚上|今早|今晚|昨晚)"
_LEAD = rf"(?:我们|我)?(?P<day>(?:{_DAY}[\s,，]*)*)(?:我们|我)?(?:也|又|已经|先)?"
_COMMAND = re.compile(
    rf"{_LEAD}(?:去|来|在)?(?:入户|上门|联户)?走访(?P<done>了|过)?(?P<gap>{_GAP})(?P<rest>.*)",
    re.DOTALL,
)
_VISITED = re.compile(
    rf"{_LEAD}(?:去|到|来)?(?:(?:入户|上门|看望|探望|慰问)(?:看望|慰问|看)?(?:了|过)?(?:一下)?"
    rf"|(?:去)?看(?:了看|了|过)(?:一下)?|去(?:了|过)){_GAP}(?P<rest>.*)",
    re.DOTALL,
)
_TO = re.compile(rf"{_LEAD}(?:去|到|在){_GAP}(?P<rest>.*)", re.DOTALL)
#: 到张家看了看: what makes it a visit comes after the household.
_SAW = re.compile(
    r"\s*(?:看了?看|看了|看望了?|坐了?坐|坐了|走了?走|走访了?|聊了?聊)(?:一下|一会儿?)?"
)
_LIST = re.compile(
    r"(?:看|查)?(?:我的)?走访(?:清单|名单|谁|哪几?家|哪些)?|(?:该|要|还没|没)走访(?:谁|哪几?家|哪些|的)"
)
_RECORDS = re.compile(
    r"[看查]?(?:走访记录[\s,:的]*(?P<after>.*?)|(?P<before>.*?)的?走访记录)", re.DOTALL
)
_COUNT = re.compile(
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})(?:户|家)(?:人家?)?[\s,，:：、。;；]*(?:其中)?"
)
#: After 走访 without a gap or a name: 走访了二组几户.
_SOMEWHERE = re.compile(r"[^\s,，。的]{0,6}(?:户|家|组|片|邻|村|老人)")
#: A name that is not on the roster; 二组几家, 大家 and 人家 are nobody's.
_UNKNOWN = re.compile(
    r"(?![大人国全自每各别几多两一二三四五六七八九十][^\s,，]{0,2}家)[^\W\da-zA-Z组片村邻几]{1,3}?家(?![庭的])"
)
_AND = re.compile(r"[\s、,，]*(?:和|与|及|跟|还有)?[\s、,，]*")
_CLAUSE = re.compile(r"[\s,，。;；、]+")
_SAID = re.compile(
    r"[\s,，:：。、]*(?:(?:他们?|她)?(?:家里?)?(?:的?老人)?都?(?:说|反映|讲|提出)[了到]?[,，:：\s]*)?"
)
_EDGES = " \t\n,，。:：;；、!！"

#: Nobody opened the door.
_NOBODY = re.compile(
    r"(?:家里?|屋里?)?(?:没有?人在家?|没在家|不在家|无人在家|没人应门?|没碰到人?|没见到人|无人|锁着?门"
    r"|门锁着)|(?:家里?|屋里?)?没有?人(?=$|[\s,，。;；!！])"
)
_CALM = re.compile(
    r"没(?:有|什么|啥)?(?:大)?(?:事|问题|困难|毛病|意见|诉求|需要|要求)|(?:不|没)(?:缺|漏|坏|难|吵|堵|断|病)"
    r"|(?:修|补|接|弄|治)好了|解决了|都好|很好|蛮好|正常|不错"
)
_TROUBLE = re.compile(
    r"漏|坏|破|裂|倒|塌|断|堵|停[水电气]|不通|不亮|不了|不好|病|疼|痛|摔|伤|残|缺|欠|难|吵|闹|纠纷|矛盾"
    r"|危|垮|臭|霉|骗|丢|掉|滑|烂|堆|淹|没(?:了|水|电|钱|药|气|人[管照来修])|用完|吃完|不够|不能|不会"
    r"|没有|申请|想[要办]|要求|希望|反映|独居|一个人住"
)
_YES = frozenset({"1", "一", "要", "好", "好的", "可以", "是", "是的", "对"})
_REPORT = re.compile(r"(?:1[\s,]*)?(?:要|好|帮|替)?(?:他|她|他家|他们)?报(?:吧|上去|成诉求|一下)?")
_NO = frozenset({"2", "不", "不用", "不用了", "不报", "不要", "算了", "没有", "都不是", "取消"})


@dataclass(frozen=True)
class Listed:
    """走访 alone."""


@dataclass(frozen=True)
class HouseholdsLooked:
    """走访记录 张家: what was noted of these households."""

    who: str
    households: tuple[Household, ...]


@dataclass(frozen=True)
class Noted:
    """One message: where somebody has been, and on which local day."""

    seen: tuple[VisitedHousehold, ...]
    on: date


@dataclass(frozen=True)
class Chosen:
    """Which of several households was meant."""

    visit: int
    household: Household
    offers: tuple[int, ...]


@dataclass(frozen=True)
class Accepted:
    """1: the trouble of these visits is to be reported."""

    offers: tuple[int, ...]


@dataclass(frozen=True)
class Declined:
    """2: the visit stays noted, no more."""


Wish = Listed | HouseholdsLooked | Noted | Chosen | Accepted | Declined


def matches(heard: Heard) -> Wish | None:
    if all(post.role is Role.RESIDENT for post in heard.posts):
        return None
    plain = heard.said.plain.strip(_EDGES)
    answer = _answer(heard, plain)
    if answer is not None or heard.said.asks:
        return answer
    return Listed() if _LIST.fullmatch(plain) else _looked(heard, plain) or _visit(heard)


def run(work: SystemWork, heard: Heard, wish: Wish, core: Core) -> Told:
    if isinstance(wish, Listed):
        return acts.unseen(work, heard.speaker, heard.posts)
    if isinstance(wish, HouseholdsLooked):
        return acts.records(work, heard.speaker, wish.who, wish.households)
    if isinstance(wish, Noted):
        return acts.note(work, heard.speaker, heard.posts, wish.seen, wish.on)
    if isinstance(wish, Chosen):
        return acts.choose(work, wish.visit, wish.household, wish.offers)
    if isinstance(wish, Accepted):
        return acts.report(work, heard.speaker, wish.offers, core)
    return acts.decline(work)


# --- the answer to a question ---


def _answer(heard: Heard, plain: str) -> Wish | None:
    """A pick, a yes or a no; anything else is a new message."""
    asked = heard.asked
    if asked is None:
        return None
    choices = asked.get("households", [])
    if choices:
        return _pick(heard, choices, plain)
    if plain in _YES or heard.said.pick == 1 or _REPORT.fullmatch(plain):
        return Accepted(tuple(asked["offers"]))
    return Declined() if plain in _NO or heard.said.pick == 2 else None


def _pick(heard: Heard, choices: list[int], plain: str) -> Wish | None:
    assert heard.asked is not None  # choices come from there
    n = heard.said.pick
    if not n or n > len(choices):
        return Declined() if plain in _NO else None
    meant = households.of_id(heard.town, choices[n - 1])
    offers = tuple(heard.asked["offers"])
    return Chosen(heard.asked["visit"], meant, offers) if meant else None


def _looked(heard: Heard, plain: str) -> HouseholdsLooked | None:
    """走访记录 张家; without a household that is known it is something else."""
    asked = _RECORDS.fullmatch(plain)
    if asked is None:
        return None
    named = _first_of(heard, (asked["after"] or asked["before"] or "").strip(_EDGES))
    return HouseholdsLooked(named.said, named.households) if named else None


# --- a visit in words ---


def _visit(heard: Heard) -> Noted | None:
    said = heard.said.words.strip(_EDGES)
    form = _COMMAND.match(said) or _VISITED.match(said) or _TO.match(said)
    if form is None or begins_as_question(form["rest"]) or _is_an_answer(heard, form):
        return None
    seen = _seen(heard, form)
    return Noted(tuple(seen), _day(form["day"], heard.today)) if seen else None


def _is_an_answer(heard: Heard, form: re.Match[str]) -> bool:
    """上门看了 as the sentence that somebody waits for; 走访 张家 is an order all the same."""
    return heard.awaited and (form.re is not _COMMAND or bool(form["done"]))


def _day(said: str, today: date) -> date:
    before = 2 if "前天" in said else 1 if "昨" in said else 0
    return today - timedelta(days=before)


def _seen(heard: Heard, form: re.Match[str]) -> list[VisitedHousehold]:
    """Empty if the words are no visit at all."""
    rest = form["rest"]
    counted = _COUNT.match(rest)
    count = numeral(counted["count"]) or 0 if counted else 0
    words = rest[counted.end() :] if counted else rest
    seen = _named(heard, words)
    if form.re is _TO:
        return _after_the_house(seen)
    left = count - len(seen)
    if count and (left > 0 or not seen):
        return [*seen, _others(left, "" if seen else words)]
    return seen or _unnamed(form)


def _after_the_house(seen: list[VisitedHousehold]) -> list[VisitedHousehold]:
    if not seen or not _SAW.match(seen[0].words):
        return []
    said = (_clean(_SAW.sub("", one.words, count=1)) for one in seen)
    return [_told(replace(one, words=words)) for one, words in zip(seen, said, strict=True)]


def _others(count: int, words: str) -> VisitedHousehold:
    return _told(VisitedHousehold("", (), words.strip(_EDGES), households=count))


def _unnamed(form: re.Match[str]) -> list[VisitedHousehold]:
    """After 走访 itself any words will do, if they are not the rest of a longer word."""
    rest = form["rest"]
    if form.re is not _COMMAND or not rest.strip(_EDGES):
        return []
    if not form["gap"] and not (form["done"] and _SOMEWHERE.match(rest)):
        return []
    unknown = _UNKNOWN.match(rest)
    who = unknown[0] if unknown else ""
    words = rest[len(who) :] if who else rest
    return [_told(VisitedHousehold(who, (), _clean(words)))]


def _named(heard: Heard, words: str) -> list[VisitedHousehold]:
    """Households by name, each with the words up to the next one: 张家屋漏，刘家没人."""
    found = ([one for group in _groups(names, words) for one in group] for names in _names(heard))
    return next(filter(None, found), [])


def _first_of(heard: Heard, words: str) -> Named | None:
    """The household that the words begin with."""
    return next(filter(None, (names.at(words, 0) for names in _names(heard))), None)


def _names(heard: Heard) -> Iterator[HouseholdNames]:
    """The households of his own units; only if nobody there is meant, those of his village."""
    units = households.own_units(heard.posts)
    yield households.names(heard.town, units)
    yield households.names(heard.town, households.village(heard.town, units))


def _groups(names: HouseholdNames, words: str) -> Iterator[list[VisitedHousehold]]:
    first = names.at(words, 0)
    while first is not None:
        group, place = _together(names, words, first)
        first, end = _next(names, words, place)
        about = _clean(words[place:end])
        yield [_told(VisitedHousehold(one.said, one.households, about)) for one in group]


def _together(names: HouseholdNames, words: str, first: Named) -> tuple[list[Named], int]:
    """张家、刘家和胡家: those named in a row, and where their words begin."""
    group, place = [first], first.end
    while gap := _AND.match(words, place):
        following = names.at(words, gap.end()) if gap.end() > place else None
        if following is None:
            break
        group.append(following)
        place = following.end
    return group, place


def _next(names: HouseholdNames, words: str, place: int) -> tuple[Named | None, int]:
    """The household with which a later clause begins, and where the words before it end."""
    for gap in _CLAUSE.finditer(words, place):
        named = names.at(words, gap.end())
        if named:
            return named, gap.start()
    return None, len(words)


def _clean(words: str) -> str:
    """说屋漏了。 -> 屋漏了"""
    said = _SAID.match(words)
    return words[said.end() if said else 0 :].strip(_EDGES)


def _told(seen: VisitedHousehold) -> VisitedHousehold:
    """With what its words tell: whether anybody was there, and what is wrong."""
    nobody = _NOBODY.search(seen.words) is not None
    besides = _NOBODY.sub("", seen.words).strip(_EDGES)
    trouble = besides if _TROUBLE.search(_CALM.sub("", besides)) else ""
    return replace(seen, nobody=nobody, trouble=trouble)
