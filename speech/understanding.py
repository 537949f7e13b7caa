"""``hear``: what somebody does by saying something in his situation, how sure, and whether to ask.

The model says how likely each act is; what a mistake would cost decides. Above it stand rules: no
matter is opened, closed or rated on a guess, and no words are lost (architecture.md §5a).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.words import Action, Rating
from speech.acts import FOLLOW_UPS, Act, Understanding
from speech.orders import OrderHeard, order_heard, takes_back
from speech.plain import clauses_of, plainly
from speech.polite import ends_as_question
from speech.read import read
from speech.reference import Nearness, mentioned, things_of
from speech.signs import shipped_signs
from speech.situation import NOTHING_BEFORE, Matter, Situation
from speech.utterance import Utterance
from speech.weighing import RUNNING, ActModel, Reading, features, shipped_model

#: What a wrong act costs where another was meant, against one question asked for nothing.
#: A second issue for what is none, and above all a closing, a rating, an order that nobody gave.
_COSTS: Mapping[Act, Mapping[str, float]] = {
    Act.REPORT: {"follow": 3.0, "judge": 2.0, "staff": 2.5, "ask": 0.8, "talk": 1.5, "end": 2.0},
    Act.ADDITION: {"report": 3.0, "judge": 1.0, "staff": 2.0, "ask": 1.5, "talk": 0.8, "end": 1.0},
    Act.PROGRESS: {"report": 3.0, "judge": 1.5, "staff": 1.5, "ask": 1.2, "talk": 0.8, "end": 1.2},
    Act.WITHDRAW: dict.fromkeys(("report", "follow", "judge", "staff", "ask", "talk"), 6.0),
    Act.RATE: {"report": 6.0, "follow": 3.0, "judge": 3.0, "staff": 6.0, "ask": 4.0, "talk": 2.0,
               "end": 3.0},
    Act.ORDER: dict.fromkeys(("report", "follow", "judge", "ask", "talk", "end"), 5.0),
    Act.LIST: dict.fromkeys(("report", "follow", "judge", "staff", "ask", "talk", "end"), 1.0),
    Act.QUESTION: {"report": 2.5, "follow": 1.2, "judge": 2.0, "staff": 1.5, "talk": 0.8,
                   "end": 2.0},
    Act.SMALLTALK: {"report": 5.0, "follow": 2.0, "judge": 1.5, "staff": 1.5, "ask": 2.0,
                    "end": 2.0},
}  # fmt: skip
#: Acts that are alike in what follows from a mistake.
_KIND: Mapping[Act, str] = {
    Act.REPORT: "report",
    Act.ADDITION: "follow",
    Act.CORRECTION: "follow",
    Act.PROGRESS: "follow",
    Act.URGE: "follow",
    Act.WITHDRAW: "end",
    Act.RATE: "judge",
    Act.REDO: "judge",
    Act.ORDER: "staff",
    Act.LIST: "list",
    Act.QUESTION: "ask",
    Act.THANKS: "talk",
    Act.SMALLTALK: "talk",
    Act.UNCLEAR: "unclear",
}
_LIKE: Mapping[Act, Act] = {
    Act.CORRECTION: Act.ADDITION,
    Act.URGE: Act.PROGRESS,
    Act.REDO: Act.RATE,
    Act.THANKS: Act.SMALLTALK,
}
#: A question back costs as much; more than this expected of a mistake, and it is asked.
ASKING = 1.0
#: Nothing is ended on less, when it was not named.
PLAIN = 0.85
#: What is a report for sure is one, though a word or two of it stand in another matter.
_PLAINLY_NEW = 0.95
#: What is less likely than so much of the likeliest is never done for being cheap.
_NEAR = 0.4
#: Said in free words these change nothing that the next sentence could not mend.
_HARMLESS = frozenset({Action.PROGRESS, Action.ACCEPT})
#: 4号, 三组, 二栋: what tells one place from another.
_NUMBERED = re.compile(
    r"(?:(?<!\d)\d++|(?<![一二三四五六七八九十])[一二三四五六七八九十]++)(?:号|组|栋|楼|单元|队|片|村|邻)"
    r"|第(?:\d+|[一二三四五六七八九十]+)(?:根|盏|棵|条|处|户|家|块|口|个)"
)
#: 毛家湾, 周家冲: as far as two characters before the kind of place tell one from another.
_NAMED_PLACE = re.compile(r"[\u4e00-\u9fff]{2}(?:坳|冲|湾|垅|垄|岭|屋场)")
#: With these it is the matter that has been told of, wherever it is.
_GOES_ON = ("说错", "补充", "指前面", "还是", "问进度", "不要了")
#: 莫急，慢慢来: whoever says so presses nobody.
_PATIENT = re.compile(r"[不别莫](?:着|要)?急(?!死)|慢慢来|有空(?:再|就)来|不赶时间|不催")
#: What another trouble is begun with.
_ALSO = re.compile("又|也|还有|另外|现在")
#: 没修好 2 晚上又不亮了: whoever names the number says 又 of that matter.
_BESIDES = re.compile("也|还有|另外")
#: 修没修, 搞好没搞好, 几时修: asked, and so no judgement of what was done.
_ASKED = re.compile(r"(.{1,3})(?:没有?|冇|不|未)\1|有没有|几时|什么时候|多久|来不来")
#: With one of these signs, or a 但是, there is more in the words than thanks.
_MORE_THAN_THANKS = frozenset(
    ("出事", "没解决", "差评", "报事", "问", "问进度", "催", "还是", "不要了", "说错", "补充")
)
_BUT = re.compile("但|可是|不过|就是|另外|还有|又")
_LONGEST_THANKS = 20
#: A judgement of the result has one of these signs, or is very short.
_JUDGING = ("解决", "没解决", "好评", "中评", "差评", "谢", "自己好了", "还是", "来过人", "做完了")
_FEW_WORDS = 6
_ENDS = frozenset({Act.WITHDRAW, Act.RATE, Act.REDO})
_DOES = _ENDS | {Act.ORDER}
_MORE = frozenset({Act.ADDITION, Act.CORRECTION})


@dataclass(frozen=True)
class Hints:
    """What others have found in the words: the emergency class, whether the FAQ has a sure answer,
    whether its signs say report, whether the words are nothing but small talk."""

    emergency: str = ""
    answered: bool = False
    reported: bool = False
    chatter: bool = False


NO_HINTS = Hints()


def hear(
    said: Utterance,
    situation: Situation = NOTHING_BEFORE,
    hints: Hints = NO_HINTS,
    model: ActModel | None = None,
) -> Understanding:
    """What the words are in that situation. Never raises on any words."""
    sentence = take_apart(said, situation)
    if hints.emergency:
        return _emergency(sentence)
    if sentence.plain.only_signs and not sentence.plain.mark:
        return Understanding(Act.SMALLTALK)  # a sticker opens nothing (domain.md §9)
    if _is_the_same(sentence):
        return Understanding(Act.REPORT, second=Act.ADDITION, ask=True)
    likely = _possible(sentence, (model or shipped_model()).likely(features(sentence)), hints)
    ranked = sorted(likely, key=lambda act: -likely[act])
    if _brings_more(sentence) or _is_elsewhere(sentence):
        likely = dict.fromkeys(likely, 0.0) | {Act.REPORT: 1.0}
    act, cost = _cheapest(likely)
    chosen = ranked[0] if cost > ASKING else act
    second = next(other for other in ranked if other is not chosen)
    return _settled(sentence, chosen, second, likely[chosen], ask=cost > ASKING)


def prepare() -> None:
    """Load what the first sentence would wait for: half a second."""
    hear(read("", today=date.min))


def take_apart(said: Utterance, situation: Situation) -> Reading:
    """All that is read from the words before anything is weighed."""
    plain = plainly(said)
    found = shipped_signs().find(plain.whole)
    spoken = mentioned(said, found, plain.whole, situation)
    order = order_heard(said, found, plain.whole)
    reading = Reading(said, plain, found, spoken, order, situation)
    if said.command is None and takes_back(plain.whole) and _closed_by_mistake(reading):
        back = OrderHeard(Action.UNRESOLVE, "short", bool(said.numbers))
        return replace(reading, order=back)
    return reading


def only_thanks(said: Utterance) -> bool:
    """多谢张邻长, 辛苦彭组长跑一趟: thanks in whatever words, and no thing or trouble in them."""
    found = take_apart(said, NOTHING_BEFORE).found
    if "谢" not in found or found.things or len(said.plain) > _LONGEST_THANKS:
        return False
    return not _BUT.search(said.plain) and not any(sign in found for sign in _MORE_THAN_THANKS)


def _brings_more(sentence: Reading) -> bool:
    """路灯修了没，水沟也堵了: a clause with a trouble of its own, of a thing that no matter names.
    The whole is a report then, so that no request is lost."""
    known: frozenset[str] = frozenset()
    for matter in sentence.situation.own:
        known |= things_of(matter.words)
    later = sentence.plain.clauses[1:] if known else ()
    also = _BESIDES if any(near.named for near in sentence.mentioned.near) else _ALSO
    return any(_is_more(clause, known, also) for clause in later)


def _is_elsewhere(sentence: Reading) -> bool:
    """8 号路灯坏了 after 4 号路灯坏了, 周家冲水管爆了 after 毛家湾水管爆了: the same trouble in
    another place is another matter."""
    goes_on = {group for group in _GOES_ON if group in sentence.found}
    if not _asks(sentence):  # 麻烦问下，我家水管爆了 only begins like a question
        goes_on.discard("问进度")
    if goes_on or "出事" not in sentence.found:
        return False
    return any(_is_another_place(sentence, kind) for kind in (_NUMBERED, _NAMED_PLACE))


def _asks(sentence: Reading) -> bool:
    whole = sentence.plain.whole
    return bool(sentence.plain.mark or ends_as_question(whole) or _ASKED.search(whole))


def _is_another_place(sentence: Reading, kind: re.Pattern[str]) -> bool:
    places = frozenset(kind.findall(sentence.plain.whole))
    own = ("".join(clauses_of(matter.words)) for matter in sentence.situation.own)
    told = [frozenset(kind.findall(words)) for words in own]
    if not places or not any(told):
        return False
    return not any(places & theirs or not theirs for theirs in told)


def _is_more(clause: str, known: frozenset[str], also: re.Pattern[str]) -> bool:
    found = shipped_signs().find(clause)
    new = bool(found.things) and not found.things & known
    return new and "出事" in found and also.search(clause) is not None


def _emergency(sentence: Reading) -> Understanding:
    """A second 着火了 is the same fire; otherwise an emergency is always a report."""
    if _running(sentence.situation):
        return Understanding(Act.ADDITION, _newest(sentence.situation.own), second=Act.REPORT)
    return Understanding(Act.REPORT, second=Act.ADDITION)


def _running(situation: Situation) -> bool:
    return situation.emergency is not None and situation.emergency.minutes <= RUNNING


# --- what is possible at all ---


def _possible(sentence: Reading, likely: Mapping[Act, float], hints: Hints) -> dict[Act, float]:
    """The shares among those acts that the situation allows; those of the others go where they are
    still right: words about no matter of one's own are a report, or small talk."""
    shares = dict(likely)
    for act, instead in _excluded(sentence):
        shares[instead] += shares[act]
        shares[act] = 0.0
    if hints.chatter and not _may_judge(sentence.situation):
        shares[Act.SMALLTALK] += shares[Act.REPORT] + shares[Act.UNCLEAR] + shares[Act.QUESTION]
        shares[Act.REPORT] = shares[Act.UNCLEAR] = shares[Act.QUESTION] = 0.0
    if hints.reported:
        shares[Act.REPORT] += shares[Act.QUESTION] / 2
        shares[Act.QUESTION] /= 2
    if hints.answered and shares[Act.REPORT] < PLAIN:
        shares[Act.QUESTION] += shares[Act.UNCLEAR] + shares[Act.REPORT] / 2
        shares[Act.UNCLEAR], shares[Act.REPORT] = 0.0, shares[Act.REPORT] / 2
    return shares


def _excluded(sentence: Reading) -> list[tuple[Act, Act]]:
    situation, order = sentence.situation, sentence.order
    wrong = _not_pressed(sentence) + _of_the_named(sentence)
    courteous = (
        sentence.found.share("应声", "寒暄", "谢", "好评") >= 1.0 or sentence.plain.only_signs
    )
    other = Act.SMALLTALK if courteous else Act.REPORT
    judges = any(group in sentence.found for group in _JUDGING) or sentence.said.pick is not None
    if _asks(sentence):
        wrong += [(Act.RATE, Act.PROGRESS), (Act.REDO, Act.PROGRESS)]
    if not judges and sentence.plain.length > _FEW_WORDS:
        wrong += [(Act.RATE, Act.REPORT), (Act.REDO, Act.REPORT)]
    if not _may_judge(situation):
        wrong.append((Act.RATE, Act.ADDITION if situation.own else other))
    if not any(matter.is_done for matter in situation.own):
        wrong.append((Act.REDO, Act.URGE if situation.own else Act.REPORT))
    if not situation.own:
        wrong += [(Act.ADDITION, other), (Act.CORRECTION, other)]
        wrong.append((Act.WITHDRAW, Act.SMALLTALK if not sentence.found.things else Act.UNCLEAR))
        if not situation.is_staff:
            wrong.append((Act.URGE, Act.REPORT))
    if order is None or not (situation.is_staff or order.how == "exact"):
        wrong.append((Act.ORDER, Act.UNCLEAR if situation.is_staff else other))
    return wrong


def _not_pressed(sentence: Reading) -> list[tuple[Act, Act]]:
    patient = sentence.situation.own and _PATIENT.search(sentence.plain.whole)
    return [(Act.URGE, Act.ADDITION), (Act.PROGRESS, Act.ADDITION)] if patient else []


def _of_the_named(sentence: Reading) -> list[tuple[Act, Act]]:
    """没修好 2 晚上又不亮了: it goes on with the matter that is named. 2号路灯坏了 names a lamp."""
    named = any(near.named and near.matter.is_own for near in sentence.mentioned.near)
    still = "没解决" in sentence.found or "还是" in sentence.found
    if not (named and still) or "报事" in sentence.found:
        return []
    return [(Act.REPORT, Act.URGE)]


def _may_judge(situation: Situation) -> bool:
    """A rating was asked for, and nothing else since (domain.md §6)."""
    newest = situation.asked is None or situation.asked.kind == "rating"
    return newest and any(matter.rating_asked for matter in situation.own)


# --- what a mistake costs ---


def _cheapest(likely: Mapping[Act, float]) -> tuple[Act, float]:
    """The act of which a mistake is expected to cost least, and how much. Between acts that cost
    the same the likelier one."""
    near = max(likely.values()) * _NEAR
    possible = (a for a, share in likely.items() if share >= near and a is not Act.UNCLEAR)
    costs = {act: _expected(act, likely) for act in possible}
    if not costs:
        return Act.UNCLEAR, 2 * ASKING
    best = min(costs, key=lambda act: (round(costs[act], 6), -likely[act]))
    return best, costs[best]


def _expected(act: Act, likely: Mapping[Act, float]) -> float:
    return sum(share * _cost(act, other) for other, share in likely.items())


def _cost(done: Act, meant: Act) -> float:
    if done is meant:
        return 0.0
    kind = _KIND[meant]
    if kind == _KIND[done]:
        return 0.3
    if kind == "unclear":
        return 1.5
    return _COSTS[_LIKE.get(done, done)].get(kind, 0.5)


# --- which matters, and whether to ask ---


def _settled(sentence: Reading, act: Act, second: Act, sure: float, *, ask: bool) -> Understanding:
    situation = sentence.situation
    back = sentence.order is not None and sentence.order.action is Action.UNRESOLVE
    new = act is Act.REPORT and sure >= PLAIN
    if back or (_is_only_an_order(sentence) and not new):
        act, second = Act.ORDER, act if act is not Act.ORDER else second
    order = sentence.order.action if act is Act.ORDER and sentence.order else None
    meant, plainly_meant = _meant(sentence, act)
    ask = ask or act is Act.UNCLEAR
    if act in FOLLOW_UPS - {Act.PROGRESS} or act in _DOES:
        ask = ask or not plainly_meant or _is_doubtful(sentence, act, meant, sure)
    if act in _MORE and _tells_anew(sentence, meant):
        second = Act.REPORT
    near = sentence.mentioned.near
    others = [one for one in near if not one.matter.is_own]
    touches = any(one.named or one.things for one in others)
    touches = touches or (sure < _PLAINLY_NEW and any(one.pairs for one in others))
    if act is Act.REPORT and _has_in_hand(situation) and (touches or sure < PLAIN):
        act, second, ask = Act.UNCLEAR, Act.REPORT, True  # nobody with a post opens one by accident
    same = any(one.things for one in near)
    if act is Act.REPORT and same and sure < PLAIN and second in FOLLOW_UPS:
        ask = True
    numbers = tuple(one.matter.number for one in meant)
    if act is Act.ORDER:
        numbers = numbers or sentence.mentioned.unknown
    return Understanding(act, numbers, order, round(sure, 4), second, ask)


def _is_doubtful(sentence: Reading, act: Act, meant: Sequence[Nearness], sure: float) -> bool:
    """Whether what is meant has to be asked, though the matter is plain."""
    if act in _MORE:
        return _tells_anew(sentence, meant)
    if act is Act.WITHDRAW:
        return sure < PLAIN and not _is_named(meant)
    return act is Act.ORDER and sentence.order is not None and _is_guessed(sentence.order)


def _is_only_an_order(sentence: Reading) -> bool:
    """接但 2, 往上报 and nothing else, by one who has something in hand: asked, whatever else such
    words may be."""
    order = sentence.order
    return order is not None and order.how in ("slip", "short") and bool(sentence.situation.in_hand)


def _tells_anew(sentence: Reading, meant: Sequence[Nearness]) -> bool:
    """A trouble that is told long after the report, and nothing that goes back to it: 自来水浑了, a
    week after 停水了, may be another matter."""
    goes_back = any(group in sentence.found for group in _GOES_ON)
    recent = any(near.just or near.named for near in meant)
    return "出事" in sentence.found and not (goes_back or recent or _running(sentence.situation))


def _is_guessed(order: OrderHeard) -> bool:
    """接但 2 and 换了灯泡 are asked back; 约了电工明天来 is passed on as it was said."""
    if order.how == "free":
        return order.action not in _HARMLESS
    return order.how in ("slip", "short")


def _has_in_hand(situation: Situation) -> bool:
    return any(matter.mine in ("held", "helps") for matter in situation.in_hand)


def _is_the_same(sentence: Reading) -> bool:
    """我家也是, to a neighbour's words: whether it is the same thing is asked."""
    few = sentence.plain.length <= _FEW_WORDS
    return few and bool(sentence.situation.quote) and "也是" in sentence.found


def _is_named(meant: Sequence[Nearness]) -> bool:
    return bool(meant) and all(near.shares_words or near.just for near in meant)


def _meant(sentence: Reading, act: Act) -> tuple[list[Nearness], bool]:
    """The matters that the act is about, and whether that is plain."""
    situation, spoken = sentence.situation, sentence.mentioned
    if act is Act.ORDER and sentence.order and sentence.order.action is Action.UNRESOLVE:
        return _closed_by_mistake(sentence), True
    if act in (Act.REPORT, Act.QUESTION, Act.SMALLTALK):
        return [], True
    near = spoken.of(_candidates(situation, act))
    named = [one for one in near if one.named]
    if named:
        return named, True
    if act is Act.ORDER and spoken.unknown:
        return [], True
    if not near:
        return [], not situation.matters
    if _running(situation) and act in FOLLOW_UPS:
        return near[-1:], True
    return _nearest(near, act)


def _closed_by_mistake(sentence: Reading) -> list[Nearness]:
    """What the speaker has closed: the one that is named, else those that the words share most
    with, of which the latest comes last."""
    closed = Situation(matters=sentence.situation.finished)
    near = mentioned(sentence.said, sentence.found, sentence.plain.whole, closed).near
    named = [one for one in near if one.named]
    if sentence.said.numbers:
        return named
    most = max((one.score for one in near), default=0.0)
    return [one for one in near if one.score == most]


def _nearest(near: list[Nearness], act: Act) -> tuple[list[Nearness], bool]:
    most = max(one.score for one in near)
    best = [one for one in near if one.score == most]
    if most > 0 and len(best) == 1:
        rest = max((one.score for one in near if one is not best[0]), default=0.0)
        return best, most - rest >= 1.0
    if len(near) == 1:
        return near, True
    if act in (Act.RATE, Act.REDO):
        return best[-1:], True  # the one that was asked about last
    return best, act in (Act.PROGRESS, Act.LIST, Act.THANKS)


def _candidates(situation: Situation, act: Act) -> list[Matter]:
    """The matters that somebody can do this to."""
    own = list(situation.own)
    if act is Act.RATE:
        return [matter for matter in own if matter.rating_asked]
    if act is Act.REDO:
        return [matter for matter in own if matter.is_done]
    if act in (Act.ORDER, Act.LIST, Act.UNCLEAR):
        return list(situation.in_hand) or own
    open_own = [matter for matter in own if matter.is_open]
    if act is Act.URGE:
        return open_own or list(situation.in_hand)
    return open_own or own


def nearest(said: Utterance, situation: Situation) -> tuple[str, ...]:
    """The numbers of what is in hand that the words share most with; none if they share nothing."""
    near = take_apart(said, situation).mentioned.of(situation.in_hand)
    most = max((one.score for one in near), default=0.0)
    return tuple(one.matter.number for one in near if one.score == most) if most else ()


def _newest(matters: Sequence[Matter]) -> tuple[str, ...]:
    return tuple(matter.number for matter in matters[-1:])


def judgement(said: Utterance, situation: Situation) -> tuple[Rating | None, bool]:
    """What a judgement says of both questions of a rating: the level, and whether it is solved.
    Of two levels the worse one counts; words without any level, such as 通了, say solved."""
    found = take_apart(said, situation).found
    level = next((rating for group, rating in _LEVELS if group in found), None)
    return level, level is None or ("解决" in found and level is not Rating.BAD)


_LEVELS = (("差评", Rating.BAD), ("中评", Rating.FAIR), ("好评", Rating.GOOD))
