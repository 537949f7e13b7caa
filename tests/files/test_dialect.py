"""Dialect in standard words, and what is said of a table that is wrong."""

import pytest

from files.dialect import SHIPPED, Dialect, DialectWord, shipped_dialect
from files.file_model import build_all
from files.problem import FileError


@pytest.fixture
def load(write):
    return lambda text: Dialect.load(write(text))


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("细伢子跌到塘里去哒快来", "小孩掉到塘里去了快来"),
        ("我屋里嗲嗲早上出去冇归屋", "我家里老人早上出去没回家"),
        ("何解还冇人来修噻", "怎么还没人来修啊"),
        ("我屋男人又捶我", "我老公又打我"),
        ("呷了喜酒又屙又呕", "吃了喜酒又拉肚子又吐"),
        ("脑壳跶出血哒", "头摔出血了"),
    ],
)
def test_a_sentence_in_dialect_is_told_in_standard_words(said, plain):
    assert shipped_dialect().fold(said) == plain


@pytest.mark.parametrize(
    "plain",
    [
        "路灯坏了三天没人修",
        "恰好拐弯的地方有个讲座",
        "深圳和香港里程",
        "娃哈哈多少钱",
        "",
        "abc 12",
    ],
)
def test_standard_words_stay_as_they_are(plain):
    assert shipped_dialect().fold(plain) == plain


def test_what_is_folded_is_not_folded_again():
    words = shipped_dialect()
    said = "细伢子跌到塘里去哒，娭毑跶哒，屋里冇人"
    assert words.fold(words.fold(said)) == words.fold(said)


def test_the_longest_word_counts_and_a_whole_keeps_its_parts(load):
    words = load("- {word: 吃, said: [恰], not: [恰好]}\n- {word: 吃饭, said: [恰饭饭]}\n")
    assert words.fold("恰饭饭 恰好 恰") == "吃饭 恰好 吃"


def test_a_later_file_adds_to_the_first_and_may_change_it(write):
    own = write("- {word: 没, said: [冇]}\n- {word: 河, said: [港港]}\n- {word: 打, said: [哒]}\n")
    assert Dialect.load(SHIPPED, own).fold("港港冇水哒细伢子") == "河没水打小孩"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("- {word: 吃}\n", 1, "没有写"),
        ("- {word: 吃, said: []}\n", 1, "是空的"),
        ("- {word: 吃, said: [呷]}\n- {word: 喝, said: [呷]}\n", 2, "在第 1 行已经写过"),
        ("- word: 吃\n  said: [呷]\n  tests:\n    呷饭: 喝饭\n", 4, "结果是「吃饭」"),
    ],
)
def test_every_mistake_is_told_with_its_line(load, text, line, what):
    with pytest.raises(FileError) as caught:
        load(text)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert what in problem.what


def test_every_word_of_the_shipped_table_has_a_test_sentence():
    assert [one.word for one in build_all(DialectWord, SHIPPED) if not one.tests] == []
