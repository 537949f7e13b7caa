"""延期, 不受理, 挂起, 附议: what has to be asked for, what may wait, and who joins."""

import pytest

from issues.allowed import NeedsWords
from rules import marks
from rules.deadlines import Span
from rules.transitions import NotAllowed
from rules.words import Rating, Solved, State, Tier
from tests.town import RESIDENTS, STAFF, ZU, at


@pytest.fixture
def number(day):
    return day.report()


# --- 延期 ---


def test_an_extension_is_asked_for_and_changes_nothing_before(day, number):
    day.do(number, "zhang", "extend", 3, "等配件")
    assert day.issue(number).due_at == at("2026-06-04 00:00")
    assert "等配件" in day.told("peng")[-1]


def test_granted_the_resident_reads_both_dates_and_why(day, number):
    day.do(number, "zhang", "extend", 3, "等配件")
    day.do(number, "peng", "grant")
    told = day.told("mao_mou")[-1]
    assert day.issue(number).due_at == at("2026-06-07 00:00")
    assert all(part in told for part in ("6月3日", "6月6日", "等配件"))


def test_an_extended_promise_is_a_mark_that_raises_it(day, number):
    day.do(number, "zhang", "extend", 3, "等配件")
    day.do(number, "peng", "grant")
    day.go("2026-06-04 00:00").clock(number)
    assert day.holder(number) == "zhang"
    day.go("2026-06-07 00:00").clock(number)
    assert (day.holder(number), day.issue(number).state) == ("peng", State.PENDING)


def test_it_is_granted_twice_at_most(day, number):
    for _ in range(2):
        day.do(number, "zhang", "extend", 1, "等配件")
        day.do(number, "peng", "grant")
    with pytest.raises(NotAllowed, match="2 次"):
        day.do(number, "zhang", "extend", 1, "等配件")


@pytest.mark.parametrize(("days", "reason"), [(0, "等配件"), (31, "等配件")])
def test_a_strange_number_of_days_is_refused(day, number, days, reason):
    with pytest.raises(NotAllowed, match="1 到 30 天"):
        day.do(number, "zhang", "extend", days, reason)


def test_after_the_promise_it_is_too_late_to_ask(day, number):
    day.go("2026-06-04 00:00")
    with pytest.raises(NotAllowed, match="已经过了"):
        day.do(number, "zhang", "extend", 3, "等配件")


def test_one_request_at_a_time(day, number):
    day.do(number, "zhang", "extend", 3, "等配件")
    with pytest.raises(NotAllowed, match="还在等上一级"):
        day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")


def test_a_request_is_void_when_the_issue_rises_first(day, number):
    day.do(number, "zhang", "extend", 3, "等配件")
    day.go("2026-06-04 00:00").clock(number)
    with pytest.raises(NotAllowed, match="没有等您答复"):
        day.do(number, "tan", "grant")


def test_a_complex_issue_needs_no_extension(day, number):
    day.do(number, "zhang", "regrade", Tier.COMPLEX, "要立项")
    day.do(number, "peng", "grant")
    with pytest.raises(NotAllowed, match="每个月"):
        day.do(number, "zhang", "extend", 3, "等配件")


# --- 不受理 ---


def test_turning_away_needs_a_reason_and_the_right_channel(day, number):
    for words in (("", "县法院"), ("是法院的事", "")):
        with pytest.raises(NeedsWords, match="该找谁"):
            day.do(number, "zhang", "decline", *words)


def test_approved_one_level_up_the_resident_learns_where_to_go(day, number):
    day.do(number, "zhang", "decline", "是法院的事", "县法院立案大厅")
    assert day.issue(number).state is State.PENDING
    day.do(number, "peng", "grant")
    issue = day.issue(number)
    assert (issue.state, issue.next_mark_at) == (State.DECLINED, None)
    assert "县法院立案大厅" in day.told("mao_mou")[-1]


def test_not_approved_it_stays_as_it_was(day, number):
    day.do(number, "zhang", "decline", "是法院的事", "县法院立案大厅")
    day.do(number, "peng", "refuse", "这个我们能办")
    assert day.issue(number).state is State.PENDING
    assert "这个我们能办" in day.told("zhang")[-1]


# --- 挂起 ---


@pytest.fixture
def waiting(day, number):
    day.do(number, "zhang", "accept")
    day.do(number, "zhang", "suspend", 2, "等老人回家")
    return number


def test_waiting_moves_the_promise_and_keeps_the_original_visible(day, waiting):
    issue = day.issue(waiting)
    assert (issue.due_at, issue.promised_at) == (at("2026-06-06 00:00"), at("2026-06-04 00:00"))
    assert all(part in day.told("mao_mou")[-1] for part in ("6月3日", "6月5日", "等老人回家"))


def test_waiting_ends_by_itself(day, waiting):
    day.go("2026-06-03 09:00").clock(waiting, "pass_nudge")
    issue = day.issue(waiting)
    assert (issue.state, issue.suspended_until) == (State.WORKING, None)
    assert "恢复办理" in day.told("zhang")[-1]


def test_a_word_of_the_resident_ends_it(day, waiting):
    day.do(waiting, "mao_mou", "supplement", "我回来了")
    assert day.issue(waiting).state is State.WORKING


def test_the_marks_go_on_while_waiting_and_raise_nothing(day, waiting):
    day.go("2026-06-04 00:00").clock(waiting)
    assert (day.holder(waiting), day.issue(waiting).state) == ("zhang", State.SUSPENDED)


def test_it_waits_for_three_days_at_most_and_twice(day, waiting):
    day.do(waiting, "zhang", "resume")
    with pytest.raises(NotAllowed, match="3 天"):
        day.do(waiting, "zhang", "suspend", 4, "等老人回家")
    day.do(waiting, "zhang", "suspend", 3, "等老人回家")
    day.do(waiting, "zhang", "resume")
    with pytest.raises(NotAllowed, match="2 次"):
        day.do(waiting, "zhang", "suspend", 1, "等老人回家")


def test_only_what_was_accepted_can_wait(day, number):
    with pytest.raises(NotAllowed, match="接单"):
        day.do(number, "zhang", "suspend", 2, "等老人回家")


# --- 附议 ---


@pytest.fixture
def joined(day, number):
    day.do(number, "hu_mou", "endorse", "我家门口也不亮")
    return number


def test_who_joins_gets_the_same_notices(day, joined):
    assert "共 2 户" in day.told("zhang")[-1]
    day.do(joined, "zhang", "accept")
    assert "已接单" in day.told("hu_mou")[-1]


def test_who_joins_is_asked_and_rates_for_himself(day, joined):
    day.do(joined, "zhang", "resolve", "换了灯泡")
    day.do(joined, "hu_mou", "rate", Solved.YES, Rating.GOOD)
    issue = day.issue(joined)
    assert (issue.state, issue.rating) == (State.RESOLVED, None)
    with pytest.raises(NotAllowed, match="评过了"):
        day.do(joined, "hu_mou", "rate", Solved.YES, Rating.GOOD)


def test_a_bad_rating_of_who_joined_reopens_it_too(day, joined):
    day.do(joined, "zhang", "resolve", "换了灯泡")
    day.do(joined, "mao_mou", "rate", Solved.YES, Rating.GOOD)
    day.do(joined, "hu_mou", "rate", Solved.NO)
    assert (day.issue(joined).state, day.holder(joined)) == (State.PENDING, "peng")


def test_the_issue_outlives_the_withdrawal_of_the_first(day, joined):
    day.do(joined, "mao_mou", "withdraw")
    issue = day.issue(joined)
    assert (issue.state, issue.reporter) == (State.PENDING, "hu_mou")
    assert "请接着办" in day.told("zhang")[-1]


def test_the_same_household_and_another_zu_do_not_join(town):
    day = town(
        *STAFF,
        *RESIDENTS,
        f"毛二,mao_er,居民,{ZU}/一邻,毛家,",
        "外人,wai_zu,居民,清溪镇/韶山村/一片/别组/一邻,外家,",
    )
    number = day.report()
    for who in ("mao_er", "wai_zu", "mao_mou"):
        with pytest.raises(NotAllowed):
            day.do(number, who, "endorse", "我家也是")


def test_what_is_near_is_only_what_others_reported_lately_and_openly(day, number):
    day.report("liu_mou", "投诉邻长张某收钱不办事")

    def near(work):
        return [issue.number for issue in work.nearby("hu_mou", work.lately("hu_mou"))]

    assert day.work(near) == [number]
    day.go("2026-07-15 09:00")
    assert day.work(near) == []


def test_a_household_with_three_reports_is_pointed_out_to_the_pianzhang(day):
    for text in ("路灯不亮", "水沟堵了", "自来水没水"):
        day.report(text=text)
    assert sum("90 天内报了" in text for text in day.told("tan")) == 1


# --- what no channel delivers ---


def test_a_resident_who_cannot_be_reached_is_told_in_person(day, number):
    def lost(work):
        issue = work.session.get(type(day.issue(number)), day.issue(number).id)
        work.undeliverable(issue, "mao_mou", "您的诉求已接单")

    day.work(lost)
    assert "请当面告知" in day.told("zhang")[-1] or "说一声" in day.told("zhang")[-1]
    assert "毛某" in day.told("zhang")[-1]


# --- another tier table ---


def test_a_new_tier_table_changes_no_promise_that_was_made(day, number, monkeypatch):
    slower = {**marks.TIERS[1], Tier.ORDINARY: marks.Promise(3, Span.DAYS, "three_days")}
    monkeypatch.setitem(marks.TIERS, 2, {**slower, Tier.HARD: marks.Promise(9, Span.DAYS, "nine")})
    monkeypatch.setattr(marks, "TIER_VERSION", 2)
    later = day.report("liu_mou", "水沟堵了")
    for one in (number, later):
        day.do(one, "zhang", "regrade", Tier.HARD, "要换变压器")
    assert day.issue(later).due_at == at("2026-06-05 00:00")
    for one in (number, later):
        day.do(one, "peng", "grant")
    dues = [day.issue(one).due_at for one in (number, later)]
    assert dues == [at("2026-06-09 00:00"), at("2026-06-11 00:00")]
