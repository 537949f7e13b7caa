"""What is kept on disk from one start to the next, and when it is not believed."""

import jieba
import pytest

from faq import segment
from faq.current import CurrentBook
from faq.lexicon import Lexicon
from faq.prepared import Prepared


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "prepared"


def no_shape(*_):
    raise AssertionError("cut into words again")


def test_the_next_start_finds_the_phrasings_cut_into_words(folder, cache, monkeypatch):
    first = CurrentBook(folder, cache=cache).book
    monkeypatch.setattr(Lexicon, "shape", no_shape)
    assert CurrentBook(folder, cache=cache).book.shapes == first.shapes


def test_without_a_folder_everything_is_made_anew(folder, cache, monkeypatch):
    CurrentBook(folder, cache=cache)
    monkeypatch.setattr(Lexicon, "shape", no_shape)
    with pytest.raises(AssertionError, match="cut into words again"):
        CurrentBook(folder)


def test_a_new_phrasing_is_kept_beside_the_others(folder, cache, tmp_path, monkeypatch):
    file = tmp_path / "faq.yaml"
    file.write_text("- {编号: a, 问题: 医保什么时候交, 答复: 九月}\n", "utf-8")
    current = CurrentBook(file, cache=cache)
    file.write_text("- {编号: a, 问题: 医保几月份开始交, 答复: 九月}\n", "utf-8")
    current.refresh()
    monkeypatch.setattr(Lexicon, "shape", no_shape)
    assert [*CurrentBook(file, cache=cache).book.shapes] == ["医保几月份开始交"]


def test_other_word_tables_make_other_words(folder, cache, tmp_path):
    CurrentBook(folder, cache=cache)
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "synonyms.yaml").write_text("- [医疗本, 医保]\n", "utf-8")
    book = CurrentBook(folder, tables=tables, cache=cache).book
    assert "医疗本" in book.shapes["医保什么时候交"].tokens


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"half", b"[]"])
def test_a_damaged_file_is_made_anew(folder, cache, damage):
    first = CurrentBook(folder, cache=cache).book
    (file,) = cache.glob("phrasings*")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == b"half" else damage)
    assert CurrentBook(folder, cache=cache).book.shapes == first.shapes
    assert file.read_bytes() == whole


def test_contents_that_do_not_add_up_to_what_is_written_above_them_are_not_believed(cache):
    Prepared(cache).save("words", "v1", ["医保"])
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes().replace("医".encode(), "社".encode()))
    assert Prepared(cache).load("words", "v1") is None


def test_what_was_made_of_something_else_is_not_believed(cache):
    Prepared(cache).save("words", "v1", ["医保"])
    found = [Prepared(cache).load("words", made_of) for made_of in ("v1", "v2")]
    assert found == [["医保"], None]


@pytest.mark.parametrize("mode", [0o770, 0o701, 0o722])
def test_a_folder_that_others_may_enter_is_not_used(cache, mode):
    Prepared(cache).save("words", "v1", ["医保"])
    cache.chmod(mode)
    assert Prepared(cache).load("words", "v1") is None


def test_a_link_to_a_folder_is_not_used(cache, tmp_path):
    Prepared(cache).save("words", "v1", ["医保"])
    link = tmp_path / "link"
    link.symlink_to(cache, target_is_directory=True)
    assert Prepared(link).load("words", "v1") is None


def test_only_its_owner_may_read_what_is_saved(cache):
    Prepared(cache).save("words", "v1", ["医保"])
    (file,) = cache.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (cache, file)] == [0o700, 0o600]


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(folder, tmp_path):
    assert CurrentBook(folder, cache=tmp_path / "no" / "where").book.entries


def test_the_dictionary_of_the_next_start_is_the_one_that_jieba_reads(cache, monkeypatch):
    frequencies = []
    for _ in range(2):
        monkeypatch.setattr(jieba, "dt", jieba.Tokenizer())
        segment.warm_up(Prepared(cache))
        frequencies.append((jieba.dt.FREQ, jieba.dt.total, jieba.dt.tmp_dir is None))
    assert frequencies[1] == (*frequencies[0][:2], True)
    assert not frequencies[0][2]
