"""What the matcher makes of messages about the shipped questions.

The sentences that stand in the YAML files are left to `faq test` and to test_shipped_faq.
"""

from pathlib import Path

import pytest

from faq.book import Book, Candidate

FAQ = Path(__file__).parents[2] / "faq"


@pytest.fixture(scope="module")
def book() -> Book:
    return Book.load(FAQ)


def _surest_first(found: tuple[Candidate, ...]) -> list[Candidate]:
    return sorted(found, key=lambda one: (-one.score, one.entry.id))


@pytest.mark.parametrize(
    "message",
    ["医保今年什么时候一个人", "高中为什么报名", "养老院一个月什么时候", "医保怎么交", "路灯坏了"],
)
def test_candidates_come_surest_first_and_then_by_their_id(book: Book, message: str) -> None:
    match = book.match(message)
    assert len(match.candidates) > 1
    assert list(match.candidates) == _surest_first(match.candidates)


def test_what_is_answered_is_the_first_candidate(book: Book) -> None:
    for entry in book.entries[::10]:
        match = book.match(entry.question)
        assert match.band == "answer"
        assert match.entry == match.candidates[0].entry == entry
