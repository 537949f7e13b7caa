"""The last good book behind a path."""

import os
import threading
import time
from pathlib import Path

import pytest

from faq.current import CurrentBook
from files.problem import FileError

GOOD = "- 编号: a\n  问题: 医保什么时候交\n  答复: 九月起。\n"
BETTER = GOOD.replace("九月起", "十月起")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "faq.yaml"
    path.write_text(GOOD, "utf-8")
    return path


class Told(list[FileError]):
    """What the admins would read, and of which occasion it is."""

    def __init__(self) -> None:
        super().__init__()
        self.occasions: list[str] = []

    def __call__(self, error: FileError, occasion: str) -> None:
        self.append(error)
        self.occasions.append(occasion)


def answer(current):
    return current.book.match("医保什么时候交").entry.answer


def test_a_saved_file_is_taken_up(file):
    current = CurrentBook(file)
    file.write_text(BETTER, "utf-8")
    assert current.refresh()
    assert answer(current) == "十月起。"


def test_a_broken_file_changes_nothing_and_is_told_once(file):
    told = Told()
    current = CurrentBook(file, on_error=told)
    file.write_text(GOOD + "  答复: [\n", "utf-8")
    assert not current.refresh()
    os.utime(file, (1, 1))
    current.refresh()
    assert answer(current) == "九月起。"
    assert len(told) == 1


def test_another_mistake_is_told_again_and_mending_is_taken_up(file):
    told = Told()
    current = CurrentBook(file, on_error=told)
    for text in ("- 编号: a\n", "- 编号: b\n  问题: x\n", BETTER):
        file.write_text(text, "utf-8")
        current.refresh()
    assert len(told) == 2
    assert answer(current) == "十月起。"


def test_an_untouched_file_is_not_loaded_again(file):
    current = CurrentBook(file)
    before = current.book
    os.utime(file, (1, 1))
    assert not current.refresh()
    assert current.book is before


def test_a_file_that_is_being_replaced_is_awaited(file):
    current = CurrentBook(file)
    file.unlink()
    assert not current.refresh()
    assert answer(current) == "九月起。"
    file.write_text(BETTER, "utf-8")
    assert current.refresh()


def test_the_thread_takes_up_a_change_within_two_seconds(file):
    current = CurrentBook(file)
    current.start(0.05)
    file.write_text(BETTER, "utf-8")
    end = time.monotonic() + 60
    while answer(current) != "十月起。" and time.monotonic() < end:
        time.sleep(0.02)
    current.stop()
    assert answer(current) == "十月起。"
    assert "faq-watch" not in [thread.name for thread in threading.enumerate()]


def test_answering_goes_on_while_files_are_read(file):
    current = CurrentBook(file)
    seen = set()
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            seen.add(answer(current))

    asker = threading.Thread(target=ask)
    asker.start()
    for text in (BETTER, GOOD, BETTER):
        file.write_text(text, "utf-8")
        current.refresh()
    stop.set()
    asker.join()
    assert seen <= {"九月起。", "十月起。"}


def watched(file, told=None):
    """A book that looks very often."""
    current = CurrentBook(file, on_error=told)
    current.start(0.05)
    return current


def eventually(current, wanted):
    end = time.monotonic() + 60
    while answer(current) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    current.stop()
    return answer(current) == wanted


class Writing(threading.Event):
    """Keeps the watch waiting; while it waits, an editor writes a little more, and then no more."""

    def __init__(self, file: Path, text: str) -> None:
        super().__init__()
        self._file = file
        self._pieces = iter([*(text[:end] for end in range(0, len(text), 2)), text])

    def wait(self, timeout: float | None = None) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return super().wait(timeout)
        self._file.write_text(piece, "utf-8")
        return self.is_set()


def test_a_file_that_is_being_written_is_neither_used_nor_complained_about(file):
    told = Told()
    current = CurrentBook(file, on_error=told)
    current._stop = Writing(file, BETTER)
    current.start(0.05)
    assert eventually(current, "十月起。")
    assert told == []


def test_a_file_replaced_as_editors_do_is_taken_up(file):
    current = watched(file)
    fresh = file.with_name(".faq.yaml.swp")
    fresh.write_text(BETTER, "utf-8")
    os.replace(fresh, file)
    assert eventually(current, "十月起。")


def test_a_new_file_and_a_deleted_one_count(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD, "utf-8")
    current = CurrentBook(tmp_path)
    (tmp_path / "b.yaml").write_text(BETTER.replace("编号: a", "编号: b"), "utf-8")
    (tmp_path / "a.yaml").unlink()
    assert current.refresh()
    assert [entry.id for entry in current.book.entries] == ["b"]


def test_starting_with_a_broken_file_answers_nobody_but_lives(file):
    told = Told()
    file.write_text("- 编号: a\n", "utf-8")
    current = CurrentBook(file, on_error=told)
    bands = [current.book.match(text).band for text in ("医保什么时候交", "屋里着火了")]
    assert bands == ["issue", "emergency"]
    assert "问什么都转给邻长" in str(told[0])


def test_what_was_broken_at_the_start_is_taken_up_once_mended(file):
    told = Told()
    file.write_text("- 编号: a\n", "utf-8")
    current = CurrentBook(file, on_error=told)
    file.write_text(BETTER, "utf-8")
    assert current.refresh()
    assert (answer(current), len(told)) == ("十月起。", 1)


def test_a_path_that_is_not_there_ends_the_start(tmp_path):
    with pytest.raises(FileError):
        CurrentBook(tmp_path / "nowhere")


BROKEN = "- 编号: a\n"


@pytest.mark.parametrize("mended", [BETTER, GOOD])  # going back to the very same is mending too
def test_the_same_mistake_made_again_after_it_was_mended_is_told_as_news(file, mended):
    told = Told()
    current = CurrentBook(file, on_error=told)
    for text in (BROKEN, mended, BROKEN):
        file.write_text(text, "utf-8")
        current.refresh()
    assert [str(error) for error in told] == [str(told[0])] * 2
    assert len(set(told.occasions)) == 2


def test_every_process_has_the_same_word_for_an_occasion(file):
    first, second = Told(), Told()
    both = [CurrentBook(file, on_error=first), CurrentBook(file, on_error=second)]
    file.write_text(BROKEN, "utf-8")
    both[0].refresh()
    file.write_text(BROKEN + "\n", "utf-8")  # the other process comes to look a save later
    for current in both:
        current.refresh()
    assert first.occasions == second.occasions == [first.occasions[0]]


def test_a_touched_file_leaves_the_processes_with_the_same_word(file):
    first, second = Told(), Told()
    both = [CurrentBook(file, on_error=first)]
    os.utime(file, (1, 1))
    both[0].refresh()
    both.append(CurrentBook(file, on_error=second))
    file.write_text(BROKEN, "utf-8")
    for current in both:
        current.refresh()
    assert first.occasions == second.occasions


def test_who_could_not_be_told_is_told_later_and_the_watch_goes_on(file):
    told = Told()

    def database_down_at_first(error, occasion):
        told(error, occasion)
        if len(told) == 1:
            raise OSError("no database")

    current = CurrentBook(file, on_error=database_down_at_first)
    current.start(0.02)
    file.write_text(BROKEN, "utf-8")
    end = time.monotonic() + 60
    while len(told) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    file.write_text(BETTER, "utf-8")
    assert eventually(current, "十月起。")
    assert [str(error) for error in told] == [str(told[0])] * 2


def test_a_save_that_leaves_size_and_time_as_they_were_is_seen(file):
    """As on a network share that knows whole seconds only."""
    os.utime(file, (1, 1))
    current = CurrentBook(file)
    current.start(0.05)
    file.write_text(BETTER, "utf-8")
    os.utime(file, (1, 1))
    assert eventually(current, "十月起。")


def test_where_times_are_coarse_contents_count_for_a_while_after_a_save(file, monkeypatch):
    monkeypatch.setattr(CurrentBook, "_look", lambda current: (("faq.yaml", 1, 1, 1),))
    current = watched(file)
    file.write_text(BETTER, "utf-8")
    assert eventually(current, "十月起。")


def test_two_saves_in_a_row_end_with_the_last(file):
    current = watched(file)
    for month in ("七", "八", "十"):
        file.write_text(GOOD.replace("九", month), "utf-8")
        time.sleep(0.07)
    assert eventually(current, "十月起。")


def test_what_is_written_while_it_is_read_is_left_for_the_next_look(file, monkeypatch):
    told = Told()
    current = CurrentBook(file, on_error=told)
    read = Path.read_bytes

    def half_saved(path):
        if path == file:
            file.write_text(BETTER, "utf-8")
            return GOOD.encode()[:12]
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", half_saved)
    file.write_text(BROKEN, "utf-8")
    assert (current.refresh(), told) == (False, [])
    monkeypatch.undo()
    assert current.refresh()
