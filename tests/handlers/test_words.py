"""Reading what people type: commands, numbers, ratings, questions about one's own issues."""

import pytest

from handlers.commands import Command, parse, tier
from handlers.picks import number, picked
from rules.words import Action, Tier

ENTRIES = {"entries": ["yibao", "dibao"]}
LAMP = "村口路灯坏了三天没人修"


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("接单", Command(Action.ACCEPT, "", "")),
        ("接单 42", Command(Action.ACCEPT, "42", "")),
        ("接单42", Command(Action.ACCEPT, "42", "")),
        ("４２ 接单", Command(Action.ACCEPT, "42", "")),
        ("42号 办结 换了灯泡", Command(Action.RESOLVE, "42", "换了灯泡")),
        ("办结 0042 换了 3 个灯泡。", Command(Action.RESOLVE, "0042", "换了 3 个灯泡")),
        ("办结：换了灯泡", Command(Action.RESOLVE, "", "换了灯泡")),
        ("办结 SZ-20260601-0042，已修", Command(Action.RESOLVE, "SZ-20260601-0042", "已修")),
        ("上报 42 要动线路", Command(Action.RAISE, "42", "要动线路")),
        ("进展 42 已联系", Command(Action.PROGRESS, "42", "已联系")),
        ("不同意 42", Command(Action.REFUSE, "42", "")),
        ("同意 42", Command(Action.GRANT, "42", "")),
        ("难度 42 复杂 要立项", Command(Action.REGRADE, "42", "复杂 要立项")),
    ],
)
def test_a_command_is_read_as_it_is_typed(said, command):
    assert parse(said) == command


@pytest.mark.parametrize(
    "said", ["办结了没有", "接单是什么意思", "路灯坏了", "同意不同意都行", "进展怎么样了", "", "42"]
)
def test_a_question_is_no_command(said):
    assert parse(said) is None


def test_a_tier_is_read_with_its_reason():
    assert tier("复杂 要立项") == (Tier.COMPLEX, "要立项")
    assert tier("较难，等材料") == (Tier.HARD, "等材料")
    assert tier("要立项") == (None, "要立项")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2", 2),
        ("２", 2),
        ("二", 2),
        ("第二个", 2),
        ("2。", 2),
        ("2️⃣", 2),
        ("选2", 2),
        ("22", None),
        ("两天", None),
    ],
)
def test_a_lone_number_is_read_as_it_is_typed(said, meant):
    assert number(said) == meant


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("1", "yibao"),
        ("第二个", "dibao"),
        ("3", ""),
        ("都不是", ""),
        ("都不是，转邻长", ""),
        ("都不是的", ""),
        ("转邻长", ""),
        ("4", None),
        ("0", None),
        ("低保怎么申请", None),
    ],
)
def test_a_pick_is_an_entry_or_none_of_them_or_something_else(said, entry):
    assert picked(said, ENTRIES) == entry


@pytest.fixture
def resolved(room):
    room.say("mao_mou", LAMP)
    room.say("zhang", "办结 1 换了灯泡")
    room.go("12:15").tick()
    return room


@pytest.mark.parametrize(
    ("said", "solved", "rating", "state"),
    [
        ("1", None, "very_good", "closed"),
        ("５", None, "very_bad", "pending"),
        ("非常满意", None, "very_good", "closed"),
        ("我很不满意，灯又灭了", None, "bad", "pending"),
        ("不满意，没修好", "no", "bad", "pending"),
        ("没解决，还是不亮", "no", None, "pending"),
        ("挺满意的，谢谢", None, "good", "closed"),
        ("解决了，非常满意！", "yes", "very_good", "closed"),
        ("后山水沟堵了没人管，大家都不满意村里的做法", None, None, "resolved"),
        ("基本满意。", None, "fair", "closed"),
        ("不满意", None, "bad", "pending"),
        ("0001 满意", None, "good", "closed"),
        ("评价 满意 0001", None, "good", "closed"),
        ("已解决", "yes", None, "resolved"),
        ("部分解决", "partly", None, "resolved"),
        ("没解决", "no", None, "pending"),
        ("没修好", None, None, "pending"),
        ("0001 又坏了，昨晚不亮", None, None, "pending"),
        ("还是没修好 #0001", None, None, "pending"),
    ],
)
def test_a_rating_is_read_in_the_residents_own_words(resolved, said, solved, rating, state):
    resolved.say("mao_mou", said)
    issue = resolved.issues()[0]
    assert (issue.solved, issue.rating, issue.state) == (solved, rating, state)


def test_whoever_redoes_it_reads_why(resolved):
    resolved.say("mao_mou", "不满意，灯又灭了")
    assert "不满意，灯又灭了" in resolved.issues()[0].content


def test_the_words_of_a_rating_by_one_who_was_not_asked_are_a_report(room):
    room.say("mao_mou", LAMP)
    room.wait(minutes=5)
    assert room.handled_by("mao_mou", "我很不满意，没人来看") != "rating"


def test_a_number_after_an_answer_is_the_way_out_and_no_rating(resolved):
    resolved.wait(minutes=5)
    resolved.say("mao_mou", "医保什么时候交")
    assert "0002" in resolved.say("mao_mou", "1")
    assert resolved.issues()[0].rating is None


def test_a_number_after_a_newer_request_is_a_rating_and_not_the_way_out(room):
    room.say("mao_mou", LAMP)
    room.say("zhang", "办结 1 换了灯泡")
    room.go("12:14").say("mao_mou", "医保什么时候交")
    room.go("12:15").tick()
    room.say("mao_mou", "1")
    assert [issue.rating for issue in room.issues()] == ["very_good"]


def test_the_way_out_is_open_for_half_an_hour(room):
    room.say("mao_mou", "医保什么时候交")
    room.wait(minutes=31)
    assert room.handled_by("mao_mou", "没解决") != "way_out"


def test_somebody_elses_card_does_nothing(room):
    room.say("mao_mou", LAMP)
    room.tick()
    card = room.last_card("zhang", "接单")
    reply = room.tap("liu_mou", "接单", card)
    assert "三长" in reply.text
    assert room.issues()[0].state == "pending"


def test_a_card_of_a_finished_issue_says_so(room):
    room.say("mao_mou", LAMP)
    room.tick()
    room.say("mao_mou", "撤回")
    reply = room.tap("zhang", "接单")
    assert "已撤回" in reply.text
    assert reply.card.done


def test_a_tap_on_an_unknown_card_is_taken_quietly(room):
    room.say("mao_mou", LAMP)
    room.tick()
    card = room.last_card("zhang", "接单")
    strange = type(card)("SZ-20990101-0001_h1", "x", buttons=card.buttons)
    assert room.tap("zhang", "接单", strange).text == ""
