"""Learns how far a part of a letter stands for the whole of it, by letters made around questions.

Only `calibrate` uses it. A letter is a question of a set among sentences of letters.yaml, which say
nothing about it; some ask shortly for what no entry is about.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.faq_data import Query, QuestionSet, thinned
from faq import text
from faq.ranking import Ranking
from faq.score import AROUND
from files.yaml_lines import read_mapping

FILE = Path(__file__).parent / "letters.yaml"
#: So many letters of each kind around the questions of each set, and around nothing.
LETTERS = 250
_SEED = 20261130
#: What is less sure by itself is neither answered nor offered.
_WORTH_ASKING = 0.2
_ROUNDS = 40
_DECAY = 1.0
#: What counts little: the label of a near-miss is often a matter of taste.
_COUNTS = {"hard": 0.3}
Array = NDArray[np.float64]
PartRow = tuple[tuple[float, ...], bool, float]


def letters(one: QuestionSet, fold: int) -> list[Query]:
    """Letters around the questions of one fold, the same at every run."""
    chance = random.Random(_SEED + fold)
    table = read_mapping(FILE).value
    found = []
    for kind in ("in", "hard", "complaint", "chat"):
        asked = [query for query in one.queries if query.kind == kind and query.fold == fold]
        for query in thinned(asked, LETTERS):
            words = "，".join(_around(table, query.text, chance))
            found.append(Query(words, query.entry, kind, fold))
    for _ in range(LETTERS):
        story, *short = chance.choice(table["别的事"])
        words = "，".join(_around(table, f"{story}，{chance.choice(short)}", chance))
        found.append(Query(words, -1, "chat", fold))
    return found


def part_rows(ranking: Ranking, queries: Sequence[Query]) -> Iterator[PartRow]:
    """What stands around the first entry of each part, whether it is right, what it counts."""
    for query in queries:
        clean = text.normalise(query.text)
        for part in ranking.parts(clean):
            sure = ranking.certainty(part.hits)
            best = max(range(len(sure)), key=sure.__getitem__, default=None)
            if best is not None and sure[best] >= _WORTH_ASKING:
                entry = part.hits[best].entry
                count = _COUNTS.get(query.kind, 1.0)
                yield (*part.around[entry],), entry == query.entry, count


def learn(rows: Sequence[PartRow]) -> tuple[float, ...]:
    """A logistic model by Newton's method: what each of AROUND is worth, and the offset."""
    given = np.array([(*around, 1.0) for around, _, _ in rows])
    right = np.array([float(one) for _, one, _ in rows])
    counts = np.array([count for _, _, count in rows])
    weights = np.zeros(len(AROUND) + 1)
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (counts * (likely - right)) + _DECAY * weights
        curve = (given * (counts * likely * (1 - likely))[:, None]).T @ given
        weights -= np.linalg.solve(curve + _DECAY * np.eye(len(weights)), slope)
    return tuple(weights.round(5).tolist())


def _around(table: dict[str, list[str]], question: str, chance: random.Random) -> Iterator[str]:
    """A question with what somebody may write around it."""
    yield from filter(None, [chance.choice(table["开头"])])
    yield from chance.sample(table["前"], chance.choice((0, 1, 1, 2, 3)))
    if chance.random() < 0.1:
        yield chance.choice(table["有事"])
    yield chance.choice(table["问"]) + question
    yield from chance.sample(table["后"], chance.choice((0, 0, 0, 1)))
    yield from filter(None, [chance.choice(table["结尾"])])
