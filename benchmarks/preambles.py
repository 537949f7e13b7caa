"""How many questions that stand in a letter are answered or offered, and what is done to the rest.

    python -m benchmarks.preambles [FILE …] [--each]

Somebody who has reported nothing writes each sentence of the files (tests/faq/preambles_*.yaml) to
the shipped FAQ. `--each` also prints every sentence that is not taken as it should be.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure, show
from faq.book import Book, Match
from files.yaml_lines import read_mapping
from handlers import besides, suggest

_ROOT = Path(__file__).parent.parent
FILES = tuple(sorted((_ROOT / "tests" / "faq").glob("preambles_*.yaml")))
COVERED, OPEN, REPORT = "covered", "open", "report"


class Letter(NamedTuple):
    """What somebody writes, what it is, and the entry that answers it, "" if none does."""

    text: str
    kind: str
    entry: str = ""


def read_letters(file: Path) -> list[Letter]:
    """The sentences of a file, in its order."""
    value = read_mapping(file).value
    covered = [Letter(said, COVERED, entry) for said, entry in value[COVERED]]
    return covered + [Letter(said, kind) for kind in (OPEN, REPORT) for said in value[kind]]


def done(book: Book, letter: Letter) -> str:
    """What the bot does with it: what the band says, and for an entry whether it is the right one:
    "answer", "wrong", "offered", "others"."""
    match = book.match(letter.text)
    if match.band in ("answer", "suggest") and besides.has_report(letter.text, book.match):
        return REPORT
    if match.band == "answer" and match.entry:
        return "answer" if match.entry.id == letter.entry else "wrong"
    if match.band == "suggest":
        entries = suggest.offered(match, book.thresholds.suggest)
        return "offered" if letter.entry in [one.id for one in entries] else "others"
    return match.band


def figures(book: Book, letters: list[Letter]) -> Iterator[Figure]:
    """What is done with letters of each kind."""
    counts = {kind: Counter[str]() for kind in (COVERED, OPEN, REPORT)}
    for letter in letters:
        counts[letter.kind][done(book, letter)] += 1
    covered, others, reports = (counts[kind] for kind in (COVERED, OPEN, REPORT))
    found = covered["answer"] + covered["offered"]
    wrong = sum(each["wrong"] for each in counts.values())
    total = sum(each.total() for each in counts.values())
    yield Figure("covered: answered or offered", _of(found, covered.total()), goal=">= 70 %")
    yield Figure("covered: answered", _of(covered["answer"], covered.total()))
    yield Figure("covered: offered", _of(covered["offered"], covered.total()))
    yield Figure("wrongly answered, of all", _of(wrong, total), goal="<= 2 %")
    yield Figure("not covered: offered others", _of(others["others"], others.total()))
    swallowed = reports["wrong"] + reports["smalltalk"]
    yield Figure("reports swallowed", _of(swallowed, reports.total()), goal="0")
    yield Figure("reports asked back", _of(reports["others"], reports.total()))


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})"


def main() -> int:
    """Read the letters, write them, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=FILES)
    parser.add_argument("--each", action="store_true", help="每一句没有当成该当的，也列出来")
    options = parser.parse_args()
    book = Book.load(_ROOT / "faq")
    for file in options.files:
        letters = read_letters(file)
        show(file.name, figures(book, letters))
        if options.each:
            _print_each(book, letters)
    return 0


_RIGHT = {
    COVERED: frozenset({"answer", "offered"}),
    OPEN: frozenset({"issue", REPORT}),
    REPORT: frozenset({"issue", REPORT, "emergency"}),
}


def _print_each(book: Book, letters: list[Letter]) -> None:
    for letter in letters:
        what = done(book, letter)
        if what not in _RIGHT[letter.kind]:
            match: Match = book.match(letter.text)
            near = ", ".join(f"{one.entry.id} {one.score:.2f}" for one in match.candidates[:3])
            print(f"{letter.kind}: {what}: {letter.entry}: {letter.text} ({near})")


if __name__ == "__main__":
    sys.exit(main())
