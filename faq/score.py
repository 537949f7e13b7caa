"""The learnt judgement: how likely each candidate is what was asked, or none of them.

The coefficients are in model.json, made by benchmarks/calibrate.py; `features` are its input.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.features import INPUTS

Array = NDArray[np.float64]
_MODEL = Path(__file__).parent / "model.json"


@dataclass(frozen=True)
class Model:
    """One hidden layer over the features; a logit of 0 is "none of these"."""

    hidden: Array
    hidden_bias: Array
    output: Array
    bias: float

    @classmethod
    def read(cls, file: Path = _MODEL) -> "Model":
        """The coefficients of a file; they must be for today's features."""
        data = json.loads(file.read_text("utf-8"))
        if tuple(data["features"]) != INPUTS:
            raise ValueError(f"{file.name} was made for other features: run `make calibrate`")
        hidden, hidden_bias, output = (
            np.array(data[name], dtype=np.float64) for name in ("hidden", "hidden_bias", "output")
        )
        return cls(hidden, hidden_bias, output, bias=float(data["bias"]))

    @classmethod
    def blank(cls) -> "Model":
        """A model that knows nothing, to start learning from."""
        return cls(np.zeros((len(INPUTS), 1)), np.zeros(1), np.zeros(1), bias=0.0)

    def logits(self, rows: Array) -> list[float]:
        """One number per candidate; rounded, so that no machine's last bit changes an answer."""
        inner = np.tanh(rows @ self.hidden + self.hidden_bias)
        return [round(value, 6) for value in (inner @ self.output + self.bias).tolist()]


@cache
def shipped() -> Model:
    """The model of this version."""
    return Model.read()


def shares(logits: Sequence[float]) -> list[float]:
    """Each candidate's share of certainty against the others and against "none of these"."""
    if not logits:
        return []
    values = np.array([*logits, 0.0])
    powers = np.exp(values - np.maximum.reduce(values))
    return [round(value, 6) for value in (powers[:-1] / powers.sum()).tolist()]
