"""The question is found among what somebody tells of himself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.book import Book
from faq.clauses import MOST, clauses, pieces
from faq.text import normalise

STORY = "您好，我是河西组的，两个崽都在外面做事，平时就我一个人在屋里"
ENTRIES = """\
- 编号: pension
  问题: 农村养老保险怎么交
  相似问: [在外面交的养老保险怎么转回来]
  答复: 到镇上。
- 编号: dibao
  问题: 低保怎么申请
  答复: 向村里写申请。
- 编号: permit
  问题: 居住证怎么办
  答复: 到派出所。
  必含: [居住证]
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    file = tmp_path_factory.mktemp("faq") / "faq.yaml"
    file.write_text(ENTRIES, "utf-8")
    return Book.load(file)


def texts(said):
    return [piece.text for piece in pieces(said, lambda clause: clause)]


def test_a_clause_that_asks_is_looked_up_alone_and_with_what_stands_before_it():
    said = "我妈妈今年满了七十了,社保是在外面交的,现在回来了,怎么转"
    assert texts(said) == ["怎么转", "现在回来了怎么转", "社保是在外面交的怎么转"]


def test_a_single_clause_has_no_parts():
    assert texts("七十岁以上的农村独居老人的低保要到哪里去申请才能办得下来?") == []


def test_a_short_question_with_a_comma_is_looked_up_whole():
    assert texts("身份证丢了,怎么补办") == []


def test_where_nothing_is_asked_there_is_no_part():
    assert texts("我家门口的路灯坏了,晚上出门看不见,老人摔了一跤,腿都肿了") == []


def test_who_dictates_puts_no_comma():
    found = clauses("我娘今年满了六十岁哒我想问一下老年证在哪里办")
    assert found == ["我娘今年满了", "六十岁哒", "我想问一下老年证在哪里办"]


@given(st.lists(st.sampled_from(["怎么办", "我家", "谢谢", "医保", "能报吗", "了"]), max_size=60))
def test_a_letter_has_few_parts_however_long_it_is(parts):
    assert len(texts(",".join(parts))) <= MOST


@pytest.mark.parametrize(
    "said",
    [
        f"{STORY}，请问低保怎么申请，麻烦了谢谢",
        f"低保怎么申请？{STORY[3:]}",
        "邻长在不我屋里那个老倌子走哒好多年了崽也靠不住啊低保怎么申请",
    ],
)
def test_the_question_is_found_wherever_it_stands(book, said):
    found = book.match(said)
    assert (found.band in ("answer", "suggest"), found.entry.id) == (True, "dibao")


def test_a_trouble_beside_the_question_is_never_swallowed_by_an_answer(book):
    asked = book.match("我们村的路灯坏了，没人来修，我和老伴都是七十岁的人，低保怎么申请？")
    assert asked.band in ("report", "suggest")


def test_a_short_question_is_not_the_entry_that_happens_to_end_so(book):
    assert book.match("我买的理财到期了，听人说可以转，怎么申请").band != "answer"


def test_a_word_that_an_entry_demands_may_stand_anywhere_in_the_letter(book):
    found = book.match("我从江西来的，想要个居住证，这个证怎么办")
    assert "permit" in [one.entry.id for one in found.candidates]


def test_what_is_said_in_one_clause_is_judged_as_before(book):
    clean = normalise("我想问下低保怎么申请")
    assert texts(clean) == []
    assert book.match(clean).band == "answer"
