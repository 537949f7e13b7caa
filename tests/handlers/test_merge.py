"""合并 4 5 6 到 2: which words are such an order, and what is said to whoever gives it."""

import pytest

from benchmarks.statements import counted
from handlers import merge
from storage.tables import Event


@pytest.mark.parametrize(
    ("said", "some", "into"),
    [
        ("合并 4 5 6 到 2", ("4", "5", "6"), "2"),
        ("合并4、5、6到2", ("4", "5", "6"), "2"),
        ("把 4 5 合并到 2", ("4", "5"), "2"),
        ("请把4和5合到2里", ("4", "5"), "2"),
        ("4 5 6 并到 2", ("4", "5", "6"), "2"),
        ("4、5 合并到 2号", ("4", "5"), "2"),
        ("合并 4 进 2", ("4",), "2"),
        ("4 并入 2", ("4",), "2"),
        ("合并 4 5 6", ("4", "5", "6"), ""),
        ("4 5 6 合并", ("4", "5", "6"), ""),
        ("4 和 5 是同一件，合并", ("4", "5"), ""),
        ("4、5合并一下", ("4", "5"), ""),
    ],
)
def test_an_order_to_merge_is_heard(said, some, into):
    assert merge.read(said) == merge.Merge(some, into)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "合并",
            "合并村小学什么时候",
            "两家合到一起用水",
            "4 5 6",
            "合并 4",
            "转 4 给 二组",
            "4 到 6",
        ),
        *("合作社并到哪里了", "进展 4 已并到计划里", "把户口并到儿子那里"),
    ],
)
def test_other_words_merge_nothing(said):
    assert merge.read(said) is None


@pytest.fixture
def reported(room):
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.say("liu_mou", "大樟树那边晚上一片漆黑怕摔跤")
    room.say("liu_mou", "后山水沟堵了半个月，没人管")
    return room


def test_a_resident_merges_nothing(reported):
    assert reported.handled_by("liu_mou", "合并 2 到 1") != "merge"
    assert {issue.state for issue in reported.issues()} == {"pending"}


def test_what_cannot_go_in_is_said_beside_what_has(reported):
    reported.say("zhang", "办结 3 通了")
    told = reported.say("zhang", "合并 2 3 到 1")
    assert "合进来了：0002。" in told
    assert "0003 没有合进来" in told


def test_a_number_that_nobody_has_changes_nothing(reported):
    assert "没找到编号 9" in reported.say("zhang", "合并 2 9 到 1")
    assert {issue.state for issue in reported.issues()} == {"pending"}


def test_a_resident_who_asks_by_the_old_number_reads_of_the_one_that_goes_on(reported):
    reported.say("zhang", "合并 2 到 1")
    assert "SZ-20260601-0001：待接单" in reported.say("liu_mou", "进度 2")
    assert reported.say("liu_mou", "进度").count("待接单") == 2


def test_one_who_was_merged_leaves_as_who_has_joined(reported):
    reported.say("zhang", "合并 2 到 1")
    assert "0001 还在为别的住户办" in reported.say("liu_mou", "撤回 2")


@pytest.mark.parametrize("said", ["2 满意", "没修好 2 晚上又不亮"])
def test_one_who_was_merged_judges_by_the_old_number(reported, said):
    reported.say("zhang", "合并 2 到 1")
    reported.say("zhang", "办结 1 换了灯泡")
    reported.go("12:15").tick()
    reported.say("liu_mou", said)
    first, second, third = reported.issues()
    assert (second.state, third.state) == ("merged", "pending")
    heard = reported.query(lambda s: [event.kind for event in s.query(Event)])
    assert {"endorse_rate", "redo"} & set(heard)
    assert first.number.endswith("0001")


def test_a_merge_of_one_is_few_statements(reported):
    with counted(reported.database) as said:
        assert "合进来了" in reported.say("zhang", "合并 2 到 1")
    assert len(said) <= 12
