"""Days and spans in people's own words, from Wednesday 25 November 2026."""

from datetime import date

import pytest

from rules.numerals import numeral
from speech.days import FoundSpan, NoSuchDay, find_day, find_span

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("42", 42),
        ("四十二", 42),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("两", 2),
        ("一百零三", 103),
        ("一百二十", 120),
        ("零零四二", 42),
        ("四二", 42),
        ("路灯", None),
        ("", None),
    ],
)
def test_a_number_is_read_in_digits_and_in_chinese(said, number):
    assert numeral(said) == number


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("今天", (2026, 11, 25)),
        ("明天", (2026, 11, 26)),
        ("后天", (2026, 11, 27)),
        ("大后天", (2026, 11, 28)),
        ("周五", (2026, 11, 27)),
        ("星期五", (2026, 11, 27)),
        ("礼拜天", (2026, 11, 29)),
        ("周三", (2026, 11, 25)),
        ("周一", (2026, 11, 30)),
        ("这周一", (2026, 11, 23)),
        ("本周日", (2026, 11, 29)),
        ("下周一", (2026, 11, 30)),
        ("下周日", (2026, 12, 6)),
        ("下下周一", (2026, 12, 7)),
        ("上周五", (2026, 11, 20)),
        ("月底", (2026, 11, 30)),
        ("本月底", (2026, 11, 30)),
        ("下个月底", (2026, 12, 31)),
        ("12月1日", (2026, 12, 1)),
        ("12月1号", (2026, 12, 1)),
        ("十二月一号", (2026, 12, 1)),
        ("12-01", (2026, 12, 1)),
        ("12.1", (2026, 12, 1)),
        ("12/1", (2026, 12, 1)),
        ("2026-12-01", (2026, 12, 1)),
        ("2026年12月1日", (2026, 12, 1)),
        ("1月5日", (2027, 1, 5)),
        ("11月20日", (2026, 11, 20)),
        ("25号", (2026, 11, 25)),
        ("3号", (2026, 12, 3)),
        ("31号", (2026, 12, 31)),
        ("三天后", (2026, 11, 28)),
        ("3天以后", (2026, 11, 28)),
    ],
)
def test_a_day_is_read_from_the_day_on_which_it_is_said(said, day):
    found = find_day(f"到{said} 等配件", TODAY)
    assert found
    assert (found.day, found.rest) == (date(*day), "到 等配件")


@pytest.mark.parametrize("said", ["2月30日", "13月1日", "11-31", "32号", "0号"])
def test_a_day_that_no_calendar_has_is_told_so(said):
    with pytest.raises(NoSuchDay, match="没有"):
        find_day(said, TODAY)


@pytest.mark.parametrize(
    "said", ["等配件", "换了3.5米线", "3天", "三组", "3号楼", "周边都看了", ""]
)
def test_other_words_are_no_day(said):
    assert find_day(said, TODAY) is None


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("3天", 3),
        ("三天", 3),
        ("两天", 2),
        ("3个工作日", 3),
        ("一周", 7),
        ("两个星期", 14),
        ("半个月", 15),
        ("半月", 15),
        ("一个月", 30),
        ("48小时", 2),
        ("50个小时", 3),
        ("十五天", 15),
    ],
)
def test_a_span_is_read_in_days(said, days):
    assert find_span(f"要 {said} 等配件") == FoundSpan(days, 2, "要 等配件")


@pytest.mark.parametrize("said", ["等配件", "三组", "12月1日", "三天后", "今天", ""])
def test_other_words_are_no_span(said):
    assert find_span(said) is None
