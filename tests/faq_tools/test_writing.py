"""Entries as YAML: whatever is in them comes back, and the file is fit to read."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.entries import Entry, load_entries
from faq.writing import as_yaml, replace_file

ODD = st.sampled_from("\n :#-'\"|>=&*!%@`~[]{},0。〔\u2028\x85\ufeff😀")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | ODD, min_size=1, max_size=20)
TEXTS = st.lists(TEXT.filter(str.strip), max_size=3)


def _entry(**fields: Any) -> Entry:
    return Entry.model_validate({"id": "a", "question": "问", "answer": "答"} | fields)


def _read_back(entries: list[Entry], *, chinese: bool) -> list[Entry]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.yaml"
        replace_file(file, as_yaml(entries, chinese=chinese))
        return [located.entry for located in load_entries(file)]


@given(TEXT.filter(str.strip), TEXTS, st.booleans())
def test_whatever_is_written_is_read_again(text: str, texts: list[str], chinese: bool):
    lists = {"alternatives": texts, "not": texts, "tests": {"should": texts}}
    entry = _entry(question=text, answer=text, channels="私", **lists)

    assert _read_back([entry], chinese=chinese) == [entry]


def test_it_reads_like_something_that_a_person_wrote():
    entry = _entry(
        id="lamp",
        answer="村里管。\n打电话。",
        question="路灯归谁管",
        valid_from=date(2026, 1, 31),
        must=["路灯"],
        alternatives=["路灯不亮了应该找哪一个部门来修", "村道上的路灯是由谁负责维护的呢", "街灯"],
        tests={"should_not": ["路灯坏了三天"]},
    )

    assert as_yaml([entry]) == (
        "- 编号: lamp\n"
        "  问题: 路灯归谁管\n"
        "  答复: |-\n"
        "    村里管。\n"
        "    打电话。\n"
        "  相似问: [路灯不亮了应该找哪一个部门来修, 村道上的路灯是由谁负责维护的呢, 街灯]\n"
        "  必含: [路灯]\n"
        "  生效: 2026-01-31\n"
        "  测试:\n"
        "    不应中: [路灯坏了三天]\n"
    )


def test_numbers_and_dates_in_texts_stay_texts():
    entry = Entry(id="007", question="12345", answer="2026-01-31", source="null")

    assert _read_back([entry], chinese=True) == [entry]


def test_the_old_file_is_kept_beside_the_new_one(tmp_path: Path):
    file = tmp_path / "a.yaml"
    replace_file(file, "旧\n")
    replace_file(file, "新\n")

    assert file.read_text("utf-8") == "新\n"
    assert {f.name for f in tmp_path.iterdir()} == {"a.yaml", "a.yaml.bak"}


@pytest.mark.parametrize("chinese", [True, False])
def test_the_names_are_chinese_or_english_but_never_mixed(chinese: bool):
    entry = _entry(not_words=["不"], tests={"should": ["问"]})

    text = as_yaml([entry], chinese=chinese)

    assert ("排除:" in text, "应中:" in text) == (chinese, chinese)
    assert ("not:" in text, "should:" in text) == (not chinese, not chinese)
