"""What is wrong between entries: one phrasing in two of them, overrides that lead nowhere.

Entries that no resident can ever see together (another unit, season or channel) do not collide.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from faq.entries import Entry, Located
from faq.places import ENTRY
from faq.problems import Problem
from faq.text import key, normalise

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


def _collision(
    located: Located, path: tuple[int | str, ...], other: Located, family: Family
) -> Iterator[Problem]:
    phrase = located.entry.phrasings[int(path[1]) + 1 if len(path) > 1 else 0]
    if other is located:
        message = f"「{phrase}」在这一条里写了两次"
        yield _problem(located, path, message, severity="info", advice="删掉一句")
        return
    there = f"{other.place} 的「{other.entry.id}」"
    meeting = "never" if family.related(located.entry, other.entry) else meet(located, other)
    if meeting == "same":
        advice = "只留在一条里；说的是一回事就并成一条"
        yield _problem(located, path, f"「{phrase}」{there}里也有", advice=advice)
    elif meeting == "nested":
        near = max(located.entry, other.entry, key=_depth)
        far = other.entry if near is located.entry else located.entry
        message = f"「{phrase}」{there}里也有，范围小的先用"
        advice = f"要替代它，请在「{near.id}」里写「替代: {far.id}」"
        yield _problem(located, path, message, severity="info", advice=advice)


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
        message = f"这个文件里没有编号是「{target}」的条目"
        advice = "在别的文件里的话没有错：查整个文件夹就知道"
        return _problem(located, ("overrides",), message, severity="warning", advice=advice)
    message = f"没有编号是「{target}」的条目"
    return _problem(located, ("overrides",), message, advice="核对编号，或删掉「替代」")


def _override(located: Located, target: Located, family: Family) -> Iterator[Problem]:
    entry = located.entry
    if entry.id in family.above(entry.id):
        message = f"「{entry.id}」绕了一圈替代到自己"
        yield _problem(located, ("overrides",), message, advice="删掉其中一个「替代」")
    elif not entry.scope:
        message = f"没有写「适用」，会在所有地方替代「{entry.overrides}」"
        advice = "写上适用的镇或村；真要全部替代，就直接改那一条"
        yield _problem(located, ("overrides",), message, severity="warning", advice=advice)
    elif target.entry.scope and not _within(entry, target.entry):
        message = f"适用的地方不在「{entry.overrides}」的范围里，替代不起作用"
        yield _problem(
            located, ("overrides",), message, severity="warning", advice="核对两条的「适用」"
        )


def _problem(located: Located, path: tuple[int | str, ...], message: str, **more: Any) -> Problem:
    field = Entry.chinese(str(path[0]))
    line = ENTRY.line(located.item, *path)
    return Problem(located.item.file, line, field, message, entry=located.entry.id, **more)
