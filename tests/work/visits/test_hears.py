"""What is heard as a visit, and what is left to others."""

from datetime import date, timedelta

import pytest

from people.reading import read as read_town
from speech.read import read
from work.system import Heard
from work.visits import hears
from work.visits.hears import Accepted, Declined, Listed, Noted

TODAY = date(2026, 6, 1)


@pytest.fixture
def hear(lite_room):
    """What somebody's words make of themselves: hear("peng", "走访 张家")."""
    town = lite_room.query(read_town)

    def _hear(userid, text, **more):
        person = town.person(userid)
        posts = tuple(town.posts_on(person.id, TODAY))
        return hears.matches(Heard(read(text, today=TODAY), person, posts, town, TODAY, **more))

    return _hear


def told(wish):
    """(who, words, households, nobody, trouble) of everybody seen."""
    return [(s.who, s.words, s.households, s.nobody, s.trouble) for s in wish.seen]


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("走访 张家", [("张家", "", 1, False, "")]),
        ("走访张家", [("张家", "", 1, False, "")]),
        ("走访 张某家 都好", [("张某家", "都好", 1, False, "")]),
        ("走访 3户 张家屋漏", [("张家", "屋漏", 1, False, "屋漏"), ("", "", 2, False, "")]),
        ("走访3户", [("", "", 3, False, "")]),
        ("走访了三户人家，都好", [("", "都好", 3, False, "")]),
        ("走访 一户，墙裂了", [("", "墙裂了", 1, False, "墙裂了")]),
        ("走访了刘家，没人在家", [("刘家", "没人在家", 1, True, "")]),
        ("走访刘家没人", [("刘家", "没人", 1, True, "")]),
        (
            "走访 刘家没人在家，门口的树倒了",
            [("刘家", "没人在家，门口的树倒了", 1, True, "门口的树倒了")],
        ),
        ("走访 刘家，没人管他的药", [("刘家", "没人管他的药", 1, False, "没人管他的药")]),
        (
            "今天去看了胡家，老人一个人住，药没了",
            [("胡家", "老人一个人住，药没了", 1, False, "老人一个人住，药没了")],
        ),
        ("走访刘家和胡家，都好", [("刘家", "都好", 1, False, ""), ("胡家", "都好", 1, False, "")]),
        (
            "走访 张家屋漏，刘家没人",
            [("张家", "屋漏", 1, False, "屋漏"), ("刘家", "没人", 1, True, "")],
        ),
        ("走访毛家，说水管漏了。", [("毛家", "水管漏了", 1, False, "水管漏了")]),
        ("走访毛家，修好了，没有困难", [("毛家", "修好了，没有困难", 1, False, "")]),
        ("上门 老胡家", [("老胡家", "", 1, False, "")]),
        ("入户走访 刘某 身体好", [("刘某家", "身体好", 1, False, "")]),
        ("我刚才到刘家看了看，墙裂了", [("刘家", "墙裂了", 1, False, "墙裂了")]),
        ("走访 王家 腿摔了", [("王家", "腿摔了", 1, False, "腿摔了")]),
        ("走访 二组几户都好", [("", "二组几户都好", 1, False, "")]),
    ],
)
def test_a_visit_is_read_from_one_message(hear, said, seen):
    assert told(hear("peng", said)) == seen


@pytest.mark.parametrize(
    ("said", "days"), [("昨天走访刘家", 1), ("前天看了刘家", 2), ("走访刘家", 0)]
)
def test_the_day_is_the_one_that_was_said(hear, said, days):
    assert hear("zhang", said).on == TODAY - timedelta(days=days)


@pytest.mark.parametrize("said", ["走访", "走访。", "走访清单", "该走访谁", "还没走访的"])
def test_the_word_alone_asks_for_the_list(hear, said):
    assert hear("zhang", said) == Listed()


@pytest.mark.parametrize(
    "said",
    [
        "走访干部态度差",
        "走访什么时候开始",
        "走访张家了吗？",
        "没走访张家",
        "明天走访张家",
        "上门推销的骗子来了",
        "有人上门收费",
        "入户的水管漏了三天没人修",
        "入户门坏了",
        "去张家的路灯不亮",
        "到刘家的路断了",
        "到刘家路上有个坑",
        "看了刘家的公示有意见",
        "看了新闻很高兴",
        "去了三次都没人管",
        "接单 42",
        "进展 42 上门看了刘家",
        "路灯不亮",
    ],
)
def test_reports_questions_and_orders_are_left_to_others(hear, said):
    assert hear("zhang", said) is None


@pytest.mark.parametrize("said", ["走访", "走访 张家屋漏", "今天去看了胡家，药没了"])
def test_a_resident_makes_no_visit(hear, said):
    assert hear("mao_mou", said) is None


def test_the_own_units_come_before_the_village(hear):
    assert [h.lin.name for h in hear("zhang", "走访 龙家").seen[0].candidates] == ["一邻"]
    assert [h.lin.name for h in hear("chen", "走访 毛家").seen[0].candidates] == ["一邻"]


def test_two_households_of_one_name_are_both_meant(hear):
    assert [h.lin.name for h in hear("peng", "走访 龙家").seen[0].candidates] == ["一邻", "二邻"]


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("1", Accepted((7,))),
        ("报", Accepted((7,))),
        ("替他报吧", Accepted((7,))),
        ("1 报", Accepted((7,))),
        ("好的。", Accepted((7,))),
        ("2", Declined()),
        ("算了", Declined()),
        ("接单 42", None),
        ("走访", Listed()),
        ("那盏灯修好了", None),
    ],
)
def test_an_offer_is_taken_by_a_plain_answer_only(hear, said, wish):
    assert hear("peng", said, asked={"offers": [7]}) == wish


def test_a_sentence_that_somebody_waits_for_is_no_visit_but_the_order_is(hear):
    assert hear("zhang", "上门看望刘家，修好了", awaited=True) is None
    assert hear("zhang", "走访了刘家，修好了", awaited=True) is None
    assert isinstance(hear("zhang", "走访 刘家", awaited=True), Noted)


def test_no_text_of_any_length_or_kind_is_stumbled_over(hear):
    for said in (
        "走访 " * 600,
        "走访 张家" * 400,
        "走访 9999户",
        "走访 〇户",
        "走访 {x}",
        "走访 \\d",
    ):
        hear("peng", said)
