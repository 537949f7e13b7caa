"""sanzhang rates and issues verify, as an admin types them."""

import json

import pytest
from sqlalchemy import update

from rules.words import Rating, Solved, State
from storage.tables import Issue
from tests.town import LIN, NEXT_LIN, PIAN, Day

AT = ("--at", "2026-06-30T12:00")


@pytest.fixture
def day(town_lite):
    """Six solved in one lin, two silent in the other."""
    day = Day(town_lite, "2026-06-01 09:00")
    for n in range(8):
        userid, lin = ("mao_mou", "zhang") if n < 6 else ("hu_mou", "chen")
        number = day.report(userid, f"第 {n} 根电杆的路灯不亮")
        day.do(number, lin, "resolve", "换了灯泡")
        if n < 6:
            day.do(number, userid, "rate", Solved.YES, Rating.FAIR if n else Rating.GOOD)
    return day


def test_every_rate_stands_beside_its_n(day, type_):
    said = type_(day.db, "rates", "--unit", "长冲组", *AT)
    assert "100.0% (6/6)" in said
    assert "16.7% (1/6)" in said  # the top two beside the top three
    assert "75.0% (6/8)" in said  # the rating share


def test_a_small_sample_is_called_so_and_nothing_is_no_rate(day, type_):
    (row,) = [
        line
        for line in type_(day.db, "rates", "--unit", "长冲组", *AT).splitlines()
        if line.startswith("二邻") and "样本不足" in line
    ][:1]
    assert "样本不足 (2/2)" in row
    assert "—" in row
    assert "%" not in row


def test_no_line_is_cut(day, type_):
    assert "…" not in type_(day.db, "rates", *AT)


def test_units_without_issues_are_listed_apart(day, type_):
    assert "这段时间没有诉求的单位：一邻、二邻" in type_(
        day.db, "rates", "--unit", "长冲组", "--to", "2026-05-01", *AT
    )


def test_the_numbers_as_json(day, type_):
    found = json.loads(type_(day.db, "rates", "--unit", "长冲组", "--json", *AT))
    assert [unit["unit"] for unit in found["units"]] == [LIN, NEXT_LIN]
    assert found["total"]["resolution"] == {"rate": 1.0, "part": 6, "n": 6}
    assert found["units"][1]["response"] == {"rate": None, "part": 2, "n": 2}
    assert found["total"]["closed_at"] == {"lin": 6}
    assert (found["to"], found["total"]["year"]) == ("2026-06-30", None)


def test_last_year_stands_beside_this_year(day, type_):
    window = ("--from", "2026-06-01", "--to", "2026-06-30")
    assert "件数 0 → 6，去年太少，不比" in type_(day.db, "rates", *window, *AT)
    later = ("--from", "2027-06-01", "--to", "2027-06-30", "--at", "2027-06-30T12:00")
    assert "件数 6 → 0，下降 100.0%" in type_(day.db, "rates", *later)


def test_a_machine_whose_clock_is_behind_hides_nothing(town_lite, type_):
    far = Day(town_lite, "2099-06-01 09:00")
    far.report()
    assert json.loads(type_(far.db, "rates", "--json"))["total"]["reported"] == 1


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--from", "2026-06-31"), 2, "2026-06-31' 不是日期"),
        (("--from", "昨天"), 2, "应形如 2026-06-01"),
        (("--from", "2026-06-02", "--to", "2026-06-01"), 2, "请对调"),
        (("--unit", "韶山村/三片"), 1, "没有单位“韶山村/三片”"),
        (("--unit", "清溪镇/韶山村/二片"), 1, f"是不是：{PIAN}"),
    ],
)
def test_what_is_written_wrongly_gets_a_kind_word(town_lite, type_, words, status, said):
    assert said in type_(town_lite, "rates", *words, status=status)


def test_the_city_may_be_named_or_left_out(day, type_):
    both = [type_(day.db, "rates", *words, *AT) for words in ((), ("--unit", "韶山市"))]
    assert both[0] == both[1]


def test_without_a_roster_there_are_no_units(lite, type_):
    assert "还没有花名册" in type_(lite, "rates", status=1)


# --- issues verify ---


def test_verify_finds_nothing_where_nothing_was_touched(day, type_):
    assert "8 件诉求的经过都对得上" in type_(day.db, "issues", "verify")


def test_verify_names_the_issue_and_what_does_not_fit(day, type_):
    number = day.report()
    changed = update(Issue).where(Issue.number == number).values(state=State.WITHDRAWN)
    day.db.write(lambda session: session.execute(changed))
    said = type_(day.db, "issues", "verify", status=1)
    assert f"{number}：状态对不上：表里是 已撤回，经过里是 待接单" in said
