"""分工表: whose a matter is, in which order, and why."""

from dataclasses import replace

import pytest

from issues.moving import Target
from issues.referral import route_to
from issues.routes import Period, Route, Routes
from tests.town import OFFICE, PIAN, TOWN, Day, at, settle

CITYWIDE = Route("路灯", ("灯杆",), "市城管局", days=4, basis="市级事项清单第3条")
HERE = Route("路灯", ("灯",), "清溪镇路灯所", place="清溪镇")
HELP = Route("路灯", (), "供电所", lead=False, days=1)
NIGHT = Route("噪音", ("太吵",), "市公安局", period=Period("22:00", "06:00"))
FLOOD = Route("防汛", ("涨水",), "市应急局", period=Period("11-01", "03-31"))
TABLE = Routes((CITYWIDE, HERE, HELP, NIGHT, FLOOD))
VILLAGE = "清溪镇/韶山村"

DEPARTMENTS = (
    "城某,cheng,部门,市城管局,,",
    f"电某,dian,驻地单位,{PIAN}/供电所,,",
)


def units(*found):
    return [route.unit for route in found]


def test_the_nearest_place_goes_first_then_the_longest_word():
    found = TABLE.find("村口路灯不亮", VILLAGE)
    assert units(*found) == ["清溪镇路灯所", "市城管局", "供电所"]


def test_a_place_counts_only_inside_it():
    assert units(*TABLE.find("路灯不亮", "银田镇/平里村")) == ["市城管局", "供电所"]


def test_a_longer_word_outranks_a_shorter_one_in_the_same_place():
    table = Routes((Route("电", (), "供电所"), Route("充电桩", (), "市发改局")))
    assert units(*table.find("充电桩坏了")) == ["市发改局", "供电所"]


def test_words_are_found_in_full_width_and_across_blanks():
    assert TABLE.find("路 灯 坏 了", VILLAGE)[0] is HERE
    assert Routes((Route("wifi", (), "电信"),)).find("ＷＩＦＩ断了")


def test_a_line_explains_itself():
    assert CITYWIDE.explain() == "分工表：路灯 × 全市 → 市城管局 主办（市级事项清单第3条）"
    assert HERE.explain() == "分工表：路灯 × 清溪镇 → 清溪镇路灯所 主办"


@pytest.mark.parametrize(
    ("moment", "fits"),
    [("23:00", True), ("05:59", True), ("06:00", False), ("12:00", False), ("22:00", True)],
)
def test_hours_may_run_across_midnight(moment, fits):
    assert bool(TABLE.find("隔壁太吵", at=at(f"2026-06-01 {moment}"))) is fits


@pytest.mark.parametrize(("day", "fits"), [("12-24", True), ("03-31", True), ("04-01", False)])
def test_days_may_run_across_new_year(day, fits):
    assert bool(TABLE.find("河里涨水", at=at(f"2026-{day} 12:00"))) is fits


# --- what issues make of it ---


@pytest.fixture
def day(lite):
    """The town with a department and a power company, and the table."""
    settle(lite, *TOWN, *DEPARTMENTS)
    return Day(lite, "2026-06-01 09:00", replace(OFFICE, routes=Routes((CITYWIDE, HELP))))


def target(day, userid, unit, **more):
    def look(work):
        person, where = work.town.person(userid), work.town.unit_at(unit)
        assert person
        assert where
        return Target(person, where, **more)

    return day.work(look)


def at_pian(day):
    number = day.report()
    for userid in ("zhang", "peng"):
        day.do(number, userid, "raise_up")
    return number


def test_from_the_pian_upwards_the_card_says_who_else_it_could_be_for(day):
    at_pian(day)
    assert "按分工表可转：市城管局（回复：转 0001 给 市城管局）" in day.told("tan")[-1]
    fields = dict(day.notices("tan")[-1].notice["card"]["fields"])
    assert fields["可转"] == "市城管局，回复“转 0001 给 市城管局”"


def test_lower_down_neighbours_settle_it_first(day):
    day.report()
    assert "分工表" not in day.told("zhang")[-1]


def test_nobody_is_proposed_who_is_not_on_the_roster(lite):
    settle(lite)
    day = Day(lite, "2026-06-01 09:00", replace(OFFICE, routes=Routes((CITYWIDE,))))
    at_pian(day)
    assert "分工表" not in day.told("tan")[-1]


def test_a_complaint_is_proposed_to_nobody(day):
    number = day.report(text="投诉片长谭某收钱，路灯也不管")
    day.do(number, "xie", "raise_up")
    assert "分工表" not in "".join(day.told("guo"))


def test_who_gets_it_reads_why(day):
    number = at_pian(day)
    day.do(number, "tan", "reassign", target(day, "cheng", "市城管局"))
    assert f"为什么派给您：{CITYWIDE.explain()}" in day.told("cheng")[-1]


def test_the_department_has_the_days_of_the_table(day):
    number = at_pian(day)
    day.do(number, "tan", "reassign", target(day, "cheng", "市城管局"))
    assert day.issue(number).sub_due_at == at("2026-06-06 00:00")  # Friday, 4 working days


def test_days_that_somebody_says_outrank_the_table(day):
    number = at_pian(day)
    day.do(number, "tan", "reassign", target(day, "cheng", "市城管局", days=1))
    assert day.issue(number).sub_due_at == at("2026-06-03 00:00")


def test_a_helper_has_the_days_of_his_own_line(day):
    number = at_pian(day)
    helper = day.do(number, "tan", "assist", target(day, "dian", f"{PIAN}/供电所"), "查线路")
    assert helper.due_at == at("2026-06-03 00:00")


def test_the_reason_is_asked_for_by_unit(day):
    number = day.report()

    def ask(work):
        unit = work.town.unit_at(f"{PIAN}/供电所")
        assert unit
        route = route_to(work, day.issue(number), unit)
        assert route
        return route.explain()

    assert day.work(ask) == "分工表：路灯 × 全市 → 供电所 协办"
