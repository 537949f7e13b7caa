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


@pytest.mark.parametrize("words", ["我来处理", "我去看看", "3我来", "我过去了，带了水桶"])
def test_an_answer_that_names_nothing_else_is_one_to_the_ring(ringing, words):
    ringing.say("peng", words)
    assert ringing.issues()[2].ring_at is None
