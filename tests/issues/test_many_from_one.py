"""One sender with dozens of issues: all have numbers, the 邻长 has a list, the 片长 one line."""

import pytest

from issues import tell
from issues.registering import FROM_ONE_AN_HOUR
from tests.bot_room import Room
from tests.town import at, settle

MANY = FROM_ONE_AN_HOUR + 4
#: Each another thing, so that none is taken for the same matter again.
THINGS = (
    "路灯", "水管", "井盖", "围栏", "水塘", "电线杆", "垃圾桶", "公厕", "桥面", "护坡", "水渠",
    "广播", "健身器材", "站牌", "凉亭",
)  # fmt: skip


@pytest.fixture
def room(lite):
    settle(lite)
    return Room(lite, at("2026-06-01 09:00"))


def flood(room, userid="mao_mou", count=MANY):
    """So many reports within the hour; the answers."""
    said = []
    for number in range(count):
        room.wait(seconds=60)
        thing = THINGS[number % len(THINGS)]
        said.append(room.say(userid, f"隔壁第{number}家的{thing}坏了没人修"))
        if "0001" not in said[-1] and "编号" not in said[-1]:
            said[-1] += room.say(userid, "2")
    return said


def new_cards(room, userid):
    """Messages with the card of one new issue."""
    sent = room.phones.get(userid, [])
    return [one for one in sent if len(one.notices) == 1 and one.notices[0].card]


def test_each_has_its_number_and_its_promise(room):
    flood(room)
    assert len({issue.number for issue in room.issues()}) == MANY


def test_the_pian_is_told_in_one_line_and_only_once(room):
    flood(room)
    room.go("12:20").tick()
    told = [text for text in room.read("tan") if "集中上报" in text]
    assert len(told) == 1
    assert told[0].count("集中上报") == 1


def test_whoever_reports_a_few_is_no_flood(room):
    flood(room, count=FROM_ONE_AN_HOUR // 2)
    room.go("12:20").tick()
    assert not [text for text in room.read("tan") if "集中上报" in text]


def test_what_comes_later_is_a_list_and_no_card(room, monkeypatch):
    """Also where the rule of ten cards an hour would not hold it: the sender counts."""
    monkeypatch.setattr(tell, "CARDS_AN_HOUR", 1000)
    flood(room)
    room.tick()
    room.wait(minutes=1).tick()  # a minute has room for twenty
    before = len(new_cards(room, "zhang"))
    room.wait(minutes=1)
    room.say("mao_mou", "隔壁第99家的篱笆坏了没人修")
    room.tick()
    assert len(new_cards(room, "zhang")) == before
    room.go("12:20").tick()
    assert any(len(parcel.notices) >= 4 for parcel in room.phones["zhang"])


def test_an_emergency_of_the_same_sender_rings_at_once(room):
    flood(room)
    room.tick()
    room.wait(minutes=1)
    room.say("mao_mou", "我家着火了，快来人")
    room.tick()
    assert "着火了" in room.read("zhang")[-1]


def test_another_sender_is_not_held_up(room):
    flood(room)
    room.wait(minutes=61).tick()
    before = len(new_cards(room, "zhang"))
    room.say("liu_mou", "村委会门口的旗杆倒了")
    room.tick()
    assert len(new_cards(room, "zhang")) == before + 1
