"""Numerals, the spellings of a unit's number, and the parts of an issue's number."""

import pytest

from rules.numerals import ISSUE_NUMBER_PARTS, chinese, numeral, spellings


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (42, "四十二"), (99, "九十九")],
)
def test_a_number_of_a_unit_is_written_in_chinese(number, said):
    assert chinese(number) == said


@pytest.mark.parametrize("number", range(1, 100))
def test_what_is_written_in_chinese_is_read_as_the_same_number(number):
    assert numeral(chinese(number)) == number


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("2组", "二组"),
        ("二组", "2组"),
        ("12组", "十二组"),
        ("十二组", "12组"),
        ("韶山村2组3邻", "韶山村二组三邻"),
        ("三八路", "38路"),
        ("38路", "三八路"),
    ],
)
def test_a_unit_is_written_in_digits_and_in_chinese(said, other):
    assert {said, other} <= spellings(said)


@pytest.mark.parametrize("said", ["", "供电所", "2019组", "0组", "九" * 5000, "9" * 5000])
def test_the_words_themselves_are_always_among_the_spellings(said):
    assert said in spellings(said)


@pytest.mark.parametrize("said", ["9" * 5000, "九" * 5000])
def test_endless_digits_are_no_number(said):
    assert numeral(said) is None


@pytest.mark.parametrize(
    ("said", "day", "seq"),
    [
        ("42", None, "42"),
        ("#0042", None, "0042"),
        ("42号", None, "42"),
        ("第3件", None, "3"),
        ("第3", None, "3"),
        ("sz-20261121-0042", "20261121", "0042"),
        ("20261121-42", "20261121", "42"),
        ("202611210042", "20261121", "0042"),
    ],
)
def test_an_issues_number_has_a_day_and_a_place(said, day, seq):
    match = ISSUE_NUMBER_PARTS.fullmatch(said)
    assert match
    assert (match["day"], match["seq"]) == (day, seq)


@pytest.mark.parametrize("said", ["13812345678", "四十二", "4 2", "SZ-", ""])
def test_a_telephone_number_and_other_words_are_no_issues_number(said):
    assert ISSUE_NUMBER_PARTS.fullmatch(said) is None
