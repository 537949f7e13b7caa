"""我的组长是谁: asked in many ways, told of the own ladder only, and never a complaint."""

import pytest

from handlers import my_zhang
from tests.bot_room import Room
from tests.town import TOWN, at, settle, without


@pytest.mark.parametrize(
    ("said", "title"),
    [
        *(
            (one, "lin")
            for one in ("我的邻长是谁", "谁是我的邻长", "我的邻长", "我家邻长叫什么名字")
        ),
        *((one, "lin") for one in ("邻长电话多少", "邻长的电话是多少？", "怎么联系我的邻长")),
        *((one, "lin") for one in ("请问我们这里的邻长是哪个", "邻长的手机号", "邻长怎么联系啊")),
        *((one, "zu") for one in ("我的组长是谁", "组长电话几多", "我们组长叫什么", "组长姓什么")),
        *((one, "pian") for one in ("查询片长电话", "你好，片长电话是多少", "我想知道片长是谁")),
        *((one, "lin") for one in ("邻长屋里在哪里", "我们邻长住在哪里")),
        *((one, "village") for one in ("我们村干部是谁", "村干部电话多少")),
    ],
)
def test_people_ask_in_many_ways(said, title):
    wanted = my_zhang.asked(said)
    assert wanted
    assert wanted.kinds == (title,)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "邻长电话打不通",
            "邻长骂人",
            "邻长家的狗在哪里叫",
            "组长是谁选的",
            "邻长",
            "找邻长",
            "转邻长",
            "邻长来了没有",
        ),
        *("我的组长三个月没露面", "村委会电话多少", "张家的邻长是谁", "邻长是干什么的", "谁管路灯"),
    ],
)
def test_other_words_about_them_are_none_of_these_questions(said):
    assert my_zhang.asked(said) is None


def test_an_empty_seat_is_said_with_the_next_who_is_there(lite):
    settle(lite, *without("zhang"))
    told = Room(lite, at("2026-06-01 09:00")).say("mao_mou", "我的邻长是谁")
    assert "您这里暂时没有邻长，有事找组长 彭某" in told


def test_who_stands_in_is_told_with_the_one_who_is_away(room):
    room.say("zhang", "我请假 到周五 陈某代")
    told = room.say("mao_mou", "我的邻长是谁")
    assert "您的邻长 张某请假，这几天由 陈某 代班" in told


def test_of_somebody_elses_ladder_nothing_is_told(lite):
    other = "清溪镇/韶山村/二片/坳上组/一邻"
    settle(lite, *TOWN, f"文某,wen,邻长,{other},,13900000009", f"贺某,he,居民,{other},贺家,")
    told = Room(lite, at("2026-06-01 09:00")).say("mao_mou", "邻长电话多少")
    assert "文某" not in told


def test_it_opens_no_issue_and_answers_staff_as_well(room):
    assert "您的片长是 谭某" in room.say("peng", "片长电话多少")
    assert room.issues() == []
