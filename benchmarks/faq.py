"""Ours beside the usual matchers, in one run over the same questions.

    python -m benchmarks.faq [FOLDER] [--limit N] [--big N]

Without a folder it runs on the shipped FAQ: questions are the sentences under 应中 in its tests,
messages without an answer are everyday reports and chatter of our own.
"""

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.faq_data import (
    PLAIN,
    QueryOutcome,
    QuestionSet,
    answered_share,
    coverage,
    mean_reciprocal_rank,
    read_sets,
    shipped_set,
    thinned,
    top1,
)
from benchmarks.faq_speed import resident, speed_table, speeds
from faq import segment, text
from faq.book import Book, Thresholds, load_lexicon
from faq.ranking import Ranking
from faq.score import shipped

#: At how many entries the speed is always measured.
_USUAL = 10_000
Ranked = list[tuple[int, float]]


class Matcher(Protocol):
    """Anything that ranks entries for a message."""

    name: str

    def build(self, phrasings: Sequence[Sequence[str]]) -> None:
        """Take in the entries."""

    def ask(self, message: str) -> Ranked:
        """Entries with scores, best first."""


class Ours:
    """The project's own ranking with its certainty."""

    name = "三长"

    def __init__(self) -> None:
        self._lexicon = load_lexicon()

    def build(self, phrasings: Sequence[Sequence[str]]) -> None:
        self._ranking = Ranking(phrasings, self._lexicon, shipped())

    def ask(self, message: str) -> Ranked:
        hits = self._ranking.ask(self._ranking.read(text.normalise(message)))
        pairs = zip((hit.entry for hit in hits), self._ranking.certainty(hits), strict=True)
        return sorted(pairs, key=lambda pair: -pair[1])


class Fuzzy:
    """A scorer of rapidfuzz over every phrasing."""

    def __init__(self, name: str, scorer: Callable[..., float], *, words: bool) -> None:
        self.name = name
        self._scorer = scorer
        self._words = words

    def build(self, phrasings: Sequence[Sequence[str]]) -> None:
        self._owners = [n for n, texts in enumerate(phrasings) for _ in texts]
        self._texts = [self._plain(each) for texts in phrasings for each in texts]

    def ask(self, message: str) -> Ranked:
        found = process.extract(self._plain(message), self._texts, scorer=self._scorer, limit=30)
        return _by_entry((self._owners[number], score / 100) for _, score, number in found)

    def _plain(self, message: str) -> str:
        plain = text.key(text.normalise(message))
        return " ".join(segment.words(plain)) if self._words else plain


class Vectors:
    """BM25 over jieba's words, or TF-IDF over runs of one to three characters."""

    def __init__(self, name: str, *, words: bool) -> None:
        self.name = name
        self._words = words

    def build(self, phrasings: Sequence[Sequence[str]]) -> None:
        self._owners = [n for n, texts in enumerate(phrasings) for _ in texts]
        bags = [self._bag(each) for texts in phrasings for each in texts]
        sizes = np.array([bag.total() for bag in bags], dtype=float)
        found: dict[str, list[tuple[int, int]]] = {}
        for number, bag in enumerate(bags):
            for term, count in bag.items():
                found.setdefault(term, []).append((number, count))
        self._lists = {t: self._weigh(np.array(p, dtype=float), sizes) for t, p in found.items()}
        self._norm = np.ones(len(bags))
        if not self._words:
            squares = np.zeros(len(bags))
            for numbers, weights in self._lists.values():
                squares[numbers] += weights**2
            self._norm = np.sqrt(np.maximum(squares, 1e-9))

    def _weigh(
        self, pairs: NDArray[np.float64], sizes: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        numbers, counts = pairs[:, 0].astype(int), pairs[:, 1]
        rest = len(sizes) - len(numbers)
        if not self._words:
            return numbers, (1 + np.log(counts)) * math.log((len(sizes) + 1) / (len(numbers) + 1))
        idf = math.log(1 + (rest + 0.5) / (len(numbers) + 0.5))
        length = 0.25 + 0.75 * sizes[numbers] / sizes.mean()
        return numbers, idf * counts * 2.5 / (counts + 1.5 * length)

    def ask(self, message: str) -> Ranked:
        scores = np.zeros(len(self._owners))
        for term in sorted(self._bag(message)):
            if term in self._lists:
                numbers, weights = self._lists[term]
                scores[numbers] += weights
        scores /= self._norm
        best = np.argsort(-scores, kind="stable")[:30]
        return _by_entry((self._owners[n], float(scores[n])) for n in best if scores[n] > 0)

    def _bag(self, message: str) -> Counter[str]:
        plain = text.key(text.normalise(message))
        if self._words:
            return Counter(segment.words(plain))
        runs = (plain[i : i + n] for n in (1, 2, 3) for i in range(len(plain) - n + 1))
        return Counter(runs)


def _by_entry(found: Iterable[tuple[int, float]]) -> Ranked:
    best: dict[int, float] = {}
    for entry, score in found:
        best[entry] = max(score, best.get(entry, 0.0))
    return sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))


def matchers() -> list[Matcher]:
    """All that are compared; ours first."""
    return [
        Ours(),
        Fuzzy("rapidfuzz ratio", fuzz.ratio, words=False),
        Fuzzy("rapidfuzz WRatio", fuzz.WRatio, words=False),
        Fuzzy("token_set + jieba", fuzz.token_set_ratio, words=True),
        Vectors("BM25 + jieba", words=True),
        Vectors("TF-IDF 字 1–3", words=False),
    ]


@dataclass(frozen=True)
class Result:
    """What one matcher did on one set."""

    name: str
    outcomes: list[QueryOutcome]
    build_seconds: float
    megabytes: float
    milliseconds: tuple[float, float]


def run(matcher: Matcher, one: QuestionSet, tick: Callable[[], None]) -> Result:
    """Build, ask everything, measure."""
    before = resident()
    start = time.perf_counter()
    matcher.build(one.phrasings)
    built = time.perf_counter() - start
    grown = resident() - before
    outcomes: list[QueryOutcome] = []
    spent: list[float] = []
    for query in one.queries:
        start = time.perf_counter()
        ranked = matcher.ask(query.text)
        spent.append((time.perf_counter() - start) * 1000)
        order = [entry for entry, _ in ranked]
        rank = order.index(query.entry) + 1 if query.entry in order else 0
        outcomes.append(QueryOutcome(query.kind, rank, ranked[0][1] if ranked else 0.0))
        tick()
    p50, p99 = np.percentile(spent, [50, 99])
    return Result(matcher.name, outcomes, built, grown, (float(p50), float(p99)))


def table(one: QuestionSet, results: Sequence[Result], threshold: float) -> Table:
    """Side by side; "swallowed" and "answered" at each one's own threshold for 1 % wrong."""
    title = f"{one.name}：{len(one.ids)} 条，{len(one.queries)} 句（三长默认阈值 {threshold}）"
    shown = Table(title=title)
    columns = ("方法", "top-1", "MRR@10", "覆盖@1%", "覆盖@2%", "吞掉诉求", "答了闲聊", "答了难例",
               "建库秒", "内存MB", "p50 ms", "p99 ms")  # fmt: skip
    for column in columns:
        shown.add_column(column, no_wrap=True)
    for result in results:
        outcomes = result.outcomes
        one_percent, own = coverage(outcomes, PLAIN, 0.01)
        at = threshold if result.name == Ours.name else own
        kinds = [answered_share(outcomes, kind, at) for kind in ("complaint", "chat", "hard")]
        shown.add_row(
            result.name, f"{top1(outcomes):.3f}", f"{mean_reciprocal_rank(outcomes):.3f}",
            f"{one_percent:.3f}", f"{coverage(outcomes, PLAIN, 0.02)[0]:.3f}",
            *(f"{share:.2%}" for share in kinds), f"{result.build_seconds:.2f}",
            f"{result.megabytes:.0f}", *(f"{value:.2f}" for value in result.milliseconds),
        )  # fmt: skip
    return shown


def intent_table(sets: Sequence[QuestionSet]) -> Table:
    """The report-or-question step as the whole decision sees it, with the default thresholds."""
    shown = Table(title="诉求还是提问（整个判断，默认阈值）")
    for column in ("集合", "诉求被吞", "提问误开诉求", "闲聊被答", "闲聊不开诉求"):
        shown.add_column(column)
    for one in sets:
        bands = _bands(one)
        swallowed = _share(bands, "complaint", ("answer", "smalltalk"))
        opened = _share(bands, "in", ("report", "emergency"))
        answered = _share(bands, "chat", ("answer",))
        quiet = _share(bands, "chat", ("smalltalk", "answer"))
        cells = (swallowed, opened, answered, quiet)
        shown.add_row(one.name, *(f"{share:.2%}" for share in cells))
    return shown


def _bands(one: QuestionSet) -> list[tuple[str, str]]:
    book = Book.of_phrasings(one.ids, one.phrasings)
    return [(query.kind, book.match(query.text).band) for query in one.queries]


def _share(bands: Sequence[tuple[str, str]], kind: str, wanted: Sequence[str]) -> float:
    mine = [band in wanted for each, band in bands if each == kind]
    return sum(mine) / len(mine) if mine else 0.0


def main() -> int:
    """Run everything that was asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="问题集文件夹；不写就用随附的常见问题")
    parser.add_argument("--limit", type=int, default=0, help="每个集合最多问几句（0：全部）")
    parser.add_argument("--big", type=int, default=0, help="快慢除一万条外另测这么多条")
    options = parser.parse_args()
    segment.warm_up()
    text.warm_up()
    sets = read_sets(options.folder) if options.folder else [shipped_set()]
    if options.limit:
        sets = [replace(one, queries=tuple(thinned(one.queries, options.limit))) for one in sets]
    console = Console(width=160)
    threshold = Thresholds().answer
    with Progress(transient=True) as progress:
        for one in sets:
            results = []
            for matcher in matchers():
                task = progress.add_task(f"{one.name} {matcher.name}", total=len(one.queries))
                results.append(run(matcher, one, partial(progress.advance, task)))
                progress.remove_task(task)
            console.print(table(one, results, threshold))
    console.print(intent_table(sets))
    largest = max(sets, key=lambda one: len(one.phrasings))
    sizes = sorted({_USUAL, options.big} - {0})
    console.print(speed_table(speeds(largest, sizes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
