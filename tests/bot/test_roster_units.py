"""sanzhang roster rename | merge | split | move | account, and issues hand-over."""

from datetime import datetime

import pytest
from sqlalchemy import select

from people.reading import read
from storage.tables import Event, RosterChange
from tests.bot.conftest import CONFIG
from tests.town import HEAD, LIN, NEXT_LIN, PIAN, TOWN, ZONE, ZU, Day


@pytest.fixture
def day(town_lite):
    """Now: a command reads the clock itself."""
    return Day(town_lite, f"{datetime.now(ZONE):%Y-%m-%d %H:%M}")


@pytest.fixture
def roster(day, type_):
    def _roster(*words, status=0):
        return type_(day.db, "roster", *words, status=status)

    return _roster


@pytest.fixture
def imported(roster, tmp_path):
    def _imported(*lines, status=0):
        file = tmp_path / "花名册.csv"
        file.write_text("\n".join([HEAD, *lines]), "utf-8")
        return roster("import", file, status=status)

    return _imported


def unit(day, number):
    issue = day.issue(number)
    with day.db.read() as session:
        found = read(session).unit(issue.unit_id)
    return found.path if found else None


def home(day, userid):
    with day.db.read() as session:
        homes = read(session).homes
    return homes.lives[homes.by_userid[userid].id][0].lin.path


def test_a_unit_with_another_name_keeps_its_people_and_issues(day, roster):
    number = day.report()
    said = roster("rename", ZU, "新冲组")
    assert f"已改名：{ZU} → {PIAN}/新冲组" in said
    assert unit(day, number) == home(day, "mao_mou") == f"{PIAN}/新冲组/一邻"
    assert day.holder(number) == "zhang"


def test_a_file_of_before_a_renaming_is_refused_and_says_the_new_name(roster, imported):
    roster("rename", ZU, "新冲组")
    assert f"{ZU} 已经改名或并入 {PIAN}/新冲组" in imported(*TOWN, status=1)
    assert "没有要改的" in imported(*[line.replace("长冲组", "新冲组") for line in TOWN])


def test_where_the_old_name_still_stands_is_listed(day, tmp_path, monkeypatch, roster):
    hook = f'[[wecom.webhook]]\nunit = "韶山村/一片"\nkey = "{"k" * 36}"\n'
    monkeypatch.setattr("tests.bot.conftest.CONFIG", CONFIG + hook)
    said = roster("rename", "韶山村", "新山村")
    assert "还要自己改的：" in said
    assert "[[wecom.webhook]] unit：韶山村/一片" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rename", "没有村", "x"), "没有 没有村 这个单位"),
        (("rename", LIN, "二邻"), "已经有了"),
        (("rename", LIN, "a/b"), "改名只换最后一级"),
        (("merge", LIN, ZU), "不是同一类"),
        (("split", LIN, "新邻", "--part", "没有家"), "里没有 没有家"),
        (("move", LIN, "没有家", NEXT_LIN), "没有 没有家 这一户"),
        (("account", "nobody", "x"), "花名册里没有 nobody"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(day, roster, words, said):
    assert said in roster(*words, status=1)
    with day.db.read() as session:
        assert session.scalar(select(RosterChange)) is None


def test_merged_the_open_issues_go_along_and_the_closed_ones_stay(day, roster):
    number, closed = day.report(), day.report("liu_mou", "井盖丢了")
    day.do(closed, "liu_mou", "withdraw")
    assert home(day, "liu_mou") == LIN
    said = roster("merge", LIN, NEXT_LIN)
    assert "1 件没办完的诉求一起过去" in said
    assert (unit(day, number), unit(day, closed)) == (NEXT_LIN, LIN)
    assert day.holder(number) == "chen"
    assert home(day, "mao_mou") == NEXT_LIN


def test_a_unit_that_is_merged_is_not_vacant_nor_named_again(roster, imported):
    roster("merge", LIN, NEXT_LIN)
    assert LIN not in roster("vacancies")
    assert "已经改名或并入" in imported(*TOWN, status=1)


def test_a_merged_zu_gives_what_its_zuzhang_held_to_the_other(day, roster, imported):
    other = f"{PIAN}/老屋组"
    imported(f"曾某,zeng,组长,{other},,", f"唐某,tang,邻长,{other}/三邻,唐家,")
    number = day.report()
    day.do(number, "zhang", "raise_up")
    assert day.holder(number) == "peng"
    roster("merge", ZU, other)
    assert day.holder(number) == "zeng"
    assert unit(day, number) == f"{other}/一邻"


def test_split_the_open_issues_follow_their_households(day, roster):
    number, other = day.report(), day.report("liu_mou", "井盖丢了")
    households = {line.split(",")[1]: line.split(",")[4] for line in TOWN}
    said = roster("split", LIN, "三邻", "--part", households["mao_mou"])
    assert f"{ZU}/三邻 还没有人任职" in said
    assert unit(day, number) == home(day, "mao_mou") == f"{ZU}/三邻"
    assert day.holder(number) == "peng"
    assert (unit(day, other), day.holder(other)) == (LIN, "zhang")


def test_a_household_that_moves_leaves_what_is_open_where_it_is(day, roster):
    number = day.report()
    households = {line.split(",")[1]: line.split(",")[4] for line in TOWN}
    said = roster("move", LIN, households["mao_mou"], NEXT_LIN)
    assert "他们有 1 件没办完的" in said
    assert home(day, "mao_mou") == NEXT_LIN
    assert (unit(day, number), day.holder(number)) == (LIN, "zhang")
    assert day.holder(day.report("mao_mou", "门口的下水道堵了")) == "chen"


def test_two_accounts_of_one_person_become_one_with_the_home_of_the_new(day, roster, imported):
    imported(f"毛某,mao2,居民,{NEXT_LIN},毛家新屋,13800000099")
    number = day.report()
    roster("account", "mao_mou", "mao2")
    assert home(day, "mao2") == NEXT_LIN
    assert day.issue(number).reporter == "mao2"


def test_all_that_somebody_holds_is_handed_over_at_once_and_on_the_record(day, type_):
    numbers = [day.report(), day.report("liu_mou", "井盖丢了")]
    words = ("issues", "hand-over", "--from", "zhang", "--to", "chen", "--reason", "住院")
    assert "2 件交给 陈某" in type_(day.db, *words)
    assert {day.holder(number) for number in numbers} == {"chen"}
    with day.db.read() as session:
        last = session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.kind, last.role, last.reason) == ("hand_over", "admin", "住院")


@pytest.mark.parametrize(
    "words",
    [
        ("rename", ZU, "新冲组"),
        ("merge", LIN, NEXT_LIN),
        ("merge", ZU, f"{PIAN}/老屋组"),
        ("split", LIN, "三邻", "--part", "毛家"),
        ("split", ZU, "新冲组", "--part", "一邻"),
        ("move", LIN, "毛家", NEXT_LIN),
    ],
)
def test_the_histories_and_the_tables_say_the_same_of_every_unit(
    day, roster, imported, type_, words
):
    imported(f"曾某,zeng,组长,{PIAN}/老屋组,,")
    day.report()
    raised, closed = day.report("liu_mou", "井盖丢了"), day.report("liu_mou", "路上有个坑")
    day.do(raised, "zhang", "raise_up")
    day.do(closed, "liu_mou", "withdraw")
    roster(*words)
    assert "对不上" not in type_(day.db, "issues", "verify")


def test_every_change_is_on_the_record_and_says_how_it_is_undone(day, roster):
    roster("rename", ZU, "新冲组")
    with day.db.read() as session:
        (change,) = session.scalars(select(RosterChange))
    assert (change.what, change.said["to"]) == ("rename", f"{PIAN}/新冲组")
    assert "改名用 roster rename 改回去" in roster("undo", status=1)
    roster("rename", "新冲组", "长冲组")
    assert home(day, "mao_mou") == LIN
