"""Entries as people write them: what is missing, misspelt or twice; YAML itself is tests/files."""

from datetime import date

import pytest

from faq.entries import load_entries, yaml_files
from files.problem import FileError

GOOD = "- 编号: a\n  问题: 问\n  答复: 答\n"


def problems_of(tmp_path, data):
    file = tmp_path / "x.yaml"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(FileError) as caught:
        load_entries(file)
    return caught.value.problems


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        ("", 1, "没有内容"),
        ("编号: a\n", 1, "要是列表"),
        ("- 编号: a\n  问题: b\n  答复: [待补]\n", 3, "引号"),
        ("- 编号: a\n  问题: b\n  答复: c\n  渠道: []\n", 4, "是空的"),
        ("- 编号: a\n  问题: b\n  question: b\n  答复: c\n", 2, "写了两次"),
        ("- 编号: a\n  问题: b\n", 1, "没有写"),
        ("- 编号: a\n  问题: b\n  答复:\n", 3, "是空的"),
        ("- 编号: a\n  问题: b\n  答复: ~\n", 3, "是空的"),
        ("- 编号: a\n  问提: b\n  问题: b\n  答复: c\n", 2, "没有这一项"),
        ("- 编号: a\n  问题: b\n  答复: c\n  失效: 明年\n", 4, "不是日期"),
        ("- 编号: a\n  问题: b\n  答复: c\n  渠道: 电话\n", 4, "「群」或「私」"),
        ("- 只是一句话\n", 1, "名称: 内容"),
        ("- 编号：a\n  问题：b\n  答复：c\n", 1, "英文冒号"),
        (GOOD.encode("gb18030"), 1, "GB18030"),
        (GOOD.encode()[:-2], 3, "断了"),
    ],
)
def test_it_says_where_and_what_is_wrong(tmp_path, data, line, words):
    (problem, *_) = problems_of(tmp_path, data)
    assert problem.line == line
    assert words in str(problem)


def test_it_suggests_the_name_that_was_meant(tmp_path):
    (problem,) = problems_of(tmp_path, GOOD + "  相似闻: [x]\n")
    assert "相似问" in problem.remedy


def test_all_files_are_judged_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("- 编号: a\n", "utf-8")
    (tmp_path / "b.yml").write_text("oops: [\n", "utf-8")
    (tmp_path / "c.yaml").write_text(GOOD, "utf-8")
    with pytest.raises(FileError) as caught:
        load_entries(tmp_path)
    assert {problem.file[-6:] for problem in caught.value.problems} == {"a.yaml", "/b.yml"}


def test_one_id_may_stand_only_once(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD + GOOD, "utf-8")
    with pytest.raises(FileError, match="编号重复"):
        load_entries(tmp_path)


def test_numbers_and_yes_stay_the_text_that_was_written(tmp_path):
    (tmp_path / "a.yaml").write_text("- id: 007\n  question: yes\n  answer: 12345\n", "utf-8")
    entry = load_entries(tmp_path)[0].entry
    assert (entry.id, entry.question, entry.answer) == ("007", "yes", "12345")


def test_both_languages_of_field_names_are_equal(tmp_path):
    (tmp_path / "a.yaml").write_text(
        GOOD + "  not: [x]\n  alternatives: 一句\n  测试: {should: [甲], 不应中: [乙]}\n", "utf-8"
    )
    entry = load_entries(tmp_path)[0].entry
    assert (entry.not_words, entry.alternatives) == (("x",), ("一句",))
    assert (entry.tests.should, entry.tests.should_not) == (("甲",), ("乙",))


def test_a_date_may_be_written_as_people_do(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD + "  复核: 2026年1月5日\n", "utf-8")
    assert load_entries(tmp_path)[0].entry.review_on == date(2026, 1, 5)


@pytest.mark.parametrize("written", ["群、私", "[群, 私]", "[群聊, 私聊]", "[群、私]"])
def test_channels_may_be_written_in_one_line(tmp_path, written):
    (tmp_path / "x.yaml").write_text(f"{GOOD}  渠道: {written}\n", "utf-8")
    assert load_entries(tmp_path)[0].entry.channels == ("群", "私")


@pytest.mark.parametrize("written", ["清溪镇／石屏村", "清溪镇/石屏村/", "/清溪镇 / 石屏村"])
def test_the_path_of_a_unit_may_be_typed_loosely(tmp_path, written):
    (tmp_path / "x.yaml").write_text(f"{GOOD}  适用: {written}\n", "utf-8")
    assert load_entries(tmp_path)[0].entry.scope == ("清溪镇/石屏村",)


def test_the_leftovers_of_editors_are_not_read(tmp_path):
    for name in ("a.yaml", ".a.yaml.swp", ".#a.yaml", "~$a.yaml", "a.yaml~", "a.bak"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    assert [file.name for file in yaml_files(tmp_path)] == ["a.yaml"]


def test_a_folder_named_entries_is_preferred(tmp_path):
    (tmp_path / "entries" / "deep").mkdir(parents=True)
    (tmp_path / "entries" / "deep" / "a.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "other.yaml").write_text("oops: [", "utf-8")
    assert len(load_entries(tmp_path)) == 1


def test_a_path_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileError, match="没有这个文件"):
        load_entries(tmp_path / "none")
