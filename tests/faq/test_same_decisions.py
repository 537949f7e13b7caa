"""Decisions written down to the last digit: what only makes the matcher faster changes none.

Whoever learns the model anew or changes its features writes them down anew.
"""

from datetime import date

import pytest

from faq import text
from faq.book import Book

TODAY = date(2026, 11, 30)
DECISIONS = [
    ("医保什么时候交", "answer", 0.997527, "medical-when"),
    ("请问一下医保几月份缴费呀", "answer", 0.993307, "medical-when"),
    ("我是三组的老王我想问下医保怎么交啊", "suggest", 0.796678, "medical-when private-only"),
    ("衣保什么时候交", "answer", 0.967601, "medical-when"),
    ("医保不交可以吗", "issue", 0.202748, "medical-when pension-age"),
    ("城乡居民医保缴费时间和金额", "suggest", 0.79617, "medical-when"),
    ("社保什么时候交", "suggest", 0.3056, "medical-when"),
    ("户口怎么迁出本村", "suggest", 0.399556, "move-in"),
    ("户口迁入要什么材料", "issue", 0.141214, "move-in"),
    ("户口迁移", "issue", 0.037307, "move-in"),
    ("路灯不亮怎么报修", "answer", 0.997527, "lamp"),
    ("路灯坏了找谁修", "suggest", 0.795171, "lamp"),
    ("我家门口的路灯坏了三天没人修", "report", 0.128163, "lamp"),
    ("农村养老保险55岁能领吗", "suggest", 0.406171, "pension-age"),
    ("养老保险多少岁领", "issue", 0.08661, "pension-age"),
    ("农村养老保险60岁不能领吗", "suggest", 0.409307, "pension-age"),
    ("冬天取暖补贴怎么领", "answer", 0.997755, "winter"),
    ("夏天取暖补贴怎么领", "suggest", 0.406513, "winter"),
    ("低保怎么申请", "answer", 0.997527, "private-only"),
    ("低保怎么取消", "issue", 0.101156, "private-only"),
    ("宽带怎么装", "answer", 0.997527, "cable"),
    ("宽带怎么退网", "issue", 0.0, ""),
    ("有线电视怎么装", "issue", 0.0, ""),
    ("谢谢邻长", "smalltalk", 0.0, ""),
    ("晒谷坪的事想和你说说", "issue", 0.0, ""),
    ("家里着火了快来人", "emergency", 0.0, ""),
]


@pytest.mark.parametrize(("message", "band", "confidence", "candidates"), DECISIONS)
def test_a_decision_is_what_it_was(book, message, band, confidence, candidates):
    match = book.match(message)
    assert (match.band, match.confidence) == (band, confidence)
    assert " ".join(one.entry.id for one in match.candidates[:3]) == candidates


def test_what_was_decided_once_is_not_decided_again(book):
    first = book.match("路灯坏了找谁修", ("清溪镇/石屏村",), today=TODAY)
    assert book.match("路灯坏了找谁修", ("清溪镇/韶山村二片",), today=TODAY) is first


def test_a_last_decision_is_not_given_to_somebody_who_may_not_see_its_entry(book):
    asked = "低保怎么申请", "冬天取暖补贴怎么领", "医保什么时候交"
    here, there, earlier = (
        {"scope": ("清溪镇/韶山村/一片",), "channel": "私", "today": TODAY},
        {"scope": ("清溪镇/石屏村",), "channel": "群", "today": TODAY},
        {"scope": ("清溪镇/石屏村",), "channel": "私", "today": date(2026, 6, 1)},
    )
    ids = [first_ids(book, asked, who) for who in (here, there, earlier, here)]
    assert ids[0] == ["private-only", "winter", "medical-village"] == ids[3]
    assert ids[1:3] == [
        ["move-in", "winter", "medical-when"],
        ["private-only", "lamp", "medical-when"],
    ]


def first_ids(book, asked, who):
    found = [book.match(each, **who).candidates[:1] for each in asked]
    return ["".join(one.entry.id for one in candidates) for candidates in found]


def test_a_report_and_the_same_words_taken_as_a_question_are_two_decisions(book):
    report = "我家门口的路灯坏了三天没人修"
    bands = [book.match(report, intent=intent).band for intent in ("auto", "question", "auto")]
    assert bands == ["report", "issue", "report"]


def test_what_an_entry_is_asked_in_its_own_words_is_decided_before_anybody_asks(
    folder, tmp_path, monkeypatch
):
    file = tmp_path / "faq.yaml"
    file.write_text("- {编号: a, 问题: 医保哪天交, 相似问: [几时交医保], 答复: 九月}\n", "utf-8")
    ahead = Book.load(file)
    anew = Book.load(file).match("几时交医保")
    ahead.decide_ahead(2)
    monkeypatch.setattr(text, "normalise", not_again)
    assert ahead.match("几时交医保") == anew


def test_where_senders_see_different_entries_nothing_is_decided_before_they_ask(
    folder, monkeypatch
):
    limited = Book.load(folder)
    monkeypatch.setattr(text, "normalise", not_again)
    limited.decide_ahead(100)
    with pytest.raises(AssertionError, match="decided again"):
        limited.match("户口怎么迁入本村")


def not_again(*_):
    raise AssertionError("decided again")


def test_only_a_detailed_decision_has_the_numbers_of_its_candidates(book):
    brief, whole = book.match("路灯不亮"), book.match("路灯不亮", detailed=True)
    assert brief.candidates[0].row == ()
    assert len(whole.candidates[0].features) == len(whole.candidates[0].row) > 0


def test_a_new_book_decides_anew(folder, book):
    other = Book.load(folder)
    assert other.match("路灯坏了找谁") == book.match("路灯坏了找谁")
    assert other.match("路灯坏了找谁") is not book.match("路灯坏了找谁")
