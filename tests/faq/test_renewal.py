"""A book that was renewed is the book that a fresh process would read."""

import gc
import shutil
import weakref

import pytest

from faq.book import Book
from faq.current import CurrentBook
from files.problem import FileError
from tests.faq.conftest import ENTRIES

MORE = "- 编号: school\n  问题: 小学什么时候报名\n  相似问: [几岁上小学]\n  答复: 六月。\n"
ASKED = (
    "医保什么时候交", "医保几时交", "衣保怎么交", "户口咋迁", "路灯不亮找谁", "小学报名",
    "几岁上小学", "宽带怎么装", "低保怎么申请", "屋里着火了", "你好", "路灯坏了三天没人管",
)  # fmt: skip
WORDS = "- [户口, 户籍, 本本]\n- [路灯, 灯火]\n"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "entries").mkdir()
    (tmp_path / "tables").mkdir()
    (tmp_path / "entries" / "a.yaml").write_text(ENTRIES, "utf-8")
    (tmp_path / "entries" / "b.yaml").write_text(MORE, "utf-8")
    return tmp_path


def change(place):
    file = place / "entries" / "b.yaml"
    file.write_text(MORE.replace("几岁上", "几岁读").replace("六月", "七月"), "utf-8")


def add(place):
    more = MORE.replace("school", "bus").replace("小学", "校车")
    (place / "entries" / "c.yaml").write_text(more, "utf-8")


def rename(place):
    (place / "entries" / "a.yaml").rename(place / "entries" / "z.yaml")


def delete(place):
    (place / "entries" / "b.yaml").unlink()


def change_words(place):
    (place / "tables" / "synonyms.yaml").write_text(WORDS, "utf-8")


def change_emergencies(place):
    shutil.copy("faq/tables/emergency.yaml", place / "tables")
    file = place / "tables" / "emergency.yaml"
    file.write_text(file.read_text("utf-8").replace("着火", "起大火"), "utf-8")


def words_of_old(place):
    (place / "tables" / "synonyms.yaml").unlink()


def repeat_an_id(place):
    (place / "entries" / "d.yaml").write_text(MORE.replace("school", "lamp"), "utf-8")


def mend(place):
    (place / "entries" / "d.yaml").write_text(MORE.replace("school", "kindergarten"), "utf-8")


def break_words(place):
    (place / "tables" / "synonyms.yaml").write_text("- 户口\n", "utf-8")


EDITS = (
    change, change_words, add, change_emergencies, rename, repeat_an_id, mend, break_words,
    words_of_old, delete, change_words,
)  # fmt: skip
SPOILING = (repeat_an_id, break_words)


def decisions(book):
    """All that the book says, to the last bit."""
    return [(one.entry, one.item.line, one.place) for one in book.located], [
        (match.band, match.confidence, match.entry, match.candidates, match.reply, match.why)
        for match in map(book.match, ASKED)
    ]


def test_over_many_edits_a_renewed_book_decides_as_a_fresh_one(place):
    current = CurrentBook(place)
    for edit in EDITS:
        edit(place)
        assert current.refresh() is (edit not in SPOILING), edit
        if edit not in SPOILING:
            assert decisions(current.book) == decisions(Book.load(place)), edit


def test_a_spoilt_edit_is_told_as_a_fresh_reading_tells_it(place):
    told: list[FileError] = []
    current = CurrentBook(place, on_error=lambda error, _: told.append(error))
    for edit in SPOILING:
        edit(place)
        current.refresh()
        with pytest.raises(FileError) as fresh:
            Book.load(place)
        assert str(told[-1]) == str(fresh.value)


def test_only_what_was_saved_is_made_again(place):
    current = CurrentBook(place)
    before = current.book
    change(place)
    current.refresh()
    same = [one is other for one, other in zip(before.entries, current.book.entries, strict=True)]
    assert same == [True] * (len(same) - 1) + [False]
    assert current.book.lexicon is before.lexicon
    assert current.book.shapes["医保什么时候交"] is before.shapes["医保什么时候交"]


def test_other_words_make_every_phrasing_anew(place):
    current = CurrentBook(place)
    before = current.book
    change_words(place)
    current.refresh()
    assert current.book.entries[0] is before.entries[0]
    assert current.book.shapes["户口怎么迁入本村"] is not before.shapes["户口怎么迁入本村"]


def test_a_broken_file_costs_nothing_that_was_known(place):
    current = CurrentBook(place)
    before = current.book
    for edit in (break_words, add, words_of_old):
        edit(place)
        current.refresh()
    assert current.book.lexicon is before.lexicon
    assert current.book.entries[0] is before.entries[0]


def test_an_old_book_is_gone_as_soon_as_nobody_uses_it(place):
    """Without waiting for the collector, which does not look at what was there at the start."""
    current = CurrentBook(place)
    decisions(current.book)
    before = weakref.ref(current.book)
    gc.disable()
    try:
        change(place)
        current.refresh()
        assert before() is None
    finally:
        gc.enable()
