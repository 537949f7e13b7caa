"""Words made plain: dialect, width, signs, greetings; and the signs that are found in them."""

from datetime import date

import pytest

from speech.plain import HEAD, TAIL, clauses_of, plainly
from speech.read import read
from speech.signs import SignTable, shipped_signs, written_out


def plain(text):
    return plainly(read(text, "三长助手", today=date(2026, 11, 30)))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("还冇来人咯", ("还没来人了",)),
        ("灯坏了，快来！", ("灯坏了", "快来")),
        ("ＡＢＣ１２", ("abc12",)),
        ("@张三 水沟堵了[强]", ("水沟堵了",)),
        ("您好，组长，水沟堵了", ("水沟堵了",)),
        ("你好", ("你好",)),
    ],
)
def test_words_are_compared_in_one_form(text, clauses):
    assert plain(text).clauses == clauses


def test_a_sticker_leaves_only_signs():
    assert plain("[强]").only_signs
    assert not plain("好[强]").only_signs


def test_of_a_long_story_the_beginning_and_the_end_are_weighed():
    said = "".join(clauses_of("甲" * 500 + "，" + "乙" * 500))
    assert len(said) <= HEAD + TAIL
    assert {"甲", "乙"} == set(said)


def test_a_sign_is_written_out():
    assert list(written_out("快{一|}点{来|}")) == ["快一点来", "快一点", "快点来", "快点"]


def test_signs_stand_where_they_are_found():
    table = SignTable({"催": ["快{一|}点"], "谢": ["谢谢"]}, {"灯": ["路灯", "灯"]})
    found = table.find("路灯快点修谢谢")
    assert found.places == {"催": ((2, 4),), "谢": ((5, 7),)}
    assert found.things == {"灯"}
    assert found.ends("谢")
    assert not found.begins("催")
    assert found.share("催", "谢") == pytest.approx(4 / 7)


def test_the_shipped_signs_know_dialect_and_standard_words_alike():
    said = ("还冇来人", "还没来人")
    found = [shipped_signs().find("".join(clauses_of(text))).places for text in said]
    assert found[0] == found[1]
    assert "催" in found[0]
