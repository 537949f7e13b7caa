"""How much waits is measured, and what comes in too late for that gets threads of its own."""

from threading import Event

import pytest
import requests
from waitress.adjustments import Adjustments

from bot.listening import (
    ARRIVED,
    CROWDED,
    MOST_QUEUED,
    QUICK_THREADS,
    Cost,
    Lanes,
    TimedChannel,
    in_background,
)


class Request:
    """A connection with a complete request, whose work lasts until it is let go."""

    arrived = 0.0
    crowded = False

    def __init__(self, held: bool = False) -> None:
        self.begun, self.done, self._go_on = Event(), Event(), Event()
        if not held:
            self._go_on.set()

    def service(self) -> None:
        self.begun.set()
        assert self._go_on.wait(10)
        self.done.set()

    def let_go(self) -> None:
        self._go_on.set()

    def cancel(self) -> None:
        self.let_go()


class Server:
    """Lanes with one usual thread, a clock that the test moves, and work behind the threads."""

    def __init__(self) -> None:
        self.now = 100.0
        self.elsewhere = 0.0
        self.lanes = Lanes(1, lambda: self.elsewhere, lambda: self.now)
        self._made: list[Request] = []

    def comes(self, held: bool = False) -> Request:
        request = Request(held)
        self._made.append(request)
        self.lanes.add_task(request)
        return request

    def busy(self) -> Request:
        """The usual thread works on this one."""
        request = self.comes(held=True)
        assert request.begun.wait(10)
        return request

    def has_cost(self, seconds: float) -> None:
        """What one request has cost lately."""
        for n in range(64):
            self.lanes._cost.done(self.now + n * seconds, self.now + (n + 1) * seconds)

    def stop(self) -> None:
        for request in self._made:
            request.let_go()
        self.lanes.shutdown()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.stop()


# --- what one request costs ---


def test_nothing_is_known_before_the_first_answer():
    assert Cost().seconds == 0


def test_threads_that_work_at_the_same_time_are_counted_once():
    cost = Cost()
    for _ in range(4):
        cost.done(arrived=10.0, now=12.0)
    assert cost.seconds == 0.5


def test_a_pause_in_which_nobody_asks_costs_nothing():
    cost = Cost()
    cost.done(arrived=10.0, now=11.0)
    cost.done(arrived=500.0, now=501.0)
    assert cost.seconds == 1.0


def test_only_the_latest_requests_count():
    cost = Cost()
    cost.done(arrived=0.0, now=1000.0)
    for n in range(1000, 1064):
        cost.done(arrived=n, now=n + 1)
    assert cost.seconds == 1.0


# --- how much waits ---


def test_an_idle_server_has_nothing_queued(server):
    server.comes().done.wait(10)
    assert server.lanes.queued_seconds == 0


def test_what_waits_is_counted_by_what_requests_have_cost(server):
    server.has_cost(0.5)
    server.busy()
    for _ in range(4):
        server.comes(held=True)
    assert server.lanes.queued_seconds == 2.0


def test_work_behind_the_threads_is_counted(server):
    server.elsewhere = 1.5
    assert server.lanes.queued_seconds == 1.5


def test_who_has_waited_long_says_it_whatever_the_estimate(server):
    server.busy()
    server.comes(held=True)
    server.now += 4
    assert server.lanes.queued_seconds == 4.0


# --- two lanes ---


def test_one_that_comes_while_little_waits_has_a_usual_thread(server):
    server.elsewhere = MOST_QUEUED
    request = server.comes()
    assert request.done.wait(10)
    assert (request.arrived, request.crowded) == (100.0, False)


def test_one_that_comes_while_too_much_waits_is_told_so_and_waits_for_nobody(server):
    server.busy()
    server.elsewhere = MOST_QUEUED + 0.1
    request = server.comes()
    assert request.done.wait(10)
    assert request.crowded


def test_it_is_over_as_soon_as_the_queue_is_short_again(server):
    server.elsewhere = MOST_QUEUED + 0.1
    assert server.comes().crowded
    server.elsewhere = 0.0
    assert not server.comes().crowded


def test_those_who_are_told_so_never_count_as_work(server):
    server.elsewhere = MOST_QUEUED + 0.1
    for _ in range(QUICK_THREADS + 5):
        server.comes(held=True)
    server.elsewhere = 0.0
    assert server.lanes.queued_seconds == 0


# --- over HTTP ---


def app(seen):
    def answer(environ, start_response):
        seen.append((environ[ARRIVED], environ[CROWDED]))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return answer


def test_the_application_is_told_when_a_request_came_in():
    seen: list[tuple[float, bool]] = []
    with in_background(app(seen)) as port, requests.Session() as one_connection:
        for _ in range(2):
            one_connection.get(f"http://127.0.0.1:{port}/", timeout=10)
    assert 0 < seen[0][0] < seen[1][0]
    assert [crowded for _, crowded in seen] == [False, False]


def test_the_application_is_told_that_too_much_waits():
    seen: list[tuple[float, bool]] = []
    with in_background(app(seen), elsewhere=lambda: MOST_QUEUED + 1) as port:
        requests.get(f"http://127.0.0.1:{port}/", timeout=10)
    assert seen[0][1] is True


class Line(TimedChannel):
    """A connection with something to send, and no socket."""

    def __init__(self, waiting=1):
        self.total_outbufs_len = waiting
        self.will_close = self.close_when_flushed = False
        self.adj = Adjustments()


def test_the_loop_keeps_off_while_a_thread_sends():
    line = Line()
    assert line.writable()
    line.sending = True
    assert not line.writable()


def test_the_loop_sends_what_is_too_much_for_a_thread():
    line = Line(waiting=Adjustments().outbuf_high_watermark + 1)
    line.sending = True
    assert line.writable()


def test_an_answer_longer_than_the_sockets_buffer_arrives_whole():
    long = b"x" * 6_000_000

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(len(long)))])
        return [long]

    with in_background(app) as port:
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=60).content == long
