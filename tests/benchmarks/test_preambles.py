"""Questions that stand in a letter: what docs/faq-quality.md says of them stays true."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.preambles import COVERED, FILES, REPORT, done, read_letters
from faq.book import Book


@pytest.fixture(scope="module")
def book():
    return Book.load(Path(__file__).parents[2] / "faq")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_most_questions_in_letters_are_found_and_none_swallows_a_report(book, file):
    done_with = Counter((one.kind, done(book, one)) for one in read_letters(file))
    assert done_with[COVERED, "answer"] + done_with[COVERED, "offered"] >= 70
    assert sum(count for (_, what), count in done_with.items() if what == "wrong") <= 2
    assert done_with[REPORT, "smalltalk"] == done_with[REPORT, "answer"] == 0


def test_every_entry_that_is_expected_is_there(book):
    expected = {one.entry for file in FILES for one in read_letters(file) if one.kind == COVERED}
    assert all(book.entry(entry) for entry in expected)
