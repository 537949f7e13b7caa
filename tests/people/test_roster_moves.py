"""Who of the file is who of the database: moves, new accounts, people without one."""

from datetime import date
from random import Random

import pytest
from sqlalchemy import select

from people.roster import apply, plan, read_roster
from people.town import has_account
from storage.tables import HouseholdRow, PersonRow, Resident, UnitRow

TODAY = date(2026, 11, 21)
ZU = "甲镇/乙村/一片/一组"
ONE, TWO = f"{ZU}/一邻", f"{ZU}/二邻"
FAR = "甲镇/丙村/一片/一组/一邻"
LI = f"李四,li,居民,{ONE},李家,"


@pytest.fixture
def imported(db, tmp_path):
    """Imports the lines and gives back the plan."""

    def _imported(*lines, full=False):
        path = tmp_path / "名单.csv"
        path.write_text("\n".join(["姓名,账号,角色,单位,户,手机号", *lines]), encoding="utf-8")
        with db.read() as session:
            made = plan(session, read_roster(path), TODAY, full)
        db.write(lambda session: apply(session, made))
        with db.read() as session:
            again = plan(session, read_roster(path), TODAY, full)
        assert (again.writes, again.questions) == (0, ())
        return made

    return _imported


@pytest.fixture
def homes(db):
    """Who lives where: (name, account or "", lin, household)."""

    def _homes():
        query = select(PersonRow.name, PersonRow.userid, UnitRow.name, HouseholdRow.name)
        joined = query.select_from(Resident).join(Resident.person).join(Resident.household)
        joined = joined.join(UnitRow, UnitRow.id == HouseholdRow.lin_id).order_by(Resident.id)
        with db.read() as session:
            rows = session.execute(joined).all()
        return [(name, u if has_account(u) else "", *home) for name, u, *home in rows]

    return _homes


def test_a_resident_with_a_new_lin_moves_and_the_plan_says_so(imported, homes):
    imported(LI)
    made = imported(LI.replace("一邻", "二邻"))
    assert homes() == [("李四", "li", "二邻", "李家")]
    assert f"搬家 李四（li） {ONE} 李家 → {TWO} 李家" in made.lines()
    assert "居民：新增 0，移出 0，搬家 1" in made.lines()


def test_two_homes_that_are_both_in_the_file_stay_two(imported, homes):
    imported(LI)
    made = imported(LI, f"李四,li,居民,{TWO},李家铺子,")
    assert made.moves == ()
    imported(LI)
    assert homes() == [("李四", "li", "一邻", "李家"), ("李四", "li", "二邻", "李家铺子")]


def test_in_a_full_import_a_move_is_no_removal(imported, homes):
    imported(LI, f"王五,wang,居民,{ONE},王家,")
    made = imported(LI.replace("一邻", "二邻"), full=True)
    assert (len(made.moves), made.dropped) == (1, 1)
    assert homes() == [("李四", "li", "二邻", "李家")]


def test_a_resident_without_an_account_is_counted_and_known_again(imported, homes):
    made = imported(f"王奶奶,,居民,{ONE},王家,")
    assert "没有账号的居民 1 位：有事由邻长代报，结果当面告知" in made.summary()
    assert homes() == [("王奶奶", "", "一邻", "王家")]
    assert f"新增 居民 王奶奶（没有账号） {ONE} 王家" in made.lines()


@pytest.mark.parametrize("phone", ["", "13800001234"])
def test_who_has_no_account_moves_as_well(imported, homes, phone):
    imported(f"王奶奶,,居民,{ONE},王家,{phone}")
    imported(f"王奶奶,,居民,{TWO},王家,{phone}")
    assert homes() == [("王奶奶", "", "二邻", "王家")]


def test_namesakes_without_an_account_stay_two(imported, homes):
    both = f"王某,,居民,{ONE},王家,13800001234", f"王某,,居民,{ONE},王家,13800005678"
    imported(*both)
    imported(*both)
    assert len(homes()) == 2


@pytest.mark.parametrize("phone", ["", "13800001234"])
def test_who_is_given_an_account_stays_the_same_person(imported, homes, phone):
    imported(f"王奶奶,,居民,{ONE},王家,{phone}")
    made = imported(f"王奶奶,wang,居民,{ONE},王家,{phone}")
    assert "换账号 王奶奶：没有账号 → wang" in made.lines()
    assert homes() == [("王奶奶", "wang", "一邻", "王家")]


def test_a_row_that_leaves_out_an_account_that_is_known_means_the_same_person(imported, homes):
    imported(LI)
    imported(f"李四,,居民,{ONE},李家,13800001234")
    assert homes() == [("李四", "li", "一邻", "李家")]


def test_a_new_account_with_the_same_name_and_phone_is_the_same_person(imported, homes):
    imported(f"{LI}13800001234", f"王五,wang,居民,{ONE},王家,")
    made = imported(f"李四,lisi,居民,{FAR},李家,13800001234")
    assert made.moves
    assert "换账号 李四：li → lisi" in made.lines()
    assert [home for home in homes() if home[0] == "李四"] == [("李四", "lisi", "一邻", "李家")]


@pytest.mark.parametrize("lin", [ONE, TWO])
def test_a_new_account_with_the_same_name_and_home_is_asked_about(db, tmp_path, imported, lin):
    imported(LI)
    path = tmp_path / "新.csv"
    path.write_text(f"姓名,账号,角色,单位,户,手机号\n李四,lisi,居民,{lin},李家,", "utf-8")
    with db.read() as session:
        (asked,) = plan(session, read_roster(path), TODAY).questions
    assert "像是同一个人" in asked.what
    assert "sanzhang roster account li lisi" in asked.remedy


def test_two_telephones_are_two_people(db, imported):
    imported(f"{LI}13800001234")
    assert imported(f"李四,lisi,居民,{ONE},李家,13800005678").questions == ()


def test_a_lin_whose_people_all_move_into_a_new_one_may_only_have_another_name(imported):
    people = [f"某{n},p{n},居民,{ONE},{n}号," for n in range(3)]
    imported(*people)
    made = imported(*[line.replace("一组", "长冲组") for line in people])
    (asked,) = made.questions
    assert "sanzhang roster rename 甲镇/乙村/一片/一组 甲镇/乙村/一片/长冲组" in asked.remedy


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_a_resident_of_two_lins_unless_the_file_says_so(imported, homes, seed):
    random = Random(seed)
    for _ in range(4):
        rows = [
            (f"某{n}", random.choice([f"p{n}", ""]), random.choice([ONE, TWO])) for n in range(9)
        ]
        imported(*[f"{name},{u},居民,{lin},{name}家,1380000{name[1]}234" for name, u, lin in rows])
        assert len(homes()) == 9
