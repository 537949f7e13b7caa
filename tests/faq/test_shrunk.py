"""A folder that has lost many entries at once is not used before an admin has said so."""

import pytest

from faq import shrunk
from faq.current import CurrentBook
from faq.prepared import Prepared


def entries(first, last):
    one = "- 编号: e{n}\n  问题: 第{n}种证怎么办\n  答复: 办法{n}。\n"
    return "".join(one.format(n=n) for n in range(first, last))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "faq"
    made.mkdir()
    (made / "a.yaml").write_text(entries(0, 20), "utf-8")
    (made / "b.yaml").write_text(entries(20, 30), "utf-8")
    return made


@pytest.fixture
def told():
    return []


@pytest.fixture
def current(folder, told, tmp_path):
    """A new start over the folder."""

    def _current():
        return CurrentBook(folder, tell, cache=tmp_path / "prepared")

    def tell(error, _occasion):
        told.append(str(error))

    return _current


def test_the_old_entries_stay_in_use_and_the_admin_is_asked_once(folder, current, told):
    now = current()
    (folder / "b.yaml").unlink()
    assert not now.refresh()
    assert not now.refresh()
    assert len(now.book.entries) == 30
    (said,) = told
    assert "一下子少了 10 条（原来 30 条）" in said
    assert "sanzhang faq accept" in said


def test_once_it_is_accepted_the_new_one_is_used(folder, current, tmp_path):
    now = current()
    (folder / "b.yaml").unlink()
    now.refresh()
    assert shrunk.accept(Prepared(tmp_path / "prepared"), [f"e{n}" for n in range(20)])
    assert now.refresh()
    assert len(now.book.entries) == 20


def test_what_comes_back_is_used_at_once(folder, current):
    now = current()
    (folder / "b.yaml").unlink()
    now.refresh()
    (folder / "b.yaml").write_text(entries(20, 30) + entries(40, 41), "utf-8")
    assert now.refresh()
    assert len(now.book.entries) == 31


def test_another_loss_after_one_was_accepted_is_asked_about_again(folder, current, tmp_path, told):
    now = current()
    (folder / "b.yaml").unlink()
    shrunk.accept(Prepared(tmp_path / "prepared"), [f"e{n}" for n in range(20)])
    assert now.refresh()
    (folder / "a.yaml").write_text(entries(0, 10), "utf-8")
    assert not now.refresh()
    assert len(told) == 1


@pytest.mark.parametrize("last", [28, 27])
def test_a_few_are_ordinary_tidying_up(folder, current, last):
    now = current()
    (folder / "b.yaml").write_text(entries(20, last), "utf-8")
    assert now.refresh()


def test_a_loss_while_the_service_was_off_is_used_and_told(folder, current, told):
    current()
    (folder / "b.yaml").unlink()
    assert len(current().book.entries) == 20
    assert "重启以后只有这些能答" in told[0]


def test_entries_that_move_to_another_file_are_not_lost(folder, current):
    now = current()
    (folder / "b.yaml").rename(folder / "c.yaml")
    now.refresh()
    assert len(now.book.entries) == 30


def test_a_word_that_can_be_laid_nowhere_is_no_word(tmp_path):
    assert not shrunk.accept(Prepared(None), ["a"])


def test_a_broken_folder_is_still_told_as_broken(folder, current, told):
    now = current()
    (folder / "b.yaml").write_text("- 编号: [", "utf-8")
    assert not now.refresh()
    assert "b.yaml" in told[0]
