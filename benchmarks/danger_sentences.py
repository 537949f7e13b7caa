"""Sentences to learn from, made of the patterns and slots in danger_*.yaml in several styles.

What is learnt from them is left to `danger`.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.danger import SHIPPED as EMERGENCIES
from faq.danger import EmergencyClass
from faq.danger_signs import SHIPPED as SIGNS
from faq.entries import load_entries
from files.dialect import SHIPPED as DIALECT
from files.dialect import DialectWord
from files.file_model import build_all
from files.yaml_lines import read_lists, read_mapping

_HERE = Path(__file__).parent
FAQ = _HERE.parent / "faq"
_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{([^{}]*)\}")
#: How many sentences are made of a pattern in each style.
_OF_DANGER, _ORDINARY = 24, 28
#: Sentences that stand in the project already: what a phrase must and must not set off, and what
#: the FAQ answers.
_TESTED, _ASKED = "tests", "faq"


@dataclass(frozen=True)
class Sentence:
    """One sentence: its class ("" if ordinary), and the pattern and the style it was made in."""

    text: str
    kind: str
    family: str
    pattern: str
    style: str


def sentences(seed: int = 1) -> Iterator[Sentence]:
    """All sentences, the same for the same tables and seed."""
    chance = random.Random(seed)
    # a slot may also be any group of the signs, so that every word of the table is learnt
    slots = read_lists(SIGNS) | read_lists(_HERE / "danger_slots.yaml")
    styles = _styles(slots)
    for pattern, kind, family in _patterns():
        for style, change in styles.items():
            each = range(_OF_DANGER if kind else _ORDINARY)
            made = {change(filled(pattern, slots, chance), chance) for _ in each}
            yield from (Sentence(text, kind, family, pattern, style) for text in sorted(made))
    yield from sorted(known_sentences(), key=lambda one: one.text)


def _patterns() -> Iterator[tuple[str, str, str]]:
    """(pattern, class or "", family)."""
    for name in ("danger_said.yaml", "danger_ordinary.yaml"):
        for family, patterns in read_mapping(_HERE / name).value.items():
            kind = family if name == "danger_said.yaml" else ""
            yield from ((pattern, kind, family) for pattern in patterns.strip().splitlines())


def filled(pattern: str, slots: Mapping[str, list[str]], chance: random.Random) -> str:
    """One sentence of a pattern."""
    while found := _CHOICE.search(pattern):
        chosen = chance.choice(found[1].split("|"))
        pattern = pattern[: found.start()] + chosen + pattern[found.end() :]
    return _SLOT.sub(lambda slot: chance.choice(slots[slot[1]]), pattern).strip("，")


def known_sentences() -> Iterator[Sentence]:
    """The sentences of the project's own tables, each a pattern of its own."""
    for kind in build_all(EmergencyClass, EMERGENCIES):
        for text in kind.tests.should:
            yield Sentence(text, kind.id, _TESTED, text, "plain")
        for text in kind.tests.should_not:
            yield Sentence(text, "", _TESTED, text, "plain")
    for located in load_entries(FAQ):
        for text in {*located.entry.phrasings, *located.entry.tests.should}:
            yield Sentence(text, "", _ASKED, text, "plain")


Change = Callable[[str, random.Random], str]


def _styles(slots: Mapping[str, list[str]]) -> dict[str, Change]:
    """The ways in which the same is said."""
    openings, endings, urges = slots["开头"], slots["结尾"], slots["催促"]
    mistaken = {pair[0]: pair[1] for pair in slots["错字"]}
    return {
        "plain": lambda text, _: text,
        "dialect": _in_dialect(),
        "shout": lambda text, chance: _shouted(text, chance.choice(urges), chance),
        "story": lambda text, chance: chance.choice(openings) + text + chance.choice(endings),
        "bare": lambda text, _: re.sub(r"[，！。]", "", text),
        "typing errors": lambda text, chance: _mistyped(text, mistaken, chance),
    }


def _shouted(text: str, urge: str, chance: random.Random) -> str:
    return f"{urge}{text}" if chance.random() < 0.5 else f"{text}，{urge}"


def _mistyped(text: str, mistaken: Mapping[str, str], chance: random.Random) -> str:
    """One or two letters mistaken, lost or doubled."""
    letters = list(text)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.randrange(len(letters))
        known = [n for n, letter in enumerate(letters) if letter in mistaken]
        if known and chance.random() < 0.7:
            at = chance.choice(known)
            letters[at] = mistaken[letters[at]]
        elif len(letters) > 6:
            letters[at] = chance.choice(("", letters[at] * 2))
    return "".join(letters)


def _in_dialect() -> Change:
    """Standard words said as the dialect table knows them, half of the time."""
    said: dict[str, list[str]] = {}
    for one in build_all(DialectWord, DIALECT):
        said.setdefault(one.word, []).extend(one.said)
    words = "|".join(sorted(map(re.escape, said), key=len, reverse=True))
    pattern = re.compile(words)

    def change(text: str, chance: random.Random) -> str:
        return pattern.sub(
            lambda word: chance.choice(said[word[0]]) if chance.random() < 0.5 else word[0], text
        )

    return change
