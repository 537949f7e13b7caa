"""Two messages at one moment: what is done last knows what the other has done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from handlers.dispatch import Dispatcher
from issues.registering import Material
from issues.transactions import Transactions
from storage.tables import FaqHit
from tests.bot_room import Room
from tests.town import at

PHOTO = (Material("image", media_id="P1"),)


@pytest.fixture
def room(town_db):
    return Room(town_db, at("2026-06-01 09:00"))


class Between(Transactions):
    """Lets something happen after a message has been looked at and before it is done, once."""

    happens: Callable[[], object] | None = None

    def write(self, *args, **kwargs):
        happens, self.happens = self.happens, None
        if happens:
            happens()
        return super().write(*args, **kwargs)


def say_between(room, first, second):
    """``second`` is said by the same person while ``first`` is about to be done."""
    slow = Between(room.database, room.office)
    slow.happens = lambda: room.receive(second)
    of_slow = Dispatcher(slow, room.dispatcher.book, room.dispatcher.hits)
    return of_slow.receive(first, room.now)


def test_a_photo_stored_while_its_words_are_looked_at_is_not_a_second_matter(room):
    words = room.incoming("mao_mou", "村口的路灯坏了")
    say_between(room, words, room.incoming("mao_mou", materials=PHOTO))
    said = say_between(room, room.incoming("mao_mou", "进度"), room.incoming("mao_mou", "你好"))
    assert len(room.issues()) == 1
    assert "0001" in said.reply.text


def test_the_same_words_twice_at_one_moment_are_one_issue(room):
    first, second = (room.incoming("mao_mou", "村口的路灯坏了") for _ in range(2))
    said = say_between(room, first, second)
    assert len(room.issues()) == 1
    assert "0001" in said.reply.text


def test_what_was_asked_of_the_faq_is_kept_only_with_what_was_stored(room, monkeypatch):
    def fails(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("handlers.dispatch._remember", fails)
        assert room.receive(room.incoming("mao_mou", "村里的井水有点浑")).handler == "failed"
    assert not room.dispatcher.hits.any()
    room.tick()
    room.wait(minutes=1).tick()
    assert len(room.issues()) == 1
    hits = room.query(lambda s: list(s.scalars(select(FaqHit))))
    assert [hit.question for hit in hits] == ["村里的井水有点浑"]


def at_once(room, *said):
    """Everybody's messages, each by a thread of its own, all at one moment."""
    together = Barrier(len(said))

    def say(incoming):
        together.wait()
        return room.receive(incoming)

    with ThreadPoolExecutor(len(said)) as pool:
        return list(pool.map(say, said))


def test_the_same_words_sixteen_times_at_once_are_one_issue(room):
    said = [room.incoming("mao_mou", "村口的路灯坏了") for _ in range(16)]
    outcomes = at_once(room, *said)
    assert len(room.issues()) == 1
    assert all("0001" in outcome.reply.text for outcome in outcomes)


def test_neighbours_at_one_moment_are_asked_whether_it_is_the_same(room):
    said = [room.incoming(who, "村口的路灯坏了") for who in ("mao_mou", "liu_mou", "hu_mou")]
    replies = [outcome.reply.text for outcome in at_once(room, *said)]
    assert len(room.issues()) == 1
    assert sum("是不是同一件" in reply for reply in replies) == 2
