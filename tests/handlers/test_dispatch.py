"""One message, one transaction, one reply; a re-send gets the same, a bug loses nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from filelock import FileLock
from sqlalchemy import select

from handlers import chatter, report, welcome
from handlers.message import Reply
from handlers.opening import open_issue
from issues.texts import Texts
from storage.db import WriteBusy
from storage.tables import FaqHit, Inbox, Outbox

STUMBLED = Texts().say("stumbled", {})

REPORT = "村口路灯坏了三天没人修"


def rows(room, table):
    return room.query(lambda session: list(session.scalars(select(table))))


def test_a_report_is_stored_with_its_reply_and_its_notices(room):
    said = room.say("mao_mou", REPORT)
    [stored] = rows(room, Inbox)
    assert (stored.reply["text"], stored.state, stored.handler) == (said, "done", "report")
    assert [row.target for row in rows(room, Outbox)] == ["zhang"]


def test_a_sure_answer_writes_nothing_before_the_reply(room):
    assert "9 月到 12 月" in room.say("mao_mou", "医保什么时候交")
    assert (rows(room, Inbox), rows(room, Outbox), rows(room, FaqHit)) == ([], [], [])


def test_what_was_asked_is_written_afterwards_by_a_tick(room):
    room.say("mao_mou", "医保什么时候交")
    room.tick()
    [hit] = rows(room, FaqHit)
    assert (hit.userid, hit.entry, hit.band) == ("mao_mou", "yibao", "answer")


def test_a_resend_gets_the_same_reply_and_opens_nothing(room):
    first = room.incoming("mao_mou", REPORT)
    replies = [room.receive(first).reply for _ in range(3)]
    assert replies[0] == replies[1] == replies[2]
    assert len(room.issues()) == 1


def test_a_resend_after_the_issue_was_closed_reopens_nothing(room):
    first = room.incoming("mao_mou", REPORT)
    said = room.receive(first).reply
    room.say("mao_mou", "撤回")
    assert room.receive(first).reply == said
    assert [issue.state for issue in room.issues()] == ["withdrawn"]


def test_eight_deliveries_at_once_open_one_issue(room_on):
    once = room_on.incoming("mao_mou", REPORT)
    start = threading.Barrier(8)

    def deliver(_):
        start.wait()
        return room_on.receive(once).reply

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(deliver, range(8)))
    assert replies == [replies[0]] * 8
    assert (len(room_on.issues()), len(rows(room_on, Outbox))) == (1, 1)


def test_many_people_at_once_get_different_numbers(room_on):
    people = ["mao_mou", "liu_mou", "hu_mou", "wai_di"] * 3
    messages = [room_on.incoming(who, f"{n} 号{REPORT}") for n, who in enumerate(people)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(room_on.receive, messages))
    numbers = {issue.number for issue in room_on.issues()}
    assert numbers == {f"SZ-20260601-{n:04}" for n in range(1, 13)}


def test_a_handler_that_stumbles_says_so_and_keeps_the_message(room, monkeypatch):
    stumble(monkeypatch)
    outcome = room.receive(room.incoming("mao_mou", REPORT))
    [stored] = rows(room, Inbox)
    assert (outcome.reply.text, stored.state) == (STUMBLED, "failed")
    assert room.issues() == []


def test_a_resend_of_a_stumbled_message_gets_the_same_words(room, monkeypatch):
    stumble(monkeypatch)
    message = room.incoming("mao_mou", REPORT)
    assert [room.receive(message).reply.text for _ in range(2)] == [STUMBLED] * 2


def test_what_a_stumbling_handler_had_begun_is_undone(room, monkeypatch):
    def half(ctx, _):
        open_issue(ctx, ctx.text)
        raise RuntimeError("bug")

    monkeypatch.setattr(report, "run", half)
    room.say("mao_mou", REPORT)
    assert (room.issues(), rows(room, Outbox)) == ([], [])


def test_a_busy_database_is_no_false_acknowledgement(room):
    lock = FileLock(f"{room.database.engine.url.database}.lock", is_singleton=False)
    message = room.incoming("mao_mou", REPORT)
    with lock, pytest.raises(WriteBusy):
        room.dispatcher.receive(message, room.now, patience=0.2)
    assert "SZ-" in room.receive(message).reply.text
    assert len(room.issues()) == 1


def test_an_answer_needs_no_writer(room):
    with FileLock(f"{room.database.engine.url.database}.lock", is_singleton=False):
        assert "9 月到 12 月" in room.say("mao_mou", "医保什么时候交")


def test_small_talk_opens_nothing(room):
    said = [room.handled_by("mao_mou", word) for word in ("你好", "你好", "谢谢")]
    assert said == [welcome.NAME, chatter.NAME, chatter.NAME]
    assert room.issues() == []


def test_a_late_delivery_counts_from_the_messages_own_time(room):
    early = room.incoming("mao_mou", REPORT)
    room.wait(hours=16)  # the message was written before midnight, and arrives after it
    room.receive(early)
    assert room.issues()[0].number == "SZ-20260601-0001"


def test_the_same_words_a_moment_later_are_the_same_report(room):
    room.say("mao_mou", REPORT)
    assert "已经登记" in room.say("mao_mou", REPORT)
    assert len(room.issues()) == 1


def test_the_same_words_of_a_neighbour_are_another_report_if_he_says_so(room):
    room.say("mao_mou", REPORT)
    room.say("liu_mou", REPORT)
    room.say("liu_mou", "2")
    assert len(room.issues()) == 2


def test_a_message_survives_the_way_into_the_inbox_and_back(room):
    said = room.incoming("mao_mou", REPORT, chat_id="wr1", quote="上一句")
    assert type(said).from_dict(said.to_dict()) == said
    assert type(said).from_dict(replace(said, quote="").to_dict()) != said


def stumble(monkeypatch):
    def raises(ctx, _):
        raise RuntimeError("bug")

    monkeypatch.setattr(report, "run", raises)


def test_an_answer_that_came_too_late_leaves_by_itself(room):
    said = room.incoming("mao_mou", "医保什么时候交")
    asked = replace(said, channel="aibot", response_url="http://127.0.0.1:9/response")
    room.dispatcher.answer_late(asked, Reply("九月到十二月"), room.now)
    [row] = rows(room, Outbox)
    assert (row.channel, row.target, row.notice["text"]) == (
        "aibot",
        "http://127.0.0.1:9/response",
        "九月到十二月",
    )
