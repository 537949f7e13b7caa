"""Whether words complain about a 长 or cadre, or merely speak of him."""

from pathlib import Path

import pytest

from benchmarks.accusing_data import written
from speech.accusing import DOUBTFUL, accused, highest, judged, tells_of_deed
from speech.roles import spoken_of

LADDER = (
    ("邻长", "张守田"),
    ("组长", "彭长青"),
    ("片长", "谭大山"),
    ("村干部", "谢晓春"),
    ("乡镇干部", "郭志强"),
)
HELD_OUT = Path(__file__).parent / "accusing_held_out.txt"
#: Of sentences nobody has learnt from: so many complaints are heard, so few mentions are taken for
#: one.
HEARD, FALSE = 0.9, 0.01


def held_out() -> list[tuple[str, str]]:
    lines = HELD_OUT.read_text("utf-8").splitlines()
    pairs = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [(role, said) for role, said in pairs]


COMPLAINTS = [(role, said) for role, said in held_out() if role != "无"]
MENTIONS = [said for role, said in held_out() if role == "无"]


def test_the_held_out_sentences_are_many_and_none_was_learnt_from():
    learnt = {one.text for one in written()}
    assert (len(COMPLAINTS) >= 60, len(MENTIONS) >= 60) == (True, True)
    assert [said for _, said in held_out() if said in learnt] == []


def test_complaints_of_the_held_out_sentences_are_heard():
    lost = [said for _, said in COMPLAINTS if not accused(said, LADDER)]
    assert len(lost) <= (1 - HEARD) * len(COMPLAINTS), lost


def test_the_right_one_is_meant():
    """Too high is a telephone call, too low a secret told."""
    wrong = [
        said for role, said in COMPLAINTS if (found := accused(said, LADDER)) and role not in found
    ]
    assert wrong == []


def test_mentions_of_the_held_out_sentences_are_no_complaints():
    taken = [said for said in MENTIONS if accused(said, LADDER)]
    assert len(taken) <= FALSE * len(MENTIONS), taken


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ("我要投诉邻长，收钱不办事", ["邻长"]),
        ("举报张守田占了集体的地", ["邻长"]),
        ("组长和邻长都偏心，低保给了亲戚", ["邻长", "组长"]),
        ("片长谭大山收了我家的钱", ["片长"]),
        ("村支书挪用修路款，要举报", ["村干部"]),
        ("包村干部收红包", ["乡镇干部"]),
        ("邻长张守田停水也不管", ["邻长"]),
        ("老彭当组长只顾自己屋里", ["组长"]),
        ("路灯坏了，跟邻长说过，请来修", []),
        ("邻长帮我们修好了，谢谢", []),
        ("投诉隔壁半夜放音响", []),
        ("老彭家的水管漏了", []),
        ("班主任收了五十块钱", []),
        ("", []),
    ],
)
def test_the_words_say_whom_a_complaint_is_about(said, roles):
    assert accused(said, LADDER) == roles


def test_roles_are_heard_without_a_ladder_and_names_are_not():
    assert accused("组长贪污修路款") == ["组长"]
    assert accused("彭长青贪污修路款") == []


def test_the_highest_counts():
    assert highest("邻长和村支书合伙骗钱", LADDER) == "village"


def test_what_is_doubtful_is_less_than_a_complaint():
    assert set(accused("邻长晓得", LADDER)) <= set(accused("邻长晓得", LADDER, DOUBTFUL))


@pytest.mark.parametrize("said", ["张守田书记来过", "片长谭大山", "谭大山片长"])
def test_a_role_and_its_name_are_one_mention(said):
    assert len(spoken_of(said, LADDER)) == 1


@pytest.mark.parametrize(
    "said", ["1" * 50_000, "组长" * 25_000, "组长打" * 20_000, "，" * 50_000, "管我们" * 9_000]
)
def test_a_hostile_text_is_read_to_its_measure(said):
    assert len(judged(said, LADDER)) <= 40


@pytest.mark.parametrize(
    ("said", "deed"),
    [
        ("断了我家的水", True),
        ("现在不给我办事", True),
        ("我家门口被倒了垃圾", True),
        ("把菜地毁了", True),
        ("我家停水了", False),
        ("下水道堵了", False),
        ("路灯坏了三天没人修", False),
        ("孩子被困在电梯里", False),
    ],
)
def test_what_somebody_does_to_somebody_is_told_from_what_breaks(said, deed):
    assert tells_of_deed(said) is deed
