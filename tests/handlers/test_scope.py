"""Which version of an answer somebody gets: that of the unit he belongs to."""

from faq.book import Book
from tests.bot_room import Room
from tests.town import CHAT, at

ENTRIES = """
- {编号: city, 问题: 路灯归谁管, 答复: 归市里管。}
- {编号: village, 问题: 路灯归谁管, 答复: 归村里管。, 适用: 韶山村, 替代: city}
- {编号: pian, 问题: 路灯归谁管, 答复: 归片里管。, 适用: 韶山村/一片, 替代: village}
"""


def test_a_resident_gets_the_nearest_units_answer_and_a_stranger_the_citys(town_lite, tmp_path):
    (tmp_path / "a.yaml").write_text(ENTRIES, "utf-8")
    book = Book.load(tmp_path)
    room = Room(town_lite, at("2026-06-01 09:00"))
    room.dispatcher.book = lambda: book
    said = [room.say(who, "路灯归谁管") for who in ("mao_mou", "xie", "wai_di")]
    assert [text[:5] for text in said] == ["归片里管。", "归村里管。", "归市里管。"]


def test_a_stranger_in_a_units_group_gets_the_units_answer(town_lite, tmp_path):
    """Somebody on no roster belongs to the group's unit (domain.md §5)."""
    (tmp_path / "a.yaml").write_text(ENTRIES, "utf-8")
    room = Room(town_lite, at("2026-06-01 09:00"))
    book = Book.load(tmp_path)
    room.dispatcher.book = lambda: book
    assert "归片里管" in room.say("wai_di", "路灯归谁管", chat_id=CHAT, channel="aibot")
