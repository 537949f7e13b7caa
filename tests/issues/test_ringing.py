"""Whom an emergency rings, whom it passes over, and what each of them is told."""

import pytest

from issues.registering import Material
from rules.transitions import NotAllowed
from tests.town import ZU, Day, settle, without

FIRE = {"text": "厨房着火了", "emergency": "火警"}
EVERYBODY = ("zhang", "peng", "tan", "xie", "guo", "sun")


@pytest.fixture
def day(lite):
    settle(lite)
    return Day(lite, "2026-06-01 23:40")


def rung(day):
    return [who for who in EVERYBODY if any("【急】" in text for text in day.told(who))]


def test_whoever_a_complaint_is_about_and_all_under_him_are_not_rung(day):
    number = day.report(text="组长彭某打人了，拿着锄头", emergency="持械伤人")
    assert rung(day) == ["tan"]
    day.go("23:50").clock(number, "ring_again")
    day.do(number, "mao_mou", "supplement", "他还在门口")
    assert rung(day) == ["tan", "xie"]
    assert day.told("peng") == day.told("zhang") == []


def test_who_is_bypassed_cannot_answer_it(day):
    number = day.report(text="组长彭某打人了，拿着锄头", emergency="持械伤人")
    with pytest.raises(NotAllowed, match="要由"):
        day.do(number, "peng", "on_way", "我过去了")


def test_a_zhang_who_reports_it_himself_is_not_rung(day):
    day.report("zhang", **FIRE)
    assert rung(day) == ["peng", "tan"]


def test_without_a_linzhang_the_others_are_rung(lite):
    settle(lite, *without("zhang"))
    day = Day(lite, "2026-06-01 23:40")
    day.report(**FIRE)
    assert rung(day) == ["peng", "tan"]


def test_the_telephone_of_the_reporter_is_on_the_card(lite):
    settle(lite, *without("mao_mou"), f"毛某,mao_mou,居民,{ZU}/一邻,毛家,13900000009")
    day = Day(lite, "2026-06-01 23:40")
    day.report(**FIRE)
    (told,) = day.told("tan")
    assert "毛某，电话 13900000009" in told
    card = day.notices("tan")[0].notice["card"]
    assert ["电话", "13900000009"] in [list(field) for field in card["fields"]]
    assert [button["key"] for button in card["buttons"]] == ["accept", "on_way", "raise"]


def test_a_place_that_came_with_it_is_on_the_card(day):
    spot = Material("location", text="水塘边", latitude=27.9, longitude=112.5)
    day.report(**FIRE, materials=(spot,))
    assert "地点：水塘边（27.9，112.5）；住韶山村一片长冲组一邻毛家" in day.told("tan")[0]


def test_a_neighbour_who_joins_is_named_with_where_he_lives(day):
    number = day.report(**FIRE)
    day.do(number, "hu_mou", "endorse", "毛家着火了")
    assert day.told("tan")[-1].endswith("胡某（二邻胡家）也报了：毛家着火了")


def test_who_answers_is_told_to_the_reporter_and_to_the_others_but_not_to_himself(day):
    number = day.report(**FIRE)
    before = len(day.told("peng"))
    day.do(number, "peng", "on_way", "我过去了")
    assert "组长彭某回话：我过去了" in day.told("mao_mou")[-1]
    assert "组长彭某：我过去了" in day.told("zhang")[-1]
    assert len(day.told("peng")) == before


def test_the_linzhangs_telephone_goes_with_his_answer(day):
    number = day.report(**FIRE)
    day.do(number, "zhang", "accept")
    assert "邻长张某已接单，电话 13800000001" in day.told("mao_mou")[-1]


def test_what_is_added_after_six_hours_waits_for_the_slot(day):
    number = day.report(**FIRE)
    day.go("2026-06-02 05:41").do(number, "mao_mou", "supplement", "墙裂了")
    row = day.notices("zhang")[-1]
    assert row.gather
    assert "墙裂了" in row.notice["text"]
    assert not any("墙裂了" in text for text in day.told("tan"))
