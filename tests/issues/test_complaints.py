"""A complaint about a 长 bypasses that person and everyone under them (domain.md §5)."""

from issues.short_numbers import by_number
from rules.words import Party, UnitKind
from tests.town import actor


def test_a_complaint_about_the_linzhang_is_held_one_level_up(day) -> None:
    number = day.report(text="投诉邻长张某，收钱不办事")
    assert (day.holder(number), day.issue(number).bypassed) == ("peng", UnitKind.LIN)


def test_the_one_complained_about_is_told_nothing_whatever_happens(day) -> None:
    number = day.report(text="投诉邻长张某，收钱不办事")
    for moment in ("2026-06-04 08:00", "2026-06-09 08:00", "2026-07-02 08:00"):
        day.go(moment).clock(number)
        day.clock(number, "pass_nudge")
    assert day.told("zhang") == []


def test_the_group_of_the_unit_is_told_nothing_of_it(day) -> None:
    number = day.report(text="举报组长挪用修路款")
    day.go("2026-06-09 08:00").clock(number)
    assert [row for row in day.notices() if row.channel == "webhook"] == []


def test_who_is_complained_about_can_neither_see_nor_touch_it(day) -> None:
    number = day.report(text="投诉片长收红包")

    def parties(work, userid: str):
        return work.parties(by_number(work.session, number), actor(work, userid))

    assert day.work(lambda work: parties(work, "tan")) == set()
    assert day.work(lambda work: parties(work, "xie")) == {Party.HOLDER}


def test_a_complaint_about_everybody_goes_to_the_supervisor(day) -> None:
    number = day.report(text="举报镇干部和村支书包庇")
    assert day.holder(number) == "sun"
