"""Answers that grow with what somebody has: still one message, with the numbers of the rest."""

import re

from bot.channels.aibot.settings import CARDS as AIBOT
from bot.channels.app.settings import LIMITS
from bot.channels.cards import card_json
from handlers import suggest
from handlers.message import Incoming
from tests.town import CHAT

THINGS = [
    "路灯",
    "井盖",
    "水管",
    "电线",
    "护栏",
    "桥面",
    "沟渠",
    "围墙",
    "厕所",
    "网线",
    "公交车",
    "大树",
]


def test_my_issues_are_told_briefly_with_the_numbers_of_the_others(room):
    for thing in THINGS:
        room.wait(minutes=11)
        room.say("mao_mou", f"村口{thing}坏了三天没人修，{'很危险' * 200}")
    told = room.say("mao_mou", "我的诉求")
    assert len(told.encode()) <= LIMITS.text
    assert told.startswith("SZ-20260601-0012")
    assert "还有 9 件，查看请回复“进度 编号”：SZ-20260601-0009、" in told


def test_one_issue_is_told_in_full(room):
    room.say("mao_mou", "村口路灯坏了三天没人修")
    room.say("zhang", f"办结 1 {'换了灯泡' * 60}")
    assert "换了灯泡" * 60 in room.say("mao_mou", "进度 1")


def test_a_hundred_photos_that_are_still_fetched_are_one_line(room):
    room.say("mao_mou", "村口路灯坏了三天没人修")
    for n in range(20):
        room.photo("mao_mou", f"P{n}")
    told = room.say("mao_mou", "照片 1")
    assert re.fullmatch(r"SZ-\S+ 有照片 20。\n有一份照片正在取回，请稍后再问。", told)


def test_a_card_with_three_long_suggestions_shows_the_beginning_of_each(room):
    lines = [f"{n} {'城乡居民基本医疗保险' * 9}" for n in (1, 2, 3)]
    incoming = Incoming("aibot", "m1", "mao_mou", "message", room.now, chat_id=CHAT)
    with room.dispatcher.transactions.read(room.now) as work:
        card = suggest._card(room.dispatcher._context(work, incoming), lines)
    shown = card_json(card, "", AIBOT)["sub_title_text"]
    assert re.findall(r"\d 城乡", shown) == ["1 城乡", "2 城乡", "3 城乡"]
