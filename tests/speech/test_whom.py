"""Whom the words name, and where a resident is sent."""

import pytest

from speech.whom import LONGEST, Whom, channel, whom, without_asking


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("@张三", Whom("张三", "")),
        ("给@张三，他家近", Whom("张三", "他家近", named=True)),
        ("由 li4@清溪镇/韶山村 他熟", Whom("li4@清溪镇/韶山村", "他熟", named=True)),
    ],
)
def test_a_mention_names_somebody(words, found):
    assert whom(words) == found


def test_a_long_sentence_without_a_gap_names_nobody_and_is_kept():
    said = "不" * (LONGEST + 1)
    assert whom(f"给{said}") == Whom("", said, named=True)


@pytest.mark.parametrize("words", ["，请找县法院", "请找县法院", "是法院管的事，请找", ""])
def test_a_reason_without_a_place_or_a_place_without_a_reason_is_all_reason(words):
    assert channel(words) == (words, "")


@pytest.mark.parametrize(
    ("where", "bare"),
    [("请您找县法院", "县法院"), ("到政务大厅", "政务大厅"), ("县法院", "县法院")],
)
def test_a_place_is_named_without_the_asking(where, bare):
    assert without_asking(where) == bare
