"""别的办法: what has no button of its own, offered to whom it is possible for and nobody else."""

import pytest


@pytest.fixture
def accepted(room):
    """The card of an issue that its 邻长 has just accepted."""
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.tick()
    return room.tap("zhang", "接单").card


def texts(card):
    return [button.text for button in card.buttons]


def test_it_takes_the_place_of_accepting(room, accepted):
    assert texts(room.last_card("zhang", "接单")) == ["接单", "办结", "上交"]
    assert texts(accepted) == ["办结", "上交", "别的办法"]


def test_only_what_is_possible_now_is_offered_and_the_card_stays(room, accepted):
    reply = room.tap("zhang", "别的办法", accepted)
    assert "转办" in reply.text
    assert "恢复" not in reply.text
    assert texts(reply.card) == ["办结", "上交", "别的办法"]


def test_who_is_not_concerned_is_offered_nothing(room, accepted):
    reply = room.tap("liu_mou", "别的办法", accepted)
    assert "没有别的要您办的" in reply.text
    assert "路灯" not in reply.text + str(reply.card)


def test_after_the_end_there_is_nothing_else_to_do(room, accepted):
    room.say("zhang", "办结 1 换了灯泡")
    assert "没有别的" in room.tap("zhang", "别的办法", accepted).text


def test_no_request_is_the_last_way_and_a_reason_is_asked_before_it_is_closed(room, accepted):
    offered = room.tap("zhang", "别的办法", accepted).text
    last = offered.split("\n")[-2]
    assert "不是诉求" in last
    assert "关掉吗" in room.say("zhang", last[0])
    assert room.issues()[0].state == "accepted"
    assert "已关掉" in room.say("zhang", "1")
