"""Own sentences with situations, from which nothing is learnt: held_out.yaml and its sibling."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from rules.words import Role, State
from speech.acts import Understanding
from speech.read import read
from speech.situation import Matter, OpenQuestion, RunningEmergency, Situation
from speech.understanding import hear

FILES = ("held_out.yaml", "held_out_later.yaml")
TODAY = date(2026, 11, 30)


@dataclass(frozen=True)
class Case:
    """A sentence, the acts that are right ("order:accept" with the action) and the matter's number,
    "" where it does not matter."""

    text: str
    right: tuple[str, ...]
    number: str
    situation: Situation
    place: str

    @property
    def heard(self) -> Understanding:
        return hear(read(self.text, "三长助手", today=TODAY), self.situation)

    def is_right(self, found: Understanding) -> bool:
        said = {str(found.act), f"{found.act}:{found.order}"}
        return bool(said & set(self.right))


def situation(place: str, matters: list[Matter]) -> Situation:
    """What each word of 在前 stands for."""
    rated = [replace(m, state=State.RESOLVED, rating_asked=True) for m in matters]
    held = [replace(m, state=State.ACCEPTED, mine="held") for m in matters]
    above = [replace(m, mine="above") for m in matters]
    made = {
        "什么也没有": Situation(),
        "刚报": Situation(since_report_min=2, matters=tuple(matters)),
        "几天前": Situation(matters=tuple(matters)),
        "几件": Situation(matters=tuple(matters)),
        "要评价": Situation(matters=tuple(rated)),
        "要评价又问了别的": Situation(matters=tuple(rated), asked=OpenQuestion("suggest", 1)),
        "邻长手上": Situation(roles=frozenset({Role.LINZHANG}), matters=tuple(held)),
        "组长没事": Situation(roles=frozenset({Role.ZUZHANG})),
        "片长看着": Situation(roles=frozenset({Role.PIANZHANG}), matters=tuple(above)),
        "着火": Situation(
            since_report_min=4, matters=tuple(matters), emergency=RunningEmergency("fire", 4)
        ),
    }
    return made[place]


def cases(*files: str) -> Iterator[Case]:
    """The cases of these files, of all if none is named."""
    for name in files or FILES:
        yield from _of_file(Path(__file__).parent / name)


def _of_file(file: Path) -> Iterator[Case]:
    for group in yaml.safe_load(file.read_text("utf-8")):
        matters = [Matter(f"SZ-20261128-{n:04d}", words) for n, words in enumerate(group["事"], 1)]
        around = replace(situation(group["在前"], matters), quote=group.get("引用", ""))
        for text, acts, number in group["说"]:
            named = matters[number - 1].number if number else ""
            yield Case(text, tuple(acts.split("|")), named, around, group["在前"])
