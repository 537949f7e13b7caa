"""Question sets on disk and the figures that a matcher is judged by.

A set is a folder with kb.jsonl (id, question, alts) and queries.jsonl (q, entry or null, kind).
The data are never part of the project: scripts take the folder as an argument.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from faq.entries import load_entries

_SHIPPED = Path(__file__).parent.parent / "faq"
_REPORTS = (
    "路灯坏了三天没人修", "我家门口的水沟堵了", "隔壁天天放音响吵得睡不着", "组里的水泥路压烂了",
    "工头欠我两个月工资不给", "垃圾桶满了没人收", "化肥店卖假货", "邻居占了我家的地基",
    "河里有人排污水", "村口的井盖不见了",
)  # fmt: skip
_CHATTER = (
    "你好", "谢谢邻长", "讲个笑话", "今天天气怎么样", "你是机器人吗", "放首歌听", "吃饭了吗",
    "你叫什么名字", "帮我定个闹钟", "好的收到",
)  # fmt: skip
#: Into how many parts the question groups are split; each is held out once.
FOLDS = 4
#: How often each kind of message comes: the share of questions, near-misses, reports, chatter.
PLAIN = {"in": 0.5, "complaint": 0.3, "chat": 0.2}
ADVERSE = {"in": 0.5, "hard": 0.15, "complaint": 0.2, "chat": 0.15}

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """A message, the entry that answers it (-1: none), what kind it is, and its part of the data.

    `other` is the part of a second question group that a turned near-miss also belongs to.
    """

    text: str
    entry: int
    kind: str
    fold: int
    other: int = -1


@dataclass(frozen=True)
class QuestionSet:
    """One FAQ with the messages to try on it."""

    name: str
    ids: tuple[str, ...]
    phrasings: tuple[tuple[str, ...], ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class QueryOutcome:
    """What a matcher made of one query: the right entry's rank, how sure it was of the first."""

    kind: str
    rank: int
    confidence: float

    @property
    def right(self) -> bool:
        """The first entry was the right one."""
        return self.rank == 1


def read_sets(folder: Path) -> list[QuestionSet]:
    """All sets below a folder, by name."""
    found = sorted(path.parent for path in folder.glob("*/kb.jsonl"))
    return [_read_set(path) for path in found]


def shipped_set() -> QuestionSet:
    """The FAQ of this checkout with the sentences of its own tests."""
    entries = [located.entry for located in load_entries(_SHIPPED)]
    queries = [
        Query(sentence, number, "in", fold_of(entry.question))
        for number, entry in enumerate(entries)
        for sentence in entry.tests.should
    ]
    queries += [Query(words, -1, "complaint", 0) for words in _REPORTS]
    queries += [Query(words, -1, "chat", 0) for words in _CHATTER]
    phrasings = tuple(entry.phrasings for entry in entries)
    return QuestionSet("随附的常见问题", tuple(e.id for e in entries), phrasings, tuple(queries))


def _read_set(folder: Path) -> QuestionSet:
    entries = _lines(folder / "kb.jsonl")
    numbers = {entry["id"]: number for number, entry in enumerate(entries)}
    phrasings = tuple((e["question"], *e.get("alts", [])) for e in entries)
    queries = []
    for line in _lines(folder / "queries.jsonl"):
        entry = numbers[line["entry"]] if line["entry"] else -1
        anchor = phrasings[entry][0] if entry >= 0 else line["q"]
        queries.append(Query(line["q"], entry, line["kind"], fold_of(anchor)))
    return QuestionSet(folder.name, tuple(numbers), phrasings, tuple(queries))


def thinned(several: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, evenly taken."""
    if len(several) <= most:
        return several
    step = len(several) / most
    return [several[int(i * step)] for i in range(most)]


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def fold_of(text: str) -> int:
    """Which part a group of questions belongs to; equal in all sets that share it."""
    return hashlib.sha256(text.strip().encode()).digest()[0] % FOLDS


def weights(outcomes: Sequence[QueryOutcome], stream: Mapping[str, float]) -> NDArray[np.float64]:
    """Each kind weighted to its share of the stream, whatever its count here."""
    kinds = np.array([outcome.kind for outcome in outcomes])
    result = np.zeros(len(outcomes))
    for kind, share in stream.items():
        mine = kinds == kind
        if mine.any():
            result[mine] = share / mine.sum()
    return result


def coverage(
    outcomes: Sequence[QueryOutcome], stream: Mapping[str, float], wrong: float
) -> tuple[float, float]:
    """Most questions answered rightly with at most that share of wrong answers; the threshold."""
    if not outcomes:
        return 0.0, 1.0
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.right for outcome in outcomes], dtype=float)
    order = np.argsort(-confidence, kind="stable")
    share = weights(outcomes, stream)[order]
    answered = np.cumsum(share)
    good = np.cumsum(share * right[order])
    sorted_confidence = confidence[order]
    last = np.append(sorted_confidence[1:] != sorted_confidence[:-1], True)
    fits = last & ((answered - good) <= wrong * np.maximum(answered, 1e-12) + 1e-12)
    fits &= answered > 0
    if not fits.any():
        return 0.0, 1.0
    best = int(np.flatnonzero(fits)[np.argmax(good[fits])])
    return float(good[best] / stream["in"]), float(sorted_confidence[best])


def at_threshold(
    outcomes: Sequence[QueryOutcome], stream: Mapping[str, float], threshold: float
) -> tuple[float, float]:
    """Coverage and the share of wrong answers with a given threshold."""
    share = weights(outcomes, stream)
    answered = np.array([outcome.confidence >= threshold for outcome in outcomes])
    right = np.array([outcome.right for outcome in outcomes])
    total = float(share[answered].sum())
    good = float(share[answered & right].sum())
    return good / stream["in"], (total - good) / total if total else 0.0


def answered_share(outcomes: Iterable[QueryOutcome], kind: str, threshold: float) -> float:
    """How many messages of a kind get an answer."""
    mine = [outcome.confidence >= threshold for outcome in outcomes if outcome.kind == kind]
    return sum(mine) / len(mine) if mine else 0.0


def top1(outcomes: Iterable[QueryOutcome]) -> float:
    """Share of questions whose right entry came first."""
    mine = [outcome.right for outcome in outcomes if outcome.kind == "in"]
    return sum(mine) / len(mine) if mine else 0.0


def mean_reciprocal_rank(outcomes: Iterable[QueryOutcome]) -> float:
    """Mean of 1 / rank of the right entry among the first ten."""
    mine = [1 / o.rank if 0 < o.rank <= 10 else 0.0 for o in outcomes if o.kind == "in"]
    return sum(mine) / len(mine) if mine else 0.0
