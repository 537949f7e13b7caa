"""The learnt judgement: how likely each act is, from the signs in a sentence and the situation.

The weights are in acts.json, learnt by benchmarks/learn_acts.py; ``features`` are its input. Plain
arithmetic, so that the same sentence means the same on every machine.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import add
from pathlib import Path

from rules.words import Role
from speech.acts import Act
from speech.orders import FREE_GROUPS, OrderHeard
from speech.plain import PlainWords
from speech.polite import begins_as_question, ends_as_question
from speech.reference import JUST_NOW, Mentioned
from speech.signs import SignsFound
from speech.situation import Situation
from speech.utterance import Utterance

LEARNT = Path(__file__).parent / "acts.json"
#: All that somebody says so soon after an emergency belongs to it (domain.md §4).
RUNNING = 360.0
_LENGTHS = (2, 4, 7, 11, 16, 24, 40)
#: So much of a sentence is some nod, thanks or greeting: nothing else is said.
_WHOLLY = 0.99
_COURTESY = ("应声", "寒暄", "谢")


@dataclass(frozen=True)
class Reading:
    """One sentence with all that has been read from it."""

    said: Utterance
    plain: PlainWords
    found: SignsFound
    mentioned: Mentioned
    order: OrderHeard | None
    situation: Situation


def features(sentence: Reading) -> list[str]:
    """The names of what is true of the sentence in its situation, in no order, each once."""
    own = [*_of_words(sentence), *_of_order(sentence), *_of_matters(sentence)]
    around = _of_situation(sentence.situation)
    crossed = [f"{name}&{where}" for name in _crossing(sentence, own) for where in around]
    return list(dict.fromkeys(["always", *own, *around, *crossed]))


def _of_words(sentence: Reading) -> Iterator[str]:
    yield from _of_signs(sentence.found)
    yield from _of_letters(sentence.plain)
    plain = sentence.plain.whole
    shapes = {
        "signs": sentence.plain.only_signs,
        "?": sentence.plain.mark,
        "^asks": begins_as_question(plain),
        "asks$": ends_as_question(plain),
        "things": bool(sentence.found.things),
        "pick": sentence.said.pick is not None,
    }
    yield from (name for name, true in shapes.items() if true)


def _of_signs(found: SignsFound) -> Iterator[str]:
    for group in found.places:
        yield group
        if found.begins(group):
            yield f"^{group}"
        if found.ends(group):
            yield f"{group}$"
        if found.share(group) >= _WHOLLY:
            yield f"={group}"
    if found.share(*_COURTESY) >= _WHOLLY:
        yield "courtesy"
    yield f"covered:{round(found.share() * 4)}"


def _of_letters(plain: PlainWords) -> Iterator[str]:
    """Every two characters that stand together, also at the ends; how long it is."""
    ends = f"^{plain.whole}$"
    yield from (f"~{ends[at : at + 2]}" for at in range(len(ends) - 1))
    yield f"long:{sum(plain.length > most for most in _LENGTHS)}"
    yield f"clauses:{min(len(plain.clauses), 4)}"


def _of_order(sentence: Reading) -> Iterator[str]:
    order = sentence.order
    if order is None:
        return
    yield f"order:{order.how}"
    if order.numbered:
        yield f"order:{order.how}:numbered"


def _of_matters(sentence: Reading) -> Iterator[str]:
    """What the words share with what has been reported, and whether they bring something new."""
    spoken = sentence.mentioned
    if any(near.named for near in spoken.near):
        yield "named"
    if not spoken.near:
        return
    things = max(near.things for near in spoken.near)
    shared = max(near.pairs for near in spoken.near)
    if things:
        yield "same thing"
    yield f"pairs:{min(shared, 3)}"
    yield f"letters:{min(max(near.letters for near in spoken.near), 3)}"
    if spoken.new_things:
        yield "new thing" if things else "only new thing"
    if not things and not spoken.new_things:
        yield "no thing"


def _of_situation(situation: Situation) -> list[str]:
    return [name for name, true in _situation(situation).items() if true]


def _situation(situation: Situation) -> Mapping[str, bool]:
    own = situation.own
    open_own = [matter for matter in own if matter.is_open]
    since, asked, fire = situation.since_report_min, situation.asked, situation.emergency
    rating = any(matter.rating_asked for matter in own)
    newest = asked is None or asked.kind == "rating"
    return {
        "in:nothing": not situation.matters,
        "in:open": bool(open_own),
        "in:just": bool(open_own) and since is not None and since <= JUST_NOW,
        "in:days": bool(open_own) and (since is None or since > JUST_NOW),
        "in:several": len(open_own) > 1,
        "in:rating": rating and newest,
        "in:rating before": rating and not newest,
        "in:done": any(matter.is_done for matter in own),
        "in:asked": asked is not None and asked.kind != "rating",
        "in:staff": bool(situation.roles - {Role.RESIDENT}),
        "in:hand": any(matter.mine in ("held", "helps") for matter in situation.in_hand),
        "in:above": any(matter.mine == "above" for matter in situation.in_hand),
        "in:fire": fire is not None and fire.minutes <= RUNNING,
    }


#: What means different things in different situations.
_CROSSED = frozenset(
    [
        *(
            "解决",
            "没解决",
            "好评",
            "中评",
            "差评",
            "谢",
            "应声",
            "寒暄",
            "自己好了",
            "不要了",
            "催",
        ),
        *("问进度", "还是", "来过人", "指前面", "补充", "说错", "在哪里", "联系", "停用时", "出事"),
        *("问", "政策", "报事", "也是", "人没事", "看清单", "看一件", *FREE_GROUPS),
    ]
)


_CROSSED_KINDS = ("order:", "long:", "=", "pairs:", "letters:")


def _crossing(sentence: Reading, own: Sequence[str]) -> list[str]:
    plain = ("courtesy", "pick", "same thing", "only new thing", "no thing", "named", "signs")
    kept = [n for n in own if n in _CROSSED or n in plain or n.startswith(_CROSSED_KINDS)]
    if "出事" not in sentence.found and not sentence.found.things:
        kept.append("nothing told")
    return kept


# --- the model ---


@dataclass(frozen=True)
class ActModel:
    """A multinomial logistic model: for each feature what it adds to each act, in ACTS' order."""

    weights: Mapping[str, Sequence[float]]

    @classmethod
    def read(cls, file: Path = LEARNT) -> "ActModel":
        """The weights of a file; they must be for today's acts."""
        data = json.loads(file.read_text("utf-8"))
        if data["acts"] != [*ACTS]:
            raise ValueError(f"{file.name} was made for other acts: run `make learn-acts`")
        return cls(data["weights"])

    def likely(self, names: Sequence[str]) -> dict[Act, float]:
        """The share of certainty of each act; all of them together are 1."""
        sums = [0.0] * len(ACTS)
        for name in names:
            if weights := self.weights.get(name):
                sums = [*map(add, sums, weights)]
        most = max(sums)
        powers = [math.exp(value - most) for value in sums]
        total = sum(powers)
        return {act: power / total for act, power in zip(ACTS, powers, strict=True)}


#: What the model tells apart, in the order of its weights.
ACTS: tuple[Act, ...] = tuple(Act)


@cache
def shipped_model() -> ActModel:
    """The model of this version."""
    return ActModel.read()
