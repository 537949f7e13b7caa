"""What was asked of the FAQ is remembered in the words of the one who asked."""

from sqlalchemy import select

from faq.book import Book
from storage.tables import FaqHit
from tests.town import CHAT


def hits(room):
    """(question, band, entry) of all that was written down."""
    room.tick()
    rows = select(FaqHit).order_by(FaqHit.id)
    return room.query(lambda s: [(h.question, h.band, h.entry) for h in s.scalars(rows)])


def test_after_a_pick_the_way_out_opens_an_issue_with_the_question(room):
    room.say("mao_mou", "交医保")
    room.say("mao_mou", "1")
    room.say("mao_mou", "1")
    assert [issue.content for issue in room.issues()] == ["交医保"]
    assert hits(room) == [("交医保", "answer", "yibao"), ("交医保", "unsolved", "yibao")]


def test_a_question_whose_suggestions_were_all_wrong_is_a_gap(room):
    room.say("mao_mou", "交医保")
    room.say("mao_mou", "都不是")
    assert hits(room) == [("交医保", "suggest", "")]


def test_a_question_whose_suggestions_nobody_picked_is_a_gap(room):
    room.say("mao_mou", "交医保")
    room.wait(minutes=11)
    assert hits(room) == [("交医保", "suggest", "")]


def test_the_words_that_were_quoted_go_along_when_nobody_picked(room):
    room.say("mao_mou", "交医保", quote="大家记得缴费")
    room.wait(minutes=11).tick()
    assert [issue.content for issue in room.issues()] == ["交医保\n（引用：大家记得缴费）"]


def test_after_a_tap_in_the_group_the_way_out_has_the_question_as_well(room):
    there = {"chat_id": CHAT, "channel": "aibot"}
    asked = room.receive(room.incoming("mao_mou", "@三长助手 交医保", **there)).reply
    room.tap("mao_mou", "1", asked.card, **there)
    room.say("mao_mou", "@三长助手 1", **there)
    assert [issue.content for issue in room.issues()] == ["交医保"]


def test_an_entry_whose_answer_is_still_to_be_written_answers_nobody(room, tmp_path):
    (tmp_path / "a.yaml").write_text("- {编号: a, 问题: 路灯归谁管, 答复: 〔待填：谁〕}", "utf-8")
    book = Book.load(tmp_path)
    room.dispatcher.book = lambda: book
    assert "编号 SZ-" in room.say("mao_mou", "路灯归谁管")


def test_a_placeholder_in_any_brackets_is_never_sent_as_it_stands(room, tmp_path):
    entry = "- {编号: a, 问题: 路灯归谁管, 答复: 村里管，电话【待填：村部】。}"
    (tmp_path / "a.yaml").write_text(entry, "utf-8")
    book = Book.load(tmp_path)
    room.dispatcher.book = lambda: book
    assert "电话（这一项请问邻长）。" in room.say("mao_mou", "路灯归谁管")


def test_saying_a_suggestion_in_words_is_a_pick(room):
    room.say("mao_mou", "交医保")
    assert "9 月到 12 月" in room.say("mao_mou", "医保什么时候交")
    room.wait(minutes=11).tick()
    assert room.issues() == []
