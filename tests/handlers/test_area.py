"""我片里 and 张某手上: counts and numbers in the order of the units, for those above."""

import pytest

from benchmarks.statements import counted
from bot.channels.app.settings import LIMITS
from handlers import area
from issues.registering import Report
from rules.words import UnitKind
from tests.bot_room import Room
from tests.town import PIAN, TOWN, acting, at, settle


@pytest.fixture
def wide(lite):
    """A 片 of many 邻 with one household each."""
    more = []
    for n in range(1, 41):
        lin = f"{PIAN}/坳上组/{n}邻"
        more += [f"文{n},wen{n},邻长,{lin},,", f"贺{n},he{n},居民,{lin},贺{n}家,"]
    settle(lite, *TOWN, *more)
    return Room(lite, at("2026-06-01 09:00"))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *(
            (said, "片")
            for said in ("我片里", "我们片里情况", "看看我片里", "本片里有哪些没办完的")
        ),
        *((said, "组") for said in ("我组里", "我们组上有几件", "我组里怎么样？")),
        *((said, "村") for said in ("我村里", "村里情况", "我们村里还有多少没接单的")),
        *((said, "镇") for said in ("我镇上", "我们镇里情况")),
    ],
)
def test_people_ask_for_their_own_in_many_ways(said, kind):
    found = area._AREA.fullmatch(said)
    assert found
    assert (found["mine"] or found["named"]) == kind


@pytest.mark.parametrize(
    "said",
    [
        "我村里路灯坏了",
        "片里",
        "我们组里有人打架",
        "我片里的水沟堵了",
        "村里什么时候停水",
        "组长手上",
    ],
)
def test_a_trouble_in_the_village_is_no_such_question(said):
    assert area._AREA.fullmatch(said) is None


@pytest.mark.parametrize("said", ["张某手上", "看看张某手上的", "邻长张某手里有几件", "彭组长手头"])
def test_whose_hands_are_meant(said):
    found = area._HAND.fullmatch(said)
    assert found
    assert found["who"].endswith(("张某", "组长"))


def test_a_resident_asks_no_such_thing(room):
    assert room.handled_by("mao_mou", "我村里情况") != "area"


def test_the_units_stand_in_their_own_order_whoever_has_most(room):
    for userid, thing in (("hu_mou", "路灯坏了"), ("hu_mou", "水沟堵了"), ("mao_mou", "井盖丢了")):
        room.wait(minutes=11).say(userid, f"{thing}，没人管")
    told = room.say("tan", "我片里")
    assert told.index("一邻 邻长张某") < told.index("二邻 邻长陈某")


def test_what_has_risen_is_still_counted_for_its_own_lin(room):
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.say("zhang", "上交 1 太难了")
    assert "一邻 邻长张某：没办完 1" in room.say("tan", "我片里")
    assert "没有没办完的" in room.say("tan", "张某手上")
    assert "0001" in room.say("tan", "彭某手上")


def test_with_nothing_open_that_is_said(room):
    assert room.say("tan", "我片里") == "一片没有没办完的诉求。"


def test_who_is_shut_out_does_not_even_count_it(room):
    room.say("hu_mou", "投诉片长谭某收钱不办事")
    assert room.say("tan", "我片里") == "一片没有没办完的诉求。"
    assert "没办完 1" in room.say("xie", "我村里")


def test_a_town_reads_a_line_for_each_village(room):
    room.say("mao_mou", "村口路灯坏了三天没人修")
    assert "韶山村 村(社区)谢某：没办完 1" in room.say("guo", "我镇里")
    assert area.LINE_OF[UnitKind.CITY] is UnitKind.TOWNSHIP


def test_a_linked_cadre_is_told_who_reads_it(lite):
    settle(lite, *TOWN, f"联某,lian,联片干部,{PIAN},,")
    told = Room(lite, at("2026-06-01 09:00")).say("lian", "我片里")
    assert "给组长、片长和以上看" in told


def test_of_a_name_that_nobody_has_no_issue_is_opened(room):
    assert "没有“刘三”" in room.say("tan", "刘三手上")
    assert room.issues() == []


def test_a_large_pian_is_one_message_and_ten_statements(wide):
    def report(work):
        for n in range(1, 41):
            work.open_issue(Report(f"he{n}", "门口的路灯坏了", wide.now, "app"))

    acting(wide.database, wide.now, wide.office, report)
    wide.say("tan", "你好")  # the town has been read
    with counted(wide.database) as said:
        told = wide.say("tan", "我片里")
    assert told.startswith("一片：没办完 40，没接单 40。")
    assert len(told.encode()) <= LIMITS.text
    assert "还有" in told
    assert len(said) <= 10
