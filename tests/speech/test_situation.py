"""The situation as JSON: what is read, and how every mistake is told."""

import json

import pytest

from files.problem import FileError
from rules.words import Role, State
from speech.situation import NOTHING_BEFORE, OpenQuestion, RunningEmergency, read_situation


def problems(**fields):
    with pytest.raises(FileError) as raised:
        read_situation({"text": "在吗", **fields}, "标准输入", 7)
    return [(p.line, p.field) for p in raised.value.problems]


def test_everything_but_the_words_may_be_missing():
    assert read_situation({"text": "在吗"}) == NOTHING_BEFORE


def test_a_whole_one_is_read():
    matter = {"number": "SZ-20261128-0001", "words": "路灯不亮", "state": "resolved"}
    read = read_situation(
        json.loads(
            json.dumps(
                {
                    "text": "好了",
                    "roles": ["邻长", "居民"],
                    "chat": "group",
                    "quote": "灯坏了",
                    "since_report_min": 2,
                    "matters": [{**matter, "mine": "joined", "rating_asked": True}],
                    "asked": {"kind": "rating", "min": 3},
                    "emergency": {"class": "fire", "min": 4},
                    "ladder": [{"role": "邻长", "name": "张三"}],
                }
            )
        )
    )
    assert read.roles == {Role.LINZHANG, Role.RESIDENT}
    assert read.in_group
    assert read.matters[0].state is State.RESOLVED
    assert read.own == read.matters
    assert read.asked == OpenQuestion("rating", 3.0)
    assert read.emergency == RunningEmergency("fire", 4.0)
    assert read.ladder[0].name == "张三"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"roles": ["班长"]}, "roles[0]"),
        ({"roles": "邻长"}, "roles"),
        ({"chat": "大群"}, "chat"),
        ({"quote": 3}, "quote"),
        ({"since_report_min": "两分钟"}, "since_report_min"),
        ({"since_report_min": -1}, "since_report_min"),
        ({"since_report_min": True}, "since_report_min"),
        ({"matters": [{"words": "没有编号"}]}, "matters[0].number"),
        ({"matters": [{"number": "1"}, {"number": "2", "state": "好了"}]}, "matters[1].state"),
        ({"matters": [{"number": "1", "mine": "别人的"}]}, "matters[0].mine"),
        ({"matters": [{"number": "1", "rating_asked": "是"}]}, "matters[0].rating_asked"),
        ({"matters": ["1"]}, "matters[0]"),
        ({"asked": {"min": 3}}, "asked.kind"),
        ({"emergency": {"min": 3}}, "emergency.class"),
        ({"ladder": [{"name": "张三"}]}, "ladder[0].role"),
        ({"matter": []}, "matter"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(fields, named):
    assert problems(**fields) == [(7, named)]


def test_all_mistakes_are_told_at_once():
    assert len(problems(chat="大群", matters=[{"number": "1", "state": "x"}], more=1)) == 3
