"""A storm of one matter: nobody is asked one by one, the fourth household of a 组 joins at once."""

import pytest
from sqlalchemy import select

from storage.tables import Attachment, Endorsement, Event
from tests.bot_room import Room
from tests.town import LIN, NEXT_LIN, TOWN, at, settle

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
    assert "不是同一件，请在十分钟内回复 2" in said
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


@pytest.mark.parametrize("back", ["算了", "撤回", "不报了", "取消吧"])
def test_who_takes_it_back_is_counted_no_longer(storm, back):
    storm.say("yi_mou", NO_WATER)
    assert "不算您家了" in storm.say("yi_mou", back)
    assert joined(storm) == []


def test_an_hour_later_people_are_asked_again(storm):
    storm.wait(minutes=61)
    assert "是不是同一件？" in storm.say("yi_mou", NO_WATER)


def test_a_private_matter_never_folds(room):
    for userid in ("mao_mou", "liu_mou", "hu_mou", "yi_mou"):
        room.say(userid, "我家老人摔了一跤要人帮忙")
    assert joined(room) == []


def told_by(room, userid):
    """What one account has said to issues: words, and how many photos."""
    kept = select(Event).where(Event.actor == userid)
    words = room.query(lambda s: [e.reason for e in s.scalars(kept)])
    return words, len(room.query(lambda s: list(s.scalars(select(Attachment)))))


def test_photos_of_who_is_joined_go_along(storm):
    storm.say("yi_mou", NO_WATER)
    assert "照片已加到" in storm.photo("yi_mou", "P9")
    assert (len(storm.issues()), told_by(storm, "yi_mou")[1]) == (1, 1)


def test_more_words_of_who_is_joined_go_along_and_he_can_still_leave(storm):
    storm.say("yi_mou", NO_WATER)
    storm.say("yi_mou", "一滴水都没有")
    storm.say("yi_mou", "从早上开始的")
    assert joined(storm) == ["yi_mou"]
    assert {"一滴水都没有", "从早上开始的"} <= set(told_by(storm, "yi_mou")[0])
    storm.photo("yi_mou", "P9")
    storm.say("yi_mou", "2")
    assert joined(storm) == []
    own = storm.issues()[1]
    assert own.content == f"{NO_WATER}\n一滴水都没有\n从早上开始的"
    photos = select(Attachment).where(Attachment.issue_id == own.id)
    assert len(storm.query(lambda s: list(s.scalars(photos)))) == 1


@pytest.mark.parametrize("stays", ["1", "是的", NO_WATER, "嗯嗯"])
def test_who_says_that_it_is_the_same_stays(storm, stays):
    storm.say("yi_mou", NO_WATER)
    assert "已有 4 户反映" in storm.say("yi_mou", stays)
    assert (joined(storm), len(storm.issues())) == (["yi_mou"], 1)


def test_no_with_what_it_is_instead_makes_an_own_issue_with_both(storm):
    storm.say("yi_mou", NO_WATER)
    storm.say("yi_mou", "不是，是我家水表坏了")
    assert joined(storm) == []
    assert "水表坏了" in storm.issues()[1].content


@pytest.mark.parametrize(
    "other", ["进度", "我的诉求", "医保什么时候交", "我家老人摔了一跤要人帮忙"]
)
def test_what_is_another_matter_is_not_swallowed(storm, other):
    alone = storm.handled_by("long_mou", other)
    storm.say("yi_mou", NO_WATER)
    assert storm.handled_by("yi_mou", other) == alone
    assert joined(storm) == ["yi_mou"]


@pytest.mark.parametrize(
    "own", ["好像停水了", "就我家停水了", "水表那里没水", "停水了要赔我豆腐钱"]
)
def test_what_is_somebodys_own_or_not_certain_is_asked_about(storm, own):
    storm.say("yi_mou", own)
    assert joined(storm) == []


@pytest.mark.parametrize("of_him", ["张某停水也不管", "找张某，他不管", "邻长太坏了", "张某弄的"])
def test_what_is_said_of_the_zhang_is_not_handed_to_him_unasked(storm, of_him):
    storm.say("yi_mou", NO_WATER)
    storm.say("yi_mou", of_him)
    joined_words = storm.query(lambda s: [e.content for e in s.scalars(select(Endorsement))])
    assert joined_words == [NO_WATER]
    storm.tick()
    assert storm.read("zhang")
    assert not [said for said in storm.read("zhang") if of_him in said]


def test_one_household_counts_once_however_many_write(room):
    """Two of one household and one of another: two households, so the third is asked."""
    settle(room.database, *TOWN, *MORE, f"毛小某,mao_xiao,居民,{LIN},毛家,")
    for userid in ("mao_mou", "mao_xiao", "liu_mou"):
        room.say(userid, NO_WATER)
    assert "是不是同一件？" in room.say("yi_mou", NO_WATER)


def test_a_slow_storm_of_own_issues_counts_as_well(room):
    """Who did not answer has an own issue after ten minutes; the storm goes on."""
    for userid in ("mao_mou", "liu_mou", "hu_mou"):
        room.say(userid, NO_WATER)
        room.wait(minutes=11).tick()
    assert len(room.issues()) == 3
    assert "已有 4 户反映" in room.say("yi_mou", NO_WATER)
    assert "已有 5 户反映" in room.say("long_mou", NO_WATER)
    folded = room.query(lambda s: {e.issue_id for e in s.scalars(select(Endorsement))})
    assert len(folded) == 1


def test_in_a_group_only_the_number_is_said(storm):
    said = storm.say("yi_mou", NO_WATER, chat_id="wr-yipian")
    assert "易" not in said
