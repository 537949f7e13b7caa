"""Days as people and spreadsheets write them."""

from datetime import date

import pytest

from files.dates import read_day


@pytest.mark.parametrize(
    "written",
    [
        "2026-1-5",
        "2026/01/05",
        "2026.1.5",
        "2026年1月5日",
        "2026年1月5号",
        "2026 年 1 月 5 日",
        "20260105",
        "２０２６－０１－０５",
        " 2026-01-05\u200b",
        "'2026-01-05",
        "2026-01-05 00:00:00",
        "2026-01-05T08:30",
    ],
)
def test_a_day_may_be_written_as_people_do(written):
    assert read_day(written) == date(2026, 1, 5)


@pytest.mark.parametrize(
    "written", ["", "明年", "1月5日", "2026-02-30", "2026-13-01", "1609459200", "2026-1-5-1"]
)
def test_what_is_no_day_is_none(written):
    assert read_day(written) is None
