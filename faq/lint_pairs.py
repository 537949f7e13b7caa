"""What is wrong between entries: one phrasing in two of them, overrides that lead nowhere.

Entries that no resident can ever see together (another unit, season or channel) do not collide.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from faq.entries import Entry, Located
from faq.text import key, normalise
from files.problem import Problem
from files.yaml_lines import Steps

Meeting = Literal["same", "nested", "never"]


class Family:
    """Which entry stands in for which, over any number of steps."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._overrides = {entry.id: entry.overrides for entry in entries}

    def above(self, entry_id: str) -> list[str]:
        """All that this entry replaces, the nearest first; ends at a circle."""
        found: list[str] = []
        step = self._overrides.get(entry_id, "")
        while step and step not in found:
            found.append(step)
            step = self._overrides.get(step, "")
        return found

    def stands_in(self, answering: Entry | None, asked: Entry) -> bool:
        """Whether one may answer in the other's place."""
        return answering is not None and asked.id in self.above(answering.id)

    def related(self, one: Entry, other: Entry) -> bool:
        """Whether either replaces the other."""
        return one.id in self.above(other.id) or other.id in self.above(one.id)


def check_pairs(found: Sequence[Located], *, alone: bool = False) -> Iterator[Problem]:
    """Everything that needs more than one entry to see; `alone`: there are more in other files."""
    family = Family([located.entry for located in found])
    yield from _same_phrasings(found, family)
    known = {located.entry.id: located for located in found}
    for located in found:
        target = located.entry.overrides
        if target and target not in known:
            yield _nothing_there(located, alone=alone)
        elif target:
            yield from _override(located, known[target], family)


def _same_phrasings(found: Sequence[Located], family: Family) -> Iterator[Problem]:
    seen: dict[str, list[Located]] = {}
    for located in found:
        for number, phrase in enumerate(located.entry.phrasings):
            bare = key(normalise(phrase))
            before = seen.setdefault(bare, []) if bare else []
            path = ("alternatives", number - 1) if number else ("question",)
            for other in before:
                yield from _collision(located, path, other, family)
            before.append(located)


def _collision(located: Located, path: Steps, other: Located, family: Family) -> Iterator[Problem]:
    phrase = located.entry.phrasings[int(path[1]) + 1 if len(path) > 1 else 0]
    if other is located:
        what = f"「{phrase}」在这一条里写了两次"
        yield located.problem(path, what, "删掉一句", severity="info")
        return
    there = f"{other.place} 的「{other.entry.id}」"
    meeting = "never" if family.related(located.entry, other.entry) else meet(located, other)
    if meeting == "same":
        remedy = "只留在一条里；说的是一回事就并成一条"
        yield located.problem(path, f"「{phrase}」{there}里也有", remedy)
    elif meeting == "nested":
        near = max(located.entry, other.entry, key=_depth)
        far = other.entry if near is located.entry else located.entry
        what = f"「{phrase}」{there}里也有，范围小的先用"
        remedy = f"要替代它，请在「{near.id}」里写「替代: {far.id}」"
        yield located.problem(path, what, remedy, severity="info")


def meet(one: Located, other: Located) -> Meeting:
    """Whether one resident can come upon both, and on the same level."""
    a, b = one.entry, other.entry
    if not set(a.channels) & set(b.channels) or _ends_before(a, b) or _ends_before(b, a):
        return "never"
    if set(a.scope) == set(b.scope) or set(a.scope) & set(b.scope):
        return "same"
    return "nested" if _within(a, b) or _within(b, a) else "never"


def _ends_before(one: Entry, other: Entry) -> bool:
    return bool(one.valid_to and other.valid_from and one.valid_to < other.valid_from)


def _within(inner: Entry, outer: Entry) -> bool:
    """Whether a unit of `inner` lies in what `outer` is for."""
    if not outer.scope:
        return True
    return any(f"/{wide}/" in f"/{unit}/" for wide in outer.scope for unit in inner.scope)


def _depth(entry: Entry) -> int:
    return max((unit.count("/") + 1 for unit in entry.scope), default=0)


def _nothing_there(located: Located, *, alone: bool) -> Problem:
    target = located.entry.overrides
    if alone:
        what = f"这个文件里没有编号是「{target}」的条目"
        remedy = "在别的文件里的话没有错：查整个文件夹就知道"
        return located.problem(("overrides",), what, remedy, severity="warning")
    what = f"没有编号是「{target}」的条目"
    return located.problem(("overrides",), what, "核对编号，或删掉「替代」")


def _override(located: Located, target: Located, family: Family) -> Iterator[Problem]:
    entry = located.entry
    if entry.id in family.above(entry.id):
        what = f"「{entry.id}」绕了一圈替代到自己"
        yield located.problem(("overrides",), what, "删掉其中一个「替代」")
    elif not entry.scope:
        what = f"没有写「适用」，会在所有地方替代「{entry.overrides}」"
        remedy = "写上适用的镇或村；真要全部替代，就直接改那一条"
        yield located.problem(("overrides",), what, remedy, severity="warning")
    elif target.entry.scope and not _within(entry, target.entry):
        what = f"适用的地方不在「{entry.overrides}」的范围里，替代不起作用"
        yield located.problem(("overrides",), what, "核对两条的「适用」", severity="warning")
