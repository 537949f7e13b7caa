"""What the matcher makes of messages about the shipped questions.

What the files must look like is left to test_shipped_faq.
"""

from datetime import date
from pathlib import Path

import pytest

from faq.book import Book, Candidate
from faq.selftest import run_tests

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


def test_the_shipped_files_pass_the_tests_that_stand_in_them(book: Book) -> None:
    assert [str(failure) for failure in run_tests(book, date(2026, 12, 1))] == []


WRAPPED = (
    "我是三组的老王我想问下{}",
    "那个什么我就是想问哈{}",
    "领导你好请问{}谢谢领导",
    "{}啊麻烦你了",
    "{}就是这个事情",
    "喂你好我想问一下那个{}啊就是这个事情麻烦你了",
    "您好，我是韶山村五组的村民李大姐，想咨询一下：{}？谢谢！",
)


@pytest.mark.parametrize("wrapped", WRAPPED)
def test_polite_words_and_a_name_around_a_question_cost_no_answer(book: Book, wrapped: str) -> None:
    asked = [entry for entry in book.entries[::3] if _answered(book, entry.question) == entry.id]
    got = [_answered(book, wrapped.format(entry.question)) for entry in asked]
    assert len(asked) >= 60
    assert got == [entry.id for entry in asked]


@pytest.mark.parametrize(
    "report",
    ["路灯坏了三天没人修", "隔壁天天把垃圾倒在我家门口", "我要投诉村口的化工厂", "水管爆了没人管"],
)
def test_a_report_in_polite_words_still_goes_to_a_person(book: Book, report: str) -> None:
    bands = {book.match(wrapped.format(report)).band for wrapped in WRAPPED}
    assert bands <= {"report", "issue"}


def _answered(book: Book, message: str) -> str | None:
    match = book.match(message)
    return match.entry.id if match.entry and match.band == "answer" else None
