"""What a call that went wrong says: whether it may have arrived, and whether the way is shut."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.channels import client as module
from bot.channels.addresses import Addresses
from bot.channels.app.channel import DIFFERENT, LONGEST_CHECK, AppChannel
from bot.channels.client import LONGEST_CALL, TIMEOUT, Client
from bot.channels.code_meanings import ADMIN, ERRCODES, NO_WAY, TOO_OFTEN
from bot.channels.contract import Shared
from bot.config import CHECKOUT, load
from issues.texts import Texts
from storage.notice import Notice
from storage.outbox import NO_DUPLICATES, Parcel, SendError

TOKEN = {"errcode": 0, "access_token": "t", "expires_in": 7200}
GOOD = {"errcode": 0, "errmsg": "ok", "msgid": "m1"}


class Platform:
    """A server that answers each call as it is told: JSON, a status, garbage, or not at all."""

    def __init__(self):
        self.answers: dict[str, Any] = {"gettoken": TOKEN, "message/send": GOOD}
        self.answers["webhook/send"] = GOOD
        self.bodies: list[bytes] = []
        self.asked: list[str] = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer()

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                platform.bodies.append(self.rfile.read(length))
                self.answer()

            def answer(self):
                call = self.path.partition("?")[0].removeprefix("/cgi-bin/")
                platform.asked.append(call)
                said = platform.answers[call]
                if callable(said):
                    said = said()
                if said is None:  # cut off in the middle
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, data = said if isinstance(said, tuple) else (200, json.dumps(said))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data.encode())

            def log_message(self, *_):
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def platform():
    made = Platform()
    yield made
    made.close()


def failure(client, path="message/send", **more):
    with pytest.raises(SendError) as caught:
        client.call(path, {}, **more)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "blocks", "unknown"),
    [
        (None, NO_WAY, True),
        ((200, '{"errcode":0,"errmsg":"o'), NO_WAY, True),
        ((502, "bad gateway"), NO_WAY, False),
        ({"errcode": 45009, "errmsg": "x"}, TOO_OFTEN, False),
        ({"errcode": 60020, "errmsg": "x"}, ADMIN, False),
        ({"errcode": 48002, "errmsg": "x"}, ADMIN, False),
        ({"errcode": 45033, "errmsg": "x"}, ERRCODES[45033].blocks, False),
        ({"errcode": 81013, "errmsg": "x"}, (), False),
        ({"errcode": -1, "errmsg": "x"}, (), False),
    ],
)
def test_what_a_failure_says_of_the_message_and_of_the_way(platform, answer, blocks, unknown):
    platform.answers["message/send"] = answer
    error = failure(Client(platform.url, "c", "s"))
    assert (error.blocks, error.unknown) == (blocks, unknown)


def test_a_call_that_is_not_answered_may_have_arrived(platform, monkeypatch):
    hanging = threading.Event()
    platform.answers["message/send"] = lambda: hanging.wait(30) and None
    client = Client(platform.url, "c", "s")
    client.timeout = (3, 0.05)
    error = failure(client)
    hanging.set()
    assert (error.blocks, error.unknown) == (NO_WAY, True)


def test_what_could_not_connect_has_not_arrived(platform):
    client = Client(platform.url, "c", "s")
    platform.close()
    error = failure(client)
    assert (error.blocks, error.unknown, "ConnectionError" in str(error)) == (NO_WAY, False, True)


def test_without_a_token_nothing_has_arrived(platform):
    platform.answers["gettoken"] = None
    error = failure(Client(platform.url, "c", "s"))
    assert (error.blocks, error.unknown) == (NO_WAY, False)


def test_the_limit_of_one_webhook_shuts_no_other(platform):
    platform.answers["webhook/send"] = {"errcode": 45009, "errmsg": "x"}
    error = failure(Client(platform.url, "c", "s"), "webhook/send?key=k", token=False)
    assert (error.blocks, error.retry_after) == ((), 60)


def test_a_token_that_cannot_be_fetched_is_fetched_once_for_all_that_wait(platform):
    started, go = threading.Event(), threading.Event()

    def slow():
        started.set()
        assert go.wait(30)
        return (502, "no")

    platform.answers["gettoken"] = slow
    client = Client(platform.url, "c", "s")
    waiting = threading.Barrier(5)

    def ask(first):
        if not first:
            started.wait(30)
            waiting.wait(30)
        failure(client)

    threads = [threading.Thread(target=ask, args=(n == 0,)) for n in range(5)]
    for thread in threads:
        thread.start()
    started.wait(30)
    waiting.wait(30)
    while len([t for t in threads if t.is_alive()]) < 5:
        pass
    threading.Timer(0.2, go.set).start()
    for thread in threads:
        thread.join(30)
    assert platform.asked.count("gettoken") <= 2


def test_the_longest_call_is_made_of_the_clients_own_timeouts():
    assert sum(TIMEOUT) * 4 == LONGEST_CALL
    assert Client("http://x", "c", "s").timeout == TIMEOUT == module.TIMEOUT


# --- the very same request, and another one for other words ---


def send(platform, tmp_path, number, text="还是那句话", **more):
    config = load(CHECKOUT / "config.example.toml", {})
    client = Client(platform.url, "c", "s")
    channel = AppChannel(
        config.wecom.app, Shared("c", "三长", client, Texts(), tmp_path, Addresses(platform.url))
    )
    notice = Notice(text, text, again=True, **more)
    channel.send(Parcel("b", "app", "zhang", (notice,), 1, number=number))
    return platform.bodies[-1]


def test_a_repeat_is_the_same_to_the_byte_and_checked_also_for_direct_answers(platform, tmp_path):
    first, again = (send(platform, tmp_path, 7) for _ in range(2))
    assert first == again
    assert json.loads(first)["enable_duplicate_check"] == 1


def test_the_same_words_of_another_message_are_another_request(platform, tmp_path):
    assert send(platform, tmp_path, 7) != send(platform, tmp_path, 8)


@pytest.mark.parametrize("number", [0, 1, 899, 900, 123_456])
def test_the_check_lasts_as_long_as_the_outbox_relies_on_it(platform, tmp_path, number):
    interval = json.loads(send(platform, tmp_path, number))["duplicate_check_interval"]
    assert NO_DUPLICATES.total_seconds() < interval <= LONGEST_CHECK == 14400
    assert DIFFERENT == 900
