"""Who is told what, and when: cards at once, the rest at the slot, the night left in peace."""

from dataclasses import replace

import pytest

from issues.guards import GUARDS
from rules.words import Solved
from storage import outbox
from tests.town import AT_SLOT, CHAT, OFFICE, local

TWO_DAYS = "2026-06-04 00:00"


def leaves(rows):
    return [local(row.next_at) for row in rows]


def test_the_card_of_a_new_issue_leaves_at_once(day):
    day.report()
    [card] = day.notices("zhang")
    assert (local(card.next_at), card.gather) == ("06-01 09:00", False)
    assert [b["text"] for b in card.notice["card"]["buttons"]] == ["接单", "办结", "上交"]


def test_the_card_of_a_report_at_night_leaves_in_the_morning(town):
    day = town(start="2026-06-01 23:10")
    day.report()
    assert leaves(day.notices("zhang")) == ["06-02 07:30"]


def test_an_urgent_card_leaves_in_the_night_and_rings_up_to_the_pianzhang(town):
    day = town(start="2026-06-01 23:10")
    day.report(text="我家着火了", emergency="火警")
    rung = {row.target: local(row.next_at) for row in day.notices()}
    assert rung == dict.fromkeys(["zhang", "peng", "tan"], "06-01 23:10")


def test_everything_about_an_urgent_issue_leaves_at_once(town):
    day = town(start="2026-06-01 23:10")
    number = day.report(text="我家着火了", emergency="火警")
    day.do(number, "zhang", "accept")
    assert leaves(day.notices("mao_mou")) == ["06-01 23:10"]


def test_with_new_issue_slot_the_card_waits_for_the_slot(town):
    day = town(office=AT_SLOT)
    day.report()
    [card] = day.notices("zhang")
    assert (local(card.next_at), card.gather) == ("06-01 12:15", True)


def test_more_than_ten_new_issues_in_an_hour_become_a_digest(day):
    for n in range(12):
        day.report(text=f"第 {n} 盏灯不亮")
    rows = day.notices("zhang")
    assert [row.gather for row in rows] == [False] * 10 + [True] * 2
    assert leaves(rows[10:]) == ["06-01 12:15"] * 2


def test_an_hour_later_cards_leave_at_once_again(day):
    for n in range(11):
        day.report(text=f"第 {n} 盏灯不亮")
    day.go("10:01").report(text="又一盏灯不亮")
    assert day.notices("zhang")[-1].gather is False


def test_an_eleventh_urgent_card_is_not_held_back(day):
    for n in range(11):
        day.report(text=f"第 {n} 盏灯不亮")
    day.report(text="着火了", emergency="火警")
    assert day.notices("zhang")[-1].gather is False


def test_a_mark_of_midnight_is_told_at_the_morning_slot(day):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    told = [row for row in day.notices() if ":mark:" in row.key]
    assert set(leaves(told)) == {"06-04 07:45"}
    assert {row.target for row in told} == {"zhang", "peng", "tan", "mao_mou", "韶山村/一片"}


def test_a_unit_without_a_webhook_has_no_post_in_a_group(town):
    day = town(office=replace(OFFICE, boards=frozenset()))
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    assert not [row for row in day.notices() if row.channel == "webhook"]


def test_the_group_reads_the_number_and_nothing_of_the_matter(day):
    number = day.report(text="菜地纠纷", chat_id=CHAT)
    day.go(TWO_DAYS).clock(number)
    [post] = day.told("韶山村/一片")
    assert number in post
    assert not [word for word in ("菜地", "毛某", "mao_mou") if word in post]


def test_a_mark_that_is_found_late_does_not_wake_anybody(day):
    number = day.report()
    day.go("2026-06-06 03:00").clock(number)  # the power came back in the night
    told = [row for row in day.notices() if ":mark:" in row.key]
    assert set(leaves(told)) == {"06-06 07:30"}


def test_accepting_is_told_at_the_slot_and_dropped_when_it_is_done_before(day):
    number = day.report()
    day.do(number, "zhang", "accept")
    day.do(number, "zhang", "resolve", "换了灯泡")
    accepted, asked = day.notices("mao_mou")
    assert (local(accepted.next_at), accepted.gather, accepted.state) == (
        "06-01 12:15",
        True,
        "dropped",
    )
    assert (local(asked.next_at), asked.gather) == ("06-01 09:00", False)


def test_at_a_slot_everything_is_one_message_a_person(day):
    numbers = [day.report(text=f"第 {n} 盏灯不亮") for n in range(3)]
    for number in numbers:
        day.do(number, "zhang", "accept")
    day.go("12:15")
    parcels = day.db.write(lambda session: outbox.claim(session, day.now, {}, GUARDS))
    [digest] = [parcel for parcel in parcels if parcel.target == "mao_mou"]
    assert len(digest.notices) == 3


def test_reminders_of_the_same_morning_are_one_message(day):
    for n in range(3):
        day.report(text=f"第 {n} 盏灯不亮")
    day.go(TWO_DAYS)
    for n in range(3):
        day.clock(f"SZ-20260601-000{n + 1}")
    day.go("2026-06-04 07:45")
    for n in range(3):
        day.clock(f"SZ-20260601-000{n + 1}", "pass_nudge")
    parcels = day.db.write(lambda s: outbox.claim(s, day.now, {}, GUARDS))
    by_target = [parcel.target for parcel in parcels if parcel.target in ("peng", "tan")]
    assert sorted(by_target) == ["peng", "tan"]


def test_a_reminder_is_dropped_when_the_issue_is_done_before_it_leaves(day):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    day.go("2026-06-04 07:00").do(number, "zhang", "resolve", "换了灯泡")
    day.go("2026-06-04 07:45")
    day.db.write(lambda session: outbox.claim(session, day.now, {}, GUARDS))
    states = {row.state for row in day.notices() if ":mark:" in row.key}
    assert states == {"dropped"}


def test_nobody_is_asked_again_after_an_answer(day):
    number = day.report()
    day.do(number, "zhang", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "rate", Solved.NO)
    day.do(number, "peng", "resolve", "换了整灯")
    assert len([text for text in day.told("mao_mou") if "请您评价" in text]) == 2


@pytest.mark.parametrize("userid", ["zhang", "peng", "tan"])
def test_the_same_notice_is_never_written_twice(day, userid):
    number = day.report()
    day.go(TWO_DAYS).clock(number)
    keys = [row.key for row in day.notices(userid)]
    assert len(keys) == len(set(keys)) > 0


def test_an_unaccepted_issue_shows_to_the_zuzhang_after_the_second_slot(day):
    number = day.report()
    day.deliver().go("2026-06-01 19:00").clock(number, "pass_nudge")
    assert "张某还没接单" in day.told("peng")[-1]
    assert [t for t in day.told("tan") if "还没接单" in t] == []


def test_and_to_the_pianzhang_after_the_third(day):
    number = day.report()
    day.deliver().go("2026-06-01 19:00").clock(number, "pass_nudge")
    day.go("2026-06-02 07:45").clock(number, "pass_nudge")
    assert "张某还没接单" in day.told("tan")[-1]


def unaccepted(day):
    rows = [row for row in day.notices() if "还没接单" in row.notice["text"]]
    return [row.target for row in rows if "次定时接" in row.notice["text"]]


def walk(day, number, *moments):
    for moment in moments:
        day.go(moment).clock(number, "pass_nudge")


def test_it_is_counted_from_the_delivery_of_the_card(town):
    """A report of the night: its card leaves at 07:30, so 12:15 is the second slot."""
    day = town(start="2026-06-01 23:10")
    number = day.report()
    walk(day.go("2026-06-02 07:30").deliver(), number, "2026-06-02 07:45")
    assert unaccepted(day) == []
    walk(day, number, "2026-06-02 12:15", "2026-06-02 19:00", "2026-06-03 07:45")
    assert unaccepted(day) == ["peng", "tan"]


def test_what_has_not_been_delivered_is_not_counted(day):
    number = day.report()
    walk(day, number, "2026-06-01 19:00", "2026-06-02 07:45", "2026-06-02 12:15")
    assert unaccepted(day) == []


def test_it_is_counted_once_whatever_happens_to_the_issue(day):
    """A rise and 上交 start no new count, and nobody above the 片长 is told."""
    number = day.report()
    walk(day.deliver(), number, "2026-06-01 19:00", "2026-06-02 07:45")
    day.do(number, "zhang", "raise_up", "太难了")
    walk(day.deliver(), number, "2026-06-02 19:00", "2026-06-03 07:45", "2026-06-03 12:15")
    assert unaccepted(day) == ["peng", "tan"]


def test_what_was_accepted_once_is_never_counted_again(day):
    number = day.report()
    day.deliver().do(number, "zhang", "accept")
    day.do(number, "zhang", "raise_up", "太难了")
    walk(day.deliver(), number, "2026-06-01 19:00", "2026-06-02 07:45", "2026-06-02 12:15")
    assert unaccepted(day) == []


def test_but_not_when_it_has_been_accepted(day):
    number = day.report()
    day.do(number, "zhang", "accept")
    day.go("2026-06-01 19:00").clock(number, "pass_nudge")
    assert day.told("peng") == []
