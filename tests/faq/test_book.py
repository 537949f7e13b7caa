"""The decision on one message."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faq.book import Book, Thresholds
from faq.lexicon import Lexicon
from faq.text import LONGEST
from files.problem import FileError

HERE = ("清溪镇/韶山村/一片/三组/二邻",)


@pytest.mark.parametrize(
    ("message", "band"),
    [
        ("医保什么时候交", "answer"),
        ("请问一下医保几月份缴费呀", "answer"),
        ("家里着火了快来人", "emergency"),
        ("路灯坏了三天没人修", "report"),
        ("投诉组长不管事", "report"),
        ("您好，我家门口的路灯不亮了，麻烦来看一下，谢谢！", "report"),
        ("你好", "smalltalk"),
        ("谢谢邻长", "smalltalk"),
        ("😀", "smalltalk"),
        ("晒谷坪的事想和你说说", "issue"),
        ("", "issue"),
    ],
)
def test_each_message_gets_its_band(book, message, band):
    assert book.match(message).band == band


@pytest.mark.parametrize(
    "message",
    [
        "@三长助手 醫保什麼時候交？",
        "医保什么时候交医保什么时候交",
        "Ｑ：醫保，什么时候交！！",
        "衣保什么时候交",
    ],
)
def test_it_sees_through_the_way_people_type(book, message):
    assert book.match(message).candidates[0].entry.id == "medical-when"


@pytest.mark.parametrize(
    "message", ["户口怎么迁出本村", "农村养老保险55岁能领吗", "农村养老保险60岁不能领吗"]
)
def test_a_small_word_that_turns_the_sense_is_never_answered(book, message):
    assert book.match(message).band != "answer"


def test_a_veto_is_told_in_words(book):
    match = book.match("农村养老保险55岁能领吗")
    assert match.candidates[0].objection == "数字不同"
    assert "数字不同" in match.why[0]


def test_the_village_answers_its_own_people_and_nobody_else(book):
    assert book.match("医保什么时候交", HERE).entry.id == "medical-village"
    assert book.match("医保什么时候交", ("银田镇/银田村",)).entry.id == "medical-when"


def test_the_villages_answer_also_comes_by_the_wordings_of_the_town(book):
    assert book.match("医保几月份开始缴费", HERE).entry.id == "medical-village"


@pytest.mark.parametrize(
    ("day", "band"), [(date(2026, 12, 1), "answer"), (date(2026, 10, 31), "issue")]
)
def test_an_entry_speaks_only_while_it_is_valid(book, day, band):
    assert book.match("冬天取暖补贴怎么领", today=day).band == band


def test_an_entry_for_private_chats_is_not_used_in_a_group(book):
    assert book.match("低保怎么申请", channel="私").band == "answer"
    assert book.match("低保怎么申请", channel="群").entry is None or (
        book.match("低保怎么申请", channel="群").entry.id != "private-only"
    )


def test_forbidden_words_keep_an_entry_back(book):
    assert book.match("宽带怎么装").band == "answer"
    assert book.match("宽带怎么装退网").band != "answer"


def test_a_report_may_carry_the_entry_along(book):
    match = book.match("路灯不亮怎么报修，投诉")
    assert match.band == "report"


def test_without_the_intent_step_a_report_is_looked_up_like_a_question(book):
    assert book.match("路灯坏了", intent="auto").band == "report"
    assert book.match("路灯坏了", intent="question").band != "report"


def test_thresholds_move_the_bands(folder):
    shy = Book.load(folder, thresholds=Thresholds(answer=1.01, suggest=0.01))
    assert shy.match("医保什么时候交").band == "suggest"


def test_however_long_a_message_is_only_its_beginning_is_weighed(book, monkeypatch):
    weighed = []
    real = Lexicon.shape

    def noted(lexicon, text):
        weighed.append(len(text))
        return real(lexicon, text)

    monkeypatch.setattr(Lexicon, "shape", noted)
    message = "".join(f"第{n}次去问，医保什么时候交。" for n in range(7000))
    assert len(message) > 100_000
    assert book.match(message).band == "report"
    assert 0 < sum(weighed) <= 4 * LONGEST


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("- 编号: a\n", "utf-8")
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "emergency.yaml").write_text("- id: fire\n", "utf-8")
    with pytest.raises(FileError) as caught:
        Book.load(tmp_path / "a.yaml", tables)
    assert {p.file.rsplit("/", 1)[-1] for p in caught.value.problems} == {
        "a.yaml",
        "emergency.yaml",
    }


def test_two_books_of_the_same_files_agree_on_everything(book, folder):
    twin = Book.load(folder, names=("三长助手",))
    for message in ("医保几时交", "路灯坏了", "户口迁移", "养老保险多少岁领", "你好"):
        assert twin.match(message, HERE) == book.match(message, HERE)


@settings(suppress_health_check=list(HealthCheck))
@given(st.text(max_size=60))
def test_no_text_upsets_it_and_the_same_text_gets_the_same_decision(book, message):
    first = book.match(message)
    assert first == book.match(message)
    assert 0.0 <= first.confidence <= 1.0
