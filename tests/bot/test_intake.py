"""In a storm: refused once at the most, never lost, answered by a message if not at once."""

from datetime import timedelta
from queue import Queue

import pytest
from sqlalchemy import select

from bot.channels.aibot.channel import AibotChannel
from bot.channels.app.channel import AppChannel
from bot.intake import REMEMBERED, Backlog, Crowded, Intake, Received, Sendings
from handlers.message import Click, Contact
from issues.texts import Texts
from scheduler import outgoing, ticks
from storage.db import PATIENCE, WriteBusy
from storage.tables import Inbox
from tests.bot_room import Room
from tests.town import at

PUT_OFF = Texts().say("put_off", {})

REPORT = "村口路灯坏了三天没人修"
QUESTION = "医保什么时候交"
CALM, CROWD = Received(1000.0), Received(1000.0, crowded=True)


class App(AppChannel):
    def __init__(self) -> None:
        """Only what the intake asks a channel for."""


class Bot(AibotChannel):
    def __init__(self) -> None:
        """Only what the intake asks a channel for."""


APP, BOT = App(), Bot()


class Door:
    """The intake before a room; how long ago a request came in is said by the test."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.passed = 0.0
        self.roused = 0
        self.intake = Intake(room.dispatcher, self._rouse, lambda: 1000.0 + self.passed)

    def _rouse(self) -> None:
        self.roused += 1

    def comes(self, incoming, arrival=CALM, channel=APP):
        return self.intake.take(channel, incoming, arrival, self.room.now)

    def refused(self, incoming, arrival=CROWD, channel=APP) -> bool:
        try:
            self.comes(incoming, arrival, channel)
        except Crowded:
            return True
        return False

    def inbox(self) -> list[Inbox]:
        found: list[Inbox] = self.room.query(lambda s: list(s.scalars(select(Inbox))))
        return found

    def told(self, userid: str) -> str:
        """What arrives as messages once the backlog and the sender have run."""
        ticks.sweep_failed(self.room.machine, self.room.now, untried=True)
        outgoing.send_outbox(self.room.machine, self.room.now)
        return "\n".join(self.room.read(userid))


@pytest.fixture
def door(town_lite):
    return Door(Room(town_lite, at("2026-06-01 09:00")))


@pytest.fixture
def report(door):
    return door.room.incoming("mao_mou", REPORT)


# --- nothing special ---


def test_on_a_calm_day_everybody_is_answered_at_once(door, report):
    assert door.comes(report).handler == "report"
    assert (len(door.room.issues()), door.roused) == (1, 0)


# --- too much waits ---


def test_the_first_sending_is_refused_and_nothing_is_stored(door, report):
    assert door.refused(report)
    assert (door.inbox(), door.room.issues()) == ([], [])


def test_the_second_sending_is_taken_and_told_that_the_answer_follows(door, report):
    door.refused(report)
    assert door.comes(report, CROWD).reply.text == PUT_OFF
    assert ([row.state for row in door.inbox()], door.roused) == (["failed"], 1)


def test_what_was_taken_is_opened_and_its_number_follows_as_a_message(door, report):
    door.refused(report)
    door.comes(report, CROWD)
    told = door.told("mao_mou")
    [issue] = door.room.issues()
    assert issue.number in told


def test_the_promise_counts_from_when_it_was_said(door, report):
    door.refused(report)
    door.comes(report, CROWD)
    door.room.wait(minutes=10)
    door.told("mao_mou")
    assert door.room.issues()[0].reported_at == report.at


def test_a_question_gets_its_answer_as_a_message(door):
    asked = door.room.incoming("mao_mou", QUESTION)
    door.refused(asked)
    door.comes(asked, CROWD)
    assert "9 月到 12 月" in door.told("mao_mou")


def test_the_third_sending_gets_what_the_second_got(door, report):
    door.refused(report)
    said = [door.comes(report, CROWD).reply.text for _ in range(2)]
    assert said == [PUT_OFF, PUT_OFF]
    assert len(door.inbox()) == 1


def test_a_sending_after_the_storm_is_answered_as_ever_and_opens_nothing_twice(door, report):
    door.refused(report)
    door.comes(report, CROWD)
    door.told("mao_mou")
    door.comes(report)
    assert len(door.room.issues()) == 1


def test_a_refused_one_that_comes_again_when_it_is_calm_is_answered_at_once(door, report):
    door.refused(report)
    assert door.comes(report).handler == "report"


def test_each_message_is_refused_for_itself(door):
    first, second = (door.room.incoming("mao_mou", REPORT) for _ in range(2))
    assert (door.refused(first), door.refused(second)) == (True, True)


def test_one_whose_own_time_says_that_it_was_sent_before_is_taken(door):
    old = door.room.incoming("mao_mou", REPORT, at=door.room.now - timedelta(seconds=6))
    assert door.comes(old, CROWD).reply.text == PUT_OFF


def test_the_bot_never_refuses_since_nobody_sends_again(door):
    asked = door.room.incoming("mao_mou", REPORT, channel="aibot")
    assert door.comes(asked, CROWD, BOT).reply.text == PUT_OFF
    assert "SZ-" in door.told("mao_mou")


def test_a_tap_is_taken_without_words(door):
    tap = door.room.incoming("zhang", kind="click", click=Click("accept", "t1"), channel="aibot")
    outcome = door.comes(tap, CROWD, BOT)
    assert (outcome.reply.text, outcome.reply.card) == ("", None)
    assert [row.state for row in door.inbox()] == ["failed"]


def test_who_leaves_the_corp_is_remembered_without_words(door):
    left = door.room.incoming("zhang", kind="contact", contact=Contact(left=True))
    door.refused(left)
    assert door.comes(left, CROWD).reply.text == ""
    assert [row.state for row in door.inbox()] == ["failed"]


def test_coming_in_is_not_worth_a_row(door):
    entered = door.room.incoming("mao_mou", kind="enter", channel="aibot")
    assert door.comes(entered, CROWD, BOT).reply.text == ""
    assert door.inbox() == []


# --- too late: the sender has hung up ---


def test_one_that_waited_too_long_is_not_worked_on(door, report):
    door.passed = 4.6
    assert door.refused(report, CALM)
    assert door.inbox() == []


def test_if_it_waits_too_long_again_it_is_taken_and_answered_by_a_message(door, report):
    door.passed = 4.6
    door.refused(report, CALM)
    door.comes(report, CALM)
    assert "SZ-" in door.told("mao_mou")


def slow(door, seconds=6.0):
    """From now on the dispatcher needs so long."""
    receive = door.room.dispatcher.receive

    def wait(incoming, now, patience=PATIENCE):
        outcome = receive(incoming, now, patience)
        door.passed += seconds
        return outcome

    door.room.dispatcher.receive = wait


def test_an_answer_that_was_too_slow_is_fetched_by_the_next_sending(door, report):
    slow(door)
    first = door.comes(report).reply.text
    door.passed = 0.0
    assert (door.comes(report).reply.text, door.told("mao_mou")) == (first, "")


def test_an_answer_too_slow_for_the_last_sending_follows_as_a_message(door, report):
    slow(door)
    for _ in range(2):
        door.comes(report)
        door.passed = 0.0
    said = door.comes(report).reply.text
    assert said in door.told("mao_mou")


def test_an_answer_too_slow_for_the_bot_follows_at_once(door):
    slow(door)
    said = door.comes(door.room.incoming("mao_mou", REPORT, channel="aibot"), CALM, BOT).reply.text
    assert said in door.told("mao_mou")


@pytest.mark.parametrize(
    ("sending", "passed", "expected"), [(1, 0.0, 4.0), (1, 3.0, 1.5), (2, 4.0, 0.5), (3, 3.0, 4.0)]
)
def test_a_writer_waits_no_longer_than_the_sender_but_for_the_last_sending(
    door, report, monkeypatch, sending, passed, expected
):
    waits: list[float] = []

    def busy(work, patience=PATIENCE, **_):
        waits.append(patience)
        raise WriteBusy("no turn to write")

    monkeypatch.setattr(door.room.database, "write", busy)
    for n in range(1, sending + 1):
        door.passed = passed if n == sending else 0.0
        with pytest.raises(WriteBusy):
            door.comes(report)
    assert waits[-1] == pytest.approx(expected)


# --- counting ---


def test_sendings_are_forgotten_oldest_first(door):
    sendings, now = Sendings(), door.room.now
    first = door.room.incoming("mao_mou")
    sendings.count(first, now)
    for _ in range(REMEMBERED):
        sendings.count(door.room.incoming("mao_mou"), now)
    assert sendings.count(first, now) == 1


# --- who answers what was put off ---


def test_the_backlog_works_until_nothing_is_left():
    left, calls = [3, 2, 0, 7], Queue[int]()

    def sweep() -> int:
        done = left.pop(0)
        calls.put(done)
        return done

    backlog = Backlog(sweep)
    backlog.start()
    backlog.rouse()
    assert [calls.get(timeout=10) for _ in range(3)] == [3, 2, 0]
    backlog.stop()
    assert left == [7]


def test_the_backlog_survives_an_error():
    calls = Queue[int]()

    def sweep() -> int:
        calls.put(1)
        raise RuntimeError("no database")

    backlog = Backlog(sweep)
    backlog.start()
    for _ in range(2):
        backlog.rouse()
        assert calls.get(timeout=10)
    backlog.stop()


def test_a_backlog_that_never_started_can_be_stopped():
    backlog = Backlog(lambda: 0)
    backlog.rouse()
    backlog.stop()


def test_the_sweep_of_what_was_put_off_leaves_failures_their_waits(door, report):
    door.refused(report)
    door.comes(report, CROWD)
    door.room.database.write(
        lambda session: setattr(session.scalars(select(Inbox)).one(), "tries", 1)
    )
    assert ticks.sweep_failed(door.room.machine, door.room.now, untried=True) == 0
    assert ticks.sweep_failed(door.room.machine, door.room.now) == 1
