"""`faq test`: the sentences that admins wrote are asked as the resident would ask them."""

import pytest

from faq.book import Book
from faq.selftest import run_tests
from tests.faq_tools.conftest import SOUND, TODAY, Write


def _failures(folder) -> list[str]:
    return [str(failure) for failure in run_tests(Book.load(folder), TODAY)]


def test_all_is_well_when_every_sentence_goes_where_it_should(write: Write):
    folder = write(SOUND + "  测试: {应中: [路灯归谁管], 不应中: [社保卡去哪里领]}\n")

    assert _failures(folder) == []


def test_a_failure_names_the_line_what_was_wanted_and_what_came(write: Write):
    folder = write(SOUND + "  测试: {不应中: [路灯归谁管]}\n")

    (failure,) = _failures(folder)

    assert failure.endswith("a.yaml:5: 「路灯归谁管」应当不由这一条回答，结果由「lamp」回答")


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("屋里着火了", "当成紧急情况"),
        ("路灯坏了三天没人修", "当成诉求"),
        ("你好", "当成闲聊"),
        ("石屏村几点出太阳", "没有对上，转给邻长"),
    ],
)
def test_a_failure_says_in_words_what_happens_instead(write: Write, sentence: str, outcome: str):
    folder = write(SOUND + f"  测试: {{应中: [{sentence}]}}\n")

    assert outcome in _failures(folder)[0]


def test_a_village_entry_is_asked_by_somebody_of_that_village(write: Write):
    folder = write(SOUND + "  适用: 石屏村\n  渠道: 群\n  测试: {应中: [路灯归谁管]}\n")

    assert _failures(folder) == []


def test_the_emergency_file_is_tested_as_well(write: Write):
    write(SOUND)
    folder = write(
        """
        - 编号: fire
          名称: 火警
          触发词: [着火]
          回复: 打 119。
          测试: {应中: [屋里进了老鼠], 不应中: [灶里着火了快来]}
        """,
        "tables/emergency.yaml",
    )

    assert _failures(folder) == [
        "「屋里进了老鼠」应当触发「火警」，结果没有触发",
        "「灶里着火了快来」应当不触发「火警」，结果触发了",
    ]


def test_it_tells_how_far_it_is(write: Write):
    steps: list[tuple[int, int]] = []

    run_tests(Book.load(write(SOUND)), TODAY, lambda done, total: steps.append((done, total)))

    assert steps == [(1, 1)]
