"""进度 tells four stages with their times, the last 进展 and the next date; none gone by."""

import pytest

from issues import events, stages
from tests.town import Day


@pytest.fixture
def day(town_lite):
    return Day(town_lite, "2026-06-01 09:00")


def told(day, number, **how):
    return day.work(lambda work: stages.status(work, work.session.merge(day.issue(number)), **how))


def reached(day, number):
    def look(work):
        issue = work.session.merge(day.issue(number))
        return stages.stages(issue, events.of(work.session, issue.id))

    return day.work(look)


def test_a_new_issue_has_been_reported_and_nothing_more(day):
    number = day.report()
    assert "✓ 已报 6月1日 09:00\n○ 已接\n○ 办理中\n○ 办结" in told(day, number)


def test_each_stage_has_its_time(day):
    number = day.report()
    day.go("10:00").do(number, "zhang", "accept")
    day.go("11:00").do(number, "zhang", "progress", "已约电工")
    day.go("15:00").do(number, "zhang", "resolve", "换了灯泡")
    assert "✓ 已接 6月1日 10:00\n✓ 办理中 6月1日 11:00\n✓ 办结 6月1日 15:00" in told(day, number)


def test_who_finishes_at_once_has_passed_all_stages(day):
    number = day.report()
    day.go("10:00").do(number, "zhang", "resolve", "换了灯泡")
    assert "○" not in told(day, number)


def test_what_has_gone_back_waits_to_be_accepted_again(day):
    number = day.report()
    day.go("10:00").do(number, "zhang", "accept")
    day.go("11:00").do(number, "zhang", "raise_up", "太难了")
    assert reached(day, number).accepted is None


def test_the_last_progress_is_told_with_its_time(day):
    number = day.report()
    day.go("10:00").do(number, "zhang", "progress", "已约电工")
    day.go("11:00").do(number, "zhang", "progress", "电工在路上")
    assert "最近进展（6月1日 11:00）：电工在路上" in told(day, number)
    assert "已约电工" not in told(day, number)


def test_a_date_that_has_gone_by_is_not_promised_again(day):
    number = day.report()
    day.go("2026-06-04 09:00").clock(number)
    said = told(day, number)
    assert "6月3日" not in said
    assert "已经过了答应的时间，对不住您" in said
    assert "6月8日（周一）24 点前还没办好，再催一次" in said


def test_an_original_date_that_has_gone_by_is_not_shown_beside_the_new_one(day):
    number = day.report()
    day.do(number, "zhang", "extend", 3, "等配件")
    day.do(number, "peng", "grant")
    assert "6月6日（周六）24 点前（原定 6月3日" in told(day, number)
    assert "原定" not in told(day.go("2026-06-04 09:00"), number)


@pytest.mark.parametrize(("phone", "shown"), [(True, True), (False, False)])
def test_the_holders_telephone_is_told_where_it_may_be(day, phone, shown):
    assert ("13800000001" in told(day, day.report(), phone=phone)) is shown


def test_without_a_telephone_nothing_is_said_of_one(day):
    number = day.report("hu_mou")
    assert "电话" not in told(day, number, phone=True)


def test_what_is_withdrawn_has_no_stages_ahead(day):
    number = day.report()
    day.do(number, "mao_mou", "withdraw")
    assert "○" not in told(day, number)
