"""The calendar with the real holidays of the nation, and a county's own changes to it."""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import CHECKOUT, ConfigError, load
from bot.configured import office
from bot.examine.examination import Installation
from bot.examine.own_files import calendar
from bot.workdays import Workdays, read
from files.problem import FileError
from rules.deadlines import Clock, due
from tests.bot.conftest import own
from tests.vectors import VECTORS

ZONE = ZoneInfo("Asia/Shanghai")
UNKNOWN = 2051  # far enough that no update of the calendar makes these tests fail
EXAMPLE = own((CHECKOUT / "config.example.toml").read_text("utf-8"))


@pytest.fixture
def written(tmp_path):
    """Write the county's file; its path."""

    def write(text):
        path = tmp_path / "calendar.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def mistakes(path):
    with pytest.raises(FileError) as refused:
        read(path)
    return [str(problem).removeprefix(f"{path}:") for problem in refused.value.problems]


@pytest.mark.parametrize(("reported", "count", "span", "roll", "last"), VECTORS)
def test_the_vectors_of_the_regulation_with_the_real_calendar(reported, count, span, roll, last):
    at = datetime.fromisoformat(reported).replace(tzinfo=ZONE)
    end = datetime.fromisoformat(last).replace(tzinfo=ZONE) + timedelta(days=1)
    assert due(at, count, span, Clock(ZONE, is_workday=Workdays()), roll=roll) == end


def test_the_countys_own_days_come_before_the_nations(written):
    works = read(
        written(
            "- 日期: 2026-12-01..2026-12-03\n  安排: 休息\n  说明: 县庆\n"
            "- date: 2026-12-05\n  day: work\n"
        )
    )
    week = [date(2026, 12, day) for day in range(1, 7)]
    assert [works(day) for day in week] == [False, False, False, True, True, False]


def test_without_a_file_the_nations_calendar_holds():
    assert not read(None)(date(2026, 10, 1))
    assert read(None)(date(2026, 10, 10))  # a worked Saturday


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- 日期: 2026-13-01\n  安排: 休息\n", "1: 「日期」「2026-13-01」不是日期"),
        ("- date: 12月1日\n  day: rest\n", "1: 「date」「12月1日」不是日期"),
        ("- 日期: 2026-12-03..2026-12-01\n  安排: 休息\n", "前后颠倒"),
        ("- 日期: 2026-01-01..2026-12-31\n  安排: 休息\n", "太长"),
        ("- 日期: 2206-12-01\n  安排: 休息\n", "年份像是写错了"),
        ("- 日期: 2026-12-01\n  安排: 放假\n", "2: 「安排」「放假」看不懂，只能写 上班 或 休息"),
        ("- 日期: 2026-12-01\n  安排: [休息]\n", "只能写 上班 或 休息"),
        ("- 日期: 2026-12-01\n", "1: 「安排」没有写"),
        ("- 日期: 2026-12-01\n  安排: 休息\n  备注: 县庆\n", "3: 「备注」没有这一项"),
        ("- 2026-12-01\n", "写成「日期: …」「安排: …」，各占一行"),
        ("日期: 2026-12-01\n安排: 休息\n", "最外层要是列表"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_way_out(written, text, told):
    assert told in mistakes(written(text))[0]


def test_every_mistake_is_told_at_once(written):
    twice = "- 日期: 2026-12-01\n  安排: 休息\n- 日期: 2026-12-01\n  安排: 上班\n"
    found = mistakes(written(f"- 日期: 坏\n  安排: 坏\n{twice}"))
    assert [line.split(":")[0] for line in found] == ["1", "2", "5"]
    assert "2026-12-01 在第 3 行已经写过" in found[2]


def test_a_rest_without_end_is_refused(written):
    months = [("2026-01-01", "2026-02-25"), ("2026-02-26", "2026-04-20")]
    text = "".join(f"- 日期: {a}..{b}\n  安排: 休息\n" for a, b in months)
    assert "没有一个工作日" in mistakes(written(text))[0]


@pytest.mark.parametrize(
    "text", ["", "- 日期: 2026-12-01\n  安", "- 日期: '2026-12-01\n  安排: 休"]
)
def test_config_check_says_that_the_file_is_half_saved(written, tmp_path, text):
    path = written(text)
    (tmp_path / "config.toml").write_text(EXAMPLE + 'calendar = "calendar.yaml"\n', "utf-8")
    ran = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "config", "check"])
    assert ran.exit_code == 1
    assert f"{path.resolve()}:" in ran.stderr


def test_a_file_that_is_named_and_not_there_is_a_mistake(tmp_path):
    (tmp_path / "config.toml").write_text(EXAMPLE + 'calendar = "calender.yaml"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"calender\.yaml"):
        load(tmp_path / "config.toml", {})


def test_the_office_counts_with_the_countys_file(written, tmp_path):
    written("- 日期: 2026-12-01\n  安排: 休息\n")
    (tmp_path / "config.toml").write_text(EXAMPLE + 'calendar = "calendar.yaml"\n', "utf-8")
    clock = office(load(tmp_path / "config.toml", {})).clock
    assert not clock.is_workday(date(2026, 12, 1))


def test_a_year_not_yet_announced_is_counted_in_weekdays_and_told_once(caplog):
    works, friday = Workdays(), date(UNKNOWN, 9, 29)
    with caplog.at_level(logging.WARNING):
        found = [works(friday + timedelta(days=n)) for n in range(4)]
    assert found == [True, False, False, True]
    assert [str(UNKNOWN) in record.message for record in caplog.records] == [True]


def test_a_year_is_known_once_its_holidays_are_written_down(written, caplog):
    few = read(written(f"- 日期: {UNKNOWN}-01-01..{UNKNOWN}-01-03\n  安排: 休息\n"))
    whole = read(written(f"- 日期: {UNKNOWN}-02-10..{UNKNOWN}-02-20\n  安排: 休息\n"))
    assert (few.guesses(UNKNOWN), whole.guesses(UNKNOWN)) == (True, False)
    assert whole(date(UNKNOWN, 3, 1))
    assert not caplog.records


def test_a_year_is_missed_before_it_begins():
    assert Workdays().missing(date(UNKNOWN - 2, 12, 1))[-1].startswith("工作日历里没有 2050 年")
    assert Workdays().missing(date(2026, 6, 1)) == []


def test_doctor_and_config_check_name_the_year_and_the_cure(tmp_path, monkeypatch, lite):
    (tmp_path / "config.toml").write_text(EXAMPLE, "utf-8")
    monkeypatch.setattr("bot.workdays._announced", lambda year: False)
    ran = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "config", "check"])
    place = Installation.of(load(tmp_path / "config.toml", {}), lite, datetime.now(ZONE))
    found = next(calendar(place))
    assert (found.sign, ran.exit_code) == ("✗", 0)
    assert "升级程序" in found.text
    assert found.text in ran.stdout
