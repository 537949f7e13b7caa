"""Whose names somebody's words can mean: the ladder above him, and above a neighbour."""

import pytest

from handlers import accusations
from rules.words import UnitKind
from tests.bot_room import Room
from tests.town import PIAN, TOWN, at, settle


@pytest.fixture
def room(lite):
    settle(lite, *TOWN, f"李某,li,联片干部,{PIAN},,", f"张某,zhang,联片干部,{PIAN},,")
    return Room(lite, at("2026-06-01 09:00"))


def reading(room: Room, look):
    with room.dispatcher.transactions.read(room.now) as work:
        return look(work)


def ladder(room: Room, userid: str):
    return reading(room, lambda work: accusations.ladder(work, userid))


def test_the_ladder_names_who_sits_on_it_once(room):
    assert ladder(room, "mao_mou") == [
        ("邻长", "张某"),
        ("组长", "彭某"),
        ("片长", "谭某"),
        ("村干部", "谢某"),
        ("乡镇干部", "郭某"),
        ("片长", "李某"),
    ]


def test_a_stranger_has_none(room):
    assert ladder(room, "wai_ren") == []


def test_who_stands_in_for_somebody_is_on_it_too(room):
    room.say("peng", "我请假 到6月20日 陈某代")
    assert ("组长", "陈某") in ladder(room, "mao_mou")


def test_beside_an_issue_of_another_lin_its_own_linzhang_is_known(room):
    room.say("hu_mou", "水渠堵了")
    issue = room.issues()[0]
    said = "陈某收了钱不办事"

    def both(work):
        alone = accusations.accused(work, "mao_mou", "", said)
        return alone, accusations.accused_beside(work, "mao_mou", issue, said)

    assert reading(room, both) == (None, UnitKind.LIN)


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("他又来了", True),
        ("这个人太坏", True),
        ("其他的都好", False),
        ("路灯坏了", False),
        ("这个人行道坏了", False),
    ],
)
def test_he_and_she_are_somebody_spoken_of_before(said, back):
    assert accusations.refers_back(said) is back


def test_the_highest_level_counts_and_nobody_is_none():
    assert accusations.together([UnitKind.LIN, None, UnitKind.PIAN, UnitKind.ZU]) is UnitKind.PIAN
    assert accusations.together([None]) is None
