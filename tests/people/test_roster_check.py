"""What only several rows together show: contradictions, oddities and gaps."""

from datetime import date

import pytest

from files.problem import FileError
from people.roster import read_roster
from people.roster_plan import compare
from people.roster_state import RosterState

LIN = "甲镇/乙村/一片/一组/一邻"


@pytest.fixture
def read(tmp_path):
    """Reads the lines as a roster."""

    def _read(*lines):
        path = tmp_path / "名单.csv"
        path.write_text("\n".join(["姓名,账号,角色,单位,户,手机号", *lines]), encoding="utf-8")
        return read_roster(path)

    return _read


@pytest.fixture
def refused(read):
    """What is said of lines that are refused."""

    def _refused(*lines):
        with pytest.raises(FileError) as caught:
            read(*lines)
        return [str(problem) for problem in caught.value.problems]

    return _refused


def gaps_of(rows):
    plan = compare(rows, RosterState(), date(2026, 11, 21))
    return [warning.what for warning in plan.warnings]


def test_one_account_with_two_names_is_told_with_both_rows(refused):
    assert refused("张三,a,片长,甲镇/乙村/一片,,", "李四,A,村干部,甲镇/乙村,,") == [
        "名单.csv:3: 「姓名」账号 a 在第 2 行是 张三，这一行是 李四"
        "（一个账号只能是一个人：改正姓名，或换成他自己的账号）"
    ]


@pytest.mark.parametrize(
    ("role", "unit"),
    [("邻长", LIN), ("组长", "甲镇/乙村/一片/一组"), ("片长", "甲镇/乙村/一片")],
)
def test_two_people_on_a_single_seat_are_told_with_both_rows(refused, role, unit):
    assert refused(f"张三,a,{role},{unit},,", "", f"李四,b,{role},{unit},,") == [
        f"名单.csv:4: 「角色」{unit} 有两个{role}：第 2 行 张三，这一行 李四"
        f"（只留一个{role}；前后接任的，写上前一位的「止」和后一位的「起」）"
    ]


def test_a_village_may_have_many_cadres(read):
    assert len(read("张三,a,村干部,甲镇/乙村,,", "李四,b,村干部,甲镇/乙村,,")) == 2


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("片长,甲/乙/丙", "部门,甲", "甲 在第 2 行是乡镇，这一行是部门"),
        ("部门,甲", "乡镇干部,甲", "甲 在第 2 行是部门，这一行是乡镇"),
        ("组长,甲/乙/丙/丁", "驻地单位,甲/乙/丙/丁", "甲/乙/丙/丁 在第 2 行是组，这一行是驻地单位"),
    ],
)
def test_one_path_for_two_kinds_of_unit_is_told_once(refused, one, other, said):
    (problem,) = refused(f"张三,a,{one},,", f"李四,b,{other},,", f"王五,c,{other},,")
    assert problem.startswith(f"名单.csv:3: 「单位」{said}")


def test_bad_cells_and_contradictions_are_told_together_in_the_order_of_rows(refused):
    problems = refused(
        f"张三,a,邻长,{LIN},,",
        f"李四,b,邻长,{LIN},,",
        "王五,,邻长,甲镇,,12",
    )
    assert [problem.split(":")[1] for problem in problems] == ["3", "4", "4", "4"]


def test_one_person_may_have_many_posts_and_households(read):
    rows = read(
        f"张三,a,邻长,{LIN},张家,",
        "张三,a,村干部,甲镇/乙村,,",
        "张三,a,居民,甲镇/乙村/一片/一组/二邻,张家铺子,",
    )
    assert (len(rows), rows.warnings) == (3, ())


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("居民,{0},张家,", "居民,{0},张家,", "和第 2 行重复，只算一次"),
        ("居民,{0},张家,123456", "邻长,{0},,654321", "「手机号」和第 2 行的号码不同"),
        ("居民,{0},张家,", "村干部,甲镇/乙村,张家,", "「户」村干部这一行的户不导入"),
    ],
)
def test_odd_rows_are_only_mentioned(read, one, other, said):
    rows = read(f"张三,a,{one.format(LIN)}", f"张三,a,{other.format(LIN)}")
    (warning,) = rows.warnings
    assert str(warning).startswith(f"名单.csv:3: {said}")
    assert warning.severity == "warning"


def test_empty_seats_and_small_lin_are_warnings(read):
    assert gaps_of(read(f"张三,a,居民,{LIN},张家,")) == [
        "甲镇/乙村/一片：还没有片长",
        "甲镇/乙村/一片/一组：还没有组长",
        f"{LIN}：还没有邻长",
        f"{LIN}：只有 1 户，少于 5 户",
    ]


@pytest.mark.parametrize(("households", "warned"), [(4, 1), (5, 0), (15, 0), (16, 1)])
def test_a_lin_should_have_5_to_15_households(read, households, warned):
    posts = ["张三,a,邻长,甲/乙/丙/丁/戊,,", "张三,a,组长,甲/乙/丙/丁,,", "张三,a,片长,甲/乙/丙,,"]
    homes = [f"李某,b{i},居民,甲/乙/丙/丁/戊,{i}号," for i in range(households)]
    assert len(gaps_of(read(*posts, *homes))) == warned


def test_two_people_of_one_household_count_as_one(read):
    homes = [f"李某,b{i},居民,{LIN},李家," for i in range(20)]
    assert f"{LIN}：只有 1 户，少于 5 户" in gaps_of(read(*homes))


def test_two_terms_of_one_post_and_two_at_once_on_a_seat_are_refused(tmp_path):
    path = tmp_path / "名单.csv"
    rows = (
        f"张三,a,邻长,{LIN},,,2026-01-01,2026-06-30",
        f"李四,b,邻长,{LIN},,,2026-06-30,",
        f"张三,a,邻长,{LIN},,,2027-01-01,",
    )
    path.write_text("\n".join(["姓名,账号,角色,单位,户,手机号,起,止", *rows]), "utf-8")
    with pytest.raises(FileError) as caught:
        read_roster(path)
    told = [str(problem) for problem in caught.value.problems]
    assert ["有两个邻长" in told[0], "只写一段起止" in "".join(told[1:])] == [True, True]
