"""A saved FAQ file in two running workers: new answers at once, mistakes told once, nothing lost.

Two processes on one folder and one database. The promise is two seconds; the tests allow for a
machine that has other things to do.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import NUMBER, Deployment, eventually
from tests.acceptance.fakeapi import FakeApi
from tests.acceptance.town import FAQ

ASKED = "医保什么时候交"
OLD = "医保每年九月到十二月集中交"
NEW = "医保每年十月到十二月集中交"
BROKEN = "- id: yibao-when\n  question: 医保什么时候交\n"
WRONG = "常见问题文件有误"


@pytest.fixture(scope="module")
def workers(setup):
    first = setup(quiet=awake()).start()
    second = first.beside().start()
    yield [first, second]
    second.stop()


@pytest.fixture(autouse=True)
def good(workers):
    """Every test begins with the same good file in use."""
    save(workers, FAQ)
    assert eventually(lambda: in_use(workers, OLD))


def save(workers: list[Deployment], text: str) -> None:
    (workers[0].home / "faq.yaml").write_text(text, "utf-8")


def in_use(workers: list[Deployment], answer: str) -> bool:
    return all(answer in worker.app.text("res_1_1", ASKED).text for worker in workers)


def told_often(api: FakeApi, times: int) -> bool:
    return len(api.told("adm_1", WRONG)) >= times


@contextmanager
def talk(workers: list[Deployment]) -> Iterator[list[Future[list[str]]]]:
    """Two residents on each worker ask all the while, two others report; what they read."""
    done = Event()

    def send(worker: Deployment, who: int, words: str) -> list[str]:
        read: list[str] = []
        while not done.is_set():
            said = worker.app.text(f"res_1_{who}", words.format(len(read)))
            read.append(said.text)
        return read

    with ThreadPoolExecutor(8) as pool:
        texts = (ASKED, ASKED, "{0}号电杆的灯坏了没人修", "{0}号井盖不见了没人管")
        senders = [(w, n, words) for w in workers for n, words in enumerate(texts, 10)]
        yield [
            pool.submit(send, worker, who + 10 * workers.index(worker), words)
            for worker, who, words in senders
        ]
        done.set()


def test_a_saved_answer_is_given_by_every_worker_and_no_message_goes_unanswered(workers):
    with talk(workers) as talking:
        time.sleep(0.5)
        save(workers, FAQ.replace(OLD, NEW))
        assert eventually(lambda: in_use(workers, NEW))
    for read in (one.result() for one in talking):
        assert read
        assert [
            text for text in read if not (OLD in text or NEW in text or NUMBER.search(text))
        ] == []


def test_once_the_new_answer_was_given_the_old_one_is_not_given_again(workers):
    with talk(workers) as talking:
        save(workers, FAQ.replace(OLD, NEW))
        assert eventually(lambda: in_use(workers, NEW))
    asked = [read for read in (one.result() for one in talking) if OLD in read[0]]
    turns = [["new" if NEW in text else "old" for text in read] for read in asked]
    assert turns == [sorted(each, reverse=True) for each in turns]
    assert asked


def test_a_broken_file_changes_no_worker_and_is_told_once_each_time(workers):
    api = workers[0].api
    for times in range(1, 3):
        save(workers, BROKEN)
        assert eventually(partial(told_often, api, times))
        time.sleep(1.5)  # the other worker has seen it as well by now
        assert len(api.told("adm_1", WRONG)) == times
        assert in_use(workers, OLD)
        save(workers, FAQ.replace(OLD, NEW))
        assert eventually(lambda: in_use(workers, NEW))
        save(workers, FAQ)
        assert eventually(lambda: in_use(workers, OLD))
