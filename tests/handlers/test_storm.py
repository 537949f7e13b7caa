"""A storm of one matter: nobody is asked one by one, the fourth household of a 组 joins at once."""

import pytest
from sqlalchemy import select

from storage.tables import Endorsement
from tests.bot_room import Room
from tests.town import NEXT_LIN, TOWN, at, settle

NO_WATER = "我们这里停水了"
MORE = (f"易某,yi_mou,居民,{NEXT_LIN},易家,", f"龙某,long_mou,居民,{NEXT_LIN},龙家,")


@pytest.fixture
def room(lite):
    settle(lite, *TOWN, *MORE)
    return Room(lite, at("2026-06-01 09:00"))


@pytest.fixture
def storm(room):
    """Three households have reported it; the second and third have been asked."""
    for userid in ("mao_mou", "liu_mou", "hu_mou"):
        room.say(userid, NO_WATER)
    return room


def joined(room):
    return room.query(lambda s: [e.userid for e in s.scalars(select(Endorsement))])


def test_the_fourth_household_is_told_and_counted_and_not_asked(storm):
    said = storm.say("yi_mou", NO_WATER)
    assert "这件事已有 4 户反映" in said
    assert "不是同一件，请回复 2" in said
    assert (joined(storm), len(storm.issues())) == (["yi_mou"], 1)


def test_the_third_is_still_asked(room):
    room.say("mao_mou", NO_WATER)
    room.say("liu_mou", NO_WATER)
    assert "是不是同一件？" in room.say("hu_mou", NO_WATER)
    assert joined(room) == []


def test_the_fifth_counts_the_fourth_once(storm):
    storm.say("yi_mou", NO_WATER)
    assert "已有 5 户反映" in storm.say("long_mou", NO_WATER)


def test_who_says_2_has_an_own_issue_and_is_counted_no_longer(storm):
    storm.say("yi_mou", NO_WATER)
    assert "0002" in storm.say("yi_mou", "2")
    assert (joined(storm), len(storm.issues())) == ([], 2)


def test_who_says_nothing_stays_joined_and_gets_nothing_of_his_own(storm):
    storm.say("yi_mou", NO_WATER)
    storm.wait(minutes=11).tick()
    assert joined(storm) == ["yi_mou"]
    assert [issue.reporter for issue in storm.issues()] == ["mao_mou", "liu_mou", "hu_mou"]


def test_who_takes_it_back_is_counted_no_longer(storm):
    storm.say("yi_mou", NO_WATER)
    assert "不算您家了" in storm.say("yi_mou", "算了")
    assert joined(storm) == []


def test_an_hour_later_people_are_asked_again(storm):
    storm.wait(minutes=61)
    assert "是不是同一件？" in storm.say("yi_mou", NO_WATER)


def test_a_private_matter_never_folds(room):
    for userid in ("mao_mou", "liu_mou", "hu_mou", "yi_mou"):
        room.say(userid, "我家老人摔了一跤要人帮忙")
    assert joined(room) == []


def test_photos_of_who_is_joined_go_along(storm):
    storm.say("yi_mou", NO_WATER)
    storm.photo("yi_mou", "P9")
    assert len(storm.issues()) == 1


def test_in_a_group_only_the_number_is_said(storm):
    said = storm.say("yi_mou", NO_WATER, chat_id="wr-yipian")
    assert "易" not in said
