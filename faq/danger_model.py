"""What the signs of danger weigh together: how sure it is that somebody is in danger, and which.

The weights are in danger.json, learnt by `make learn-danger` from the patterns beside
benchmarks/danger_learning.py; which signs there are is told in `danger_signs`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path

from faq.danger_signs import Read

FILE = Path(__file__).parent / "danger.json"
#: A phrase that rings was heard, and which class it is of; the latter only for telling classes.
PHRASE, PHRASE_OF = "phrase", "phrase:"
#: How long the runs of characters are that tell a class.
TELLING = 2
_NOTHING: Mapping[str, float] = {}
_ZEROS = repeat(0.0)


@dataclass(frozen=True)
class DangerModel:
    """Sums of weights: no net, so that anybody can look up why.

    ``signs`` (and pairs of them) and ``grams`` (runs of characters) speak for danger or against;
    ``kinds`` has for each sign and short run which classes of danger it speaks for.
    """

    bias: float
    signs: Mapping[str, float]
    grams: Mapping[str, float]
    kinds: Mapping[str, Mapping[str, float]]
    #: From which sum on it rings without a phrase, and below which a phrase does not ring.
    ring: float
    silence: float
    #: The class of those who only cry for help; any other one tells more.
    general: str

    @classmethod
    def read(cls, file: Path = FILE) -> "DangerModel":
        """The weights of a file."""
        return cls(**json.loads(file.read_text("utf-8")))

    def sure(self, read: Read, phrase: bool) -> float:
        """How much speaks for danger."""
        signs = self.signs
        told = sum(map(signs.get, read.signs, _ZEROS))
        told += sum(map(signs.get, read.pairs, _ZEROS))
        told += sum(map(self.grams.get, read.grams, _ZEROS))
        return self.bias + told + (signs.get(PHRASE, 0.0) if phrase else 0.0)

    def kind(self, read: Read, phrase: str = "") -> str:
        """The class for which most speaks; `phrase` is that of the phrase that was heard."""
        told: dict[str, float] = {}
        for name in _names(read, phrase):
            for kind, weight in self.kinds.get(name, _NOTHING).items():
                told[kind] = told.get(kind, 0.0) + weight
        return max(sorted(told), key=told.__getitem__, default=self.general)


@cache
def shipped_model() -> DangerModel:
    """The model of this version."""
    return DangerModel.read()


def _names(read: Read, phrase: str) -> Iterator[str]:
    yield ""  # how often each class is meant, whatever is said
    yield from read.signs
    yield from (gram for gram in read.grams if len(gram) == TELLING)
    if phrase:
        yield f"{PHRASE_OF}{phrase}"
