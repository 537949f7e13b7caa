"""Orders of staff, also with a slip of the finger or in free words: 接但 2, 2接了, 约了电工明天来.

An exact one is speech.command's business. What is heard here is a guess that somebody is asked
about; which it is, and whether it is an order at all, understanding.py decides.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from rules.words import Action
from speech.numbers import leading
from speech.plain import clauses_of
from speech.signs import SignsFound
from speech.utterance import Utterance
from speech.verbs import NAMES_NEXT, SHORT, SOFT, WORDS

How = Literal["exact", "soft", "slip", "short", "free"]
_SOUNDS = Path(__file__).parent / "sounds.json"
_LEAD = re.compile(
    r"(?:请|麻烦|我来|我先|我|就|都|把|将)*(?:第?\d+[号件]?|[一二三四五六七八九十]+号)?(?:我来|我|就|都)?"
)
#: One character for the whole verb, with a number beside it: 接 2, 2办了, 延 2 三天.
_SHORTENED = {
    "接": Action.ACCEPT,
    "办": Action.RESOLVE,
    "结": Action.RESOLVE,
    "转": Action.REASSIGN,
    "退": Action.RETURN,
    "延": Action.EXTEND,
    "交": Action.RAISE,
    "挂": Action.SUSPEND,
    "派": Action.ASSIGN,
    "催": Action.URGE,
    "督": Action.SUPERVISE,
}
_ONE = re.compile(
    rf"(?:\d+[号件]?(?:我来|我|就)?)(?P<after>[{''.join(_SHORTENED)}])(?:了|掉|下|吧|一下|完了|\D)*"
    rf"|(?P<before>[{''.join(_SHORTENED)}])(?:了|掉|下|一下|\D)?\d+.*"
)
#: What staff say in their own words, and what it comes to; the first group that is found counts.
_FREE: tuple[tuple[str, Action], ...] = (
    ("办不了", Action.RAISE),
    ("转给人", Action.REASSIGN),
    ("不归我", Action.RETURN),
    ("来不及", Action.EXTEND),
    ("约人", Action.PROGRESS),
    ("做完了", Action.RESOLVE),
    ("先放着", Action.SUSPEND),
    ("要人帮", Action.ASSIST),
    ("我来办", Action.ACCEPT),
    ("催办", Action.URGE),
)
#: 路灯我接了, 都接了, 收到 2: taken on. Of a pipe or a wire 接了 alone is what was done.
_TAKES = re.compile(
    r".*(?:我们?|都|全部?|俩|[个件号])(?:来|先|就)?接(?:了|下|下了|手|着|单)?|收到\d+号?|\d+号?收到"
)
#: 1让陈某去, 喊供电所来看下: somebody else is to go, who gets it or only helps.
_SENDS = re.compile(
    r"\s*+#?(?:第?\d{1,14}[号件个]?|[这那]个|[这那]件)?\s*+(?:就|先|请)?(?:让|叫|喊|请|派|麻烦|要)"
    r"(?P<whom>(?![我你您他她它谁]|大家|居民|人家|老人|户主|住户|哪|村民|群众)[\u4e00-\u9fff]{1,7}?)(?:那边|他们|的人)?"
    r"(?P<rest>(?:过?[去来]|跑|上门|出面|帮|弄|搞|办(?!公)|修|看|处理|负责|接手)[^，。了]{0,14})"
)
_IT = r"(?:第?\d{1,14}[号件]?|这个|那个|这件|那件|这单|该|都|全部?)?(?:事|单)?"
_UP = r"(?:组长|片长|村里|镇里|乡里|街道|社区|上面|上级)"
#: Whole sentences of those who serve that are an order without its verb.
_IN_SHORT: tuple[tuple[re.Pattern[str], Action], ...] = (
    (re.compile(rf"{_IT}(?:已经?)?(?:搞定|搞完|弄完|做完|办完|完工|完成)了?"), Action.RESOLVE),
    (re.compile(rf"{_IT}(?:我)?(?:往上|向上)(?:报|交|送)(?:吧|了)?"), Action.RAISE),
    (
        re.compile(rf"{_IT}(?:我)?(?:转|交|报|给|送|推)(?:给|到)?{_UP}(?:吧|了|办|处理|来办)?"),
        Action.RAISE,
    ),
    (re.compile(rf"{_IT}退(?:回去?|掉|了|单)?(?:吧)?|{_IT}接错(?:单)?了"), Action.RETURN),
    (re.compile(rf"{_IT}(?:是)?(?:误报|乱报的?|报着玩的?|不用管了?|不是个?事)"), Action.DISMISS),
)
_LATELY = (
    r"(?:刚才|刚刚|刚|我|[那这](?:个|件|一件)|上一?[个件]|前面|对不起|不好意思|哎呀?|是|好像|其实"
    r"|第?\d{1,14}+[号件个]?){0,8}+"
)
_NOT_YET = (
    r"(?:还|都|又|根本|并){0,4}+(?:没|未)有?(?:全|完全|真)?(?:修|弄|办|搞|处理|装|通|清|整|解决|换|做)"
    r"(?:好|完|通|成|掉|干净|妥|到位)?(?:呢|的|啊)?"
)
#: 刚才点错了, 办结早了, 2 其实还没弄好, 先不要算办结: what was closed is not done.
_TAKEN_BACK = re.compile(
    rf"{_LATELY}(?:办结了?)?(?:(?:点|按|办结|办|结|弄|搞|选|回)错[了啦]?|误[点按]了?|手[滑快抖]了?|[点按]快了|办?结得?[早快]了"
    rf"|不小心[点按碰](?:了|到|着)?).{{0,16}}"
    r"|.{0,8}(?:不|没|先别|先不|别|还不)(?:能|该|要|应该)?(?:急着)?(?:算|是)?办结(?:了|的)?.{0,8}"
    r"|.{0,6}(?:撤掉?|撤销|撤回|取消|作废|收回|退回)[^，]{0,4}办结.{0,8}"
    r"|.{0,8}办结[^，]{0,4}(?:撤|取消|作废|不算|不作数|收回|退回).{0,8}"
    rf"|{_LATELY}.{{0,6}}?{_NOT_YET}"
)
_AGREES = r"(?:可以|行|好的?|要得|没意见|都|全部?|我){0,8}+"
_JUDGED: tuple[tuple[re.Pattern[str], Action], ...] = (
    (re.compile(rf"{_AGREES}(?:同意|准|批准|批|照准)(?:了|吧|他|延期|申请)*{_IT}"), Action.GRANT),
    (
        re.compile(rf"(?:都|全部?|我)?不(?:准|批|批准|能延|给延|许)(?:了|吧|他|延期|申请)*{_IT}"),
        Action.REFUSE,
    ),
)
FREE_GROUPS = tuple(group for group, _ in _FREE)


@dataclass(frozen=True)
class OrderHeard:
    """The action, and how it was said: exactly, with a word that everybody says of anything, with
    a slip, with one character for the verb, in free words."""

    action: Action
    how: How
    #: whether a number stands with it
    numbered: bool = False


def order_heard(said: Utterance, found: SignsFound, whole: str) -> OrderHeard | None:
    """The order that the words may be; None if nothing in them sounds like one."""
    numbered = bool(said.numbers)
    command = said.command
    if command is not None:
        how: How = "soft" if command.soft else "exact"
        return OrderHeard(command.action, how, bool(command.number) or numbered)
    slip = _slip(whole)
    if slip is not None:
        return OrderHeard(slip, "slip", numbered)
    if _SENDS.fullmatch(whole):
        return OrderHeard(Action.REASSIGN, "short", numbered)
    if _TAKES.fullmatch(whole):
        return OrderHeard(Action.ACCEPT, "free", numbered)
    said_short = next(
        (action for sign, action in (*_IN_SHORT, *_JUDGED) if sign.fullmatch(whole)), None
    )
    if said_short is not None:
        return OrderHeard(said_short, "short", numbered)
    one = _ONE.fullmatch(whole)
    if one is not None:
        return OrderHeard(_SHORTENED[one["after"] or one["before"]], "short", True)
    free = next((action for group, action in _FREE if group in found), None)
    return OrderHeard(free, "free", numbered) if free else None


def is_sending(said: str) -> bool:
    """Whether somebody else is to go there, to take it over or to help."""
    return _SENDS.fullmatch(said) is not None


def takes_back(whole: str) -> bool:
    """Whether the words can be said by somebody who has closed what is not done."""
    return _TAKEN_BACK.fullmatch(whole) is not None


def _slip(whole: str) -> Action | None:
    """A verb of which every character sounds as it should and not all are right: 接但, 办洁."""
    lead = _LEAD.match(whole)
    at = lead.end() if lead else 0
    verbs = _verbs_by_start().get(whole[at : at + 1], ())
    return next((WORDS[verb] for verb in verbs if _is_slip(whole[at : at + len(verb)], verb)), None)


@cache
def _verbs_by_start() -> Mapping[str, Sequence[str]]:
    """The verbs that whoever begins with that character may have meant, in their order."""
    found: dict[str, list[str]] = {}
    alike = sounds()
    for verb in (one for one in WORDS if one not in SHORT and one not in SOFT):
        turned = verb[-1] if len(verb) == 2 else ""
        for start in dict.fromkeys([verb[0], *alike.get(verb[0], ""), *turned]):
            found.setdefault(start, []).append(verb)
    return found


def _is_slip(typed: str, verb: str) -> bool:
    if len(typed) != len(verb) or typed == verb:
        return False
    if len(verb) == 2 and typed == verb[::-1]:
        return True
    alike = sounds()
    return all(t == v or t in alike.get(v, "") for t, v in zip(typed, verb, strict=True))


#: 2转彭组长, 2延到周五: the words follow the one character.
_SHORT_BEHIND = re.compile(
    rf"\s*#?\d+[号件]?\s*(?:我来|我|就)?[{''.join(_SHORTENED)}](?:给|到)?(?P<rest>[^了掉下吧].*)",
    re.DOTALL,
)
#: 路灯办结 换了灯泡, 水沟转给组长, 路灯延3天: the matter is named, then comes the whole verb.
_WHOLE_VERBS = "|".join(w for w in WORDS if w not in SHORT and w not in SOFT)
_NAMES = "|".join(sorted(NAMES_NEXT - SHORT))
_VERB_INSIDE = re.compile(
    rf"[^\s,，。;；:：]{{0,10}}?(?:(?:{_WHOLE_VERBS})(?=[\s,，:：]|$)|(?:{_NAMES})"
    r"|延期?[到至]?(?=[\d一二三两几半下本这周明后]))(?P<rest>.*)",
    re.DOTALL,
)
_EDGES = " \t\n,，:：、号件"
_VERB_OF_ORDER = re.compile(
    r"\s*(?:请|麻烦|我来|我)?\S{1,2}?(?:了|掉)?\s*#?\d+[号件]?[\s,，:：]*(?P<rest>.*)"
    r"|\s*#?\d+[号件]?\s*\S{1,3}(?:[\s,，:：]+(?P<after>.*))?",
    re.DOTALL,
)


def words_of_order(said: str) -> str:
    """The words that come with an order with a slip: 办洁 1 换了灯 -> 换了灯; free words whole but
    for the number that they name: 2 等挖机 -> 等挖机."""
    sends = _SENDS.fullmatch(said.strip())
    if sends:
        return f"{sends['whom']} {sends['rest']}".strip()
    whole = "".join(clauses_of(said))
    has_verb = _slip(whole) is not None or _ONE.fullmatch(whole) is not None
    short = _SHORT_BEHIND.fullmatch(said) if _ONE.fullmatch(whole) else None
    match = short or (_VERB_OF_ORDER.fullmatch(said) if has_verb else None)
    if match:
        found = match.groupdict()
        return (found["rest"] or found.get("after") or "").strip()
    inside = _VERB_INSIDE.fullmatch(said.strip())
    if inside:
        return inside["rest"].strip(_EDGES)
    return leading(said).words.strip(_EDGES) or said.strip()


@cache
def sounds() -> Mapping[str, str]:
    """For each character of the verbs those that sound like it, as benchmarks/learn_acts.py
    wrote them down."""
    loaded: dict[str, str] = json.loads(_SOUNDS.read_text("utf-8"))
    return loaded
