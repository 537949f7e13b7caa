"""sanzhang roster undo: an import is taken back, with what it has done to open issues."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from people.roster_undo import TABLES
from storage.tables import Event, Issue, Outbox, PersonRow, PostRow, Resident, RosterChange
from tests.town import HEAD, LIN, TOWN, ZONE, Day

#: The same town with another 邻长.
NEW = [line.replace("张某,zhang,邻长", "新某,xin,邻长") for line in TOWN]
HELD = ("holder_id", "behalf_id", "level", "lead_unit_id", "held_since", "wanted", "due_at")


@pytest.fixture
def day(town_lite):
    """Now: a command reads the clock itself."""
    return Day(town_lite, f"{datetime.now(ZONE):%Y-%m-%d %H:%M}")


@pytest.fixture
def roster(day, tmp_path, type_):
    """Types a roster command, with a file of those lines."""

    def _roster(word, *words, lines=(), status=0):
        file = tmp_path / "花名册.csv"
        file.write_text("\n".join([HEAD, *lines]), "utf-8")
        return type_(day.db, "roster", word, *([file] if lines else []), *words, status=status)

    return _roster


def rows(db):
    """All people, as they are; the parts of issues that change hands."""
    with db.read() as session:
        tables = {
            t.__tablename__: session.execute(select(*t.__table__.columns).order_by(t.id)).all()
            for t in TABLES
        }
        held = session.execute(select(*[getattr(Issue, name) for name in HELD])).all()
        return tables, held


def waiting(db):
    with db.read() as session:
        return set(session.scalars(select(Outbox.key).where(Outbox.state == "waiting")))


def test_without_an_import_there_is_nothing_to_undo(roster):
    assert "没有可以撤回的导入" in roster("undo", status=1)


@pytest.mark.parametrize("words", [(), ("--full", "--yes")])
def test_posts_homes_and_issues_are_as_they_were(day, roster, words):
    day.report()
    before, told = rows(day.db), waiting(day.db)
    lines = [
        line.replace("长冲组/一邻", "长冲组/三邻") if "居民" in line else line for line in NEW[2:]
    ]
    roster("import", *words, lines=[*lines, f"客某,ke,居民,{LIN},客家,"])
    assert rows(day.db) != before
    said = roster("undo")
    assert rows(day.db) == before
    assert waiting(day.db) == told
    assert "1 件没办完的诉求，回到导入以前的样子" in said


def test_the_undoing_is_on_the_record_of_the_issue(day, roster):
    day.report()
    roster("import", lines=NEW)
    roster("undo")
    with day.db.read() as session:
        last = session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.kind, last.reason, last.data["holder"]) == (
        "hand_over",
        "花名册导入已撤回",
        "zhang",
    )


def test_who_has_been_told_of_the_hand_over_is_told_again(day, roster):
    day.report()
    roster("import", lines=NEW)
    day.db.write(
        lambda s: s.execute(update(Outbox).values(state="sent", sent_at=datetime.now(UTC)))
    )
    roster("undo")
    assert {key.rpartition(":")[2] for key in waiting(day.db)} >= {"zhang", "xin", "mao_mou"}


def test_what_somebody_has_worked_on_since_goes_back_and_keeps_what_was_done(day, roster):
    number = day.report()
    roster("import", lines=NEW)
    day.do(number, "xin", "accept")
    said = roster("undo")
    assert f"{number} 导入以后有人办过" in said
    assert (day.holder(number), day.issue(number).state) == ("zhang", "accepted")


def test_what_was_reported_since_goes_to_who_has_the_seat_again(day, roster):
    roster("import", lines=NEW)
    number = day.report()
    assert day.holder(number) == "xin"
    assert "导入以后才有的 1 件诉求" in roster("undo")
    assert day.holder(number) == "zhang"


def test_what_has_been_changed_since_stays_and_is_named(day, roster):
    roster("import", lines=NEW)

    def change(session):
        new = select(PostRow).join(PersonRow).where(PersonRow.userid == "xin")
        session.scalars(new).one().ends_on = datetime(2030, 1, 1, tzinfo=UTC).date()

    day.db.write(change)
    said = roster("undo")
    assert f"没有撤回：{LIN} 邻长 新某：之后又改过，不动" in said


def test_an_account_that_is_another_by_an_import_is_the_old_one_again(day, roster):
    number = day.report()
    lines = [line.replace("张某,zhang,", "张某,zhang2,") for line in TOWN]
    said = roster("import", lines=lines)
    assert "换账号 张某：zhang → zhang2" in said
    assert day.holder(number) == "zhang2"
    roster("undo")
    assert day.holder(number) == "zhang"


def test_each_import_is_undone_by_itself_the_last_one_first(day, roster):
    before = rows(day.db)
    roster("import", lines=NEW)
    between = rows(day.db)
    roster("import", lines=[*NEW, f"客某,ke,居民,{LIN},客家,"])
    roster("undo")
    assert rows(day.db) == between
    roster("undo")
    assert rows(day.db) == before
    assert "没有可以撤回的导入" in roster("undo", status=1)


def test_the_last_home_that_is_removed_comes_back(day, roster):
    """SQLite gives the id of the last row to the next one."""
    before = rows(day.db)
    last = [line for line in TOWN if "居民" in line][-1]
    others = [line for line in TOWN if line != last]
    roster("import", "--full", "--yes", lines=[*others, f"客某,ke,居民,{LIN},客家,"])
    roster("undo")
    assert rows(day.db) == before


def test_a_full_import_that_would_end_more_than_a_tenth_is_refused(day, roster):
    with day.db.read() as session:
        homes = session.scalars(select(Resident.id)).all()
    said = roster("import", "--full", lines=TOWN[:3], status=1)
    assert "超过 10%" in said
    assert "加上 --yes" in said
    with day.db.read() as session:
        assert session.scalars(select(Resident.id)).all() == homes
        assert session.scalar(select(RosterChange)) is None
    assert "移出" in roster("import", "--full", "--dry-run", lines=TOWN[:3])


def test_a_move_says_what_becomes_of_open_issues(day, roster):
    day.report()
    moved = [
        line.replace("长冲组/一邻", "长冲组/二邻") if "居民" in line else line for line in TOWN
    ]
    said = roster("import", "--dry-run", lines=moved)
    assert "搬家 毛某" in said
    assert "搬家的人有 1 件没办完的诉求" in said
