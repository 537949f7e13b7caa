"""客套话: what people say around a question, taken off before it is looked up.

The pieces stand in tables/wrappers.yaml. What the whole message is, a report or a question, is
judged by `intent` on the text as it came.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from faq.text import key, normalise
from files.problem import FileError, Problem
from files.yaml_lines import Item, Steps, read_mapping

_NAMES, _UNLESS, _TESTS = "词", "有这些不去", "测试"
_PIECES = ("开头", "称呼", "结尾")
_KNOWN = (_NAMES, *_PIECES, _UNLESS, _TESTS)
# <name of a list>, (one/or other), (may/be/missing)?, plain characters
_PART = re.compile(r"<[^<>]+>|\(|\)|(?<=[)>])\?|/|[\u4e00-\u9fffa-z0-9]+")
_ANY = {"<字>": "[\u4e00-\u9fff]"}
# The parts of a pattern that `_form` has made.
_BIT = re.compile(r"\(\?:|\)|\(\?!\)|\[[^]]*\]|[?|+]|[^()\[\]?|+]")
# A group of alternatives without another inside; what may be missing; a bracket without its other.
_GROUP = re.compile(r"\(([^()]*)\)(\??)")
_MISSING = re.compile(r"_\?")
_BRACKET = re.compile(r"[()]")
_PAUSE = re.compile(r"[\W_]+")
# The longest piece that is looked for, the longest word that a cut might go through.
_LONGEST = 24
_WORD = 5
_LEAST = 2
_NOTHING = "(?!)"
# After this nothing goes on: 问一下 is not 问一 and 下星期.
_A_BIT = "一下"
IsWord = Callable[[str], bool]


@dataclass(frozen=True)
class WrapperTest:
    """A sentence of the table and what must be left of it."""

    said: str
    left: str
    file: str = ""
    line: int = 0


class Wrappers:
    """Openers, forms of address and closers, compiled; without any it leaves a text as it is."""

    def __init__(
        self,
        pieces: Sequence[str] = (_NOTHING,) * 3,
        unless: Sequence[str] = (),
        tests: Sequence[WrapperTest] = (),
    ) -> None:
        self._openers, self._addresses = map(re.compile, pieces[:2])
        closers = pieces[2]
        self._closes = re.compile(rf"(?:{closers}|{_PAUSE.pattern})\Z")
        # Whether there is any closer is seen at once from the end of the text.
        self._closes_backwards = re.compile(rf"{_backwards(closers)}|{_PAUSE.pattern}")
        self._unless = tuple(unless)
        self.tests = tuple(tests)

    @classmethod
    def load(cls, file: Path, data: bytes | None = None) -> "Wrappers":
        """Read the table; raises FileError with everything that is wrong."""
        table = _Table(read_mapping(file, data))
        return table.wrappers()

    def strip(self, clean: str, is_word: IsWord) -> str:
        """A normalised text without its wrapping.

        No piece is taken off that would leave nothing, nor one that would cut through a word.
        """
        start, end = 0, len(clean)
        while True:
            cuts = self._cuts(clean[start:end])
            found = next((cut for cut in cuts if _is_clean(clean[start:end], *cut, is_word)), None)
            if found is None:
                return clean[start:end]
            start, end = start + found[0], start + found[1]

    def _cuts(self, text: str) -> Iterator[tuple[int, int]]:
        """What may be left, with the longest opener or else the longest closer gone."""
        if self._may_open(text):
            for end in range(min(len(text), _LONGEST), 0, -1):
                if self._opens(text, end):
                    yield end, len(text)
        if self._closes_backwards.match(text[-_LONGEST:][::-1]):
            for start in range(max(0, len(text) - _LONGEST), len(text)):
                if self._closes.match(text, start):
                    yield 0, start

    def _may_open(self, text: str) -> bool:
        return any(p.match(text) for p in (self._openers, self._addresses, _PAUSE))

    def _opens(self, text: str, end: int) -> bool:
        if any(word in text[:end] for word in self._unless):
            return False
        if self._openers.fullmatch(text, 0, end) or _PAUSE.fullmatch(text, 0, end):
            return True
        return bool(self._addresses.fullmatch(text, 0, end)) and self._goes_on(text, end)

    def _goes_on(self, text: str, end: int) -> bool:
        """Only before a pause or another opener it is an address: 邻长是谁 asks for the 邻长."""
        return bool(_PAUSE.match(text, end) or self._openers.match(text, end))


def _is_clean(text: str, start: int, end: int, is_word: IsWord) -> bool:
    if len(key(text[start:end])) < _LEAST:
        return False
    cut = start or end
    if text.endswith(_A_BIT, 0, start):
        return True
    return not any(
        is_word(text[first:last])
        for first in range(max(0, cut - _WORD + 1), cut)
        for last in range(cut + 1, min(len(text), first + _WORD) + 1)
    )


class _Table:
    """The file while it is being read."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._problems: list[Problem] = []

    def wrappers(self) -> Wrappers:
        """Everything in it, or everything that is wrong with it."""
        for name in self._item.value:
            if name not in _KNOWN:
                self._tell((name,), "没有这一类", "可写的有：" + "、".join(_KNOWN))
        names = self._names()
        openers, addresses, closers = (self._forms((name,), names) for name in _PIECES)
        unless = [normalise(word) for word in self._texts((_UNLESS,))]
        tests = [*self._tests()]
        if self._problems:
            raise FileError(self._problems)
        # Who is spoken to and who speaks often come in a row: 喂王书记我是三组的老王
        return Wrappers((openers, f"{addresses}+", closers), unless, tests)

    def _names(self) -> dict[str, str]:
        """The lists of words; each may use those before it."""
        lists = self._item.value.get(_NAMES) or {}
        names = dict(_ANY)
        if not isinstance(lists, dict):
            self._tell((_NAMES,), "要写成「名称: [词, 词, …]」")
            return names
        for name in lists:
            names[f"<{name}>"] = self._forms((_NAMES, name), names)
        return names

    def _texts(self, path: tuple[str, ...]) -> list[str]:
        value = self._item.value
        for step in path:
            value = value.get(step)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(word, str) and word for word in value):
            return value
        self._tell(path, "要写成 [说法, 说法, …]", "只有一个也要加方括号")
        return []

    def _forms(self, path: tuple[str, ...], names: Mapping[str, str]) -> str:
        texts = enumerate(self._texts(path))
        found = [self._form((*path, number), text, names) for number, text in texts]
        single = "".join(form for form in found if len(form) == 1)
        forms = [f"[{single}]" if single else "", *(form for form in found if len(form) > 1)]
        return "(?:" + "|".join(filter(None, forms)) + ")" if any(forms) else _NOTHING

    def _form(self, path: Steps, text: str, names: Mapping[str, str]) -> str:
        """A piece as the table writes it, as a pattern."""
        signs = {"(": "(?:", "/": "|", **names}
        parts = _PART.findall(normalise(text))
        unknown = next((p for p in parts if p[0] == "<" and p not in names), "")
        form = "".join(signs.get(part, part) for part in parts)
        # What a list of words stands for is right already, is never nothing, and is often long.
        brief = _least("".join("_" if part in names else part for part in parts))
        if unknown:
            self._tell(path, f"「词」里没有{unknown}", "先在「词」里列出来")
        elif "".join(parts) != normalise(text) or _BRACKET.search(brief):
            self._tell(path, f"「{text}」看不懂", "可用的写法：(甲/乙)、(可有可无)?、<词>")
        elif not brief:
            self._tell(path, f"「{text}」什么都不写也算", "至少有一部分不能省")
        else:
            return form
        return ""

    def _tests(self) -> Iterator[WrapperTest]:
        for number, pair in enumerate(self._item.value.get(_TESTS) or ()):
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(t, str) for t in pair):
                line = self._item.line_of((_TESTS, number))
                yield WrapperTest(pair[0], pair[1], self._item.file, line)
            else:
                self._tell((_TESTS, number), "要写成 [整句, 去掉客套话剩下的]")

    def _tell(self, path: Steps, what: str, remedy: str = "") -> None:
        self._problems.append(self._item.problem(path, what, remedy))


def _backwards(pattern: str) -> str:
    """The pattern that fits the turned text wherever the given one fits the text."""
    turned: list[str] = []
    signs: list[str] = []
    sign = ""
    for bit in reversed(_BIT.findall(pattern)):
        if bit in "?+":
            sign = bit
            continue
        if bit == ")":
            signs.append(sign)
            turned.append("(?:")
        else:
            turned.append(f"){signs.pop()}" if bit == "(?:" else bit + sign)
        sign = ""
    return "".join(turned)


def _least(form: str) -> str:
    """Something that the form always has, "" if it may be nothing; brackets that are left over
    have no other. Compiling each form only to see that took a twelfth of the start."""
    form, groups = _MISSING.sub("", form), 1
    while groups:
        form, groups = _GROUP.subn(_least_of_group, form)
    return "" if "" in form.split("/") and not _BRACKET.search(form) else form


def _least_of_group(hit: re.Match[str]) -> str:
    return "" if hit[2] or "" in hit[1].split("/") else "_"
