"""交接: open issues follow the post, in the transaction that changes the roster."""

from issues.handover import EndedPost, hand_over
from tests.town import LIN, PIAN, TOWN, settle


def change(day, userid: str, unit: str, successor: str = ""):
    ended = [EndedPost(userid, unit, successor)]
    return day.work(lambda work: hand_over(work, ended))


def test_the_successor_holds_what_the_former_linzhang_had_open(day) -> None:
    number = day.report()
    assert change(day, "zhang", LIN, "chen") == 1
    assert day.holder(number) == "chen"


def test_both_sides_and_the_resident_are_told(day) -> None:
    number = day.report()
    change(day, "zhang", LIN, "chen")
    assert f"{number} 已交接给邻长陈某" in day.told("zhang")[-1]
    assert "交接" in day.told("chen")[-1]
    assert "现在由邻长陈某负责" in day.told("mao_mou")[-1]


def test_without_a_successor_the_next_seat_holds_it(day) -> None:
    number = day.report()
    change(day, "zhang", LIN)
    assert day.holder(number) == "peng"


def test_what_is_closed_or_stands_elsewhere_stays(day) -> None:
    closed, raised = day.report(), day.report("liu_mou", "井盖丢了")
    day.do(closed, "mao_mou", "withdraw")
    day.do(raised, "zhang", "raise_up")
    assert change(day, "zhang", LIN, "chen") == 0
    assert (day.holder(closed), day.holder(raised)) == ("zhang", "peng")


def test_the_clock_and_the_promise_go_on(day) -> None:
    number = day.report()
    before = day.issue(number)
    day.go("2026-06-02 10:00")
    change(day, "zhang", LIN, "chen")
    after = day.issue(number)
    assert (after.due_at, after.next_mark_at) == (before.due_at, before.next_mark_at)


def test_a_pianzhang_hands_over_what_has_risen_to_him_and_no_more(day) -> None:
    low, high = day.report(), day.report("liu_mou", "井盖丢了")
    for userid in ("zhang", "peng"):
        day.do(high, userid, "raise_up")
    assert change(day, "tan", PIAN, "chen") == 1
    assert (day.holder(low), day.holder(high)) == ("zhang", "chen")


def test_a_new_roster_with_another_linzhang_does_it_by_itself(town, tmp_path) -> None:
    day = town(*TOWN)
    number = day.report()
    settle(day.db, *[line.replace("张某,zhang,邻长", "新某,xin,邻长") for line in TOWN])
    assert change(day, "zhang", LIN, "xin") == 1
    assert day.holder(number) == "xin"
