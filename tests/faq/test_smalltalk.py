"""Small talk covers the whole message; what has a word more goes to a person."""

from pathlib import Path

import pytest

import faq.book
from benchmarks.sentences import Sentences
from faq.book import Tables
from faq.text import normalise
from speech.acts import Act


@pytest.fixture(scope="module")
def talks():
    return Tables.load(Path(faq.book.__file__).parent).smalltalk


def kind(talks, text):
    found = talks.find(normalise(text))
    return found.name if found else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("你好", "问候"),
        ("你吃饭冇", "问候"),
        ("你呷哒饭冇", "问候"),
        ("好咯谢谢你哒", "感谢"),
        ("收到 谢谢", "感谢"),
        ("要得", "应答"),
        ("你是哪里人呀", "是谁"),
        ("来首歌吧", "点播"),
        ("现在几点", "手机助理"),
        ("今天好热啊", "心情"),
        ("天要落雨哒", "心情"),
        ("点错哒，不好意思", "应答"),
        ("试一下看能不能讲话", "应答"),
        ("我不会打字，讲错莫怪", "应答"),
        ("给你们拜年，祝你们发财", "问候"),
        ("你是真人还是机器", "是谁"),
    ],
)
def test_small_talk_is_told_by_kind(talks, text, name):
    assert kind(talks, text) == name


def test_a_sticker_alone_is_a_nod(talks):
    assert talks.nod.name == "应答"


@pytest.mark.parametrize(
    "text",
    [
        "楼上音量太大了",
        "他的收款码被人换了",
        "有人摆摊卖彩票",
        "路断了我去拍照",
        "你记一下我家没水了",
        "天气一热垃圾就臭",
        "机器人偷了我的鸡",
        "谢谢你们把我家的路挖断",
        "关机了打不通",
        "你好，门口的灯不亮",
        "今天又没水",
        "不好意思，灯又坏了",
        "发错了，医保卡不是我的",
        "我不会打字，屋里没水",
        "?",
    ],
)
def test_a_word_more_is_no_small_talk(talks, text):
    assert kind(talks, text) is None


def test_no_report_of_the_tables_is_taken_for_small_talk(talks):
    reports = [e.text for e in Sentences.load().examples if e.act is Act.REPORT]
    assert len(reports) > 1000
    assert [text for text in reports if kind(talks, text)] == []
