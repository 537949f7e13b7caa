"""One order on several numbers: which words are one, and what becomes of each."""

from datetime import date

import pytest

from benchmarks.statements import counted
from handlers import several
from speech.read import read

THINGS = ("村口路灯坏了", "后山水沟堵了", "井盖丢了会摔人", "水管爆了", "围墙要倒了")


def numbers(said):
    order = several.read(read(said, today=date(2026, 6, 1)))
    return order and (order.action.value, order.numbers, order.words)


@pytest.fixture
def reported(room):
    for thing in THINGS:
        room.wait(minutes=11).say("mao_mou", f"{thing}，没人管")
    return room


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("接单 4 5 6", ("accept", ("4", "5", "6"), "")),
        ("接单4、5、6", ("accept", ("4", "5", "6"), "")),
        ("接单 4到6", ("accept", ("4", "5", "6"), "")),
        ("4、5、6 接了", ("accept", ("4", "5", "6"), "")),
        ("4,5和6都接了", ("accept", ("4", "5", "6"), "")),
        ("4号、5号 接单", ("accept", ("4", "5"), "")),
        ("请把 4 5 转给 彭某", ("reassign", ("4", "5"), "彭某")),
        ("办结 4 5 灯泡换了", ("resolve", ("4", "5"), "灯泡换了")),
        ("同意 4、5", ("grant", ("4", "5"), "")),
        ("延期 4 5 3天 等配件", ("extend", ("4", "5"), "3天 等配件")),
        ("催办 4 5", ("urge", ("4", "5"), "")),
    ],
)
def test_several_numbers_are_heard_in_front_and_behind(said, meant):
    assert numbers(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        *("接单 4", "办结 4 3盏灯都换了", "进展 4 2号去修", "挂起 4 2 天 等老人", "4楼5楼停水"),
        *(
            "办结 4 12月1日换的",
            "4 5 6",
            "延期 4 3天 等配件",
            "转 4 给 二组",
            "4、5 号楼停水了没人管",
        ),
    ],
)
def test_other_numbers_are_part_of_the_words(said):
    assert numbers(said) is None


def test_a_number_that_is_nobodys_is_a_word_where_words_are_needed(reported):
    reported.say("zhang", "进展 1 95598 打过电话")
    assert [issue.state for issue in reported.issues()][:2] == ["working", "pending"]


def test_a_resident_gives_no_order_on_several(reported):
    assert reported.handled_by("mao_mou", "接单 1 2") != "several"


def test_what_fails_leaves_the_others_done(reported):
    reported.say("zhang", "接单 2")
    told = reported.say("zhang", "接单 1 2 3")
    assert [line[:4] for line in told.split("\n")] == ["0001", "0002", "0003"]
    assert told.count("没有办成") == 1
    assert [issue.state for issue in reported.issues()] == [*["accepted"] * 3, *["pending"] * 2]


def test_whom_it_goes_to_is_asked_once_for_all(reported):
    assert reported.say("zhang", "转办 1 2").count("转给谁") == 1
    told = reported.say("zhang", "彭某")
    assert told.count("已转给长冲组组长彭某") == 2


def test_each_resident_is_told_of_his_own(reported):
    reported.say("zhang", "办结 1 2 都弄好了")
    reported.go("12:15").tick()
    told = "\n".join(reported.read("mao_mou"))
    assert "0001 已办结：都弄好了" in told
    assert "0002 已办结：都弄好了" in told


def test_every_further_number_costs_a_few_statements(reported):
    with counted(reported.database) as two:
        reported.say("zhang", "接单 1 2")
    with counted(reported.database) as three:
        reported.say("zhang", "接单 3 4 5")
    assert len(two) <= 10
    assert len(three) - len(two) <= 4


def test_in_a_group_a_question_for_words_names_no_matter(reported):
    group = {"chat_id": "wr-yipian", "channel": "aibot"}
    one = reported.say("zhang", "办结 1", **group)
    several_at_once = reported.say("zhang", "办结 2 3", **group)
    assert "做了什么" in one
    assert "路灯" not in one
    assert several_at_once == "已私信您，请看和我的单独聊天。"


def test_what_is_asked_in_private_is_answered_in_private(reported):
    reported.say("zhang", "办结 2 3", chat_id="wr-yipian", channel="aibot")
    reported.tick()
    assert "0002、0003：请回复一句话" in "\n".join(reported.read("zhang"))
    assert reported.say("zhang", "都弄好了").count("已办结") == 2


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1 办结 换了灯泡 2 办结 通了沟", ["换了灯泡", "通了沟"]),
        ("办结 1 换了灯泡，进展 2 挖机明天来", ["换了灯泡", "挖机明天来"]),
        ("接单 1\n办结 2 通了沟", ["", "通了沟"]),
        ("办结 1 换了灯泡 2 个", []),
        ("进展 1 约了 2 号师傅", []),
        ("接单 1 2", []),
    ],
)
def test_every_order_of_a_message_has_its_own_words(said, meant):
    orders = several.in_a_row(read(said, today=date(2026, 6, 1)))
    assert [order.words for order in orders] == meant


def test_one_of_several_orders_that_lacks_words_is_asked_for_them(reported):
    told = reported.say("zhang", "接单 1，办结 2，接单 9")
    assert "0001（村口路灯坏了，没人管）已接单" in told
    assert "没找到编号 9" in told
    assert told.endswith("请回复一句话，说说做了什么（比如：已换灯泡）。")
    reported.say("zhang", "挖通了")
    assert [issue.state for issue in reported.issues()[:2]] == ["accepted", "resolved"]
