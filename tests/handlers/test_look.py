"""看 42: the whole matter for anybody entitled, in as many bytes as a message has."""

from dataclasses import replace

import pytest

from benchmarks.statements import counted
from bot.channels.app.settings import LIMITS
from handlers import look
from storage.tables import Event
from tests.bot_room import Room
from tests.town import PIAN, TOWN, at, settle

LAMP = "村口路灯坏了三天没人修"


@pytest.fixture
def town(lite):
    lines = [line.replace("毛家,", "毛家,13911112222") for line in TOWN]
    settle(lite, *lines, f"联某,lian,联片干部,{PIAN},,")
    return Room(lite, at("2026-06-01 09:00"))


@pytest.fixture
def reported(town):
    town.say("mao_mou", LAMP)
    return town


def views(room):
    seen = room.query(lambda s: s.query(Event).filter(Event.kind == "named_view").all())
    return [event.actor for event in seen]


@pytest.mark.parametrize(
    "said",
    [
        *("看 42", "看42", "看看42", "看一下 42 号", "查看 0042", "查 42", "详情 0042", "详情42"),
        *(
            "42 什么情况",
            "42什么情况？",
            "42 是什么事",
            "42 怎么回事",
            "四十二号什么情况",
            "42 详情",
        ),
        *("请看 42", "帮我查一下 42", "看编号42", "看 #42", "看 SZ-20260601-0042", "把42看看"),
    ],
)
def test_people_ask_in_many_ways_for_a_matter(said):
    assert look.asked(said)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "看 3 楼漏水",
            "看3天了没人修",
            "看病报销多少",
            "详情",
            "看看",
            "42",
            "42 号楼停水",
            "情况",
        ),
        *(
            "查一下医保",
            "看路灯",
            "42 办结",
            "看待办",
            "查 12345 电话打不通",
            "看 42 修好没有换灯泡",
        ),
    ],
)
def test_other_words_ask_for_no_matter(said):
    assert not look.asked(said)


def test_the_holder_reads_the_telephone_of_the_resident_and_nobody_writes_it_down(reported):
    assert "反映人：毛某 13911112222" in reported.say("zhang", "看 1")
    assert views(reported) == []


def test_who_stands_above_reads_it_and_the_look_is_remembered(reported):
    assert "13911112222" in reported.say("tan", "看 1")
    assert views(reported) == ["tan"]


def test_a_helper_reads_neither_name_nor_number_until_they_are_opened(reported):
    reported.say("zhang", "协办 1 陈某 借梯子")
    assert "13911112222" not in reported.say("chen", "看 1")
    reported.say("zhang", "公开姓名 1")
    assert "毛某 13911112222" in reported.say("chen", "看 1")
    assert views(reported) == ["chen"]


def test_in_a_group_that_is_open_no_number_is_told(town):
    office = replace(town.office, open_chats=frozenset({"wr-yipian"}))
    room = Room(town.database, town.now, office)
    room.say("mao_mou", LAMP)
    told = room.say("zhang", "看 1", chat_id="wr-yipian", channel="aibot")
    own = room.say("mao_mou", "进度 1", chat_id="wr-yipian", channel="aibot")
    assert told == "已私信您，请看和我的单独聊天。"
    assert "路灯" in own
    assert "13800000001" not in own


def test_one_who_has_joined_reads_the_own_words_and_not_the_neighbours(reported):
    reported.wait(hours=1).say("hu_mou", "村口的路灯不亮了")
    reported.say("hu_mou", "1")
    reported.say("mao_mou", "进度 1")
    told = reported.say("hu_mou", "看 1")
    assert "村口的路灯不亮了" in told
    assert "毛某" not in told
    assert "没人修" not in told


def test_the_holder_reads_who_has_joined(reported):
    reported.wait(hours=1).say("hu_mou", "村口的路灯不亮了")
    reported.say("hu_mou", "1")
    assert "附议：胡某" in reported.say("zhang", "看 1")


def test_who_oversees_only_the_overdue_reads_no_name(reported):
    told = reported.say("lian", "看 1")
    assert "路灯" in told
    assert "毛某" not in told


def test_an_administrator_is_nobody_to_a_matter(reported):
    assert "没找到编号 1" in reported.say("guan", "看 1")


def test_the_same_number_of_two_days_is_asked_back(reported):
    reported.go("2026-06-02 09:00").say("mao_mou", "后山水沟堵了半个月，没人管")
    told = reported.say("zhang", "看 1")
    assert "SZ-20260602-0001：后山水沟" in told
    assert "SZ-20260601-0001：村口路灯" in told
    assert "反映人" in reported.say("zhang", "看 20260601-0001")


def test_a_question_that_is_open_does_not_swallow_it(reported):
    reported.say("zhang", "办结 1")
    assert "反映人：毛某" in reported.say("zhang", "看 1")
    assert "已办结" in reported.say("zhang", "换了灯泡")


def test_a_long_history_is_one_message_with_the_newest_steps(town):
    town.say("mao_mou", "村口路灯坏了三天没人修" + "，天黑摔过人" * 80)
    for n in range(40):
        town.wait(minutes=5).say("zhang", f"进展 1 第{n}次去看，{'说了好多话' * 9}")
    told = town.say("zhang", "看 1")
    assert len(told.encode()) <= LIMITS.text
    assert "第39次" in told
    assert "前面还有" in told


def test_a_holder_asks_how_far_it_is_as_residents_do(reported):
    assert "反映人：毛某" in reported.say("zhang", "进度 1")


def test_a_look_is_ten_statements(reported):
    reported.say("zhang", "接单 1")
    with counted(reported.database) as said:
        assert "反映人" in reported.say("peng", "看 1")
    assert len(said) <= 10


def test_long_words_are_shown_as_far_as_a_message_goes(town):
    town.say("mao_mou", "村口路灯坏了三天没人修" + "，天黑摔过人" * 200)
    told = town.say("zhang", "看 1")
    assert len(told.encode()) <= LIMITS.text
    assert len(told) > 400
    assert "报来，交给邻长张某" in told


def test_the_name_that_is_opened_is_the_reporters_alone(reported):
    reported.wait(hours=1).say("hu_mou", "我是胡某，村口的路灯不亮了")
    reported.say("hu_mou", "1")
    reported.say("zhang", "协办 1 陈某 借梯子")
    assert "胡某" not in reported.say("chen", "看 1")
    reported.say("zhang", "公开姓名 1")
    told = reported.say("chen", "看 1")
    assert "反映人：毛某" in told
    assert "附议：" not in told
