"""限时办, 及时督: what the clock does to an issue at its marks and nudges."""

from datetime import timedelta

import pytest

from issues import events
from rules.marks import NudgeKind
from rules.words import State, Tier, UnitKind
from tests.town import at, local, without

TWO_DAYS, WEEK, MONTH = "2026-06-04 00:00", "2026-06-09 00:00", "2026-07-02 00:00"


def regraded(day, tier):
    number = day.report()
    day.do(number, "zhang", "regrade", tier, "要等立项")
    day.do(number, "peng", "grant")
    return number


def stands(day, number):
    issue = day.issue(number)
    return issue.holder.userid, issue.state


# --- 一般 ---


@pytest.mark.parametrize(
    ("moments", "holder", "on_screen"),
    [
        ([TWO_DAYS], "peng", "tan"),
        ([TWO_DAYS, WEEK], "tan", "xie"),
        ([TWO_DAYS, WEEK, MONTH], "xie", "guo"),
        ([TWO_DAYS, WEEK, MONTH, "2026-08-02 00:00"], "guo", "sun"),
    ],
)
def test_an_ordinary_issue_rises_at_every_mark(day, moments, holder, on_screen):
    number = day.report()
    for moment in moments:
        day.go(moment).clock(number)
    assert stands(day, number) == (holder, State.PENDING)
    assert "【到期升级】" in day.told(on_screen)[-1]


def test_nothing_happens_a_second_before_the_mark(day):
    number = day.report()
    assert day.go("2026-06-03 23:59:59").clock(number) is None
    assert stands(day, number)[0] == "zhang"


def test_a_mark_is_passed_once(day):
    number = day.report()
    assert day.go(TWO_DAYS).clock(number).name == "two_days"
    assert day.clock(number) is None
    assert stands(day, number)[0] == "peng"


def test_the_old_holder_stays_on_and_hears_where_it_went(day):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    assert "已升给组长彭某" in day.told("zhang")[-1]
    day.do(number, "zhang", "accept")
    assert stands(day, number) == ("peng", State.ACCEPTED)


def test_the_new_holder_gets_a_card_and_the_resident_an_apology(day):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    assert day.notices("peng")[-1].notice["card"]["title"].startswith("满 2 天升级")
    assert "对不住" in day.told("mao_mou")[-1]


def test_accepting_alone_does_not_keep_the_promise(day):
    number = day.report()
    day.do(number, "zhang", "accept")
    day.go(TWO_DAYS).clock(number)
    assert stands(day, number) == ("peng", State.PENDING)


def test_progress_is_no_result_for_an_ordinary_issue(day):
    number = day.report()
    day.do(number, "zhang", "progress", "已联系电力公司")
    day.go(TWO_DAYS).clock(number)
    assert stands(day, number)[0] == "peng"


def test_the_promise_itself_is_never_moved_by_the_clock(day):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    day.go(WEEK).clock(number)
    assert day.issue(number).due_at == at(TWO_DAYS)


@pytest.mark.parametrize("action", [("resolve", "换了灯泡"), ("withdraw",)])
def test_what_is_done_passes_no_mark(day, action):
    number = day.report()
    day.do(number, "mao_mou" if action == ("withdraw",) else "zhang", *action)
    before = day.issue(number).state
    assert day.go(TWO_DAYS).clock(number) is None
    assert stands(day, number) == ("zhang", before)


# --- 较难 ---


def test_a_hard_issue_is_asked_for_progress_at_two_days_without_rising(day):
    number = regraded(day, Tier.HARD)
    day.go(TWO_DAYS).clock(number)
    assert stands(day, number)[0] == "zhang"
    assert "请把进展告诉居民" in day.told("zhang")[-1]
    assert not [text for text in day.told("tan") if "到期升级" in text]


def test_a_hard_issue_rises_after_its_week(day):
    number = regraded(day, Tier.HARD)
    day.go(TWO_DAYS).clock(number)
    day.go(WEEK).clock(number)
    assert stands(day, number) == ("peng", State.PENDING)


# --- 复杂 ---


def complex_after(day, *marks):
    number = regraded(day, Tier.COMPLEX)
    for mark in marks:
        day.go(mark).clock(number)
    return number


def test_a_complex_issue_with_progress_stays_and_promises_the_next_month(day):
    number = complex_after(day, TWO_DAYS, WEEK)
    day.go("2026-06-20 10:00").do(number, "zhang", "progress", "已立项")
    day.go(MONTH).clock(number)
    assert stands(day, number) == ("zhang", State.WORKING)
    assert day.issue(number).due_at == at("2026-08-02 00:00")


def test_a_complex_issue_without_progress_rises_at_the_month(day):
    number = complex_after(day, TWO_DAYS, WEEK, MONTH)
    assert stands(day, number) == ("peng", State.PENDING)


def test_last_months_progress_does_not_count_for_this_month(day):
    number = complex_after(day, TWO_DAYS, WEEK)
    day.go("2026-06-20 10:00").do(number, "zhang", "progress", "已立项")
    day.go(MONTH).clock(number)
    day.go("2026-08-02 00:00").clock(number)
    assert stands(day, number)[0] == "peng"


def test_the_anchor_day_of_the_report_is_kept(town):
    day = town(start="2026-01-31 10:00")
    number = regraded(day, Tier.COMPLEX)
    ends = []
    for month in range(3):
        day.now += timedelta(days=1)
        day.do(number, "zhang", "progress", f"第 {month} 次进展")
        ends.append(day.issue(number).due_at)
        day.now = day.issue(number).due_at
        day.clock(number)
    assert [local(end)[:5] for end in ends] == ["03-01", "04-01", "05-01"]


# --- after a stop, at the top, with empty chairs ---


def test_after_a_power_cut_of_a_month_there_is_one_reminder_and_it_rises_one_level(day):
    """Those between had no chance to act."""
    number = day.report()
    mark = day.go("2026-07-05 10:00").clock(number)
    assert (mark.name, stands(day, number)[0]) == ("month", "peng")
    mark_rows = [row for row in day.notices() if ":mark:" in row.key]
    assert {row.key.split(":mark:")[1].split(":")[0] for row in mark_rows} == {"month"}
    assert len({row.target for row in mark_rows}) == len(mark_rows)


def test_after_a_stop_a_mark_that_nobody_missed_is_not_caught_up(day):
    number = day.report()
    day.go("2026-07-05 10:00").clock(number)
    assert day.clock(number) is None
    assert day.issue(number).next_mark_at == at("2026-08-02 00:00")


def test_it_rises_over_empty_chairs(town):
    day = town(*without("peng", "tan"))
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    assert (stands(day, number)[0], day.issue(number).level) == ("xie", UnitKind.VILLAGE)


def test_at_the_top_the_holder_is_reminded_and_it_stays(day):
    number = day.report()
    for month in range(6, 12):
        day.go(f"2026-{month + 1:02}-02 00:00").clock(number)
    assert stands(day, number)[0] == "sun"
    assert "已到期" in day.told("sun")[-1]


def test_nobody_is_on_the_ladder_and_the_marks_go_on(town):
    day = town(*without("zhang", "peng", "tan", "xie", "guo", "sun"))
    number = day.report()
    assert day.go(TWO_DAYS).clock(number).name == "two_days"
    assert day.issue(number).next_mark_at == at(WEEK)


def test_the_mark_is_in_the_memory_with_the_state_before_it(day):
    number = day.report()
    day.do(number, "zhang", "accept")
    day.go(TWO_DAYS).clock(number)
    with day.db.read() as session:
        last = events.of(session, day.issue(number).id)[-1]
    assert (last.kind, last.before, last.after) == ("mark", "accepted", "pending")
    assert last.data["mark"] == "two_days"


def test_a_wish_for_a_harder_tier_ends_when_the_issue_rises(day):
    number = day.report()
    day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")
    day.go(TWO_DAYS).clock(number)
    assert day.issue(number).wanted is None


# --- nudges ---


def test_half_time_is_told_when_nobody_has_accepted(day):
    number = day.report()
    assert day.go("2026-06-02 16:30").clock(number, "pass_nudge") is NudgeKind.HALF
    assert "时间过半" in day.told("zhang")[-1]


def test_half_time_is_not_told_once_somebody_has_accepted(day):
    number = day.report()
    day.do(number, "zhang", "accept")
    assert day.go("2026-06-02 16:30").clock(number, "pass_nudge") is None


def test_the_morning_of_the_due_day_is_told(day):
    number = day.report()
    day.go("2026-06-02 16:30").clock(number, "pass_nudge")
    assert day.go("2026-06-03 07:30").clock(number, "pass_nudge") is NudgeKind.DUE_DAY
    assert "今天到期" in day.told("zhang")[-1]


def test_three_days_after_the_promise_the_level_above_supervises(day):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    assert day.go("2026-06-07 00:00").clock(number, "pass_nudge") is NudgeKind.SUPERVISE
    assert "【督办】" in day.told("tan")[-1]


def test_a_nudge_that_a_mark_has_overtaken_is_left_out(day):
    number = day.report()
    day.go("2026-07-05 10:00").clock(number)
    before = len(day.notices())
    assert day.clock(number, "pass_nudge") is None
    assert len(day.notices()) == before
