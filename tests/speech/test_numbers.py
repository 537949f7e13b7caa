"""Numbers of issues in every spelling, at either end, in lists; and what is no number."""

import pytest

from speech.numbers import MOST_IN_RANGE, Apart, apart, leading, listed, lone, trailing


@pytest.mark.parametrize(
    ("said", "number", "words"),
    [
        ("42 满意", "42", "满意"),
        ("满意 42", "42", "满意"),
        ("42满意", "42", "满意"),
        ("催42", "42", "催"),
        ("催 #0042!", "#0042", "催"),
        ("进度:42号?", "42", "进度"),
        ("进度 四十二号", "42", "进度"),
        ("进度 四十二", "42", "进度"),
        ("四十二号 进度", "42", "进度"),
        ("第三件 进度", "第3", "进度"),
        ("编号42 进度", "42", "进度"),
        ("进度 编号:SZ-20260601-0042", "SZ-20260601-0042", "进度"),
        ("sz-20260601-0042 进度", "sz-20260601-0042", "进度"),
        ("撤回20260601-42。", "20260601-42", "撤回"),
        ("42", "42", ""),
    ],
)
def test_the_number_is_read_at_either_end(said, number, words):
    assert apart(said) == Apart(number, words)


@pytest.mark.parametrize(
    "said",
    [
        "满意",
        "3天没人来",
        "3号楼的灯",
        "12月1日",
        "12.5",
        "3组的路灯",
        "拨打13812345678",
        "宽3.25",
        "A3",
        "路灯坏了",
        "",
    ],
)
def test_what_is_counted_measured_or_dialled_is_no_number_of_an_issue(said):
    assert apart(said).number == ""


def test_at_the_beginning_only_what_follows_is_left_as_it_was():
    assert leading("42，已修。") == Apart("42", "，已修。")
    assert leading("3盏灯都换了 42") == Apart("", "3盏灯都换了 42")


def test_at_the_end_only_a_day_in_front_is_none():
    assert trailing("3号可以来了") == Apart("", "3号可以来了")
    assert trailing("可以来了 3号") == Apart("3", "可以来了")


@pytest.mark.parametrize(
    ("said", "numbers", "rest"),
    [
        ("4 5 6", ("4", "5", "6"), ""),
        ("4、5、6 已换", ("4", "5", "6"), " 已换"),
        ("4，5和6", ("4", "5", "6"), ""),
        ("4到6", ("4", "5", "6"), ""),
        ("4-6", ("4", "5", "6"), ""),
        ("4到6、9", ("4", "5", "6", "9"), ""),
        ("四号五号", ("4", "5"), ""),
        ("第二件、第三件", ("第2", "第3"), ""),
        ("4 4 5", ("4", "5"), ""),
        ("20260601-42 20260601-43", ("20260601-42", "20260601-43"), ""),
        ("6到4", ("6",), "到4"),
        ("4 3盏灯", ("4",), " 3盏灯"),
        ("已换", (), "已换"),
        ("", (), ""),
    ],
)
def test_several_numbers_are_read_as_a_list(said, numbers, rest):
    assert listed(said)[0] == numbers
    assert listed(said)[1] == rest


def test_a_range_that_nobody_means_is_none():
    assert listed(f"1到{MOST_IN_RANGE}")[0] == tuple(str(n) for n in range(1, MOST_IN_RANGE + 1))
    assert listed("1到999999")[0] == ("1",)


@pytest.mark.parametrize(
    ("said", "pick"),
    [("2", 2), ("二", 2), ("两", 2), ("第二个", 2), ("选2", 2), ("就2吧", 2), ("2。", 2)],
)
def test_a_lone_number_is_a_pick(said, pick):
    assert lone(said) == pick


@pytest.mark.parametrize("said", ["22", "两天", "2天", "", "五个"])
def test_other_numbers_are_no_pick(said):
    assert lone(said) is None
