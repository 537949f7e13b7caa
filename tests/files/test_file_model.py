"""Fields with two names, and what pydantic finds wrong in the words of an admin."""

from datetime import date
from typing import ClassVar, Literal

import pytest
from pydantic import Field, field_validator

from files.file_model import (
    Day,
    FileModel,
    Flag,
    Text,
    Texts,
    build_all,
    build_located,
    line_of,
    problem_at,
)
from files.problem import FileError
from files.yaml_lines import read_items


class Checks(FileModel):
    good: Texts = Field(default=(), title="应中")


class Lamp(FileModel):
    spellings: ClassVar[dict[str, str]] = {"where": "place"}

    id: Text = Field(title="编号")
    place: str = Field(default="", title="地方")
    words: Texts = Field(default=(), title="词")
    kind: Literal["路灯", "庭院灯"] = Field(default="路灯", title="种类")
    lit: Flag = Field(default=True, title="亮")
    since: Day = Field(default=None, title="装上")
    checks: Checks = Field(default=Checks(), title="测试")

    @field_validator("place")
    @classmethod
    def _place(cls, value: str) -> str:
        if value == "天上":
            raise ValueError("「天上」没有路灯")
        return value


def told(path):
    with pytest.raises(FileError) as caught:
        build_all(Lamp, path)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def test_chinese_and_english_names_and_other_spellings_are_equal(write):
    path = write("- {编号: a, where: 村口, 词: 灯}\n- {id: a, 地方: 村口, words: [灯]}\n")
    first, second = build_all(Lamp, path)
    assert first == second == Lamp(id="a", place="村口", words=("灯",))


def test_yes_and_no_and_days_may_be_written_as_people_do(write):
    (lamp,) = build_all(Lamp, write("- {编号: a, 亮: 否, 装上: 2026年1月5日}\n"))
    assert (lamp.lit, lamp.since) == (False, date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 地方: x\n", ":1: 「编号」没有写"),
        ("- 编号:\n", ":1: 「编号」是空的"),
        ("- 编号: ''\n", ":1: 「编号」是空的"),
        ("- 编号: a\n  词:\n    甲: 乙\n", ":3: 「词」要写成列表"),
        (
            "- 编号: [a]\n",
            ":1: 「编号」要写文字（文字里有「: 」，或以 [ { 开头时，请用引号括起来）",
        ),
        ("- 编号: a\n  种类: 台灯\n", ":2: 「种类」只能写「路灯」或「庭院灯」"),
        ("- 编号: a\n  亮: 也许\n", ":2: 「亮」只能写「是」或「否」"),
        ("- 编号: a\n  装上: 去年\n", ":2: 「装上」「去年」不是日期，写成 2026-01-31 的样子"),
        ("- 编号: a\n  装上: 1609459200\n", ":2: 「装上」「1609459200」不是日期"),
        ("- 编号: a\n  装上: [2026]\n", ":2: 「装上」「['2026']」不是日期"),
        ("- 编号: a\n  地方: 天上\n", ":2: 「地方」「天上」没有路灯"),
        ("- 编号: a\n  地放: x\n", ":2: 「地放」没有这一项（是不是「地方」？）"),
        ("- 编号: a\n  x: x\n", "（可写的有：编号、地方、词、种类、亮、装上、测试）"),
        ("- 编号: a\n  id: b\n", ":1: 「编号」中英文名称写了两次（留下一个）"),
        ("- 编号: a\n  测试:\n    应中: ['']\n", ":3: 「测试.应中.1」是空的"),
        ("- 一句话\n", ":1: 「条目」要写成「名称: 内容」的形式（写成「编号: …」，各占一行）"),
        ("- 编号：a\n", "（改成英文冒号「:」，后面空一格）"),
    ],
)
def test_a_mistake_is_told_with_its_line_in_the_words_of_the_file(write, text, said):
    assert said in told(write(text))[0]


def test_every_mistake_is_told_at_once_with_the_id_of_its_element(write):
    path = write("- {编号: a, x: 1}\n- {编号: b, 亮: 也许}\n")
    with pytest.raises(FileError) as caught:
        build_all(Lamp, path)
    assert [(one.line, one.entry) for one in caught.value.problems] == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("name", ["词", "words"])
def test_a_field_is_found_by_either_name_and_told_by_the_chinese_one(write, name):
    ((_, item),) = build_located(Lamp, write(f"- 编号: a\n  {name}:\n    - 甲\n    - 乙\n"))
    problem = problem_at(Lamp, item, ("words", 1), "重复", "删掉", severity="info")
    assert (problem.line, problem.field, problem.entry) == (4, "词", "a")


def test_a_field_of_a_model_inside_is_found_as_well(write):
    (item,) = read_items(write("- 编号: a\n  测试:\n    应中:\n    - 甲\n"))
    assert line_of(Lamp, item, ("checks", "good", 0)) == 4
