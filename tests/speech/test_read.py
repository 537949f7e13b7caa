"""One text, read once: what each part says, that nothing raises, and how much is looked at."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.words import Action
from speech.clean import LONGEST
from speech.command import Command
from speech.days import NoSuchDay, Until
from speech.read import read
from speech.verbs import WORDS, Verbs
from speech.whom import Whom
from tests.speech.test_clean import TEXTS

MONDAY = date(2026, 6, 1)
#: What a pattern that tries every beginning or every division would take for ever with.
HOSTILE = [
    " ",
    "9",
    "零",
    "十",
    "没有",
    "（",
    "?",
    "。",
    "催",
    "@",
    "[微",
    "4、",
    "代班",
    "\n",
    "\ufdfa",
]


def heard(text, **more):
    return read(text, "三长助手", today=MONDAY, **more)


def test_an_utterance_never_changes():
    with pytest.raises(FrozenInstanceError):
        heard("接单").text = "退单"


def test_a_part_is_read_once():
    said = heard("转 42 给 张三")
    assert said.command is said.command


def test_an_order_is_read_with_whom_and_its_numbers():
    said = heard("@三长助手 请把42转给 @张三 他家近[抱拳]")
    assert said.command == Command(Action.REASSIGN, "42", "@张三 他家近")
    assert said.whom == Whom("张三", "他家近")
    assert said.numbers == ("42",)


def test_how_long_is_read_from_the_words_of_the_order():
    assert heard("挂起 42 到周五 等老人回家").until == Until(None, date(2026, 6, 5), "等老人回家")
    assert heard("延期 42 3天 等配件").span.days == 3


def test_a_day_that_no_calendar_has_is_told_when_it_is_asked_for():
    said = heard("挂起 42 到2月30日")
    with pytest.raises(NoSuchDay, match="2月30日"):
        _ = said.day


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("接单 4、5、6", ("4", "5", "6")),
        ("4 5 6 接单", ("4", "5", "6")),
        ("请把4到6转给张三", ("4", "5", "6")),
        ("42 办结 换了3盏灯", ("42",)),
        ("满意 42", ("42",)),
        ("4、5", ("4", "5")),
        ("3盏灯都坏了", ()),
        ("3组路灯坏了", ()),
    ],
)
def test_every_number_that_is_spoken_of_is_read(text, numbers):
    assert heard(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "asks"),
    [("怎么办", True), ("办结了没有", True), ("修好了？", True), ("路灯坏了", False), ("", False)],
)
def test_a_question_is_heard(text, asks):
    assert heard(text).asks == asks


@pytest.mark.parametrize(
    ("text", "has"), [("😀", False), ("？", False), ("2", False), ("[微笑]", False), ("灯", True)]
)
def test_signs_and_digits_are_no_words(text, has):
    assert heard(text).has_words == has


def test_another_table_of_verbs_can_be_handed_in():
    verbs = Verbs({**WORDS, "走访": Action.PROGRESS})
    assert heard("走访 3户", verbs=verbs).command == Command(Action.PROGRESS, "", "3户")
    assert heard("走访 3户").command is None


def test_a_verb_of_the_table_may_hold_any_signs():
    assert heard("办(好)", verbs=Verbs({"办(好)": Action.RESOLVE})).command


def test_the_words_of_a_long_order_are_kept_whole():
    report = "换了灯泡" * LONGEST
    assert heard(f"办结 42 {report}").command.words == report


def test_no_more_than_so_much_is_understood_and_the_text_is_kept_whole():
    text = "路灯坏了" * LONGEST
    said = heard(text)
    assert max(len(said.words), len(said.plain)) <= LONGEST
    assert said.text == text


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_flood_is_cut_before_any_pattern_sees_it(piece):
    said = heard(piece * 50_000)
    assert max(len(said.words), len(said.plain), len(said.apart.words)) <= LONGEST


def every_part(said):
    yield from (said.command, said.apart, said.numbers, said.pick, said.span, said.whom, said.asks)
    try:
        yield from (said.day, said.until)
    except NoSuchDay as told:
        yield str(told)


PIECES = [
    *WORDS,
    "请把",
    "给",
    "42",
    "四十二号",
    "第三件",
    "到",
    "周五",
    "2月30日",
    "三天",
    " ",
    "，",
    "？",
]


@given(st.one_of(TEXTS, st.lists(st.sampled_from(PIECES), max_size=8).map("".join)))
def test_reading_never_raises_on_any_text(text):
    assert len(list(every_part(heard(text)))) >= 8


@given(st.sampled_from(sorted(WORDS)), st.integers(1, 999_999))
def test_every_verb_is_heard_before_and_after_its_number(verb, number):
    after, before = heard(f"{verb} {number}").command, heard(f"{number} {verb}").command
    assert after == before == Command(WORDS[verb], str(number), "")
