"""Sending: nobody waits for somebody else's slow call, and what is refused is not hammered."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.app.channel import LONGEST_SEND
from scheduler import outgoing
from scheduler.outgoing import BESIDE_SENDING, ORDINARY, SENDERS, Outgoing
from storage import outbox
from storage.db import WriteBusy
from storage.notice import Notice
from storage.outbox import LEASE, Posting, Precedence, SendError
from storage.tables import Outbox
from tests.town import at

REFUSED = SendError("message/send: ConnectionError", blocks=(5, 30))


def put(room, count, precedence=Precedence.OTHER, name="k"):
    rows = [
        Posting(f"{name}{n}", "app", f"{name}{n}", Notice("话"), room.now, precedence=precedence)
        for n in range(count)
    ]
    room.database.write(lambda s: outbox.put_all(s, rows, room.now))


def states(room):
    return room.query(lambda s: list(s.scalars(select(Outbox.state).order_by(Outbox.id))))


class Gate:
    """The platform's side: calls that wait until they are let through."""

    def __init__(self, slow=lambda parcel: True):
        self.slow = slow
        self.open = threading.Event()
        self.began = threading.Condition()
        self.calls = []

    def post(self, parcel):
        with self.began:
            self.calls.append(parcel.target)
            self.began.notify_all()
        if self.slow(parcel):
            assert self.open.wait(60)
        return {}

    def wait(self, count):
        """Until so many calls have begun."""
        with self.began:
            assert self.began.wait_for(lambda: len(self.calls) >= count, 60)


@pytest.fixture
def sending(lite_room):
    """sending(post): the sending side of the room, stopped at the end."""
    made = []

    def _sending(post, **more):
        machine = replace(lite_room.machine, post=post)
        made.append(Outgoing(machine, lambda: lite_room.now, **more))
        return made[-1]

    yield _sending
    for one in made:
        one.stop()


def test_a_lease_is_longer_than_the_longest_that_one_message_takes():
    assert LEASE.total_seconds() > BESIDE_SENDING + LONGEST_SEND


def test_a_claim_does_not_wait_for_the_slow_calls_of_the_last_one(lite_room, sending):
    gate = Gate(slow=lambda parcel: parcel.target == "k0")
    put(lite_room, 40)
    side = sending(gate.post)
    while side.begin() or len(gate.calls) < 40:
        pass
    gate.open.set()
    assert side.run_out() == 40


def test_never_more_calls_at_once_than_the_platform_takes(lite_room, sending):
    gate = Gate()
    put(lite_room, 30, Precedence.URGENT)
    side = sending(gate.post)
    side.begin()
    gate.wait(SENDERS)
    assert len(gate.calls) == SENDERS
    gate.open.set()
    assert side.run_out() == 30


def test_what_is_urgent_has_a_place_while_everything_else_is_slow(lite_room, sending):
    gate = Gate(slow=lambda parcel: parcel.target.startswith("k"))
    put(lite_room, 30)
    side = sending(gate.post)
    side.begin()
    gate.wait(ORDINARY)
    put(lite_room, 3, Precedence.URGENT, "u")
    while len(gate.calls) < ORDINARY + 3:
        side.begin()
    assert gate.calls[ORDINARY:] == ["u0", "u1", "u2"]
    gate.open.set()
    assert side.run_out() == 33


def test_what_is_claimed_is_never_more_than_the_places_and_one_line(lite_room, sending):
    """So many may have arrived when the machine is switched off."""
    gate = Gate()
    put(lite_room, 50)
    side = sending(gate.post)
    while side.begin():
        pass
    assert states(lite_room).count("sending") <= 2 * SENDERS
    gate.open.set()
    assert side.run_out() == 50


def test_of_189_rows_a_shut_way_is_tried_by_few(lite_room):
    calls = []

    def refuse(parcel):
        calls.append(parcel.batch)
        raise REFUSED

    put(lite_room, 189)
    machine = replace(lite_room.machine, post=refuse)
    assert outgoing.send_outbox(machine, lite_room.now) == 0
    assert len(calls) <= 2 * SENDERS
    calls.clear()
    for _ in range(10):
        lite_room.wait(seconds=30)
        outgoing.send_outbox(machine, lite_room.now)
    assert len(calls) == 10
    tries = lite_room.query(lambda s: set(s.scalars(select(Outbox.tries))))
    assert tries == {0}
    assert outgoing.send_outbox(lite_room.machine, lite_room.wait(seconds=30).now) == 189


def test_what_was_not_begun_in_time_is_given_back(lite_room, sending):
    seconds = iter([0.0, *[outgoing.BEGIN_WITHIN + 1] * 100])
    put(lite_room, 1)
    gate = Gate(slow=lambda parcel: False)
    side = sending(gate.post, clock=lambda: next(seconds))
    side.begin()
    side.stop()
    assert (gate.calls, states(lite_room)) == ([], ["waiting"])


def test_a_stop_gives_back_what_has_not_begun_and_notes_what_has(lite_room, sending):
    gate = Gate()
    put(lite_room, 30)
    side = sending(gate.post)
    side.begin()
    gate.wait(ORDINARY)
    threading.Timer(0.05, gate.open.set).start()
    side.stop()
    found = states(lite_room)
    assert found.count("sent") == len(gate.calls)
    assert found.count("sending") == 0


def test_a_busy_database_does_not_make_a_message_leave_twice(lite_room, monkeypatch):
    monkeypatch.setattr(outgoing, "MARK_PAUSE", 0)
    real, busy = outbox.sent, iter([True, True, False])

    def sent(session, parcel, now, receipt):
        if next(busy):
            raise WriteBusy("no turn to write")
        real(session, parcel, now, receipt)

    monkeypatch.setattr(outbox, "sent", sent)
    put(lite_room, 1)
    outgoing.send_outbox(lite_room.machine, lite_room.now)
    assert (len(lite_room.phones["k0"]), states(lite_room)) == (1, ["sent"])


def test_a_message_that_cannot_be_made_ready_is_tried_later_and_stops_nobody(lite_room):
    def post(parcel):
        if parcel.target == "k0":
            raise KeyError("no such thing")
        return {}

    put(lite_room, 3)
    machine = replace(lite_room.machine, post=post)
    assert outgoing.send_outbox(machine, lite_room.now) == 2
    assert states(lite_room) == ["waiting", "sent", "sent"]


def test_a_photo_is_uploaded_once_for_all_attempts(lite_room):
    made, sent = [], []

    def prepare(parcel):
        made.append(parcel.batch)
        return {"media_id": f"m{len(made)}"}

    def post(parcel):
        sent.append(parcel.prepared["media_id"])
        if len(sent) < 3:
            raise SendError("message/send: ReadTimeout", unknown=True)
        return {}

    put(lite_room, 1)
    machine = replace(lite_room.machine, post=post, prepare=prepare)
    for _ in range(3):
        outgoing.send_outbox(machine, lite_room.now)
        lite_room.wait(minutes=2)
    assert (made, sent) == (["k0"], ["m1", "m1", "m1"])


def test_a_digest_belongs_to_the_slot_in_which_it_was_claimed(lite_room, sending):
    """Else an answer that comes after the next slot has begun would use up that one's digest."""
    gate = Gate()
    put(lite_room, 1)
    side = sending(gate.post)
    side.begin()
    gate.wait(1)
    claimed = lite_room.now
    lite_room.wait(days=5)
    gate.open.set()
    side.stop()
    assert lite_room.query(lambda s: s.scalar(select(Outbox.sent_at))) == claimed


def test_the_service_sends_by_itself(lite_room, sending):
    gate = Gate(slow=lambda parcel: False)
    put(lite_room, 3)
    side = sending(gate.post)
    side.start()
    gate.wait(3)
    put(lite_room, 1, Precedence.URGENT, "u")
    gate.wait(4)
    side.stop()
    assert set(states(lite_room)) == {"sent"}


def test_what_may_have_arrived_long_ago_is_held_or_sent_as_the_office_wants(lite_room):
    put(lite_room, 1)
    lite_room.database.write(lambda s: outbox.claim(s, lite_room.now, {}, {}) and None)
    lite_room.wait(hours=5)
    assert outgoing.send_outbox(lite_room.machine, lite_room.now) == 0
    assert states(lite_room) == ["unsure"]
    put(lite_room, 1, name="other")
    lite_room.database.write(lambda s: outbox.claim(s, lite_room.now, {}, {}) and None)
    again = replace(lite_room.machine, hold_unsure=False)
    assert outgoing.send_outbox(again, lite_room.wait(hours=5).now) == 1


def test_rows_put_off_by_a_clock_that_was_ahead_leave(lite_room):
    put(lite_room, 1)
    ahead = lite_room.now + timedelta(days=365)
    lite_room.database.write(lambda s: outbox.claim(s, ahead, {}, {}) and None)
    assert outgoing.set_right(lite_room.machine, lite_room.now) == 1
    assert outgoing.send_outbox(lite_room.machine, lite_room.now) == 1


# --- admins hear of what only a person can end ---


def dead(room, count=1):
    put(room, count)
    for n in range(count):
        room.broken[f"k{n}"] = SendError("errcode 81013: nobody", permanent=True)
    room.tick()


def reports(room):
    return [text for text in room.read("guan") if "送不到的通知" in text]


def test_admins_are_told_once_a_day_at_a_slot_as_long_as_there_are_any(lite_room):
    dead(lite_room, 2)
    assert reports(lite_room) == []
    lite_room.go("12:15").tick()
    lite_room.go("19:00").tick()
    assert ["送不到的通知 2 条" in text for text in reports(lite_room)] == [True]
    lite_room.go("2026-06-02 07:45").tick()
    lite_room.go("2026-06-02 19:00").tick()
    assert len(reports(lite_room)) == 2


def test_nobody_is_told_when_there_are_none(lite_room):
    put(lite_room, 1)
    for time in ("09:30", "12:15", "19:00"):
        lite_room.go(time).tick()
    assert "guan" not in lite_room.phones


def test_what_was_settled_before_the_slot_is_not_told(lite_room):
    dead(lite_room)
    lite_room.database.write(lambda s: s.execute(update(Outbox).values(state="dropped")) and None)
    lite_room.go("12:15").tick()
    assert reports(lite_room) == []


def test_an_admin_who_cannot_be_reached_is_no_new_report_every_day(lite_room):
    dead(lite_room)
    lite_room.broken["guan"] = SendError("errcode 81013: nobody", permanent=True)
    for day in range(1, 5):
        lite_room.go(f"2026-06-{day:02} 12:15").tick()
    lite_room.broken.pop("guan")
    lite_room.go("2026-06-05 12:15").tick()
    assert "送不到的通知 1 条" in reports(lite_room)[0]
    assert at("2026-06-05 12:15") == lite_room.now
