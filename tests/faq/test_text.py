"""Bringing what people type to one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.text import LONGEST, head, key, normalise, numbers


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("醫保怎麼繳費？", "医保怎么缴费?"),
        ("ＡＢＣ１２３", "abc123"),
        ("@三长助手 路灯坏了", "路灯坏了"),
        ("路灯坏了@三长助手", "路灯坏了"),
        ("路灯 @三长助手\u2005坏了", "路灯坏了"),
        ("三长助手，路灯坏了", "路灯坏了"),
        ("@张三 @三长助手 医保", "医保"),
        ("谢谢😀👍🏻[玫瑰]", "谢谢"),
        ("  医保   什么时候交 ", "医保什么时候交"),
        ("医保\u200b怎么交", "医保怎么交"),
    ],
)
def test_it_reads_what_was_meant(typed, meant):
    assert normalise(typed, names=("三长助手",)) == meant


def test_it_leaves_a_mail_address_alone():
    assert normalise("发到 abc@example.com 行吗") == "发到abc@example.com行吗"


@pytest.mark.parametrize(
    ("typed", "bare"),
    [
        ("路灯路灯坏了", "路灯坏了"),
        ("急急急！！！路灯坏了", "急路灯坏了"),
        ("医保，怎么交？", "医保怎么交"),
        ("水费3.5元", "水费3.5元"),
        ("好。。。的", "好的"),
    ],
)
def test_the_key_holds_only_what_counts(typed, bare):
    assert key(normalise(typed)) == bare


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("满60岁", {"60"}),
        ("满六十岁", {"60"}),
        ("一百二十块", {"120"}),
        ("两千三百", {"2300"}),
        ("十五号", {"15"}),
        ("3.0元", {"3"}),
        ("没有数", set()),
    ],
)
def test_it_reads_numbers_in_both_scripts(words, found):
    assert numbers(words) == found


@given(st.text())
def test_it_takes_any_text_and_is_done_after_one_pass(text):
    once = normalise(text)
    assert key(normalise(once)) == key(once)


@given(st.text(alphabet="路灯坏了 ，。！？@三长abc123\n", max_size=40))
def test_the_key_of_a_key_is_itself(text):
    bare = key(normalise(text))
    assert key(key(bare)) == key(bare)


def test_a_number_of_thousands_of_digits_is_read_too():
    assert numbers("一二三五六七八九" * 1000) == {"12356789" * 1000}


def test_of_a_long_text_the_first_whole_sentences_are_looked_at():
    sentence = "我家门口的路灯从上个月{}号起就不亮了。"
    text = "".join(sentence.format(day) for day in range(10, 40))
    first, more = head(text)
    assert more
    assert first.endswith("不亮了。")
    assert LONGEST / 2 < len(first) <= LONGEST


def test_what_is_repeated_does_not_push_the_rest_out():
    assert head("急" * 500 + "路灯坏了") == ("急路灯坏了", False)


def test_a_flood_is_looked_at_only_where_it_begins():
    first, more = head("哈" * 100_000 + "路灯坏了")
    assert (first, more) == ("哈", True)
