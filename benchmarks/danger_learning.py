"""Learns the weights by which somebody in danger is heard, and says what they reach.

    make learn-danger [ARGS="--only-judge --ordinary FOLDER"]

Learnt from the patterns of danger_said.yaml and danger_ordinary.yaml. Judged on patterns that were
held out, in every style; with --ordinary also on the messages of question sets (see faq_data),
which are only counted, never learnt from.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.danger_sentences import Sentence, sentences
from benchmarks.faq_data import read_sets
from faq.danger import SHIPPED, Emergencies, EmergencyClass, Phrases, weighed_phrases
from faq.danger_model import FILE, PHRASE, PHRASE_OF, TELLING, DangerModel
from faq.danger_signs import NONE, Read, shipped_signs
from faq.text import key, normalise
from files.file_model import build_all

Floats = NDArray[np.float64]
#: Into how many parts the patterns are split; each is held out once.
FOLDS = 5
#: From which sum on it rings, and below which a phrase is silent: chosen on held-out patterns so
#: that false emergencies among ordinary letters stay near one in a thousand.
_RING, _SILENCE = 0.8, -1.0
#: What is taken off where no word of danger stands: only urgent words in a learnt order may ring.
_NAMELESS = 1.5
_GENERAL = "cry_for_help"
#: In how many patterns a feature must stand; fewer teach the pattern, not the language.
_FEWEST = 3
#: How hard each sort of weight is held near zero, and what an ordinary sentence counts.
_HOLD = {"sign": 0.3, "pair": 1.0, "gram": 1.0}
_ORDINARY, _ASKED = 1.5, 0.2
_ROUNDS, _ROUNDS_OF_KINDS = 100, 60
_RATE = 0.15
#: Weights smaller than these are left out: for danger, for a class of it.
_SMALL, _TELLING = 0.08, 0.3


@dataclass(frozen=True)
class DangerExample:
    """A sentence as the model sees it, and the class of the phrase that is heard in it."""

    sentence: Sentence
    read: Read
    phrase: str

    @property
    def features(self) -> list[tuple[str, str]]:
        """(sort, name) of all that speaks for or against danger."""
        signs = [*self.read.signs, *([PHRASE] if self.phrase else [])]
        return [
            *(("sign", sign) for sign in signs),
            *(("pair", pair) for pair in self.read.pairs),
            *(("gram", gram) for gram in self.read.grams),
        ]

    @property
    def tells(self) -> list[tuple[str, str]]:
        """(sort, name) of all that speaks for a class."""
        phrase = [("sign", f"{PHRASE_OF}{self.phrase}")] if self.phrase else []
        signs = [("sign", sign) for sign in self.read.signs]
        grams = [("gram", gram) for gram in self.read.grams if len(gram) == TELLING]
        return [("sign", ""), *phrase, *signs, *grams]


@cache
def _classes() -> Sequence[EmergencyClass]:
    return build_all(EmergencyClass, SHIPPED)


@cache
def _phrases() -> Phrases:
    return Phrases(_classes(), weighed_phrases())


def example(sentence: Sentence) -> DangerExample:
    """A sentence made ready; all of it is one piece."""
    bare = key(normalise(sentence.text))
    folded = shipped_signs().fold(bare)
    found = _phrases().find(bare) or _phrases().find(folded)
    phrase = _classes()[found.kind].id if found else ""
    return DangerExample(sentence, shipped_signs().read(folded), phrase)


class FeatureRows:
    """Which features each example has, so that weights can be summed and shared out."""

    def __init__(self, features: Iterable[Sequence[int]], columns: int) -> None:
        several = list(features)
        self.columns = columns
        self._row = np.repeat(np.arange(len(several)), [len(one) for one in several])
        self._column = np.array([number for one in several for number in one], dtype=np.int64)
        self.count = len(several)

    def sums(self, weights: Floats) -> Floats:
        """For each row the sum of its features' weights."""
        found = np.bincount(self._row, weights[self._column], minlength=self.count)
        return found.astype(np.float64)

    def shares(self, slopes: Floats) -> Floats:
        """For each feature the sum of its rows' slopes."""
        found = np.bincount(self._column, slopes[self._row], minlength=self.columns)
        return found.astype(np.float64)


class Steps:
    """Adam with a falling rate, on one vector of weights."""

    def __init__(self, size: int, rounds: int) -> None:
        self.weights = np.zeros(size)
        self._first, self._second = np.zeros(size), np.zeros(size)
        self._rounds, self._round = rounds, 0

    def go(self, slopes: Floats) -> None:
        """One step against the slopes."""
        self._round += 1
        self._first = 0.9 * self._first + 0.1 * slopes
        self._second = 0.99 * self._second + 0.01 * slopes * slopes
        pace = self._first / (1 - 0.9**self._round)
        size = np.sqrt(self._second / (1 - 0.99**self._round)) + 1e-9
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * self._round / self._rounds)) + 1e-4
        self.weights -= rate * pace / size


def _vocabulary(features: Iterable[tuple[Sentence, list[tuple[str, str]]]]) -> dict[str, int]:
    """The features worth a weight, by "sort name"."""
    patterns: dict[str, set[str]] = defaultdict(set)
    for sentence, several in features:
        for sort, name in several:
            patterns[f"{sort} {name}"].add(sentence.pattern)
    enough = (
        name
        for name, found in patterns.items()
        if len(found) >= _FEWEST or name.startswith("sign ")
    )
    # numbers of houses and telephones tell nothing
    told = sorted(name for name in enough if not any(char.isdigit() for char in name))
    return {name: number for number, name in enumerate(told)}


def _numbers(several: Iterable[tuple[str, str]], known: Mapping[str, int]) -> list[int]:
    names = (f"{sort} {name}" for sort, name in several)
    return [known[name] for name in names if name in known]


def _counts(examples: Sequence[DangerExample]) -> Floats:
    """Every pattern counts the same, an ordinary one a little more, a single question less."""
    sizes = Counter(one.sentence.pattern for one in examples)
    return np.array([_count(one.sentence) / sizes[one.sentence.pattern] for one in examples])


def _count(sentence: Sentence) -> float:
    if sentence.family == "faq":
        return _ASKED
    return 1.0 if sentence.kind else _ORDINARY


def learn(examples: Sequence[DangerExample]) -> DangerModel:
    """The model of these examples."""
    known = _vocabulary((one.sentence, one.features) for one in examples)
    rows = FeatureRows((_numbers(one.features, known) for one in examples), len(known))
    wanted = np.array([1.0 if one.sentence.kind else 0.0 for one in examples])
    counts = _counts(examples)
    counts /= counts.sum()
    hold = np.array([_HOLD[name.split(" ")[0]] for name in known]) / len(examples)
    steps, bias = Steps(len(known), _ROUNDS), Steps(1, _ROUNDS)
    for _ in range(_ROUNDS):
        sure = 1 / (1 + np.exp(-rows.sums(steps.weights) - bias.weights[0]))
        slopes = (sure - wanted) * counts
        steps.go(rows.shares(slopes) + hold * steps.weights)
        bias.go(np.array([slopes.sum()]))
    told = {name: float(round(steps.weights[number], 3)) for name, number in known.items()}
    grams = _of_sort(told, "gram")
    signs = _of_sort(told, "sign") | _of_sort(told, "pair")
    signs[NONE] = round(signs.get(NONE, 0.0) - _NAMELESS, 3)
    offset = float(round(bias.weights[0], 3))
    return DangerModel(offset, signs, grams, learn_kinds(examples), _RING, _SILENCE, _GENERAL)


def _of_sort(told: Mapping[str, float], sort: str) -> dict[str, float]:
    start = f"{sort} "
    return {
        name.removeprefix(start): weight
        for name, weight in told.items()
        if name.startswith(start) and abs(weight) >= _SMALL
    }


def learn_kinds(examples: Sequence[DangerExample]) -> dict[str, dict[str, float]]:
    """Which class each feature speaks for, learnt from those in danger."""
    dire = [one for one in examples if one.sentence.kind]
    known = _vocabulary((one.sentence, one.tells) for one in dire)
    rows = FeatureRows((_numbers(one.tells, known) for one in dire), len(known))
    kinds = sorted({one.sentence.kind for one in dire})
    wanted = np.array([[one.sentence.kind == kind for kind in kinds] for one in dire], dtype=float)
    hold = np.array([_HOLD[name.split(" ")[0]] for name in known]) / len(dire)
    steps = [Steps(len(known), _ROUNDS_OF_KINDS) for _ in kinds]
    for _ in range(_ROUNDS_OF_KINDS):
        sums = np.stack([rows.sums(one.weights) for one in steps], axis=1)
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        slopes = (powers / powers.sum(axis=1, keepdims=True) - wanted) / len(dire)
        for number, one in enumerate(steps):
            one.go(rows.shares(slopes[:, number]) + hold * one.weights)
    told: dict[str, dict[str, float]] = {}
    for name, number in known.items():
        weights = {k: float(round(s.weights[number], 2)) for k, s in zip(kinds, steps, strict=True)}
        kept = {kind: weight for kind, weight in weights.items() if abs(weight) >= _TELLING}
        if kept:
            told[name.split(" ", 1)[1]] = kept
    return told


def rings(model: DangerModel, one: DangerExample) -> bool:
    """Whether it is heard; the same rule as in `faq.danger`."""
    sure = model.sure(one.read, bool(one.phrase))
    return sure >= (model.silence if one.phrase else model.ring)


def fold_of(pattern: str) -> int:
    """Which part a pattern belongs to."""
    return hashlib.sha256(pattern.encode()).digest()[0] % FOLDS


@dataclass(frozen=True)
class JudgedDanger:
    """A held-out sentence: whether it was heard, and as which class."""

    sentence: Sentence
    heard: bool
    kind: str


def judge(examples: Sequence[DangerExample], console: Console) -> list[JudgedDanger]:
    """Every pattern judged by a model that has seen none of its sentences, in no style."""
    judged = []
    for fold in range(FOLDS):
        console.print(f"留出的第 {fold + 1} 份……")
        model = learn([one for one in examples if fold_of(one.sentence.pattern) != fold])
        for one in examples:
            if fold_of(one.sentence.pattern) == fold:
                kind = model.kind(one.read, one.phrase)
                judged.append(JudgedDanger(one.sentence, rings(model, one), kind))
    return judged


def judge_style(examples: Sequence[DangerExample], style: str) -> float:
    """How many in danger are heard in a style that nobody has learnt from."""
    model = learn([one for one in examples if one.sentence.style != style])
    mine = [one for one in examples if one.sentence.style == style and one.sentence.kind]
    return sum(rings(model, one) for one in mine) / len(mine)


def tables(judged: Sequence[JudgedDanger]) -> list[Table]:
    """What held-out patterns reach, by class, by family and by style."""
    dire = [one for one in judged if one.sentence.kind]
    ordinary = [one for one in judged if not one.sentence.kind]
    found = Table(title=f"留出句式里的险情（{len(dire)} 句）")
    for column in ("类", "听到", "类别对"):
        found.add_column(column)
    for kind, mine in _grouped(dire, "family").items():
        right = [one.kind == one.sentence.kind for one in mine]
        found.add_row(kind, f"{_heard(mine):.1%}", f"{sum(right) / len(right):.1%}")
    found.add_row("全部", f"{_heard(dire):.1%}", "")
    false = Table(title=f"留出句式里的平常话（{len(ordinary)} 句）")
    for column in ("族", "误响"):
        false.add_column(column)
    for family, mine in _grouped(ordinary, "family").items():
        false.add_row(family, f"{_heard(mine):.2%}")
    false.add_row("全部", f"{_heard(ordinary):.2%}")
    styles = Table(title="按说法")
    for column in ("说法", "听到", "误响"):
        styles.add_column(column)
    others = _grouped(ordinary, "style")
    for style, mine in _grouped(dire, "style").items():
        styles.add_row(style, f"{_heard(mine):.1%}", f"{_heard(others[style]):.2%}")
    return [found, false, styles]


def _heard(judged: Sequence[JudgedDanger]) -> float:
    return sum(one.heard for one in judged) / max(len(judged), 1)


def _grouped(judged: Iterable[JudgedDanger], by: str) -> dict[str, list[JudgedDanger]]:
    groups: dict[str, list[JudgedDanger]] = defaultdict(list)
    for one in judged:
        groups[str(getattr(one.sentence, by))].append(one)
    return groups


def ordinary(folder: Path, model: DangerModel) -> Table:
    """False emergencies among the messages of question sets, which nobody has learnt from."""
    emergencies = Emergencies(_classes(), model=model)
    kinds: dict[str, str] = {}
    for one in read_sets(folder):
        kinds |= {query.text: query.kind for query in one.queries}
    table = Table(title="平常的留言、提问、闲聊里的误响")
    for column in ("种类", "条", "误响", "占比"):
        table.add_column(column)
    rung = Counter(kind for text, kind in kinds.items() if emergencies.match(text))
    for kind, count in sorted(Counter(kinds.values()).items()):
        table.add_row(kind, str(count), str(rung[kind]), f"{rung[kind] / count:.3%}")
    table.add_row("全部", str(len(kinds)), str(rung.total()), f"{rung.total() / len(kinds):.3%}")
    return table


def save(model: DangerModel, file: Path) -> None:
    """Write the weights, those of one first letter in a line, so that a change can be read."""
    plain = asdict(model)
    parts = [f"{json.dumps(name)}: {_lines(value)}" for name, value in plain.items()]
    file.write_text("{" + ",\n".join(parts) + "}\n", "utf-8")


def _lines(value: object) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    lines: dict[str, dict[str, object]] = defaultdict(dict)
    for name in sorted(value):
        lines[name[:1]][name] = value[name]
    several = (json.dumps(line, ensure_ascii=False)[1:-1] for line in lines.values())
    return "{" + ",\n".join(several) + "}"


def main() -> int:
    """Make the sentences, learn, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--only-judge", action="store_true", help="只评测，不改 danger.json")
    parser.add_argument("--no-judge", action="store_true", help="不评测，只学")
    parser.add_argument("--ordinary", type=Path, help="文件夹：每个子文件夹一个问题集，只数误响")
    options = parser.parse_args()
    console = Console()
    examples = [example(sentence) for sentence in sentences()]
    console.print(f"{len(examples)} 句，{len({o.sentence.pattern for o in examples})} 个句式")
    if not options.no_judge:
        for table in tables(judge(examples, console)):
            console.print(table)
        for style in ("dialect", "typing errors"):
            console.print(f"没学过的说法 {style}：听到 {judge_style(examples, style):.1%}")
    model = learn(examples)
    if options.ordinary:
        console.print(ordinary(options.ordinary, model))
    if not options.only_judge:
        save(model, options.out)
        console.print(f"已写入 {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
