"""Learns speech/accusing.json and shows how well a complaint about a 长 is heard.

    python -m benchmarks.accusing_learning [--only-judge]

The figures are of sentences whose every part was held out, and of ways of writing that were. What
is written has seen all of them. The sentences are benchmarks/accusing_data.py's.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.accusing_data import FOLDS, LADDER, STYLES, SaidRole, WrittenSentence, written
from speech.accusing import ACCUSED, DOUBTFUL, Weights, looks
from speech.roles import Mention, spoken_of

OUT = Path("speech/accusing.json")
#: A feature has to come of so many different parts, or it is only somebody's sentence.
_LEAST_PARTS = 3
_ROUNDS = 400
_RATE = 0.05
_DECAY = 3.0
#: A weight below this changes no verdict.
_SMALLEST = 0.03


@dataclass(frozen=True)
class SeenMention:
    """One mention of a sentence: its features, and whether it is the one complained about."""

    features: frozenset[str]
    accused: bool


@dataclass(frozen=True)
class Example:
    """One sentence with its mentions."""

    said: WrittenSentence
    seen: tuple[SeenMention, ...]

    def likelihood(self, weights: Weights) -> float:
        """Of a complaint in it at all."""
        return max((weights.likelihood(one.features) for one in self.seen), default=0.0)


def examples() -> list[Example]:
    """All sentences, read as the service reads them."""
    return [Example(said, tuple(_seen(said))) for said in written()]


def _seen(said: WrittenSentence) -> Iterator[SeenMention]:
    mentions = spoken_of(said.text, LADDER)
    for one, features in zip(mentions, looks(said.text, mentions), strict=True):
        yield SeenMention(frozenset(features), any(_is(slot, one) for slot in said.slots))


def _is(slot: SaidRole, one: Mention) -> bool:
    return slot.accused and one.start < slot.end and slot.start < one.end


def learn(given: Sequence[Example]) -> Weights:
    """Logistic regression with a penalty; complaints and mentions count alike."""
    names = _names(given)
    rows = [(one, names) for example in given for one in example.seen]
    found = [[names[f] for f in one.features if f in names] for one, _ in rows]
    right = np.array([one.accused for one, _ in rows], dtype=np.float64)
    flat = np.array([n for row in found for n in row], dtype=np.int64)
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in found])
    counts = np.where(right > 0, 0.5 / right.sum(), 0.5 / (1 - right).sum())
    weights, bias = _descended(flat, owner, right, counts, len(names))
    kept = {name: round(float(weights[n]), 3) for name, n in names.items()}
    return Weights(round(bias, 3), {k: v for k, v in kept.items() if abs(v) >= _SMALLEST})


def _names(given: Sequence[Example]) -> dict[str, int]:
    parts: dict[str, set[str]] = defaultdict(set)
    for example in given:
        for one in example.seen:
            for feature in one.features:
                parts[feature].add(example.said.parts[-1])
    often = sorted(feature for feature, of in parts.items() if len(of) >= _LEAST_PARTS)
    return {feature: n for n, feature in enumerate(often)}


def _descended(
    flat: NDArray[np.int64],
    owner: NDArray[np.int64],
    right: NDArray[np.float64],
    counts: NDArray[np.float64],
    size: int,
) -> tuple[NDArray[np.float64], float]:
    """Adam over all examples at once; the last place is the bias."""
    state = np.zeros(size + 1)
    first, second = np.zeros(size + 1), np.zeros(size + 1)
    for step in range(1, _ROUNDS + 1):
        logits = np.bincount(owner, state[flat], len(right)) + state[-1]
        slope = (1 / (1 + np.exp(-logits)) - right) * counts
        whole = np.append(np.bincount(flat, slope[owner], size), slope.sum())
        whole[:-1] += _DECAY * state[:-1] / len(right)
        first = 0.9 * first + 0.1 * whole
        second = 0.999 * second + 0.001 * whole * whole
        size_now = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        state -= _RATE * first / (1 - 0.9**step) / size_now
    return state[:-1], float(state[-1])


# --- how good it is ---


@dataclass
class Figures:
    """How many complaints were heard and how many mentions taken for one, of how many."""

    heard: int = 0
    complaints: int = 0
    false: int = 0
    mentions: int = 0

    def count(self, example: Example, weights: Weights, least: float) -> bool:
        """Whether it was judged right."""
        found, truth = example.likelihood(weights) >= least, example.said.is_complaint
        self.heard += found and truth
        self.complaints += truth
        self.false += found and not truth
        self.mentions += not truth
        return found == truth

    def row(self) -> tuple[str, str]:
        """Shares as they are printed."""
        return (
            f"{self.heard / max(self.complaints, 1):.1%} / {self.complaints}",
            f"{self.false / max(self.mentions, 1):.2%} / {self.mentions}",
        )


def by_template(all_: Sequence[Example], least: float, wrong: list[str]) -> Figures:
    """Each sentence judged by weights that have seen none of its parts."""
    figures = Figures()
    for fold in range(FOLDS):
        weights = learn([one for one in all_ if fold not in one.said.folds])
        for one in (one for one in all_ if one.said.folds == {fold}):
            if not figures.count(one, weights, least):
                wrong.append(f"{'漏' if one.said.is_complaint else '误'} {one.said.text}")
    return figures


def by_style(all_: Sequence[Example], least: float) -> Figures:
    """Each sentence judged by weights that have seen neither its way of writing nor its fold."""
    figures = Figures()
    for style in STYLES:
        weights = learn([one for one in all_ if one.said.style != style])
        for one in (one for one in all_ if one.said.style == style):
            figures.count(one, weights, least)
    return figures


def save(weights: Weights) -> None:
    """One weight a line, so that a change shows."""
    data = {"made_by": "benchmarks/accusing_learning.py", "bias": weights.bias}
    data |= {"weights": dict(sorted(weights.of.items()))}
    OUT.write_text(f"{json.dumps(data, ensure_ascii=False, indent=0)}\n", "utf-8")


def main() -> int:
    """Read, judge, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-judge", action="store_true", help="只评测，不改 accusing.json")
    parser.add_argument("--wrong", action="store_true", help="列出判错的句子")
    options = parser.parse_args()
    console, given = Console(), examples()
    table = Table(title=f"反映三长的话：{len(given)} 句")
    for column in ("留出", "起点", "听出的反映 / 共", "误认的提到 / 共"):
        table.add_column(column)
    wrong: list[str] = []
    for least in (DOUBTFUL, ACCUSED):
        wrong.clear()
        table.add_row("模板", f"{least}", *by_template(given, least, wrong).row())
    table.add_row("写法", f"{ACCUSED}", *by_style(given, ACCUSED).row())
    console.print(table)
    if options.wrong:
        console.print("\n".join(sorted(wrong)))
    if not options.only_judge:
        save(learn(given))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
