"""Taking the polite words off a question, and only those."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.book import load_lexicon
from faq.selftest import wrapping_failures
from faq.text import key, normalise
from faq.wrapping import Wrappers
from files.problem import FileError

TABLE = """\
词:
  人: [书记, 邻长]
  您: [您, 你]
开头: ["(我)?想问(一)?下", "<您>好", 帮我看下]
称呼: ["(老)?<人>"]
结尾: [啊, 麻烦<您>了, "就是这个(事/问题)"]
有这些不去: [不好]
测试:
  - [书记你好我想问下医保怎么交, 医保怎么交]
"""


def no_word(_):
    return False


@pytest.fixture
def wrappers(tmp_path):
    (tmp_path / "wrappers.yaml").write_text(TABLE, "utf-8")
    return Wrappers.load(tmp_path / "wrappers.yaml")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("你好,想问一下医保怎么交啊,麻烦您了", "医保怎么交"),
        ("你好书记想问下想问下几点停水就是这个问题啊", "几点停水"),
        ("邻长,几点停水", "几点停水"),
        ("老书记想问下几点停水", "几点停水"),
        ("邻长几点上班", "邻长几点上班"),
        ("你好啊", "你好"),
        ("想问一下啊", "想问一下"),
        ("啊", "啊"),
        ("", ""),
    ],
)
def test_layer_after_layer_comes_off_but_never_all(wrappers, said, left):
    assert wrappers.strip(said, no_word) == left


def test_no_piece_is_taken_that_would_cut_a_word_in_two(wrappers):
    said = "帮我看下水道"
    assert wrappers.strip(said, no_word) == "水道"
    assert wrappers.strip(said, {"下水道"}.__contains__) == said


def test_the_table_brings_its_own_tests(wrappers):
    assert [(test.said, test.left, test.line) for test in wrappers.tests] == [
        ("书记你好我想问下医保怎么交", "医保怎么交", 9)
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("开头: 你好", "要写成 .说法"),
        ("开头: [<谁>好]", "「词」里没有<谁>"),
        ("开头: [(你]", "看不懂"),
        ("开头: ['(你)?']", "什么都不写也算"),
        ("中间: [你好]", "没有这一类"),
        ("词: [你]", "要写成「名称"),
        ("测试: [只有一句]", "要写成 .整句"),
    ],
)
def test_a_slip_in_the_table_is_told_with_its_line(tmp_path, line, told):
    (tmp_path / "wrappers.yaml").write_text(f"结尾: [啊]\n{line}\n", "utf-8")
    with pytest.raises(FileError, match=rf"wrappers\.yaml:2.*{told}"):
        Wrappers.load(tmp_path / "wrappers.yaml")


def test_a_failing_test_of_the_table_is_told(tmp_path):
    file = tmp_path / "wrappers.yaml"
    file.write_text("结尾: [啊]\n测试: [[走啊走啊, 走啊]]\n", "utf-8")
    lexicon = load_lexicon(tmp_path, tmp_path)
    assert [str(failure) for failure in wrapping_failures(lexicon)] == [
        f"{file}:2: 「走啊走啊」应当剩下「走啊」，结果剩下「走啊走」"
    ]


def test_the_shipped_table_passes_its_own_tests():
    lexicon = load_lexicon()
    assert len(lexicon.wrappers.tests) > 20
    assert wrapping_failures(lexicon) == []


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon()


WORDS = ["喂", "你好", "邻长", "我是三组的老王", "想问下", "啊", "谢谢", "医保", "嗯", "，", "？"]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_something_is_always_left_and_twice_is_the_same(lexicon, said):
    clean = normalise(said)
    left = lexicon.unwrapped(clean)
    assert left in clean
    assert bool(key(left)) == bool(key(clean))
    assert lexicon.unwrapped(left) == left


def test_a_closer_is_seen_from_behind_wherever_it_is_found_from_the_front():
    shipped = load_lexicon().wrappers
    said = [normalise(test.said)[-24:] for test in shipped.tests]
    texts = [text[start:] for text in said for start in range(len(text))]
    front = [bool(shipped._closes.search(text)) for text in texts]
    assert front == [bool(shipped._closes_backwards.match(text[::-1])) for text in texts]
    assert {*front} == {True, False}
