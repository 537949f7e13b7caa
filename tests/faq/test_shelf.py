"""The last good book behind a path."""

import os
import threading
import time

import pytest

from faq.problems import FaqError
from faq.shelf import Shelf

GOOD = "- 编号: a\n  问题: 医保什么时候交\n  答复: 九月起。\n"
BETTER = GOOD.replace("九月起", "十月起")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "faq.yaml"
    path.write_text(GOOD, "utf-8")
    return path


def answer(shelf):
    return shelf.book.match("医保什么时候交").entry.answer


def test_a_saved_file_is_taken_up(file):
    shelf = Shelf(file)
    file.write_text(BETTER, "utf-8")
    assert shelf.refresh()
    assert answer(shelf) == "十月起。"


def test_a_broken_file_changes_nothing_and_is_told_once(file):
    told: list[FaqError] = []
    shelf = Shelf(file, on_error=told.append)
    file.write_text(GOOD + "  答复: [\n", "utf-8")
    assert not shelf.refresh()
    os.utime(file, (1, 1))
    shelf.refresh()
    assert answer(shelf) == "九月起。"
    assert len(told) == 1


def test_another_mistake_is_told_again_and_mending_is_taken_up(file):
    told: list[FaqError] = []
    shelf = Shelf(file, on_error=told.append)
    for text in ("- 编号: a\n", "- 编号: b\n  问题: x\n", BETTER):
        file.write_text(text, "utf-8")
        shelf.refresh()
    assert len(told) == 2
    assert answer(shelf) == "十月起。"


def test_an_untouched_file_is_not_loaded_again(file):
    shelf = Shelf(file)
    before = shelf.book
    os.utime(file, (1, 1))
    assert not shelf.refresh()
    assert shelf.book is before


def test_a_file_that_is_being_replaced_is_awaited(file):
    shelf = Shelf(file)
    file.unlink()
    assert not shelf.refresh()
    assert answer(shelf) == "九月起。"
    file.write_text(BETTER, "utf-8")
    assert shelf.refresh()


def test_the_thread_takes_up_a_change_within_two_seconds(file):
    shelf = Shelf(file)
    shelf.start(0.05)
    file.write_text(BETTER, "utf-8")
    end = time.monotonic() + 5
    while answer(shelf) != "十月起。" and time.monotonic() < end:
        time.sleep(0.02)
    shelf.stop()
    assert answer(shelf) == "十月起。"
    assert "faq-shelf" not in [thread.name for thread in threading.enumerate()]


def test_answering_goes_on_while_files_are_read(file):
    shelf = Shelf(file)
    seen = set()
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            seen.add(answer(shelf))

    asker = threading.Thread(target=ask)
    asker.start()
    for text in (BETTER, GOOD, BETTER):
        file.write_text(text, "utf-8")
        shelf.refresh()
    stop.set()
    asker.join()
    assert seen <= {"九月起。", "十月起。"}
