"""没有电力公司: who there is to ask instead, picked by a number or said in words."""

import pytest

from tests.bot_room import Room
from tests.town import PIAN, TOWN, at, settle


@pytest.fixture
def room(lite):
    settle(
        lite,
        *TOWN,
        f"李某,li,驻地单位,{PIAN}/供电所,,",
        "水某,shui,部门,市水利局,,",
    )
    room = Room(lite, at("2026-06-01 09:00"))
    room.say("mao_mou", "村口路灯坏了三天没人修")
    return room


def test_who_there_is_is_named_and_picked_by_a_number(room):
    asked = room.say("zhang", "转 1 给 电力公司 是线路的事")
    assert "没找到“电力公司”" in asked
    assert "1. 供电所李某（清溪镇/韶山村/一片/供电所）" in asked
    assert "已转给供电所李某" in room.say("zhang", "1")
    assert room.issues()[0].holder.userid == "li"


def test_the_reason_goes_along(room):
    room.say("zhang", "转 1 给 电力公司 是线路的事")
    room.say("zhang", "1")
    assert "是线路的事" in room.say("li", "看 1")


def test_somebody_else_may_be_named_instead(room):
    room.say("zhang", "转 1 给 电力公司")
    assert "已转给长冲组组长彭某" in room.say("zhang", "彭某")


def test_help_is_asked_of_who_is_picked(room):
    room.say("zhang", "协办 1 电力公司 查线路")
    assert "已请供电所李某协办" in room.say("zhang", "1")


def test_a_number_beyond_the_choices_is_no_pick(room):
    room.say("zhang", "转 1 给 电力公司")
    room.say("zhang", "7")
    assert room.issues()[0].holder.userid == "zhang"


def test_never_mind_leaves_it_as_it_is(room):
    room.say("zhang", "转 1 给 电力公司")
    assert "先不动" in room.say("zhang", "算了")


def test_in_a_group_nobody_reads_who_there_is(room):
    said = room.say("zhang", "转 1 给 电力公司", chat_id="wr-yipian", channel="aibot")
    room.tick()
    assert said == "已私信您，请看和我的单独聊天。"
    assert "1. 供电所李某" in "\n".join(room.read("zhang"))
    assert "已转给供电所李某" in room.say("zhang", "1")
