"""The roster and the database: what a plan says, and that the writing does just that."""

from datetime import date
from random import Random
from threading import Event, Thread

import pytest
from sqlalchemy import event, func, select

from files.problem import FileError
from people import roster_known
from people.reading import Part, changed, version
from people.roster import PlanOutdated, apply, plan, read_roster, remember
from rules.words import UnitKind
from storage.tables import HouseholdRow, PersonRow, PostRow, Resident, RosterImport, UnitRow

TODAY = date(2026, 11, 21)
YESTERDAY = date(2026, 11, 20)
LATER = date(2026, 12, 1)
LIN = "甲镇/乙村/一片/一组/一邻"
FIRST = ["张三,zhang,邻长,甲镇/乙村/一片/一组/一邻,张家,123456", f"李四,li,居民,{LIN},李家,"]


@pytest.fixture
def read(tmp_path):
    """Reads the lines as a roster."""

    def _read(*lines):
        path = tmp_path / "名单.csv"
        path.write_text("\n".join(["姓名,账号,角色,单位,户,手机号", *lines]), encoding="utf-8")
        return read_roster(path)

    return _read


@pytest.fixture
def planned(db, read):
    """The plan for the lines."""

    def _planned(*lines, today=TODAY, full=False):
        with db.read() as session:
            return plan(session, read(*lines), today, full)

    return _planned


@pytest.fixture
def imported(db, planned):
    """Imports the lines and gives back the plan."""

    def _imported(*lines, today=TODAY, full=False):
        made = planned(*lines, today=today, full=full)
        db.write(lambda session: apply(session, made))
        return made

    return _imported


@pytest.fixture
def posts(db):
    """All posts as (userid, role, path, starts_on, ends_on), oldest first."""

    def _posts():
        query = select(
            PersonRow.userid, PostRow.role, UnitRow.path, PostRow.starts_on, PostRow.ends_on
        )
        joined = (
            query.select_from(PostRow).join(PostRow.person).join(PostRow.unit).order_by(PostRow.id)
        )
        with db.read() as session:
            return [tuple(row) for row in session.execute(joined)]

    return _posts


@pytest.fixture
def residents(db):
    """All residents as (userid, household)."""

    def _residents():
        query = select(PersonRow.userid, HouseholdRow.name).select_from(Resident)
        joined = query.join(Resident.person).join(Resident.household).order_by(Resident.id)
        with db.read() as session:
            return [tuple(row) for row in session.execute(joined)]

    return _residents


def counts(plan):
    return plan.added, plan.changed, plan.ended, plan.unchanged, plan.missing


def test_a_plan_writes_nothing(db, planned):
    assert planned(*FIRST).writes > 0
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(UnitRow)) == 0


def test_the_units_are_made_from_the_root_down(db, imported):
    imported(*FIRST)
    with db.read() as session:
        units = session.execute(
            select(UnitRow.path, UnitRow.kind, UnitRow.name).order_by(UnitRow.id)
        ).all()
    assert [tuple(unit) for unit in units] == [
        ("", "city", "市"),
        ("甲镇", "township", "甲镇"),
        ("甲镇/乙村", "village", "乙村"),
        ("甲镇/乙村/一片", "pian", "一片"),
        ("甲镇/乙村/一片/一组", "zu", "一组"),
        (LIN, "lin", "一邻"),
    ]


def test_every_unit_hangs_under_the_one_that_its_path_says(db, imported):
    imported(*FIRST, "王五,wang,部门,市水务局,,", "赵六,zhao,驻地单位,甲镇/乙村/一片/供电所,,")
    with db.read() as session:
        units = {unit.id: unit for unit in session.scalars(select(UnitRow))}
        parents = {u.path: units[u.parent_id].path for u in units.values() if u.parent_id}
    assert parents == {path: path.rpartition("/")[0] for path in parents}
    assert len(parents) == len(units) - 1


@pytest.mark.parametrize(
    ("row", "path", "kind"),
    [
        ("王五,wang,部门,市水务局,,", "市水务局", UnitKind.DEPARTMENT),
        ("赵六,zhao,驻地单位,甲镇/乙村/一片/电所,,", "甲镇/乙村/一片/电所", UnitKind.RESIDENT_UNIT),
    ],
)
def test_departments_and_resident_units_hang_beside_the_ladder(db, imported, row, path, kind):
    imported(row)
    with db.read() as session:
        assert session.scalar(select(UnitRow.kind).where(UnitRow.path == path)) == kind


def test_a_post_starts_on_the_day_of_the_import(imported, posts):
    imported(*FIRST)
    assert posts() == [("zhang", "linzhang", LIN, TODAY, None)]


def test_a_linzhang_with_a_household_lives_there_too(imported, residents):
    imported(*FIRST)
    assert residents() == [("zhang", "张家"), ("li", "李家")]


def test_people_of_one_household_share_it(db, imported, residents):
    imported(*FIRST, f"李小四,xiaoli,居民,{LIN},李家,")
    assert residents()[1:] == [("li", "李家"), ("xiaoli", "李家")]
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(HouseholdRow)) == 2


def test_a_second_run_has_nothing_to_do(imported, planned):
    imported(*FIRST)
    again = planned(*FIRST, today=LATER, full=True)
    assert (again.writes, counts(again)) == (0, (0, 0, 0, 3, 0))
    assert again.lines() == ["没有要改的：3 项都一样。"]


def test_writing_nothing_is_harmless(imported, posts):
    imported(*FIRST)
    imported(*FIRST, today=LATER)
    assert len(posts()) == 1


def test_a_new_name_or_phone_is_written(db, imported):
    imported(*FIRST)
    made = imported(FIRST[0].replace("123456", "654321"), f"李肆,li,居民,{LIN},李家,")
    assert made.changed == 2
    assert "变更 张三（zhang）：手机号有变" in made.lines()
    assert "变更 li：姓名 李四 → 李肆" in made.lines()
    with db.read() as session:
        people = session.execute(
            select(PersonRow.name, PersonRow.phone).order_by(PersonRow.id)
        ).all()
    assert [tuple(person) for person in people] == [("张三", "654321"), ("李肆", "")]


def test_an_empty_phone_in_the_file_keeps_the_one_we_know(imported, planned):
    imported(*FIRST)
    assert planned(FIRST[0].replace("123456", ""), FIRST[1]).changed == 0


def test_a_linzhang_who_is_replaced_ends_the_day_before(imported, posts):
    imported(*FIRST)
    made = imported(f"王五,wang,邻长,{LIN},,", today=LATER)
    assert posts() == [
        ("zhang", "linzhang", LIN, TODAY, date(2026, 11, 30)),
        ("wang", "linzhang", LIN, LATER, None),
    ]
    assert f"卸任 邻长 张三（zhang） {LIN}，由 王五（wang） 接任" in made.lines()


def test_who_is_replaced_and_comes_back_has_a_second_post(imported, posts):
    imported(*FIRST)
    imported(f"王五,wang,邻长,{LIN},,", today=LATER)
    imported(*FIRST, today=date(2027, 1, 1))
    assert [(post[0], post[4]) for post in posts()] == [
        ("zhang", date(2026, 11, 30)),
        ("wang", date(2026, 12, 31)),
        ("zhang", None),
    ]


def test_what_is_not_in_the_file_is_left_alone_and_counted(imported, posts, residents):
    imported(*FIRST)
    made = imported("赵六,zhao,村干部,甲镇/乙村,,")
    assert counts(made) == (1, 0, 0, 0, 3)
    assert "文件里没有的：职务 1，居民 2（保持不动）" in made.lines()
    assert (len(posts()), len(residents())) == (2, 2)


def test_a_village_cadre_is_not_replaced_by_another(imported, posts):
    imported("赵六,zhao,村干部,甲镇/乙村,,")
    imported("王五,wang,村干部,甲镇/乙村,,")
    assert [post[4] for post in posts()] == [None, None]


def test_a_full_import_ends_and_removes_what_is_not_in_the_file(imported, posts, residents):
    imported(*FIRST, "赵六,zhao,村干部,甲镇/乙村,,")
    made = imported(FIRST[0], full=True)
    assert counts(made) == (0, 0, 2, 2, 0)
    assert [(post[0], post[4]) for post in posts()] == [("zhang", None), ("zhao", YESTERDAY)]
    assert residents() == [("zhang", "张家")]


def test_a_post_that_has_ended_is_no_longer_counted(db, imported, planned):
    imported("赵六,zhao,村干部,甲镇/乙村,,")
    imported(*FIRST, full=True)
    assert counts(planned(*FIRST)) == (0, 0, 0, 3, 0)


def test_the_supervisor_names_the_city(db, imported):
    imported("孙七,sun,督办,韶山市,,", "管八,guan,管理员,,,")
    with db.read() as session:
        roots = session.execute(select(UnitRow.kind, UnitRow.path, UnitRow.name)).all()
    assert [tuple(root) for root in roots] == [("city", "", "韶山市")]


def test_a_city_without_a_name_gets_it_later(db, imported):
    imported("管八,guan,管理员,,,")
    assert "市的名称：韶山市" in imported("孙七,sun,督办,韶山市,,").lines()
    with db.read() as session:
        assert session.scalars(select(UnitRow.name)).all() == ["韶山市"]


@pytest.mark.parametrize("path", ["甲镇", "甲镇/乙村", "市水务局", LIN, ""])
def test_an_admin_may_sit_in_any_unit_that_there_is(imported, posts, path):
    imported(*FIRST, "王五,wang,部门,市水务局,,", "孙七,sun,督办,韶山市,,")
    imported(f"管八,guan,管理员,{path},,")
    assert posts()[-1][:3] == ("guan", "admin", path)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("甲真", "没有「甲真」这个单位（管全市的写 韶山市 或留空"),
        ("甲镇/丙村", "没有「甲镇/丙村」这个单位（督办的单位要是别的行里有的"),
    ],
)
def test_a_supervisor_of_an_unknown_unit_is_an_error(planned, path, said):
    with pytest.raises(FileError) as caught:
        planned("孙七,sun,督办,韶山市,,", *FIRST, f"钱九,qian,督办,{path},,")
    assert str(caught.value).startswith(f"名单.csv:5: 「单位」{said}")


def test_a_unit_of_another_kind_in_the_database_is_an_error(imported, planned):
    imported(*FIRST)
    with pytest.raises(FileError) as caught:
        planned("王五,wang,部门,甲镇,,")
    said = "名单.csv:2: 「单位」甲镇 这个名称在系统里已经用于另一类单位"
    assert str(caught.value).startswith(said)


def test_the_warnings_count_what_is_already_in_the_database(imported, planned):
    imported(*FIRST, "赵六,zhao,组长,甲镇/乙村/一片/一组,,", "王五,wang,片长,甲镇/乙村/一片,,")
    warnings = planned(*[f"某,r{i},居民,{LIN},{i}号," for i in range(3)]).warnings
    assert warnings == ()


def test_the_writing_is_refused_when_the_database_has_changed_meanwhile(db, imported, planned):
    old = planned(*FIRST)
    imported("赵六,zhao,村干部,甲镇/乙村,,")
    with pytest.raises(PlanOutdated):
        db.write(lambda session: apply(session, old))


def test_who_imports_while_another_import_writes_is_told_that_his_plan_is_outdated(db, planned):
    both, begun, said = planned(*FIRST), Event(), []

    def second(session):
        begun.set()
        apply(session, both)

    def late():
        try:
            db.write(second)
        except Exception as error:
            said.append(type(error))

    other = Thread(target=late)

    def progress(done, _total):
        if not said and not other.ident:
            other.start()
            begun.wait(None if db.engine.dialect.name == "postgresql" else 0)

    db.write(lambda session: apply(session, both, progress))
    other.join()
    assert said == [PlanOutdated]


def test_while_it_writes_an_import_does_not_look_at_homes_and_posts(db, imported, planned):
    imported(*FIRST)
    made, seen = planned(FIRST[0].replace("张三", "张叁"), FIRST[1]), []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    db.write(lambda session: apply(session, made))
    assert not [one for one in seen if "FROM resident" in one or "FROM post" in one]


def test_an_import_of_names_leaves_the_version_of_the_seats(db, imported):
    imported(*FIRST)
    before = versions(db)
    imported(FIRST[0].replace("张三", "张叁"), FIRST[1])
    assert versions(db) == (before.homes + 1, before.seats)


def versions(db):
    with db.read() as session:
        return version(session)


def test_nothing_is_written_when_the_writing_breaks_off(db, planned):
    def cut(done, total):
        if done == total:
            raise RuntimeError("power cut")

    made = planned(*FIRST)
    with pytest.raises(RuntimeError, match="power cut"):
        db.write(lambda session: apply(session, made, cut))
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(UnitRow)) == 0


def test_the_progress_ends_with_all_rows_written(db, planned):
    steps = []
    made = planned(*FIRST)
    db.write(lambda session: apply(session, made, lambda done, total: steps.append((done, total))))
    assert steps[-1] == (made.writes, made.writes)
    assert steps == sorted(steps)


def test_long_lists_are_cut_short_in_print(planned):
    lines = planned(*[f"某,r{i},居民,{LIN},{i}号," for i in range(30)]).lines(limit=3)
    assert lines[-1] == "……同样的还有 27 项"
    assert sum(line.startswith("新增 居民") for line in lines) == 3


def test_more_rows_than_fit_in_one_statement_are_written_and_removed(imported, residents):
    imported(*FIRST, *[f"某,r{i},居民,{LIN},{i}号," for i in range(2100)])
    assert len(residents()) == 2102
    imported(*FIRST, full=True)
    assert len(residents()) == 2


def some_lines(random):
    """A small roster by chance: people without seats of their own, moving about."""
    people = [("某", f"p{i}") for i in range(6)]
    lins = [f"甲镇/乙村/一片/一组/{n}邻" for n in "一二三"]
    seats = [("邻长", lin, "") for lin in lins]
    seats += [("组长", "甲镇/乙村/一片/一组", ""), ("片长", "甲镇/乙村/一片", "")]
    homes = [("居民", random.choice(lins), random.choice("天地人")) for _ in people]
    places = random.sample(seats, 3) + homes
    return [",".join([*random.choice(people), role, unit, home, ""]) for role, unit, home in places]


@pytest.mark.parametrize("seed", range(8))
def test_after_a_full_import_the_database_holds_just_what_the_file_says(imported, planned, seed):
    random = Random(seed)
    for day in range(1, 6):
        lines = some_lines(random)
        imported(*lines, today=date(2026, 12, day), full=True)
        again = planned(*lines, today=date(2026, 12, day), full=True)
        assert (again.writes, again.missing) == (0, 0)


@pytest.mark.parametrize("seed", range(8))
def test_a_single_seat_never_has_two_people(imported, posts, seed):
    random = Random(seed)
    for day in range(1, 6):
        imported(*some_lines(random), today=date(2026, 12, day))
    held = [post[1:3] for post in posts() if post[4] is None]
    assert len(held) == len(set(held))


# --- the same file again ---


def recalled(db, digest):
    with db.read() as session:
        return roster_known.recall(session, digest)


def test_what_was_kept_of_an_import_is_forgotten_when_people_change(db, imported):
    made = imported(*FIRST)
    remember(db, made, "a digest", ["请留意：一处"])
    known = recalled(db, "a digest")
    assert known == (("请留意：一处",), ("没有要改的：3 项都一样。",))
    imported("王五,wang,村干部,甲镇/乙村,,")
    assert recalled(db, "a digest") is None


def test_nothing_is_kept_of_a_file_when_people_change_while_that_is_found_out(
    db, imported, monkeypatch
):
    made, digest_of_people = imported(*FIRST), roster_known.people_digest

    def slowly(session):
        db.write(lambda other: changed(other, Part.SEATS))
        return digest_of_people(session)

    monkeypatch.setattr(roster_known, "people_digest", slowly)
    remember(db, made, "a digest", [])
    with db.read() as session:
        assert session.scalar(select(RosterImport.digest)) is None


def test_only_the_last_file_is_kept(db, imported):
    made = imported(*FIRST)
    for digest in ("one", "another"):
        remember(db, made, digest, [])
    assert recalled(db, "one") is None
    assert recalled(db, "another")


def test_a_file_that_cannot_be_read_is_not_known(db, imported, tmp_path):
    made = imported(*FIRST)
    digest = roster_known.digest_of(tmp_path, TODAY, full=False)
    remember(db, made, digest, [])
    assert recalled(db, digest) is None


def test_the_writing_says_whether_people_have_changed(db, planned):
    def written():
        made = planned(*FIRST)
        return db.write(lambda session: apply(session, made))

    assert [written(), written()] == [True, False]


# --- 起止 ---

DATED = "姓名,账号,角色,单位,户,手机号,起,止"


@pytest.fixture
def dated(db, tmp_path):
    """Imports lines that have the columns 起 and 止, and gives back the plan."""

    def _dated(*lines, today=TODAY, full=False):
        path = tmp_path / "名单.csv"
        path.write_text("\n".join([DATED, *lines]), encoding="utf-8")
        with db.read() as session:
            made = plan(session, read_roster(path), today, full)
        db.write(lambda session: apply(session, made))
        return made

    return _dated


def terms(db):
    """(userid, first day, last day) of every post, as texts."""
    with db.read() as session:
        found = session.execute(
            select(PersonRow.userid, PostRow.starts_on, PostRow.ends_on)
            .join(PostRow, PostRow.person_id == PersonRow.id)
            .order_by(PostRow.id)
        )
        return [(userid, str(starts), str(ends)) for userid, starts, ends in found]


def test_a_post_has_the_days_that_the_file_says(db, dated):
    dated(f"张三,zhang,邻长,{LIN},,,2026-01-01,2026-12-31")
    assert terms(db) == [("zhang", "2026-01-01", "2026-12-31")]


def test_days_that_are_left_out_stay_as_they_are(db, dated, imported):
    dated(f"张三,zhang,邻长,{LIN},,,2026-01-01,2026-12-31")
    assert imported(f"张三,zhang,邻长,{LIN},,").writes == 0
    assert terms(db) == [("zhang", "2026-01-01", "2026-12-31")]


def test_another_last_day_changes_the_post_and_no_more(db, dated):
    dated(f"张三,zhang,邻长,{LIN},,,2026-01-01,")
    made = dated(f"张三,zhang,邻长,{LIN},,,,2026-12-31")
    assert (len(made.terms), made.posts, made.ends) == (1, (), ())
    assert (
        "起止 邻长 张三（zhang） 甲镇/乙村/一片/一组/一邻（2026-01-01 起，到 2026-12-31 为止）"
        in (made.lines())
    )


def test_one_after_the_other_on_a_seat_is_fine_and_importing_again_changes_nothing(db, dated):
    both = (
        f"张三,zhang,邻长,{LIN},,,,2026-12-31",
        f"李四,li,邻长,{LIN},,,2027-01-01,",
    )
    dated(*both)
    assert [dated(*both).writes, dated(*both, full=True).writes] == [0, 0]
    assert [post[2] for post in terms(db)] == ["2026-12-31", "None"]


def test_a_successor_who_begins_later_ends_the_post_the_day_before(db, dated):
    dated(f"张三,zhang,邻长,{LIN},,,,")
    made = dated(f"李四,li,邻长,{LIN},,,2027-01-01,")
    assert (made.ends[0].successor, str(made.ends[0].last)) == ("li", "2026-12-31")
    assert [post[2] for post in terms(db)] == ["2026-12-31", "None"]


def test_a_file_without_days_leaves_a_successor_to_come_alone(db, dated, imported):
    dated(
        f"张三,zhang,邻长,{LIN},,,,2026-12-31",
        f"李四,li,邻长,{LIN},,,2027-01-01,",
    )
    assert imported(f"张三,zhang,邻长,{LIN},,").ends == ()


def test_a_last_day_that_has_passed_ends_the_post_on_that_day(db, dated):
    dated(f"张三,zhang,邻长,{LIN},,,,")
    made = dated(f"张三,zhang,邻长,{LIN},,,,2026-11-19")
    assert (len(made.ends), made.posts) == (1, ())
    assert [post[2] for post in terms(db)] == ["2026-11-19"]


def test_a_seat_whose_holder_begins_later_is_still_empty(dated):
    made = dated(f"李四,li,邻长,{LIN},,,2027-01-01,")
    assert any("还没有邻长" in str(warning) for warning in made.warnings)
