"""What `faq check` says about a deployment's own emergency file."""

import pytest

from faq.lint import check
from tests.faq_tools.conftest import SOUND, TODAY, Write

GOOD = """
- id: fire
  name: 火警
  phrases: [着火, 起火]
  exclusions: [着火锅]
  numbers: ["119"]
  reply: 马上离开，打 119。
  tests:
    should: [屋里着火了]
    should_not: [围着火锅吃饭]
"""


LEFT_OUT = "程序自带的 19 类这里没有"


@pytest.fixture
def told(write: Write):
    """The problems of an emergency file as (line, severity, message)."""

    def told(text: str) -> list[tuple[int, str, str]]:
        write(SOUND)
        problems = check(write(text, "tables/emergency.yaml"), TODAY)
        said = [(p.line, p.severity, p.what) for p in problems]
        return [one for one in said if LEFT_OUT not in one[2]]

    return told


def test_a_sound_emergency_file_is_left_alone(told):
    assert told(GOOD) == []


@pytest.mark.parametrize(
    "claim",
    ["已为您报警", "我们已经帮您拨打 119", "正在为您呼叫救护车", "消防车马上就到", "已联系消防"],
)
def test_no_reply_may_say_that_help_has_been_called(told, claim: str):
    problems = told(GOOD.replace("马上离开", f"{claim}，马上离开"))

    assert [(line, severity) for line, severity, _ in problems] == [(6, "error")]


@pytest.mark.parametrize("plain", ["机器人不能帮您报警", "我已经通知能帮您的人", "请马上打电话"])
def test_a_reply_may_say_what_is_true(told, plain: str):
    assert told(GOOD.replace("马上离开", f"{plain}，马上离开")) == []


def test_a_number_that_the_resident_does_not_read_is_missed(told):
    problems = told(GOOD.replace('["119"]', '["119", "110"]'))

    assert problems == [(5, "warning", "110 没有出现在回复里，居民看不到")]


def test_a_class_without_a_number_is_incomplete(told):
    assert told(GOOD.replace('  numbers: ["119"]\n', "")) == [(1, "warning", "没有写该打的电话")]


def test_an_exclusion_must_cover_one_of_the_phrases(told):
    problems = told(GOOD.replace("[着火锅]", "[着火锅, 火锅]"))

    assert problems == [(4, "warning", "「火锅」里没有这一类的触发词，不起作用")]


def test_an_exclusion_must_not_be_the_phrase_itself(told):
    problems = told(GOOD.replace("[着火锅]", "[着火锅, 起火]"))

    assert problems == [(4, "error", "「起火」又是触发词又是排除，永远不会触发")]


def test_a_phrase_of_an_earlier_class_is_never_reached(told):
    later = GOOD.replace("fire", "gas").replace("火警", "燃气").replace("[着火,", "[漏气, 着火,")
    later = later.replace("屋里着火了", "煤气罐漏气")

    problems = told(GOOD + later)

    assert (13, "warning", "「着火」在「火警」里已经有了，这里用不上") in problems


def test_a_failing_sentence_is_an_error_on_its_line(told):
    problems = told(GOOD.replace("[屋里着火了]", "[屋里着火了, 屋里进了老鼠]"))

    assert problems == [(8, "error", "测试没过：「屋里进了老鼠」应当触发「火警」，结果没有触发")]


def test_self_harm_is_for_private_chats_only(told):
    problems = told(
        GOOD.replace("火警", "轻生").replace("着火", "想死", 1).replace("屋里着火", "想死")
    )

    assert (1, "error", "轻生一类只能在私聊里回复") in problems


def test_a_reply_longer_than_anybody_reads_is_too_long(told):
    problems = told(GOOD.replace("马上离开", "快" * 300))

    assert [(line, severity) for line, severity, _ in problems] == [(6, "warning")]


def test_classes_that_the_own_file_leaves_out_are_named(write: Write):
    write(SOUND)

    (problem,) = check(write(GOOD, "tables/emergency.yaml"), TODAY)

    assert (problem.line, problem.severity) == (1, "warning")
    assert LEFT_OUT in problem.what
    assert "燃气泄漏" in problem.what
