"""The sentences of a system: every one there, every brace one that the code fills."""

import pytest

from files.problem import FileError
from files.says import Says

KNOWN = {"noted": ("who",), "never": ()}
RIGHT = "noted: 记下了：{who}。\nnever: 还没记过\n"


@pytest.fixture
def load(tmp_path):
    def _load(text):
        path = tmp_path / "says.yaml"
        path.write_text(text, "utf-8")
        return Says.load(path, KNOWN)

    return _load


def test_a_sentence_is_said_with_its_braces_filled(load):
    assert load(RIGHT).say("noted", who="张家") == "记下了：张家。"


def test_a_value_with_braces_of_its_own_is_left_alone(load):
    assert load(RIGHT).say("noted", who="{x}") == "记下了：{x}。"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("noted: 记下了：{who}。\n", 1, "没有写"),
        (f"{RIGHT}more: 多的\n", 3, "没有这一句"),
        ("noted: 记下了：{name}。\nnever: 没有\n", 1, "可以用：{who}"),
        ("noted: 记下了。\nnever: 没有\n", 1, "少了 {who}"),
        ("noted: 记下了：{who}。\nnever: 没{有\n", 2, "没有成对"),
        ("noted: 记下了：{who:9}。\nnever: 没有\n", 1, "可以用：{who}"),
        ("noted: [记下了]\nnever: 没有\n", 1, "要说的话"),
    ],
)
def test_a_mistake_is_told_with_its_line(load, text, line, what):
    with pytest.raises(FileError) as told:
        load(text)
    problem = told.value.problems[0]
    assert problem.line == line
    assert what in str(problem)
