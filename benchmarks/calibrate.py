"""Learns faq/model.json from question sets and shows which thresholds buy what.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.calibrate FOLDER

A quarter of the question groups is held out in turn for the printed figures; the model that is
written has seen all of them. Only numbers leave the data: no text of theirs gets into the model.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from benchmarks.faq_data import (
    ADVERSE,
    FOLDS,
    PLAIN,
    Outcome,
    QuestionSet,
    answered_share,
    at_threshold,
    coverage,
    mean_reciprocal_rank,
    read_sets,
    top1,
)
from faq import segment, text
from faq.book import Thresholds, load_lexicon
from faq.features import INPUTS
from faq.ranking import LIMIT, Ranking, certainty
from faq.score import Model

_HIDDEN = 24
_NETS = 6
_THREADS = 2
_EPOCHS = 25
_BATCH = 256
_RATE = 3e-3
_DECAY = 5e-3
#: What a message of each kind counts; near-misses are few and are the weak point.
_COUNTS = {"in": 1.0, "hard": 1.2, "complaint": 0.4, "chat": 1.3}
#: Sets hold very different shares of near-misses, which alone would ask for a threshold each: the
#: same message counts more where they are few and less where they are many.
_COUNTS_IN = {
    "general10k": {"hard": 1.8},
    "general1k": {"hard": 2.4},
    "health1k": {"in": 1.5, "hard": 0.42},
}
Floats = NDArray[np.float32]


@dataclass
class Examples:
    """Queries with the features of their candidates."""

    rows: Floats  # query, candidate, feature
    real: Floats  # 1 where there is a candidate
    right: Floats  # 1 where the candidate belongs to the right entry
    counts: Floats
    folds: NDArray[np.int64]

    def part(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Only some of the queries."""
        return Examples(
            self.rows[chosen],
            self.real[chosen],
            self.right[chosen],
            self.counts[chosen],
            self.folds[chosen],
        )


def collect(sets: Sequence[QuestionSet]) -> Examples:
    """Features of every query with its candidates."""
    lexicon = load_lexicon()
    blank = Model.blank()
    rows: list[tuple[Floats, list[bool], str, str, int]] = []
    with Progress(transient=True) as progress:
        for one in sets:
            ranking = Ranking(one.phrasings, lexicon, blank)
            task = progress.add_task(one.name, total=len(one.queries))
            for query in one.queries:
                shape = ranking.read(text.normalise(query.text))
                numbers = ranking.index.candidates(shape, None, LIMIT)
                right = [ranking.owners[number] == query.entry for number in numbers]
                found = ranking.rows(shape, numbers).astype(np.float32)
                rows.append((found, right, one.name, query.kind, query.fold))
                progress.advance(task)
    return _stack(rows)


def _stack(rows: Sequence[tuple[Floats, list[bool], str, str, int]]) -> Examples:
    shape = (len(rows), LIMIT)
    stacked = np.zeros((*shape, len(INPUTS)), dtype=np.float32)
    real, right = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    for number, (found, marks, *_) in enumerate(rows):
        if marks:
            stacked[number, : len(marks)] = found
            real[number, : len(marks)] = 1
            right[number, : len(marks)] = marks
    counts = [(_COUNTS | _COUNTS_IN.get(name, {}))[kind] for *_, name, kind, _ in rows]
    folds = np.array([fold for *_, fold in rows])
    return Examples(stacked, real, right, np.array(counts, dtype=np.float32), folds)


def train(examples: Examples) -> Model:
    """Several small nets from different starts, laid side by side as one."""
    seen = examples.rows[examples.real > 0]
    mean, spread = seen.mean(0), seen.std(0) + 1e-3
    one = partial(_train_one, (examples.rows - mean) / spread, examples)
    with ThreadPoolExecutor(_THREADS) as pool:
        nets = [*track(pool.map(one, range(_NETS)), "训练", total=_NETS)]
    hidden = np.concatenate([net[0] for net in nets], axis=1) / spread[:, None]
    bias = np.concatenate([net[1] for net in nets]) - mean @ hidden
    output = np.concatenate([net[2] for net in nets]) / _NETS
    offset = float(np.mean([net[3][0] for net in nets]))
    return Model(
        hidden.astype(float).round(5), bias.astype(float).round(5),
        output.astype(float).round(5), round(offset, 5),
    )  # fmt: skip


def _train_one(scaled: Floats, examples: Examples, seed: int) -> list[Floats]:
    random = np.random.default_rng(seed)
    features = scaled.shape[2]
    net = [
        random.normal(0, 1 / np.sqrt(features), (features, _HIDDEN)).astype(np.float32),
        np.zeros(_HIDDEN, dtype=np.float32),
        random.normal(0, 1 / np.sqrt(_HIDDEN), _HIDDEN).astype(np.float32),
        np.zeros(1, dtype=np.float32),
    ]
    first = [np.zeros_like(part) for part in net]
    second = [np.zeros_like(part) for part in net]
    steps = _EPOCHS * -(-len(scaled) // _BATCH)
    step = 0
    for _ in range(_EPOCHS):
        order = random.permutation(len(scaled))
        for start in range(0, len(order), _BATCH):
            step += 1
            chosen = order[start : start + _BATCH]
            slopes = _slopes(net, scaled[chosen], examples, chosen)
            rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            _adam(net, slopes, (first, second), (rate, step))
    return net


def _slopes(
    net: list[Floats], rows: Floats, examples: Examples, chosen: NDArray[np.int64]
) -> list[Floats]:
    """Gradient of -log of the right entry's share (of "none of these" where there is none)."""
    real, right, counts = (a[chosen] for a in (examples.real, examples.right, examples.counts))
    there = real > 0
    rows = rows[there]
    inner = np.tanh(rows @ net[0] + net[1])
    logits = np.full(real.shape, -30, dtype=np.float32)
    logits[there] = inner @ net[2] + net[3]
    top = np.maximum(logits.max(1), 0)
    powers = np.exp(logits - top[:, None]) * real
    share = powers / (powers.sum(1) + np.exp(-top))[:, None]
    hit = share * right
    wanted = hit / np.maximum(hit.sum(1), 1e-9)[:, None]
    slope = ((share - wanted) * counts[:, None] / counts.sum())[there]
    back = slope[:, None] * net[2] * (1 - inner * inner)
    return [
        rows.T @ back,
        back.sum(0),
        slope @ inner,
        np.array([slope.sum()], dtype=np.float32),
    ]


def _adam(
    net: list[Floats],
    slopes: list[Floats],
    moments: tuple[list[Floats], list[Floats]],
    pace: tuple[float, int],
) -> None:
    first, second = moments
    rate, step = pace
    for i, slope in enumerate(slopes):
        first[i] = 0.9 * first[i] + 0.1 * slope
        second[i] = 0.999 * second[i] + 0.001 * slope * slope
        size = np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8
        decay = _DECAY * net[i] if i in (0, 2) else 0.0
        net[i] -= rate * (first[i] / (1 - 0.9**step) / size + decay)


def judge(model: Model, sets: Sequence[QuestionSet], fold: int) -> dict[str, list[Outcome]]:
    """What the whole matcher makes of the queries of one fold."""
    lexicon = load_lexicon()
    results: dict[str, list[Outcome]] = {}
    for one in track(sets, f"评测（留出的第 {fold + 1} 份）"):
        ranking = Ranking(one.phrasings, lexicon, model)
        results[one.name] = [
            _outcome(ranking, query.text, query.entry, query.kind)
            for query in one.queries
            if query.fold == fold
        ]
    return results


def _outcome(ranking: Ranking, message: str, entry: int, kind: str) -> Outcome:
    hits = ranking.ask(ranking.read(text.normalise(message)))
    order = [hit.entry for hit in hits]
    rank = order.index(entry) + 1 if entry in order else 0
    return Outcome(kind, rank, certainty(hits)[0] if hits else 0.0)


def save(model: Model, file: Path) -> None:
    """Write the coefficients so that a change shows line by line."""
    data = {
        "made_by": "benchmarks/calibrate.py",
        "features": list(INPUTS),
        "hidden": model.hidden.tolist(),
        "hidden_bias": model.hidden_bias.tolist(),
        "output": model.output.tolist(),
        "bias": model.bias,
    }
    lines = json.dumps(data, ensure_ascii=False).replace("], [", "],\n[").replace(', "', ',\n"')
    file.write_text(lines + "\n", "utf-8")


def tables(results: dict[str, list[Outcome]], threshold: float) -> list[Table]:
    """What the matcher reaches, and what other thresholds would buy."""
    best = Table(title="留出数据：按集合自定阈值")
    for column in ("集合", "top-1", "MRR@10", "覆盖@1%", "阈值", "覆盖@2%", "adverse 覆盖@1%"):
        best.add_column(column)
    fixed = Table(title="留出数据：固定阈值")
    for column in ("集合", "阈值", "覆盖", "答错", "答了难例", "答了诉求", "答了闲聊"):
        fixed.add_column(column)
    for name, outcomes in results.items():
        one, two = coverage(outcomes, PLAIN, 0.01), coverage(outcomes, PLAIN, 0.02)
        best.add_row(
            name, f"{top1(outcomes):.3f}", f"{mean_reciprocal_rank(outcomes):.3f}",
            f"{one[0]:.3f}", f"{one[1]:.2f}", f"{two[0]:.3f}",
            f"{coverage(outcomes, ADVERSE, 0.01)[0]:.3f}",
        )  # fmt: skip
        for value in sorted({0.6, 0.7, 0.75, 0.8, 0.82, 0.84, 0.86, 0.88, threshold}):
            covered, wrong = at_threshold(outcomes, PLAIN, value)
            others = ("hard", "complaint", "chat")
            kinds = [answered_share(outcomes, kind, value) for kind in others]
            mark = " ←" if value == threshold else ""
            cells = [f"{value:.2f}{mark}", f"{covered:.3f}", f"{wrong:.2%}"]
            fixed.add_row(name, *cells, *(f"{share:.2%}" for share in kinds))
    return [best, fixed]


def main() -> int:
    """Read, learn, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="文件夹：每个子文件夹一个问题集")
    parser.add_argument("--out", type=Path, default=Path("faq/model.json"))
    parser.add_argument("--only-judge", action="store_true", help="只评测，不改 model.json")
    options = parser.parse_args()
    segment.warm_up()
    text.warm_up()
    sets = read_sets(options.folder)
    examples = collect(sets)
    results: dict[str, list[Outcome]] = {one.name: [] for one in sets}
    for fold in range(FOLDS):
        model = train(examples.part(examples.folds != fold))
        for name, outcomes in judge(model, sets, fold).items():
            results[name] += outcomes
    console = Console()
    for table in tables(results, Thresholds().answer):
        console.print(table)
    if not options.only_judge:
        save(train(examples), options.out)
        console.print(f"已写入 {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
