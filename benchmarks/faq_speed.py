"""How long a deployment waits: for its YAML, for its index, and for each message.

A message goes through the whole decision (`Book.match`), beside rapidfuzz's WRatio over the same
entries in the same process. How good the answers are is measured in `benchmarks.faq`.
"""

import re
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
import yaml
from rapidfuzz import fuzz, process
from rich.table import Table

from benchmarks.faq_data import QuestionSet, thinned
from faq import segment, text
from faq.book import Book, Tables
from faq.entries import load_entries

_TABLES = Path(__file__).parent.parent / "faq"
_MESSAGES = 3000
# WRatio takes seconds for each of the hundred thousand.
_BASELINE = 150
Phrasings = tuple[str, ...]
Spent = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True)
class Speed:
    """Seconds until ready, memory, and p50 and p99 of the milliseconds for a message."""

    entries: int
    read: float
    built: float
    megabytes: float
    ours: Spent
    theirs: Spent


def speeds(one: QuestionSet, sizes: Sequence[int]) -> list[Speed]:
    """Each size in a process of its own, so that its memory is its own."""
    messages = thinned([query.text for query in one.queries], _MESSAGES)
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        jobs = [pool.submit(_measured, many(one.phrasings, n), messages) for n in sizes]
        return [job.result() for job in jobs]


def many(phrasings: Sequence[Phrasings], size: int) -> list[Phrasings]:
    """So many entries: the real ones, and then their questions again with a number behind."""
    again = [
        (f"{phrasings[i % len(phrasings)][0]}{i // len(phrasings)}",)
        for i in range(len(phrasings), size)
    ]
    return [*phrasings[:size], *again]


def _measured(phrasings: Sequence[Phrasings], messages: Sequence[str]) -> Speed:
    segment.warm_up()
    text.warm_up()
    tables = Tables.load(_TABLES)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "faq.yaml"
        _write(file, phrasings)
        before = resident()
        read, located = _timed(partial(load_entries, file))
    built, book = _timed(partial(Book, located, tables))
    ours = [_timed(partial(book.match, message))[0] * 1000 for message in messages]
    grown = resident() - before
    theirs = _baseline(phrasings, thinned(messages, _BASELINE))
    return Speed(len(phrasings), read, built, grown, _percentiles(ours), _percentiles(theirs))


def _write(file: Path, phrasings: Sequence[Phrasings]) -> None:
    entries = [
        {"编号": str(number), "问题": first, "相似问": others, "答复": "好"}
        for number, (first, *others) in enumerate(phrasings)
    ]
    file.write_text(yaml.dump(entries, Dumper=yaml.CSafeDumper, allow_unicode=True), "utf-8")


def _baseline(phrasings: Sequence[Phrasings], messages: Sequence[str]) -> list[float]:
    known = [text.key(text.normalise(each)) for texts in phrasings for each in texts]
    plain = [text.key(text.normalise(message)) for message in messages]
    return [
        _timed(partial(process.extractOne, one, known, scorer=fuzz.WRatio))[0] * 1000
        for one in plain
    ]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def _percentiles(spent: Sequence[float]) -> Spent:
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


def resident() -> float:
    """Memory of the process now, in MB (where the system tells; else its peak)."""
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
        return int(found.group(1)) / 1024 if found else 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def speed_table(found: Sequence[Speed]) -> Table:
    """One line a size."""
    shown = Table(title="快慢：整个判断（Book.match），单线程，墙上时间；词典先已装好")
    columns = ("条目", "读YAML秒", "建库秒", "内存MB", "三长 p50 / p99 ms", "WRatio p50 / p99 ms",
               "p99 之比")  # fmt: skip
    for column in columns:
        shown.add_column(column, no_wrap=True)
    for one in found:
        shown.add_row(
            f"{one.entries:,}", f"{one.read:.2f}", f"{one.built:.2f}", f"{one.megabytes:.0f}",
            "{:.2f} / {:.2f}".format(*one.ours), "{:.1f} / {:.1f}".format(*one.theirs),
            f"1/{one.theirs[1] / one.ours[1]:.0f}",
        )  # fmt: skip
    return shown
