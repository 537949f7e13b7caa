"""为什么派给我: every way in which an issue comes to somebody, without a resident's name."""

from dataclasses import replace

import pytest

from issues.moving import Target
from issues.reasons import reasons
from issues.routes import Route, Routes
from tests.town import LIN, NEXT_LIN, OFFICE, TOWN, Day, settle

LAMPS = Route("路灯", (), "市城管局", basis="清单第3条")
DEPARTMENT = ("城某,cheng,部门,市城管局,,", "管丁,ding,部门,市城管局,,")


@pytest.fixture
def day(lite):
    settle(lite, *TOWN, *DEPARTMENT)
    return Day(lite, "2026-06-01 09:00", replace(OFFICE, routes=Routes((LAMPS,))))


def told(day, number, userid):
    def ask(work):
        person = work.town.person(userid)
        assert person
        posts = work.town.posts_on(person.id, work.now.date())
        units = {post.unit.path for post in posts}
        return reasons(work, day.issue(number), person, units)

    return day.work(ask)


def to(day, userid, unit):
    def look(work):
        person, where = work.town.person(userid), work.town.unit_at(unit)
        assert person
        assert where
        return Target(person, where)

    return day.work(look)


def test_the_linzhang_reads_where_the_reporter_lives(day):
    (line,) = told(day, day.report(), "zhang")
    assert line == "6月1日 09:00 反映人住在韶山村一片长冲组一邻，您是那里的邻长。"


def test_a_move_names_who_when_and_why(day):
    number = day.report()
    day.go("10:30").do(number, "zhang", "give_back", to(day, "chen", NEXT_LIN), "灯杆在二邻")
    assert told(day, number, "chen") == ["6月1日 10:30 张某退单，转给您，原因：灯杆在二邻。"]


def test_a_department_reads_the_line_of_the_table(day):
    number = day.report()
    day.do(number, "zhang", "raise_up")
    day.do(number, "peng", "reassign", to(day, "cheng", "市城管局"))
    assert told(day, number, "cheng")[-1] == (
        "依据分工表：路灯 × 全市 → 市城管局 主办（清单第3条）。"
    )


def test_a_colleague_in_the_department_reads_the_same(day):
    number = day.report()
    day.do(number, "zhang", "reassign", to(day, "cheng", "市城管局"))
    assert told(day, number, "ding") == told(day, number, "cheng")


def test_a_helper_reads_who_asked_for_what(day):
    number = day.report()
    day.do(number, "zhang", "assist", to(day, "cheng", "市城管局"), "借一辆登高车")
    assert "张某请您这里协办：借一辆登高车。" in told(day, number, "cheng")[0]


def test_a_mark_and_a_bad_rating_say_the_rule(day):
    number = day.report()
    day.go("2026-06-04 00:00").clock(number)
    assert "满 2 天没办结，按规定升到您这一级" in told(day, number, "peng")[0]
    day.do(number, "peng", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "redo", "还是不亮")
    assert "居民说没有解决，重新办理" in told(day, number, "tan")[0]


def test_a_hand_over_says_who_was_there_before(day):
    number = day.report()
    heir = day.work(lambda work: work.town.person("chen"))
    day.work(lambda work: work.hand_over(_merged(work, day, number), heir, f"{LIN} 换人"))
    assert f"交接给您：{LIN} 换人。" in told(day, number, "chen")[0]


def _merged(work, day, number):
    return work.session.merge(day.issue(number))


def test_who_is_above_a_complaint_reads_no_more_than_that(day):
    number = day.report(text="投诉邻长张某收钱不办事")
    (line,) = told(day, number, "peng")
    assert "按规定越过有关的人" in line


def test_nobody_else_is_told_anything(day):
    assert told(day, day.report(), "tan") == []


def test_the_latest_times_are_told(day):
    number = day.report()
    for n in range(4):
        there = ("chen", NEXT_LIN) if n % 2 == 0 else ("zhang", LIN)
        holder = day.holder(number)
        day.do(number, holder, "reassign", to(day, *there), f"第{n}次")
    assert len(told(day, number, "zhang")) == 3
