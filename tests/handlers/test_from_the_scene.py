"""What somebody who was rung says of something else that he has in hand stops no ring."""

import pytest


@pytest.fixture
def ringing(room):
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.wait(minutes=11).say("liu_mou", "屋后水沟堵了半个月没人管")
    room.wait(minutes=11).say("hu_mou", "后山着火了")
    room.tick()
    return room


@pytest.mark.parametrize("who", ["zhang", "peng", "tan"])
@pytest.mark.parametrize(
    ("words", "number"), [("1我来", 0), ("水沟那个我来处理", 1), ("2我去看看", 1)]
)
def test_an_answer_to_another_matter_stops_no_ring(ringing, who, words, number):
    ringing.say(who, words)
    *others, fire = ringing.issues()
    assert fire.ring_at is not None
    assert others[number].state != "pending"


OF_ITS_OWN = [
    "我家自来水停了，一滴都没有",
    "我屋里的网断了几天没人修",
    "自来水发黄有股怪味",
    "低保补贴两个月没打到卡里",
    "高龄补贴要准备什么材料",
    "另外我想问下医保",
    "厂里排污水，河沟都黑了",
]


@pytest.mark.parametrize("who", ["peng", "tan"])
@pytest.mark.parametrize("words", OF_ITS_OWN)
def test_what_is_plainly_something_else_goes_to_nobody_who_was_rung(ringing, who, words):
    ringing.say(who, words)
    ringing.tick()
    assert not any(words[:6] in text for text in ringing.read("chen"))
    assert ringing.issues()[2].ring_at is not None


OF_THE_FIRE = [
    "没水救火，自来水停了",
    "我屋后也烧起来了",
    "路上倒了一棵树车过不去",
    "消防车几时到",
    "要得，喊大家都来",
    "要不要先把电断了",
    "火烧到菜地了",
    "消防车进不来，路太窄了",
]


@pytest.mark.parametrize("words", OF_THE_FIRE)
def test_what_may_be_of_the_place_still_goes_to_all_of_them(ringing, words):
    ringing.say("peng", words)
    ringing.tick()
    assert any(words in text for text in ringing.read("chen"))
    assert len(ringing.issues()) == 3


@pytest.mark.parametrize("words", ["我来处理", "我去看看", "3我来", "我过去了，带了水桶"])
def test_an_answer_that_names_nothing_else_is_one_to_the_ring(ringing, words):
    ringing.say("peng", words)
    assert ringing.issues()[2].ring_at is None
