"""退单, 转办, 强派, 协办, 提级: who has it now, who is told, and that the clock goes on."""

import pytest
from sqlalchemy import select

from issues.allowed import NeedsWords
from issues.moving import Target
from people.leaving import end_posts
from rules.transitions import NotAllowed
from rules.words import State, UnitKind
from storage.tables import Issue, PersonRow, UnitRow
from tests.town import LIN, NEXT_LIN, PIAN, RESIDENTS, STAFF, ZU, actor, at

OFFICES = ("李某,li_ju,部门,市城管局,,", f"魏某,wei,驻地单位,{PIAN}/供电所,,")
UNITS = {
    "zhang": LIN,
    "chen": NEXT_LIN,
    "peng": ZU,
    "tan": PIAN,
    "xie": "清溪镇/韶山村",
    "li_ju": "市城管局",
    "wei": f"{PIAN}/供电所",
}


@pytest.fixture
def day(town):
    return town(*STAFF, *RESIDENTS, *OFFICES)


@pytest.fixture
def number(day):
    return day.report()


def move(day, number, who, how, to, *words):
    """What somebody does with it towards somebody else: move(…, "zhang", "reassign", "chen")."""

    def act(work):
        issue = work.session.scalars(select(Issue).where(Issue.number == number)).one()
        person = work.session.scalars(select(PersonRow).where(PersonRow.userid == to)).one()
        unit = work.session.scalars(select(UnitRow).where(UnitRow.path == UNITS[to])).one()
        return getattr(work, how)(issue, actor(work, who), Target(person, unit), *words)

    return day.work(act)


# --- 退单 ---


def test_given_back_it_goes_to_the_unit_that_was_named(day, number):
    move(day, number, "zhang", "give_back", "chen", "是二邻的路灯")
    issue = day.issue(number)
    assert (day.holder(number), issue.unit.path, issue.state) == ("chen", NEXT_LIN, State.PENDING)
    assert "陈某" in day.told("mao_mou")[-1]


def test_giving_back_keeps_the_clock(day, number):
    before = day.issue(number)
    day.go("2026-06-02 08:00")
    move(day, number, "zhang", "give_back", "chen", "是二邻的路灯")
    after = day.issue(number)
    assert (after.due_at, after.reported_at) == (before.due_at, before.reported_at)


def test_after_24_hours_it_cannot_be_given_back(day, number):
    day.go("2026-06-02 09:01")
    with pytest.raises(NotAllowed, match="24 小时"):
        move(day, number, "zhang", "give_back", "chen", "是二邻的路灯")


def test_giving_back_needs_a_reason(day, number):
    with pytest.raises(NeedsWords, match="原因"):
        move(day, number, "zhang", "give_back", "chen", "")


@pytest.fixture
def twice_returned(day, number):
    move(day, number, "zhang", "give_back", "chen", "不归我们")
    move(day, number, "chen", "give_back", "zhang", "也不归我们")
    return number


def test_a_third_time_is_decided_by_the_pianzhang(day, twice_returned):
    move(day, twice_returned, "zhang", "give_back", "peng", "还是不归我们")
    assert day.holder(twice_returned) == "zhang"
    assert "请您定" in day.told("tan")[-1]


def test_when_the_pianzhang_agrees_it_stays_where_it_was_said_to_belong(day, twice_returned):
    move(day, twice_returned, "zhang", "give_back", "chen", "真的不归我们")
    day.do(twice_returned, "tan", "grant")
    assert day.holder(twice_returned) == "chen"
    with pytest.raises(NotAllowed, match="首接负责"):
        move(day, twice_returned, "chen", "give_back", "zhang", "不归我们")


def test_the_zuzhang_cannot_decide_it(day, twice_returned):
    move(day, twice_returned, "zhang", "give_back", "chen", "真的不归我们")
    with pytest.raises(NotAllowed, match="片长"):
        day.do(twice_returned, "peng", "grant")


# --- 转办, 强派 ---


def test_a_department_leads_from_where_the_issue_stands(day, number):
    move(day, number, "tan", "reassign", "li_ju", "路灯归城管")
    issue = day.issue(number)
    assert (day.holder(number), issue.level, issue.unit.path) == ("li_ju", UnitKind.LIN, LIN)
    assert issue.sub_due_at == at("2026-06-04 00:00")  # two working days
    assert "市城管局李某" in day.told("mao_mou")[-1]


def pressed_by(day):
    """Whose phone says last that a department has to be pressed."""
    rows = [row for row in day.notices() if "请您督促" in row.notice["text"]]
    return [row.target for row in rows if "【请您督促】" in row.notice["text"]][-1:]


def test_a_department_that_leads_keeps_it_and_who_presses_is_lifted(day, number):
    """依责销号: a broken promise lifts who presses, first the 长 who passed it on."""
    move(day, number, "zhang", "reassign", "li_ju", "路灯归城管")
    day.do(number, "li_ju", "accept")
    seen = []
    for moment in ("2026-06-04 00:00", "2026-06-09 00:00", "2026-07-02 00:00"):
        day.go(moment).clock(number)
        issue = day.issue(number)
        assert (day.holder(number), issue.lead_unit_id is None) == ("li_ju", False)
        seen += pressed_by(day)
    assert (seen, issue.state) == (["zhang", "peng", "tan"], State.ACCEPTED)


def test_the_residents_keep_the_department_and_read_who_presses(day, number):
    move(day, number, "zhang", "reassign", "li_ju", "路灯归城管")
    day.go("2026-06-04 00:00").clock(number)
    assert "仍由市城管局李某办，邻长张某在督促" in day.told("mao_mou")[-1]
    assert "【到期升级】" in day.told("peng")[-1]


def test_who_presses_starts_anew_with_another_department(day, number):
    move(day, number, "zhang", "reassign", "li_ju", "路灯归城管")
    day.go("2026-06-04 00:00").clock(number)
    day.do(number, "peng", "accept")
    assert (day.holder(number), day.issue(number).pressed_from) == ("peng", None)


def test_a_departments_own_deadline_is_told_to_both_sides(day, number):
    move(day, number, "tan", "reassign", "li_ju", "路灯归城管")
    day.go("2026-06-04 00:00").clock(number, "pass_nudge")
    assert any("办理期限已过" in text for text in day.told("li_ju"))
    assert day.issue(number).sub_due_at is None


def test_nothing_is_passed_on_to_who_has_it_or_who_reported_it(day):
    number = day.report("chen")
    for to in ("chen", day.holder(number)):
        with pytest.raises(NotAllowed):
            move(day, number, day.holder(number), "reassign", to)


def test_passed_on_three_times_it_is_a_problem_for_those_above(day, number):
    for who, to in (("zhang", "chen"), ("chen", "zhang"), ("zhang", "chen")):
        move(day, number, who, "reassign", to)
    assert day.issue(number).troubled
    assert any("问题工单" in text for text in day.told("sun"))


def test_the_pianzhang_decides_whose_it_is_and_the_zuzhang_does_not(day, number):
    with pytest.raises(NotAllowed, match="片长"):
        move(day, number, "peng", "assign", "chen")
    move(day, number, "tan", "assign", "chen")
    assert (day.holder(number), day.issue(number).forced) == ("chen", True)


# --- 提级, 督办, 催办 ---


def test_lifting_takes_it_one_level_up_out_of_a_wait_too(day, number):
    day.do(number, "zhang", "accept")
    day.do(number, "zhang", "suspend", 2, "等老人回家")
    day.do(number, "sun", "lift", "群众反映强烈")
    issue = day.issue(number)
    assert (day.holder(number), issue.state) == ("peng", State.PENDING)
    assert issue.suspended_until is None


def test_supervision_is_told_to_holder_and_resident(day, number):
    day.do(number, "tan", "supervise", "三天内办好")
    assert "三天内办好" in day.told("zhang")[-1]
    assert "督办" in day.told("mao_mou")[-1]


def test_a_resident_may_press_once_a_day(day, number):
    day.do(number, "mao_mou", "urge")
    with pytest.raises(NotAllowed, match="催过"):
        day.do(number, "mao_mou", "urge")
    day.go("2026-06-02 09:01").do(number, "mao_mou", "urge")
    assert sum("催办" in text for text in day.told("zhang")) == 2


# --- 协办 ---


@pytest.fixture
def helped(day, number):
    move(day, number, "zhang", "assist", "wei", "查线路", 2)
    return number


def test_the_helper_reads_what_to_do_and_no_name(day, helped):
    text = day.told("wei")[-1]
    assert "查线路" in text
    assert "毛某" not in text + str(day.notices("wei")[-1].notice["card"])


def test_the_helper_answers_and_the_lead_hears_of_it(day, helped):
    day.do(helped, "wei", "answer_assist", "线路没问题")
    assert "线路没问题" in day.told("zhang")[-1]
    assert day.holder(helped) == "zhang"
    with pytest.raises(NotAllowed):
        day.do(helped, "wei", "answer_assist", "再说一遍")


def test_an_overdue_helper_is_flagged_once_and_both_are_told(day, helped):
    day.go("2026-06-03 08:00")
    day.go("2026-06-04 00:00").clock(helped, "pass_nudge")
    day.clock(helped, "pass_nudge")
    assert sum("协办已过期" in text for text in day.told("zhang")) == 1
    assert any("已过期" in text for text in day.told("wei"))


def test_the_same_unit_is_not_asked_twice(day, helped):
    with pytest.raises(NotAllowed, match="已经请供电所"):
        move(day, helped, "zhang", "assist", "wei", "再查一遍", 2)


def test_the_lead_may_open_the_names(day, helped):
    day.do(helped, "zhang", "show_names")
    assert "毛某" in day.told("wei")[-1]


def test_a_helper_who_leaves_is_replaced_or_the_lead_is_told(day, helped):
    def asked(work):
        issue = work.session.scalars(select(Issue).where(Issue.number == helped)).one()
        return work.assists(issue)[0]

    def leave(work):
        end_posts(work.session, work.town, asked(work).person_id, work.today)

    day.work(leave)
    day.work(lambda work: work.replace_helper(asked(work)))
    assert "另找单位" in day.told("zhang")[-1]


# --- a complaint goes to nobody under the one complained about ---


def test_a_complaint_is_not_passed_down_again(day):
    number = day.report(text="投诉组长彭某收钱不办事")
    for to in ("zhang", "chen", "peng"):
        with pytest.raises(NotAllowed, match="更高一级"):
            move(day, number, day.holder(number), "reassign", to)
    move(day, number, day.holder(number), "reassign", "li_ju", "请纪检协助")
    assert day.holder(number) == "li_ju"
