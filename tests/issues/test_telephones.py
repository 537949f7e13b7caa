"""Telephones between who has it and who reported it: on the card and in 进度, and nowhere else."""

import json

import pytest

from tests.bot_room import Room
from tests.town import TOWN, at, settle

LAMP = "村口路灯坏了三天没人修"
OWN = "13911112222"


@pytest.fixture
def room(lite):
    settle(lite, *(line.replace("毛家,", f"毛家,{OWN}") for line in TOWN))
    room = Room(lite, at("2026-06-01 09:00"))
    room.say("mao_mou", LAMP)
    room.tick()
    return room


def sent(room, target):
    return "\n".join(json.dumps(n.to_dict(), ensure_ascii=False) for n in notices(room, target))


def notices(room, target):
    return [notice for parcel in room.phones.get(target, []) for notice in parcel.notices]


def test_the_card_of_the_holder_has_the_residents_telephone(room):
    card = room.last_card("zhang", "接单")
    assert f"毛某 {OWN}" in dict(card.fields).values()
    assert f"反映人：毛某 {OWN}" in room.read("zhang")[0]


def test_the_card_after_a_tap_has_it_as_well(room):
    assert OWN in str(room.tap("zhang", "接单").card)


def test_a_card_of_somebody_without_a_telephone_has_the_name_alone(room):
    room.say("hu_mou", "后山水沟堵了半个月，没人管")
    room.tick()
    assert "胡某" in dict(room.last_card("chen", "接单").fields).values()


def test_a_long_name_leaves_room_for_the_number(lite):
    settle(
        lite,
        *(line.replace("毛某,", f"{'毛' * 30},").replace("毛家,", f"毛家,{OWN}") for line in TOWN),
    )
    room = Room(lite, at("2026-06-01 09:00"))
    room.say("mao_mou", LAMP)
    room.tick()
    [shown] = [
        value for value in dict(room.last_card("zhang", "接单").fields).values() if "毛" in value
    ]
    assert len(shown) <= 26
    assert shown.endswith(OWN)


def test_the_resident_reads_the_holders_telephone_in_progress(room):
    assert "由邻长张某负责，电话 13800000001" in room.say("mao_mou", "进度")


def test_neither_a_helper_nor_the_group_nor_a_neighbour_reads_it(room):
    room.say("zhang", "协办 1 陈某 借梯子")
    room.wait(hours=1).say("hu_mou", "村口的路灯不亮了")
    room.say("hu_mou", "1")
    for moment in ("12:15", "19:00", "2026-06-05 09:00", "2026-06-05 12:15"):
        room.go(moment).tick()
    assert notices(room, "chen")
    assert notices(room, "hu_mou")
    for target in ("chen", "hu_mou", "mao_mou", "韶山村/一片"):
        assert OWN not in sent(room, target)


def test_the_one_complained_about_reads_nothing_of_it(room):
    room.say("mao_mou", "投诉邻长张某收钱不办事")
    for moment in ("12:15", "19:00", "2026-06-05 09:00"):
        room.go(moment).tick()
    complaint = [text for text in room.read("zhang") if "收钱" in text or "0002" in text]
    assert complaint == []
    assert "没找到编号 2" in room.say("zhang", "看 2")
