"""Masks: what is personal in a name, a number or a sentence is gone, everything else stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues import masks


@pytest.mark.parametrize(
    ("whole", "masked"), [("毛某", "毛*"), ("欧阳修文", "欧*"), ("毛某家", "毛*"), ("", "")]
)
def test_of_a_name_the_first_character_stays(whole, masked):
    assert masks.name(whole) == masked


@pytest.mark.parametrize(
    ("whole", "masked"), [("13800001234", "138****1234"), ("", ""), ("119", "***")]
)
def test_of_a_phone_number_both_ends_stay(whole, masked):
    assert masks.number(whole) == masked


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("打我电话13800001234，谢谢", "打我电话138****1234，谢谢"),
        ("身份证430302198001011234", "身份证4303**********1234"),
        ("身份证43030219800101123X。", "身份证4303**********123X。"),
        ("老证 430302800101123 在", "老证 430*********123 在"),
        ("卡号6222021001112223334", "卡号6222***********3334"),
        ("１３８００００１２３４", "１３８****１２３４"),
        ("幺三八零零零零一二三四", "幺三八****一二三四"),
        ("座机07315556123", "座机073****6123"),
    ],
)
def test_numbers_in_free_words_are_masked(said, masked):
    assert masks.text(said) == masked


@pytest.mark.parametrize(
    "said",
    [
        "138-0000-1234",
        "138 0000 1234",
        "0731-55561234",
        "6222 0210 0111 2223",
        "4303021980 0101 1234",
    ],
)
def test_separators_hide_no_number(said):
    assert masks.STAR * 4 in masks.text(f"电话{said}，请来")


@pytest.mark.parametrize(
    "said",
    [
        "SZ-20261121-0042 第 3 次",
        "2026-11-21 09:30 停水",
        "12345 和 119",
        "欠款 3500000 元",
        "一二三组",
    ],
)
def test_other_numbers_stay(said):
    assert masks.text(said) == said


def test_the_names_of_those_who_asked_are_masked_in_their_own_words():
    assert masks.text("我是毛某某，毛某某家漏水", ("毛某某",)) == "我是毛*，毛*家漏水"


@given(st.text(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text())
def test_no_mobile_number_is_ever_readable(before, phone, after):
    assert phone not in masks.text(f"{before}{phone}{after}")


@given(st.text(alphabet=st.characters(exclude_categories=("Nd", "Lo"))))
def test_words_without_digits_stay_as_they_are(said):
    assert masks.text(said) == said
    assert not re.search(r"\d", said)
