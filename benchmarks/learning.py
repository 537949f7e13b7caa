"""Two judgements learnt from examples: which entry is likely, and whether the very same is asked.

Small nets with one hidden layer, by hand in numpy: a deep-learning framework would be a hundred
times the size of the project. What an example is, is left to `calibrate`.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from faq.score import Net

_HIDDEN = 24
_NETS = 4
_THREADS = 2
_EPOCHS = 15
_BATCH = 256
_RATE = 3e-3
_DECAY = 5e-3


@dataclass(frozen=True)
class Counts:
    """What a message of each kind counts, in all sets and in single ones."""

    everywhere: Mapping[str, float]
    in_set: Mapping[str, Mapping[str, float]]

    def of(self, name: str, kind: str) -> float:
        """The count of a message of that kind in the set of that name."""
        return self.in_set.get(name, {}).get(kind, self.everywhere[kind])


#: Which entry, in what people usually write; near-misses hardly count.
_LIKELY = Counts(
    {"in": 1.0, "hard": 0.05, "complaint": 0.4, "chat": 3.0},
    {"general10k": {"in": 2.0}, "health1k": {"hard": 0.02}},
)
#: The very same question? Sets hold very different shares of near-misses, which alone would ask
#: for a threshold each: they count more where they are few and less where they are many.
_SAME = Counts(
    {"in": 1.0, "hard": 1.2, "complaint": 0.4, "chat": 3.0},
    {
        "general10k": {"hard": 1.8},
        "general1k": {"hard": 2.6},
        "health1k": {"in": 1.5, "hard": 0.28},
    },
)
Floats = NDArray[np.float32]


@dataclass
class Examples:
    """Queries with the features of their candidates."""

    rows: Floats  # query, candidate, feature
    real: Floats  # 1 where there is a candidate
    right: Floats  # 1 where the candidate belongs to the right entry
    folds: NDArray[np.int64]  # query, both groups that it touches
    kinds: Sequence[tuple[str, str, float]]  # set, kind, share

    def without(self, fold: int) -> "Examples":
        """Only the queries that have nothing to do with a part of the data."""
        kept = (self.folds != fold).all(axis=1)
        kinds = [kind for kind, keep in zip(self.kinds, kept, strict=True) if keep]
        rows, real, right = self.rows[kept], self.real[kept], self.right[kept]
        return Examples(rows, real, right, self.folds[kept], kinds)

    def counts(self, weights: Counts) -> Floats:
        """What each query counts."""
        found = [share * weights.of(name, kind) for name, kind, share in self.kinds]
        return np.array(found, dtype=np.float32)


def train(examples: Examples) -> tuple[Net, Net]:
    """Both judgements: likely, same."""
    seen = examples.rows[examples.real > 0]
    mean, spread = seen.mean(0), seen.std(0) + 1e-3
    scaled = (examples.rows - mean) / spread
    likely, same = (
        _unscaled(_nets(scaled, examples, weights), mean, spread) for weights in (_LIKELY, _SAME)
    )
    return likely, same


def _nets(scaled: Floats, examples: Examples, weights: Counts) -> list[list[Floats]]:
    """Several small nets from different starts."""
    one = partial(_train_one, scaled, examples, examples.counts(weights))
    with ThreadPoolExecutor(_THREADS) as pool:
        return [*track(pool.map(one, range(_NETS)), "训练", total=_NETS)]


def _unscaled(nets: Sequence[list[Floats]], mean: Floats, spread: Floats) -> Net:
    """The nets laid side by side as one, for features as they are."""
    hidden = np.concatenate([net[0] for net in nets], axis=1) / spread[:, None]
    bias = np.concatenate([net[1] for net in nets]) - mean @ hidden
    output = np.concatenate([net[2] for net in nets]) / len(nets)
    offset = float(np.mean([net[3][0] for net in nets]))
    return Net(
        hidden.astype(float).round(5), bias.astype(float).round(5),
        output.astype(float).round(5), round(offset, 5),
    )  # fmt: skip


def _train_one(scaled: Floats, examples: Examples, counts: Floats, seed: int) -> list[Floats]:
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
            part = (examples.real[chosen], examples.right[chosen], counts[chosen])
            slopes = _slopes(net, scaled[chosen], part)
            rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            _adam(net, slopes, (first, second), (rate, step))
    return net


def _slopes(net: list[Floats], rows: Floats, part: tuple[Floats, Floats, Floats]) -> list[Floats]:
    """Gradient of -log of the right entry's share (of "none of these" where there is none)."""
    real, right, counts = part
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
