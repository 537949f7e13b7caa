"""请当面告知: nothing that a resident should have read is lost when no channel delivers it."""

import pytest
from sqlalchemy import select

from storage.outbox import SendError
from storage.tables import Event, InPerson, Outbox

LAMP = "村口路灯坏了三天没人修"
GONE = SendError("errcode 81013: user & party & tag all invalid", permanent=True)


def listed(room):
    return room.query(
        lambda s: [(r.userid, r.text, r.told_at is None) for r in s.scalars(select(InPerson))]
    )


@pytest.fixture
def unreachable(room):
    """A resident whose account is gone, and the notice that he was to read."""
    room.say("mao_mou", LAMP)
    room.broken["mao_mou"] = GONE
    room.say("zhang", "接单 1")
    room.go("12:15").tick()
    return room


def test_what_cannot_be_delivered_is_listed_with_its_words(unreachable):
    [(userid, text, open_)] = listed(unreachable)
    assert (userid, open_) == ("mao_mou", True)
    assert "邻长张某 已接单" in text


def test_the_holder_is_told_with_the_next_slot_and_sees_the_list(unreachable):
    unreachable.go("19:00").tick()
    assert "请您去说一声" in "\n".join(unreachable.read("zhang"))
    assert "0001 毛某：您的诉求 SZ-20260601-0001" in unreachable.say("zhang", "要当面告知的")


def test_a_card_is_listed_as_its_text(unreachable):
    unreachable.say("zhang", "办结 1 换了灯泡")
    unreachable.go("19:00").tick()
    assert "已办结：换了灯泡\n请您评价" in listed(unreachable)[0][1]


def test_what_was_not_told_yet_is_not_forgotten_over_the_next(unreachable):
    unreachable.say("zhang", "进展 1 已买灯泡")
    unreachable.go("19:00").tick()
    text = listed(unreachable)[0][1]
    assert "已接单" in text
    assert "已买灯泡" in text


def test_it_is_ticked_off_once(unreachable):
    assert "已当面告知：0001 毛某" in unreachable.say("zhang", "已告知 1")
    assert "已经记过了" in unreachable.say("zhang", "1号 已告知")
    kinds = unreachable.query(lambda s: [e.kind for e in s.scalars(select(Event))])
    assert kinds.count("told_in_person") == 1
    assert "现在没有" in unreachable.say("zhang", "当面告知")


@pytest.mark.parametrize("userid", ["chen", "liu_mou", "tan", "wai_di"])
def test_only_who_looks_after_it_can_tick_it_off(unreachable, userid):
    assert "已当面告知" not in unreachable.say(userid, "已告知 1")
    assert listed(unreachable)[0][2] is True


def test_a_former_holder_can_still_tell_it(unreachable):
    unreachable.say("zhang", "上交 1 要动线路")
    assert "已当面告知" in unreachable.say("zhang", "已告知 1")


def test_of_two_who_are_to_be_told_one_is_named(unreachable):
    unreachable.say("hu_mou", LAMP)
    unreachable.say("hu_mou", "1")
    unreachable.broken["hu_mou"] = GONE
    unreachable.say("zhang", "进展 1 已买灯泡")
    unreachable.go("19:00").tick()
    assert "哪一位" in unreachable.say("zhang", "已告知 1")
    assert "0001 胡某" in unreachable.say("zhang", "已告知 1 胡某")
    assert [(who, open_) for who, _, open_ in listed(unreachable)] == [
        ("mao_mou", True),
        ("hu_mou", False),
    ]


def test_the_private_receipt_of_a_group_report_is_listed_as_well(room):
    room.broken["mao_mou"] = GONE
    room.say("mao_mou", LAMP, chat_id="wr-yipian", channel="aibot")
    room.tick()
    assert "收到了，编号 SZ-20260601-0001" in listed(room)[0][1]


def test_told_again_later_it_is_open_again(unreachable):
    unreachable.say("zhang", "已告知 1")
    unreachable.say("zhang", "进展 1 已买灯泡")
    unreachable.go("19:00").tick()
    [(_, text, open_)] = listed(unreachable)
    assert open_
    assert "已接单" not in text


def test_what_ends_without_arriving_is_dead_and_never_just_gone(unreachable):
    ends = unreachable.query(
        lambda s: {r.state for r in s.scalars(select(Outbox)) if r.target == "mao_mou"}
    )
    assert ends == {"dead"}
