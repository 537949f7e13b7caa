"""What those who serve say in short: which order it may be, and which words go with it."""

from datetime import date

import pytest

from rules.words import Action
from speech.command import command
from speech.orders import words_of_order
from speech.read import read
from speech.situation import Matter, Situation
from speech.understanding import hear, take_apart

IN_HAND = Situation(
    matters=(
        Matter("SZ-20260601-0001", "井边的路灯不亮", mine="held"),
        Matter("SZ-20260601-0002", "屋后水沟堵了", mine="held"),
    )
)


def said(text):
    return read(text, today=date(2026, 6, 1))


def order(text):
    heard = take_apart(said(text), IN_HAND).order
    return heard.action if heard else None


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("水沟我接了", Action.ACCEPT),
        ("都接了", Action.ACCEPT),
        ("收到 2", Action.ACCEPT),
        ("2转组长", Action.RAISE),
        ("往上报吧", Action.RAISE),
        ("退回去", Action.RETURN),
        ("误报", Action.DISMISS),
        ("都搞定了", Action.RESOLVE),
        ("批准了", Action.GRANT),
        ("不批", Action.REFUSE),
    ],
)
def test_an_order_in_short_is_heard(text, action):
    assert order(text) is action


@pytest.mark.parametrize("text", ["水管接了", "大家同意这么办吗", "组长来了", "退休金到账了"])
def test_a_sentence_about_something_is_no_order_in_short(text):
    assert order(text) not in (Action.ACCEPT, Action.GRANT, Action.RAISE, Action.RETURN)


@pytest.mark.parametrize("text", ["往上报吧", "误报", "都搞定了", "批准了"])
def test_what_is_heard_in_short_is_asked_and_never_done(text):
    understood = hear(said(text), IN_HAND)
    assert (understood.order, understood.ask) == (order(text), True)


@pytest.mark.parametrize(
    "text", ["1 办结 点错了", "办结 2 还没弄好", "2办结 搞错了", "接单 1 取消", "1 办结 没清干净"]
)
def test_words_that_take_it_back_are_no_order(text):
    assert command(text) is None


@pytest.mark.parametrize("text", ["1 办结 换了灯泡", "办结 2 没有钱，村里出了", "1 办结 不漏了"])
def test_other_words_come_with_the_order(text):
    read_as = command(text)
    assert read_as
    assert read_as.action is Action.RESOLVE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("办洁 1 换了灯", "换了灯"),
        ("2 等挖机", "等挖机"),
        ("1约了电工明天来", "约了电工明天来"),
        ("老人不肯", "老人不肯"),
        ("井边那盏办结 换了灯泡", "换了灯泡"),
        ("水沟转给组长", "组长"),
        ("井边路灯延3天 等货", "3天 等货"),
        ("水沟上交", ""),
        ("2转彭组长", "彭组长"),
        ("2延3天 等挖机", "3天 等挖机"),
        ("1办了 换了灯", "换了灯"),
        ("昨天下午请了两个人把沟掏了，转给了保洁", "昨天下午请了两个人把沟掏了，转给了保洁"),
    ],
)
def test_the_words_are_passed_on_without_the_number(text, words):
    assert words_of_order(text) == words
