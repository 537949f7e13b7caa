"""sanzhang hear: the contract of one JSON object a line, and what people read."""

import json

import pytest
from click.testing import CliRunner

from bot.cli import main

KEYS = [
    *("act", "matters", "order", "emergency", "accuses", "sure", "second", "ask"),
    *("band", "entry", "ms"),
]
LAMP = {"number": "SZ-20261128-0001", "words": "三组桥头的路灯不亮"}


def hear(*arguments, lines=()):
    given = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    return CliRunner().invoke(main, ["hear", *arguments], input=given)


def answers(*lines):
    result = hear("--json", "-", lines=lines)
    return [json.loads(line) for line in result.stdout.splitlines()], result


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no configuration lies here


def test_each_line_is_answered_in_order_with_all_keys():
    found, result = answers(
        {"text": "三组的路灯不亮"},
        {"text": "灯还是黑的", "matters": [LAMP]},
        {"text": "医保怎么缴"},
    )
    assert result.exit_code == 0
    assert [one["act"] for one in found[::2]] == ["report", "question"]
    assert found[1]["matters"] == [LAMP["number"]]
    assert all(list(one) == KEYS for one in found)
    assert found[2]["band"] in ("answer", "suggest", "issue")
    assert found[0]["band"] is None


def test_the_same_lines_are_answered_the_same():
    lines = [{"text": "催一下", "matters": [LAMP]}, {"text": "修好没"}]
    first, second = (
        [{**one, "ms": 0} for one in answers(*lines)[0]],
        [{**one, "ms": 0} for one in answers(*lines)[0]],
    )
    assert first == second


def test_an_emergency_is_heard_also_in_a_quote():
    found, _ = answers(
        {"text": "屋里着火了"},
        {"text": "快来看", "quote": "后山着火了"},
        {"text": "好的", "quote": "后山着火了"},
    )
    assert [bool(one["emergency"]) for one in found] == [True, True, False]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{不是", "不是 JSON"),
        ("[1]", "不是一个 JSON 对象"),
        ("{}", "text"),
        ('{"text": "在", "chat": "大群"}', "chat"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_answered(line, told):
    found, result = answers({"text": "你好"}, line, {"text": "谢谢"})
    assert result.exit_code == 1
    assert "标准输入:2" in result.stderr
    assert told in result.stderr
    assert [one.get("act") for one in found] == ["smalltalk", None, "thanks"]
    assert found[1]["line"] == 2


def test_one_sentence_is_told_in_plain_words():
    result = hear("撤回", "--situation", json.dumps({"matters": [LAMP]}))
    assert result.exit_code == 0
    assert "听成：撤回" in result.stdout
    assert LAMP["number"] in result.stdout


def test_a_wrong_situation_is_told():
    result = hear("撤回", "--situation", '{"matters": 1}')
    assert result.exit_code == 1
    assert "matters" in result.stderr
