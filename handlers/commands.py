"""Plain words that act on an issue: "接单 42", "42 办结 已更换灯泡", "转 42 给 张三", "延期 三天".

Only reads words; who may do what is the business of issues/, who is meant people/finding.py's.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from rules.days import find_day, find_span, numeral
from rules.words import Action, Tier

VERBS = {
    "接单": Action.ACCEPT,
    "接手": Action.ACCEPT,
    "上交": Action.RAISE,
    "上报": Action.RAISE,
    "退单": Action.RETURN,
    "退回": Action.RETURN,
    "退给": Action.RETURN,
    "转办": Action.REASSIGN,
    "转给": Action.REASSIGN,
    "转交": Action.REASSIGN,
    "移交": Action.REASSIGN,
    "转": Action.REASSIGN,
    "强派": Action.ASSIGN,
    "指定": Action.ASSIGN,
    "派给": Action.ASSIGN,
    "派": Action.ASSIGN,
    "协办": Action.ASSIST,
    "协办完成": Action.ASSIST_DONE,
    "协办答复": Action.ASSIST_DONE,
    "协办好了": Action.ASSIST_DONE,
    "进展": Action.PROGRESS,
    "延期": Action.EXTEND,
    "难度": Action.REGRADE,
    "不受理": Action.DECLINE,
    "同意": Action.GRANT,
    "不同意": Action.REFUSE,
    "挂起": Action.SUSPEND,
    "恢复": Action.RESUME,
    "办结": Action.RESOLVE,
    "办好了": Action.RESOLVE,
    "弄好了": Action.RESOLVE,
    "修好了": Action.RESOLVE,
    "处理好了": Action.RESOLVE,
    "公开姓名": Action.NAMED,
    "催办": Action.URGE,
    "催一下": Action.URGE,
    "催一催": Action.URGE,
    "催催": Action.URGE,
    "催": Action.URGE,
    "督办": Action.SUPERVISE,
    "提级": Action.LIFT,
}
#: Said by everybody about anything: a resident's "修好了" is a rating.
SOFT = frozenset({"办好了", "弄好了", "修好了", "处理好了"})
#: Begin other words as well (转告, 派出所, 指定医院, 上报村里): only with a number.
NEED_NUMBER = frozenset({"转", "派", "催", "指定", "派给", "移交", "退回", "上报"})
#: A name may follow at once: 转给张三.
NAMES_NEXT = frozenset({"转给", "转交", "移交", "退给", "派给"})
LONGEST_RUN_ON = 12
#: Nothing is said with them: with more words and no number they are somebody's sentence.
BARE = frozenset({Action.ACCEPT, Action.GRANT, Action.RESUME, Action.NAMED})
TIERS = {"一般": Tier.ORDINARY, "较难": Tier.HARD, "复杂": Tier.COMPLEX}

#: Digits, letters and signs of a number as Chinese keyboards give them; the words stay as they are.
_WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF03, 0xFF0D]
HALF_WIDTH = {**{code: code - 0xFEE0 for code in _WIDE}, 0x3000: 0x20}

_SHORT = {"转", "派", "催"}
_VERB = "|".join(
    rf"{verb}(?=[\s,，:：给到#\d编第]|SZ|$)" if verb in _SHORT else verb
    for verb in sorted(VERBS, key=len, reverse=True)
)
_GAP = r"[\s,，:：、;；]*"
_CHINESE = r"[零〇一二两三四五六七八九十百]{1,6}"
_PLAIN = r"#?(?:SZ-?)?(?:\d{8}-?)?\d{1,6}"
#: 3天, 3号楼, 12月1日 and the like after the verb are no numbers of issues.
_NOT_COUNTED = (
    r"(?![\d天日月年周星个户人次盏栋楼组片邻村只条根台块米元点小分处家名位层间%.:/\-号件])"
)
_BEFORE = rf"第?(?:(?:{_PLAIN})[号件]?|{_CHINESE}[号件])"
_AFTER = (
    rf"第?(?:{_PLAIN}[号件]?{_NOT_COUNTED}|{_CHINESE}[号件]{_NOT_COUNTED}"
    rf"|{_CHINESE}(?=[\s,，:：]|$))"
)
_NAMED = r"(?:编号|诉求|工单)?[\s:：]*"
#: the number before or after the verb, or none when only one issue can be meant
_COMMAND = re.compile(
    rf"(?:请|麻烦|我来|我先|我)?(?:把|将)?{_GAP}"
    rf"(?:{_NAMED}(?P<before>{_BEFORE}){_GAP})?(?P<verb>{_VERB})(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED = re.compile(
    rf"{_GAP}{_NAMED}(?P<number>{_AFTER})(?P<words>.*)", re.IGNORECASE | re.DOTALL
)
_DONE = re.compile(r"了(?=[\s,，:：。!！]|$)")
#: 办结了没有, 转办的事, 修好了又坏: what follows at once makes it somebody's sentence
_GOES_ON = re.compile(r"[的了过着又还吗呢么没]")
_ASKS = re.compile(
    r"\s*(?:怎[么样]|咋|如何|什么|啥|为[什啥]|多久|是[什不谁]|能不能|可不可以|要不要|有没有|谁|哪"
    r"|没有?[?？。]?$|[吗呢么])"
)
_QUESTION = re.compile(r"(?:[吗呢么]|[了好完]没有?|行不行|可不可以)[?？。!！\s]*$|[?？]+\s*$")
#: A question among the words of somebody who has named the number may be part of the words.
SHORT_QUESTION = 8
_STRIP = " \t\n,，。:：;；、"


@dataclass(frozen=True)
class Command:
    """What to do, to which number ("" when none was said), and the words that came with it."""

    action: Action
    number: str
    words: str
    verb: str = field(default="", compare=False)
    #: 转给张三, without a gap: an order only if there is a 张三
    run_on: bool = field(default=False, compare=False)

    @property
    def soft(self) -> bool:
        return self.verb in SOFT


def parse(text: str) -> Command | None:
    """The command in a message; None when it is something else.

    Without a number a verb counts only when it stands alone or apart from what follows, so that
    "办结了没有" stays a question and "停电了请求转告供电所" a report.
    """
    match = _COMMAND.fullmatch(text.translate(HALF_WIDTH).strip())
    if match is None:
        return None
    rest = match["rest"]
    if _DONE.match(rest):
        return _command(match, rest[1:])
    return None if _GOES_ON.match(rest) or _ASKS.match(rest) else _command(match, rest)


def _command(match: re.Match[str], rest: str) -> Command | None:
    number, said = _split_number(match["before"] or "", rest)
    verb = match["verb"]
    command = Command(VERBS[verb], plain_number(number), said.strip(_STRIP), verb)
    if _asks(command):
        return None
    if number or _stands_alone(command, rest):
        return command
    names = verb in NAMES_NEXT and len(command.words) <= LONGEST_RUN_ON and " " not in rest
    return replace(command, run_on=True) if names else None


def _split_number(before: str, rest: str) -> tuple[str, str]:
    """The number and the words after it; a second number belongs to the words."""
    after = None if before else _NUMBERED.fullmatch(rest)
    if after is None or _GOES_ON.match(after["words"]):
        return before, rest
    return after["number"], after["words"]


def _asks(command: Command) -> bool:
    words = command.words
    if _ASKS.match(words) and not command.number:
        return True
    return bool(_QUESTION.search(words)) and (not command.number or len(words) <= SHORT_QUESTION)


def _stands_alone(command: Command, rest: str) -> bool:
    """Whether a verb without a number is an order at all."""
    if not command.words:
        return command.verb not in _SHORT
    apart = re.match(r"[\s,，:：]", rest) is not None
    return apart and command.verb not in NEED_NUMBER and command.action not in BARE


def plain_number(said: str) -> str:
    """四十二号 -> 42, 第3件 -> 第3, #0042号 -> 0042: as numbers.matching reads it."""
    ordinal = "第" if said.startswith("第") and said.endswith("件") else ""
    bare = said.removeprefix("第").rstrip("号件")
    found = None if re.search(r"[\d-]", bare) else numeral(bare)
    return ordinal + (str(found) if found is not None else bare)


# --- the words of some commands ---


def tier(words: str) -> tuple[Tier | None, str]:
    """复杂 要等立项 -> (COMPLEX, 要等立项)"""
    match = re.match(rf"(?:改[成为]|到)?\s*({'|'.join(TIERS)})[\s,，:：]*(.*)", words, re.DOTALL)
    return (TIERS[match[1]], match[2].strip()) if match else (None, words)


_TO = re.compile(r"(?:给|到|交给|转给|派给|由|请|找)\s*")
_TOKEN = re.compile(r"[^\s,，。:：;；、]+")


@dataclass(frozen=True)
class Whom:
    """To whom, in the words that were said, what else was said; ``named``: 给 came before it."""

    said: str
    rest: str
    named: bool = False


def whom(words: str) -> Whom:
    """给 长冲组 不在我们组 -> (长冲组, 不在我们组)"""
    given = _TO.match(words)
    start = given.end() if given else 0
    token = _TOKEN.match(words, start)
    if token is None:
        return Whom("", words[start:].strip(_STRIP), given is not None)
    return Whom(token[0], words[token.end() :].strip(_STRIP), given is not None)


#: Where the reason of 不受理 ends and the right channel begins; the clear ones first.
_CHANNELS = (
    re.compile(r"[\s,，。;；]*(?:请您?[找到去向]|应[当该]?[找到去向]|该[找去]|可以?[找去到])\s*"),
    re.compile(r"[\s,，。;；]+(?:[找去到向])\s*"),
)


def channel(words: str) -> tuple[str, str]:
    """是法院管的事，请找县法院立案大厅 -> (是法院管的事, 县法院立案大厅)"""
    for pattern in _CHANNELS:
        match = pattern.search(words)
        if match and match.start() and match.end() < len(words):
            return words[: match.start()].strip(_STRIP), words[match.end() :].strip(_STRIP)
    return words, ""


@dataclass(frozen=True)
class Until:
    """How long, as a span of days or as a last day, and what else was said."""

    days: int | None
    day: date | None
    rest: str


def until(words: str, today: date) -> Until:
    """到周五 等配件 / 3天 等配件 / 等配件 三天. Raises NoSuchDay."""
    day, span = find_day(words, today), find_span(words)
    if day and (span is None or day.start < span.start):
        return Until(None, day.day, _without_to(day.rest))
    return Until(span.days, None, _without_to(span.rest)) if span else Until(None, None, words)


def _without_to(words: str) -> str:
    return re.sub(r"^[到至]\s+|^[到至]$", "", words).strip(_STRIP)
