"""The learnt judgement: how likely each candidate is what was asked, or none of them.

The coefficients are in model.json, made by benchmarks/calibrate.py; `features` are its input.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import mul
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq.features import INPUTS

#: What is known of a part of a message that is looked up by itself: how much it says that the entry
#: says too, how much the rest says, of how many clauses the part and the rest are, how many others
#: ask, how much of what the part lacks stands in the rest, whether its words are the entry's own.
AROUND = ("said", "rest", "joined", "around", "asking", "told", "same")

Array = NDArray[np.float64]
#: Of `likely` and of `same`.
Logits = tuple[float, float]
_MODEL = Path(__file__).parent / "model.json"


@dataclass(frozen=True)
class Net:
    """One hidden layer over the features; a logit of 0 is "none of these"."""

    hidden: Array
    hidden_bias: Array
    output: Array
    bias: float

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Net":
        """The coefficients as they are in the file."""
        hidden, hidden_bias, output = (
            np.array(data[name], dtype=np.float64) for name in ("hidden", "hidden_bias", "output")
        )
        return cls(hidden, hidden_bias, output, bias=float(data["bias"]))

    @classmethod
    def blank(cls) -> "Net":
        """A net that knows nothing."""
        return cls(np.zeros((len(INPUTS), 1)), np.zeros(1), np.zeros(1), bias=0.0)

    def logits(self, rows: Array) -> list[float]:
        """One number per candidate; rounded, so that no machine's last bit changes an answer."""
        inner = np.tanh(rows @ self.hidden + self.hidden_bias)
        return [round(value, 6) for value in (inner @ self.output + self.bias).tolist()]


@dataclass(frozen=True)
class Model:
    """Two judgements of the same features.

    `likely`: which entry, going by what people usually write. `same`: whether it asks the very
    same, having learnt mostly from questions that only look like an entry. One net for both cost
    5 to 9 points of coverage (docs/adr/0010).
    """

    likely: Net
    same: Net
    #: From which certainty of `same` on the bot answers, from which likelihood it asks back.
    answer: float
    suggest: float
    #: What each of AROUND is worth for a part of a message, and an offset.
    part: Sequence[float] = (0.0,) * (len(AROUND) + 1)

    def logits(self, rows: Array) -> list[Logits]:
        """What both nets say of each row, in one pass over their hidden layers side by side."""
        hidden, hidden_bias, output, bias = self._side_by_side
        both = (np.tanh(rows @ hidden + hidden_bias) @ output + bias).tolist()
        return [(round(likely, 6), round(same, 6)) for likely, same in both]

    def stands(self, around: Sequence[float]) -> float:
        """How likely a part of a message asks for what it would ask for by itself, 0 to 1."""
        told = sum(map(mul, self.part, around)) + self.part[-1]
        return round(1 / (1 + math.exp(-told)), 6)

    @cached_property
    def _side_by_side(self) -> tuple[Array, Array, Array, Array]:
        nets = (self.likely, self.same)
        sizes = [len(net.output) for net in nets]
        output = np.zeros((sum(sizes), 2))
        output[: sizes[0], 0], output[sizes[0] :, 1] = nets[0].output, nets[1].output
        hidden = np.concatenate([net.hidden for net in nets], axis=1)
        hidden_bias = np.concatenate([net.hidden_bias for net in nets])
        return hidden, hidden_bias, output, np.array([net.bias for net in nets])

    @classmethod
    def read(cls, file: Path = _MODEL) -> "Model":
        """The coefficients of a file; they must be for today's features."""
        data = json.loads(file.read_text("utf-8"))
        if tuple(data["features"]) != INPUTS:
            raise ValueError(f"{file.name} was made for other features: run `make calibrate`")
        likely, same = Net.of(data["likely"]), Net.of(data["same"])
        part = tuple(map(float, data["part"]))
        return cls(likely, same, float(data["answer"]), float(data["suggest"]), part)

    @classmethod
    def blank(cls) -> "Model":
        """A model that knows nothing, to start learning from."""
        return cls(Net.blank(), Net.blank(), answer=0.8, suggest=0.1)


@cache
def shipped() -> Model:
    """The model of this version."""
    return Model.read()


def shares(logits: Sequence[float]) -> list[float]:
    """Each candidate's share of certainty against the others and against "none of these"."""
    if not logits:
        return []
    most = max(*logits, 0.0)
    powers = [math.exp(value - most) for value in logits]
    total = sum(powers) + math.exp(-most)
    return [round(value / total, 6) for value in powers]
