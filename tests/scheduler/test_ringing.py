"""An emergency that nobody answers is rung again every ten minutes, one level higher each time."""

from collections import Counter
from datetime import timedelta

import pytest

from issues import events
from storage.outbox import SendError

NIGHT = "2026-06-01 23:40"
DOWN = SendError("connection refused")
EVERYBODY = ("zhang", "peng", "tan", "xie", "guo", "sun")


@pytest.fixture
def night(lite_room):
    lite_room.go(NIGHT).say("mao_mou", "我家厨房着火了")
    lite_room.tick()
    return lite_room


def rings(room):
    """How often each has been rung."""
    counted = {who: sum("【急】" in text for text in room.read(who)) for who in EVERYBODY}
    return [counted[who] for who in EVERYBODY]


def test_every_ten_minutes_to_the_same_and_one_level_up_to_the_top(night):
    heard = [rings(night)]
    for _ in range(4):
        night.wait(minutes=10).tick()
        heard.append(rings(night))
    assert heard == [
        [1, 1, 1, 0, 0, 0],
        [2, 2, 2, 1, 0, 0],
        [3, 3, 3, 2, 1, 0],
        [4, 4, 4, 3, 2, 1],
        [5, 5, 5, 4, 3, 2],
    ]


def test_nothing_before_ten_minutes_are_over(night):
    night.wait(minutes=9, seconds=59).tick()
    assert rings(night) == [1, 1, 1, 0, 0, 0]


def test_after_a_stop_it_is_one_ring_and_one_level(night):
    night.wait(hours=1, minutes=5).tick()
    assert rings(night) == [2, 2, 2, 1, 0, 0]
    assert night.issues()[0].ring_at == night.now + timedelta(minutes=10)


def test_an_outage_does_not_end_in_six_rings(night):
    night.broken = dict.fromkeys(EVERYBODY, DOWN)
    for _ in range(6):
        night.wait(minutes=10).tick()
    night.broken = {}
    night.wait(minutes=11).tick()
    assert rings(night)[0] == 2


def test_it_is_not_rung_for_ever(night):
    for _ in range(50):
        night.wait(minutes=10).tick()
    assert night.issues()[0].ring_at is None
    assert rings(night)[0] <= 36
    assert night.issues()[0].state == "pending"


@pytest.mark.parametrize(
    ("who", "order"), [("zhang", "接单 1"), ("tan", "进展 1 消防到了"), ("peng", "办结 1 灭了")]
)
def test_whatever_is_done_to_it_ends_the_ringing(night, who, order):
    night.say(who, order)
    night.wait(minutes=10).tick()
    assert rings(night)[3:] == [0, 0, 0]


def test_who_passes_it_upwards_has_not_answered_it(night):
    night.say("zhang", "上交 1 我不在家")
    night.wait(minutes=10).tick()
    assert rings(night)[3] == 1


def test_a_vacant_level_is_passed_over(night):
    night.say("sun", "谢某请假 到周五")
    night.say("xie", "我请假 到周五")
    night.tick()
    night.wait(minutes=10).tick()
    assert rings(night)[3:5] == [0, 1]


def test_each_ring_is_remembered(night):
    night.wait(minutes=10).tick()
    issue = night.issues()[0]
    found = night.query(lambda session: events.of(session, issue.id))
    assert [event.data for event in found if event.kind == "ring"] == [
        {"rung_to": "village", "people": ["zhang", "peng", "tan", "xie"]}
    ]
    assert night.query(lambda session: events.broken_link(session, issue)) is None


def test_two_schedulers_at_one_moment_ring_once(room):
    room.go(NIGHT).say("mao_mou", "我家厨房着火了")
    room.tick()
    room.wait(minutes=10)
    room.tick()
    room.tick()
    assert rings(room)[3] == 1


def test_only_the_ring_breaks_the_quiet(night):
    """Marks, apologies and ratings of an urgent issue wait for the morning."""
    night.say("zhang", "接单 1")
    night.tick()
    night.go("2026-06-02 03:00").say("zhang", "办结 1 火灭了")
    night.tick()
    night.wait(minutes=1).tick()
    assert not any("请您评价" in text for text in night.read("mao_mou"))
    night.go("2026-06-02 07:45").tick()
    assert any("请您评价" in text for text in night.read("mao_mou"))


def test_a_mark_of_an_urgent_issue_waits_for_the_slot(night):
    before = Counter({who: len(night.read(who)) for who in EVERYBODY})
    night.go("2026-06-02 06:00").tick()  # the ringing is over
    rung = Counter({who: len(night.read(who)) for who in EVERYBODY})
    night.go("2026-06-04 00:30").tick()
    assert {who: len(night.read(who)) for who in EVERYBODY} == rung
    assert rung["zhang"] > before["zhang"]
    night.go("2026-06-04 07:45").tick()
    assert any("升给" in text for text in night.read("zhang"))


def test_the_card_says_whom_to_telephone_and_who_knows(night):
    text = night.read("tan")[0]
    assert "电话 没有登记" in text
    assert "韶山村一片长冲组一邻毛家" in text
    assert "邻长张某 13800000001、组长彭某、片长谭某" in text
    card = night.phones["tan"][0].notices[0].card
    assert [name for name, _ in card.fields] == ["编号", "反映人", "电话", "住处"]
    assert card.desc.startswith("6月1日 23:40")
    assert card.body.endswith("；已通知：邻长张某 13800000001、组长彭某、片长谭某")
