"""kill -9 in the middle of a stream of messages: what was acknowledged is there, exactly once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import Deployment, eventually, number_in

MESSAGES = 120
THREADS = 8
WRITTEN = int(time.time())


class Stream:
    """Sends numbered reports of as many people as WeCom does: what is not acknowledged, again."""

    def __init__(self, place: Deployment) -> None:
        self.place = place
        self.receipts: dict[int, list[str]] = {}
        self.deadly = 0  # the service is killed with so many receipts, 0: it lives
        self.lock = threading.Lock()

    def send(self, n: int) -> None:
        try:
            said = self.place.app.text(
                f"res_{1 + n % 2}_{1 + n // 2 % 40}",
                f"{n} 号电表箱没人管",
                msgid=str(90_000 + n),
                at=WRITTEN,
            )
        except requests.RequestException:
            return
        if said.status == 200:
            self.receipts.setdefault(n, []).append(number_in(said.text))
        with self.lock:
            if self.deadly and len(self.receipts) >= self.deadly:
                self.deadly = 0
                self.place.kill()

    def all(self, which: range | list[int]) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self.send, which))


@pytest.fixture(scope="module")
def stream(setup) -> Stream:
    """A stream whose service was killed twice and which was then sent again to its end."""
    place = setup(quiet=awake()).start()
    stream = Stream(place)
    for share in (range(MESSAGES // 2), range(MESSAGES)):
        stream.deadly = len(stream.receipts) + MESSAGES // 4
        stream.all(share)
        place.start()
    before = dict(stream.receipts)
    assert len(before) < MESSAGES
    stream.all(range(MESSAGES))
    return stream


def test_every_message_is_acknowledged_in_the_end(stream):
    assert sorted(stream.receipts) == list(range(MESSAGES))


def test_a_message_has_the_same_number_before_and_after_the_crash(stream):
    assert all(len(set(numbers)) == 1 for numbers in stream.receipts.values())


def test_every_acknowledged_message_has_its_issue_exactly_once(stream):
    acknowledged = sorted(numbers[0] for numbers in stream.receipts.values())
    assert sorted(issue["number"] for issue in stream.place.issues()) == acknowledged


def test_the_history_survives_whole(stream):
    assert f"{MESSAGES} 件诉求的经过都对得上" in stream.place.cli("issues", "verify")


def test_every_linzhang_hears_of_it_after_the_crash(stream):
    number = stream.receipts[0][0]
    assert eventually(lambda: stream.place.api.told("lin_1_1", number[-4:]))
