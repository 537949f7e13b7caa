"""sanzhang roster import, as an admin types it twice; both databases are in tests/people."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, create_engine, event, select

from people import roster_known
from people.roster import apply, plan, read_roster
from storage import db as storage_db
from storage.tables import Leave, PersonRow, PostRow, RosterImport
from tests.town import HEAD, LIN, TOWN

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
SAME = "没有要改的"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "花名册.csv"
    path.write_text("\n".join([HEAD, *TOWN]), "utf-8")
    return path


@pytest.fixture
def readings(monkeypatch):
    """How often the rows of a file were read."""
    read: list[str] = []

    def reading(path):
        read.append(path.name)
        return read_roster(path)

    monkeypatch.setattr("bot.roster_import.read_roster", reading)
    return read


@pytest.fixture
def imported(lite, file, type_, readings):
    """The file is in the database; what an import says, and whether it had to read the rows."""
    type_(lite, "roster", "import", file)

    def again(*words):
        readings.clear()
        said = type_(lite, "roster", "import", file, *words)
        return said, bool(readings)

    return again


def test_the_same_file_again_says_the_same_without_reading_its_rows(imported):
    said, read = imported()
    assert said.startswith(SAME)
    assert said.endswith("导入完成。\n")
    assert not read


def test_a_dry_run_of_a_known_file_says_that_it_was_one(imported):
    said, read = imported("--dry-run")
    assert said.startswith(SAME)
    assert said.endswith("没有写入。\n")
    assert not read


def test_what_is_said_of_a_known_file_is_what_reading_it_would_say(lite, imported):
    known, _ = imported()
    lite.write(lambda session: session.delete(session.scalars(select(RosterImport)).one()))
    assert imported() == (known, True)


def test_another_file_is_read(imported, file):
    file.write_text(file.read_text("utf-8").replace("毛某", "毛某某"), "utf-8")
    said, read = imported()
    assert "变更 1" in said
    assert read


def test_as_the_complete_roster_the_file_is_read_once_more(imported):
    assert [imported("--full")[1], imported("--full")[1]] == [True, False]


def test_on_another_day_the_file_is_read(file):
    days = (date(2026, 11, 21), date(2026, 11, 22))
    assert len({roster_known.digest_of(file, day, full=False) for day in days}) == 2


def ended(session):
    session.scalars(select(PostRow)).first().ends_on = date(2026, 1, 1)


def renamed(session):
    session.scalars(select(PersonRow)).first().name = "别的名字"


@pytest.mark.parametrize("change", [ended, renamed])
def test_after_somebody_else_has_changed_people_the_file_is_read(lite, imported, change):
    lite.write(change)
    said, read = imported()
    assert read
    assert not said.startswith(SAME)


def test_after_another_import_the_file_is_read(lite, imported, tmp_path):
    other = tmp_path / "一个人.csv"
    other.write_text("\n".join([HEAD, f"毛某某,mao_mou,居民,{LIN},毛家,"]), "utf-8")
    with lite.read() as session:
        planned = plan(session, read_roster(other), date(2026, 1, 1))
    assert lite.write(lambda session: apply(session, planned))
    assert imported()[1]


def test_a_leave_changes_nothing_that_a_roster_says(lite, imported):
    def take(session):
        person = session.scalars(select(PersonRow)).first()
        days = {"from_on": date(2026, 1, 1), "to_on": date(2026, 1, 2)}
        session.add(Leave(person_id=person.id, said_by="x", said_at=NOON, **days))

    lite.write(take)
    assert not imported()[1]


@pytest.fixture
def statements():
    """All that any connection is asked to do, in its order."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    def committed(_connection):
        seen.append("COMMIT")

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", committed)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
    event.remove(Engine, "commit", committed)


def test_a_file_that_changes_nothing_writes_nothing(imported, statements):
    imported()
    assert statements
    assert not [s for s in statements if s.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_others_wait_for_an_import_no_longer_than_it_writes(imported, file, statements):
    file.write_text(file.read_text("utf-8").replace("毛某", "毛某某"), "utf-8")
    imported()
    writing = [n for n, s in enumerate(statements) if s.startswith("BEGIN IMMEDIATE")]
    turns = [statements[n : statements.index("COMMIT", n)] for n in writing]
    whole = [s for turn in turns for s in turn if "FROM resident" in s or "FROM post" in s]
    assert not [s for s in whole if "ORDER BY" not in s and ".id > ?" not in s]  # those use the key


def test_an_import_that_cannot_write_says_what_to_do(lite, type_, file, monkeypatch):
    """Somebody else writes for longer than an import waits."""
    monkeypatch.setattr(storage_db, "BUSY_TIMEOUT_MS", 100)
    other = create_engine(lite.url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        said = type_(lite, "roster", "import", file, status=1)
    other.dispose()
    assert "数据库正忙，没有写入任何内容" in said


def test_an_import_says_its_summary_once(imported, file):
    file.write_text(file.read_text("utf-8").replace("毛某", "毛某某"), "utf-8")
    assert imported()[0].count("单位：新增") == 1
