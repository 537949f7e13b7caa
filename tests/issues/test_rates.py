"""The board of a unit: lines in roster order that add up, a period, and last year beside it."""

from datetime import date

import pytest

from issues.rate_board import Days, board
from people.reading import read
from rules.rates import Rates
from rules.words import Rating, Solved
from tests.town import LIN, NEXT_LIN, OFFICE, PIAN, ZU, at

ALL = Days(None, date(2030, 1, 1))


def counted(day, path, period=ALL, when=None):
    with day.db.read() as session:
        unit = read(session).unit_at(path)
        assert unit is not None
        return board(session, unit, period, clock=OFFICE.clock, at=when or day.now)


def solved(day, userid="mao_mou", answer=Solved.YES):
    """Reported, accepted and done within an hour, and answered."""
    number = day.report(userid, f"{day.now:%m%d%H} 的路灯不亮")
    day.do(number, day.holder(number), "accept")
    day.do(number, day.holder(number), "resolve", "换了灯泡")
    day.do(number, userid, "rate", answer, Rating.GOOD)
    return number


def test_units_stand_in_roster_order_whatever_their_rates(day):
    solved(day, "hu_mou")
    day.report("mao_mou", "水管漏水了")
    found = counted(day, ZU)
    assert [line.name for line in found.lines] == ["一邻", "二邻"]
    assert [(line.path, line.rates.reported) for line in found.lines] == [(LIN, 1), (NEXT_LIN, 1)]


def test_the_lines_add_up_to_the_total(day):
    solved(day, "hu_mou")
    solved(day, "mao_mou", Solved.PARTLY)
    for path, reported in {"": 2, "清溪镇": 2, PIAN: 2, ZU: 2, LIN: 1}.items():
        found = counted(day, path)
        assert sum((line.rates for line in found.lines), Rates()) == found.total.rates
        assert found.total.rates.reported == reported


def test_a_lin_has_one_line_for_itself(day):
    day.report("mao_mou")
    day.report("hu_mou")
    assert [(line.name, line.rates.reported) for line in counted(day, LIN).lines] == [
        ("一邻本级", 1)
    ]


def test_what_belongs_to_no_unit_is_the_citys(town):
    day = town("毛某,mao_mou,居民,清溪镇/韶山村/一片/长冲组/一邻,毛家,")  # nobody to turn to
    day.report("wai_di", "桥上的栏杆断了")
    lines = {line.name: line.rates.reported for line in counted(day, "").lines}
    assert lines["还没有单位的"] == 1


def test_a_period_is_local_days_both_included(day):
    for when in ("2026-06-01 00:00", "2026-06-02 23:59", "2026-06-03 00:00"):
        day.go(when).report(text=f"{when} 的路灯不亮")
    period = Days(date(2026, 6, 1), date(2026, 6, 2))
    assert counted(day, PIAN, period).total.rates.reported == 2


def test_rates_are_told_as_they_stood_at_a_moment(day):
    solved(day)
    before = counted(day, PIAN, when=at("2026-06-01 08:59")).total.rates
    assert (before.reported, counted(day, PIAN).total.rates.solved) == (0, 1)


def test_last_year_is_the_same_window_as_it_stood_then(town):
    day = town(start="2026-06-10 09:00")
    number = day.report(text="去年的路灯不亮")
    day.go("2026-06-11 09:00").do(number, "zhang", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "rate", Solved.YES, Rating.GOOD)
    solved(day.go("2027-06-10 09:00"))
    period = Days(date(2027, 6, 1), date(2027, 6, 30))
    early = counted(day, PIAN, period, at("2027-06-10 23:00")).total
    late = counted(day, PIAN, period, at("2027-06-12 09:00")).total
    assert (early.rates.two_days, early.before.two_days, late.before.two_days) == (1, 0, 1)


def test_without_a_first_day_there_is_no_last_year(day):
    assert counted(day, PIAN).total.year is None


def test_the_29th_of_february_meets_the_28th():
    leap = Days(date(2028, 2, 29), date(2028, 2, 29))
    assert leap.year_before == Days(date(2027, 2, 28), date(2027, 2, 28))


@pytest.mark.parametrize("path", ["", PIAN])
def test_progress_ends_at_all_of_them(day, path):
    day.report()
    seen = []
    with day.db.read() as session:
        unit = read(session).unit_at(path)
        assert unit is not None
        board(
            session, unit, ALL, clock=OFFICE.clock, at=day.now, progress=lambda *n: seen.append(n)
        )
    assert seen[-1] == (1, 1)
