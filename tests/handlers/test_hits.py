"""What was asked of the FAQ is remembered in the words of the one who asked."""

from sqlalchemy import select

from storage.tables import FaqHit


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
