"""One thing said in several messages is one issue, in whatever order the pieces come."""

from itertools import permutations

import pytest

from issues.registering import Material
from tests.bot_room import Room
from tests.town import CHAT

PHOTO = "（照片）"
LAMP = ("路灯", "坏了三天", PHOTO)
DITCH = ("水渠", "堵了", PHOTO)
PIECES = [*permutations(LAMP), *permutations(LAMP[:2]), *permutations(DITCH)]


def say(room: Room, piece: str, chat: str) -> str:
    """One piece, in private or in the group."""
    where = {"chat_id": chat, "channel": "aibot"} if chat else {}
    if piece == PHOTO:
        return room.say("mao_mou", materials=(Material("image", media_id="P1"),), **where)
    return room.say("mao_mou", f"@三长助手 {piece}" if chat else piece, **where)


@pytest.mark.parametrize("chat", ["", CHAT], ids=["private", "group"])
@pytest.mark.parametrize("pieces", PIECES, ids="-".join)
def test_pieces_within_ninety_seconds_are_one_issue(room, pieces, chat):
    for piece in pieces:
        say(room, piece, chat)
        room.wait(seconds=25).tick()
    room.wait(minutes=20).tick()
    (issue,) = room.issues()
    assert all(piece in issue.content for piece in pieces if piece != PHOTO)


def test_a_question_after_a_whole_report_is_still_a_question(room):
    room.say("mao_mou", "路灯坏了三天没人修")
    assert "您是不是想问" in room.say("mao_mou", "交医保")


def test_a_sentence_that_may_be_a_question_is_no_piece_of_a_report(room):
    room.say("mao_mou", "坏了三天")
    assert "您是不是想问" in room.say("mao_mou", "我家老人要去哪里交医保呢")


def test_a_photo_of_what_was_asked_about_answers_the_suggestions(room):
    room.say("mao_mou", "我家老人要去哪里交医保呢")
    told = room.photo("mao_mou")
    assert "请再说一句" not in told
    assert [issue.content for issue in room.issues()] == ["我家老人要去哪里交医保呢"]
