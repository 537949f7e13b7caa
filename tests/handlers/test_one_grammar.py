"""A number is a number whoever reads it: one spelling is understood by every handler alike."""

from datetime import date

import pytest
from sqlalchemy import select

from handlers import absence
from storage.tables import Event

LAMP = "村口路灯坏了三天没人修"
SPELLINGS = ["1", "0001", "#1", "１号", "一号", "第一件", "编号1", "sz-20260601-0001"]


@pytest.fixture
def reported(room):
    room.say("mao_mou", LAMP)
    return room


@pytest.fixture
def resolved(reported):
    reported.say("zhang", "办结 1 换了灯泡")
    reported.go("12:15").tick()
    return reported


@pytest.mark.parametrize("number", SPELLINGS)
def test_the_reporter_asks_by_any_spelling_of_the_number(reported, number):
    assert "SZ-20260601-0001" in reported.say("mao_mou", f"进度 {number}")


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_zhang_acts_by_any_spelling_of_the_number(reported, number):
    reported.say("zhang", f"{number} 接单")
    assert reported.issues()[0].state == "accepted"


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_rating_may_come_with_any_spelling_of_the_number(resolved, number):
    resolved.say("mao_mou", f"{number} 满意")
    assert resolved.issues()[0].rating == "good"


def test_a_sticker_a_mention_and_an_unseen_sign_are_no_part_of_an_order(reported):
    reported.say("zhang", "@李四 接单\u200b 1[抱拳]")
    assert reported.issues()[0].state == "accepted"


def test_whoever_stands_in_may_be_mentioned():
    wish = absence.read("请假 到周五 @李四 代班", date(2026, 6, 1))
    assert wish
    assert wish.delegate == "李四"


def test_a_reason_keeps_whom_it_mentions(resolved):
    resolved.say("mao_mou", "没修好，@张三 说过今天来")
    redone = select(Event.reason).where(Event.kind == "redo")
    assert resolved.query(lambda session: session.scalar(redone)) == "@张三 说过今天来"


def test_a_question_is_no_rating(resolved):
    resolved.say("mao_mou", "修好了？")
    assert resolved.issues()[0].solved is None


def test_what_is_counted_in_a_reason_is_no_number(resolved):
    resolved.say("mao_mou", "没修好，3盏都不亮")
    assert [issue.state for issue in resolved.issues()] == ["pending"]


def test_a_sticker_alone_opens_no_issue(room):
    room.say("mao_mou", "[微笑]")
    assert room.issues() == []


def test_a_very_long_result_is_kept_whole(reported):
    words = "换了灯泡，" * 1000 + "都亮了"
    reported.say("zhang", f"办结 1 {words}")
    assert words in reported.issues()[0].result
