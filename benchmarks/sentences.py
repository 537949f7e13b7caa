"""The sentences from which the acts of speech are learnt: templates with slots, in situations.

Everything is made from sentences.yaml with a fixed seed; no real person has said any of it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from files.yaml_lines import read_mapping
from rules.words import Role, State
from speech.acts import Act
from speech.situation import Matter, OpenQuestion, RunningEmergency, Situation

FILE = Path(__file__).parent / "sentences.yaml"
SEED = 20261130
#: So often a template with slots is filled in each situation.
FILLED = 2
#: 路灯不亮｜晚上全黑了: the matter before the sentence.
_OWN_MATTER = "｜"
#: A report like the title of a letter is said less often in the middle of a matter.
_TITLES, _SELDOM = "题", 0.4
_IN_A_MATTER = frozenset({"just", "days", "several", "rating", "hand"})
#: Among what is said every so manieth sentence is worn in one of these ways as well.
_POLITE = ("你好，", "您好，", "邻长，", "打扰了，", "那个，", "我说一下，")
_SIGNS = "，。！？、,.!?"
_SLIPS = {
    "没": "莫", "在": "再", "的": "地", "修": "休", "好": "号", "来": "莱", "灯": "登", "路": "露",
    "水": "睡", "垃": "拉", "圾": "及", "办": "半", "谢": "写", "满": "慢", "意": "义", "坏": "怀",
}  # fmt: skip
#: Standard words told back in dialect, for those who dictate.
_LOCAL = (
    ("没有", "冇得"),
    ("没", "冇"),
    ("了", "哒"),
    ("什么", "么子"),
    ("怎么", "何解"),
    ("我家", "我屋里"),
)


@dataclass(frozen=True)
class ActExample:
    """A sentence with what it is, where it is said, and the template and style that it is of."""

    text: str
    act: Act
    situation: Situation
    template: str
    style: str
    place: str
    weight: float = 1.0


class Sentences:
    """The tables of sentences.yaml."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._words: Mapping[str, Sequence[str]] = tables["词"]
        self._things: Sequence[Mapping[str, Sequence[str]]] = tables["事情"]
        self._said: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]] = tables["句子"]

    @classmethod
    def load(cls, file: Path = FILE) -> "Sentences":
        """Read the file; raises FileError with what is wrong."""
        return cls(read_mapping(file).value)

    @cached_property
    def examples(self) -> list[ActExample]:
        """All of them, the same at every call."""
        return list(self._all())

    def _all(self) -> Iterator[ActExample]:
        dice = random.Random(SEED)
        for act, places in self._said.items():
            for number, (where, styles) in enumerate(places.items()):
                for style, templates in styles.items():
                    for place in where.split():
                        for at, template in enumerate(templates):
                            name = f"{act}.{number}.{style}.{at}"
                            yield from self._filled(dice, Act(act), place, style, template, name)

    def _filled(
        self, dice: random.Random, act: Act, place: str, style: str, template: str, name: str
    ) -> Iterator[ActExample]:
        times = FILLED if "{" in template else 1
        matter, _, template = template.rpartition(_OWN_MATTER)
        for _ in range(times):
            thing, other = dice.sample(self._things, 2)
            if matter:
                thing = {**thing, "报": [matter]}
            text = self._fill(dice, template, thing, other)
            situation = self._situation(dice, place, thing)
            weight = (_SELDOM if style == _TITLES and place in _IN_A_MATTER else 1) / times
            yield ActExample(text, act, situation, name, style, place, weight)
            worn = _worn(dice, text, style, act)
            if worn is not None:
                yield ActExample(worn[1], act, situation, name, worn[0], place, 0.5 / times)

    def _fill(
        self,
        dice: random.Random,
        template: str,
        thing: Mapping[str, Sequence[str]],
        other: Mapping[str, Sequence[str]],
    ) -> str:
        text = template
        for name in ("报", "多说"):
            text = text.replace(f"{{别{name}}}", dice.choice(other[name]))
        text = text.replace("{别地}", dice.choice(self._words["地"]))
        for name in thing:
            text = text.replace(f"{{{name}}}", dice.choice(thing[name]))
        for name, words in self._words.items():
            text = text.replace(f"{{{name}}}", dice.choice(words))
        return text

    # --- situations ---

    def _situation(
        self, dice: random.Random, place: str, thing: Mapping[str, Sequence[str]]
    ) -> Situation:
        own = self._matter(dice, thing, 1)
        others = dice.sample([t for t in self._things if t is not thing], 2)
        more = tuple(self._matter(dice, t, n) for n, t in enumerate(others, start=2))
        done = Matter(own.number, own.words, State.RESOLVED, "reported", rating_asked=True)
        closed = Matter(own.number, own.words, State.CLOSED)
        hand = tuple(
            Matter(m.number, m.words, dice.choice((State.PENDING, State.WORKING)), "held")
            for m in (own, *more[: dice.randrange(3)])
        )
        above = tuple(Matter(m.number, m.words, m.state, "above") for m in (own, *more))
        staff = frozenset({dice.choice((Role.LINZHANG, Role.LINZHANG, Role.ZUZHANG))})
        high = frozenset({dice.choice((Role.PIANZHANG, Role.VILLAGE_CADRE, Role.TOWNSHIP_CADRE))})
        since = float(dice.randrange(1, 10))
        days = dice.choice((None, 900.0, 3000.0))
        suggest = OpenQuestion("suggest", 2.0)
        made = {
            "nothing": Situation(),
            "just": Situation(since_report_min=since, matters=(own,)),
            "several_just": Situation(since_report_min=since, matters=(*more, own)),
            "days": Situation(since_report_min=days, matters=(own,)),
            "several": Situation(since_report_min=days, matters=_shuffled(dice, (own, *more))),
            "rating": Situation(matters=(done, *more[: dice.randrange(2)])),
            "rating_before": Situation(matters=(done,), asked=suggest),
            "done": Situation(matters=(closed,)),
            "hand": Situation(roles=staff, matters=hand),
            "above": Situation(roles=high, matters=above),
            "staff": Situation(roles=dice.choice((staff, high))),
            "staff_own": Situation(roles=staff, matters=(own,)),
            "fire": Situation(
                since_report_min=since,
                matters=(Matter(own.number, "后山着火了，快来人"),),
                emergency=RunningEmergency("fire", since),
            ),
        }
        return made[place]

    def _matter(
        self, dice: random.Random, thing: Mapping[str, Sequence[str]], number: int
    ) -> Matter:
        words = dice.choice(thing["报"])
        if dice.random() < 0.6:
            words = f"{dice.choice(self._words['地'])}{words}"
        state = dice.choice((State.PENDING, State.ACCEPTED, State.WORKING))
        return Matter(f"SZ-20261120-{number:04d}", words, state)


def _shuffled(dice: random.Random, matters: Sequence[Matter]) -> tuple[Matter, ...]:
    return tuple(dice.sample(matters, len(matters)))


def _worn(dice: random.Random, text: str, style: str, act: Act) -> tuple[str, str] | None:
    """The same words as somebody else would type them: without signs, politely, with a slip, in
    dialect; with the name of that style."""
    way = dice.randrange(6)
    if way == 0 and any(sign in text for sign in _SIGNS):
        return "无", "".join(" " if c in _SIGNS and dice.random() < 0.3 else c for c in text if
                             c not in _SIGNS or dice.random() < 0.3)  # fmt: skip
    if way == 1 and len(text) > 4 and style != "客":
        return "套", dice.choice(_POLITE) + text
    if way == 2 and act is not Act.ORDER:
        found = [at for at, c in enumerate(text) if c in _SLIPS]
        if found and len(text) > 5:
            at = dice.choice(found)
            return "误", text[:at] + _SLIPS[text[at]] + text[at + 1 :]
    if way == 3 and style == "普":
        local = text
        for word, said in _LOCAL:
            local = local.replace(word, said)
        return ("方", local) if local != text else None
    return None
