"""sanzhang leave, as an admin types it for a 长 who has called in."""

from datetime import UTC, date, datetime, timedelta

from tests.town import Day

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=5)).isoformat()


def held(db):
    day = Day(db, f"{TODAY} 09:00")
    return day, day.report()


def test_his_issues_go_to_the_delegate_and_come_back(town_lite, type_):
    day, number = held(town_lite)
    said = type_(town_lite, "leave", "take", "zhang", "--to", SOON, "--delegate", "chen")
    assert "陈某代班" in said
    assert day.holder(number) == "chen"
    assert "已销假" in type_(town_lite, "leave", "back", "zhang")
    assert day.holder(number) == "zhang"


def test_the_list_shows_who_is_away_and_who_stands_in(town_lite, type_):
    assert "没有人请假" in type_(town_lite, "leave", "list")
    type_(town_lite, "leave", "take", "zhang", "--to", SOON)
    assert "没有代班人" in type_(town_lite, "leave", "list")


def test_somebody_without_a_post_is_named_and_nothing_is_written(town_lite, type_):
    said = type_(town_lite, "leave", "take", "mao_mou", "--to", SOON, status=1)
    assert "没有担任职务的 mao_mou" in said
    assert "没有人请假" in type_(town_lite, "leave", "list")


def test_days_that_lie_the_wrong_way_round_are_refused(town_lite, type_):
    past = date(2026, 1, 1).isoformat()
    assert "日子不对" in type_(town_lite, "leave", "take", "zhang", "--to", past, status=1)
