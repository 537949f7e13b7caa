"""sanzhang backup, restore and db copy, as an admin types them, on both databases and across."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import insert, select, text, update

from bot import backup
from bot.backup import MANIFEST, PART, SUMS
from bot.chain import unbelievable
from issues.short_numbers import next_number
from issues.transactions import Transactions
from scheduler import restored
from storage import copying, inbox, schema, schema_version
from storage.db import Database
from storage.given_numbers import NumbersFile
from storage.notice import Notice
from storage.outbox import Posting, put
from storage.tables import DayCounter, Heartbeat, Issue, Outbox, Restoration, UnitRow
from tests.town import OFFICE, ZONE, Day

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZONE).date()


@pytest.fixture
def lived(town_db):
    """A database in which some things have happened today."""
    day = Day(town_db, f"{TODAY} 00:00")
    for _ in range(3):
        day.report()
    return town_db


@pytest.fixture
def media(tmp_path):
    """Two photos, where the configuration of ``type_`` looks for them."""
    folder = tmp_path / "var" / "media" / "2026" / "06"
    folder.mkdir(parents=True)
    for name in ("1-1.jpg", "2-2.jpg"):
        (folder / name).write_bytes(name.encode())
    return folder.parent.parent


@pytest.fixture
def taken(lived, media, type_, tmp_path):
    """A backup of it, and the folder that it is in."""
    type_(lived, "backup", tmp_path / "backups")
    (folder,) = (tmp_path / "backups").iterdir()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request, tmp_path):
    """A database of each kind in which nothing has ever been."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/other/sanzhang.db")
    else:
        database = Database(request.getfixturevalue("postgres").bare("other"))
    yield database
    database.dispose()


class Silent:
    """A bar that shows nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __call__(self, done, total):
        pass


def rows(database):
    """All that is in it, by table."""
    with database.read() as session:
        connection = session.connection()
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in copying.tables()
        }


def without(found, *names):
    return {name: each for name, each in found.items() if name not in names}


def numbers(database):
    with database.read() as session:
        return session.scalars(select(Issue.number).order_by(Issue.id)).all()


# --- taking one ---


def test_a_backup_says_what_is_in_it_and_every_file_has_its_checksum(taken):
    told = json.loads((taken / MANIFEST).read_text("utf-8"))
    assert (told["tables"]["issue"], told["media"]) == (3, 2)
    assert set(backup.checksums(taken)) == {
        *("backup.json", "sanzhang.db", "media/2026/06/1-1.jpg", "media/2026/06/2-2.jpg"),
    }
    backup.opened(taken, lambda *_: None)


def test_only_its_owner_can_read_a_backup(taken):
    assert taken.stat().st_mode & 0o077 == 0


def test_a_whole_backup_is_remembered_for_whoever_asks_when_the_last_one_was(lived, taken):
    with lived.read() as session:
        assert session.get(Heartbeat, "backup").at >= NOW


def test_the_next_backup_stores_no_photo_a_second_time(lived, taken, media, type_, tmp_path):
    (media / "new.jpg").write_bytes(b"new")
    later = backup.take(
        *(lived, media, taken.parent, OFFICE.clock, NOW + timedelta(days=1)),
        lambda name: Silent(),
    )
    old = taken / "media" / "2026" / "06" / "1-1.jpg"
    assert old.samefile(later.folder / "media" / "2026" / "06" / "1-1.jpg")
    assert later.manifest.media == 3
    shutil.rmtree(taken)
    backup.opened(later.folder, lambda *_: None)


def test_a_photo_that_was_changed_is_stored_anew(lived, taken, media):
    changed = media / "2026" / "06" / "1-1.jpg"
    changed.write_bytes(b"another")
    later = backup.take(
        *(lived, media, taken.parent, OFFICE.clock, NOW + timedelta(days=1)),
        lambda name: Silent(),
    )
    assert (later.folder / "media" / "2026" / "06" / "1-1.jpg").read_bytes() == b"another"


def test_what_fails_half_way_leaves_nothing_that_looks_like_a_backup(lived, media, tmp_path):
    class Full(Silent):
        def __call__(self, done, total):
            raise OSError(28, "No space left on device")

    home = tmp_path / "backups"
    with pytest.raises(OSError, match="No space"):
        backup.take(lived, media, home, OFFICE.clock, NOW, lambda name: Full())
    assert list(home.iterdir()) == []


def test_old_backups_go_but_never_the_latest(tmp_path):
    for stamp in ("20260101-020000", "20260102-020000", "20260301-020000"):
        folder = tmp_path / f"sanzhang-{stamp}"
        folder.mkdir()
        (folder / SUMS).touch()
    unfinished = tmp_path / f"sanzhang-20260101-030000{PART}"
    unfinished.mkdir()
    os.utime(unfinished, (0, 0))
    dropped = backup.drop_old(tmp_path, timedelta(days=30), NOW, OFFICE.clock)
    assert [p.name for p in dropped] == ["sanzhang-20260101-020000", "sanzhang-20260102-020000"]
    assert [p.name for p in tmp_path.iterdir()] == ["sanzhang-20260301-020000"]


def test_where_there_is_no_database_there_is_no_backup(other, type_, tmp_path):
    assert "没有可备份的数据库" in type_(other, "backup", tmp_path / "backups", status=1)
    assert not (tmp_path / "backups").exists()


# --- putting one back ---


def test_a_backup_goes_back_into_either_database(lived, taken, other, type_, media):
    shutil.rmtree(media)
    said = type_(other, "restore", taken)
    assert "诉求 3" in said
    moved = ("day_counter", "restoration", "outbox", "heartbeat")
    assert without(rows(other), *moved) == without(rows(lived), *moved)
    assert (media / "2026" / "06" / "2-2.jpg").read_bytes() == b"2-2.jpg"
    with other.read() as session:
        assert (len(numbers(other)), unbelievable(session, OFFICE.clock)) == (3, [])


def test_after_a_restore_new_rows_get_keys_of_their_own(taken, other, type_):
    type_(other, "restore", taken)
    day = Day(Database(other.url), f"{TODAY} 12:00")
    assert day.report() not in ("", *numbers(other)[:3])
    day.db.dispose()


def test_what_is_there_is_replaced_only_when_it_is_said(lived, taken, type_):
    day = Day(lived, f"{TODAY} 09:00")
    day.report()
    assert "加 --yes" in type_(lived, "restore", taken, status=1)
    assert len(numbers(lived)) == 4
    type_(lived, "restore", taken, "--yes")
    lived.file and lived.file.forget()
    lived.dispose()
    assert len(numbers(lived)) == 3


def test_the_database_that_was_there_stays_beside_it(town_lite, type_, tmp_path):
    type_(town_lite, "backup", tmp_path / "backups")
    number = Day(town_lite, f"{TODAY} 09:00").report()
    said = type_(town_lite, "restore", *(tmp_path / "backups").iterdir(), "--yes")
    (aside,) = tmp_path.glob("town.db.old-*[0-9]")
    assert aside.name in said
    before = Database(f"sqlite:///{aside}")
    assert numbers(before) == [number]
    before.dispose()


def test_while_the_service_runs_nothing_is_put_back(lived, taken, type_):
    lived.write(lambda s: s.add(Heartbeat(name="tick", at=datetime.now(UTC))))
    assert "请先停服务" in type_(lived, "restore", taken, "--yes", status=1)
    lived.write(lambda s: s.add(Heartbeat(name="stopped", at=datetime.now(UTC))))
    type_(lived, "restore", taken, "--yes")


@pytest.mark.parametrize("harm", ["changed", "missing", "unfinished", "no sums"])
def test_what_is_not_a_whole_backup_is_refused(taken, other, type_, harm):
    photo = taken / "media" / "2026" / "06" / "1-1.jpg"
    if harm == "changed":
        photo.write_bytes(b"?")
    if harm == "missing":
        photo.unlink()
    if harm == "no sums":
        (taken / SUMS).unlink()
    if harm == "unfinished":
        taken = taken.rename(taken.with_name(taken.name + PART))
    assert "没有恢复" in type_(other, "restore", taken, status=1)
    assert not other.file or not other.file.path.exists()


def test_a_backup_of_an_older_program_is_brought_to_the_newest_version(
    town_lite, type_, tmp_path, other
):
    with town_lite.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            config = schema._config()
            config.attributes["connection"] = connection
            command.downgrade(config, "0010")
    type_(town_lite, "backup", tmp_path / "backups")
    type_(other, "restore", *(tmp_path / "backups").iterdir())
    assert len(rows(other)["person"]) == len(rows_of(town_lite, "person"))


def rows_of(database, table):
    with database.read() as session:
        return session.execute(text(f"SELECT id FROM {table}")).all()


def test_a_backup_of_a_newer_program_is_refused(taken, other, type_):
    told = json.loads((taken / MANIFEST).read_text("utf-8")) | {"schema": "9999"}
    (taken / MANIFEST).write_text(json.dumps(told), "utf-8")
    sums = backup.checksums(taken) | {MANIFEST: backup.digest(taken / MANIFEST)}
    (taken / SUMS).write_text("".join(f"{each}  {name}\n" for name, each in sums.items()), "utf-8")
    assert "先把程序换成新版" in type_(other, "restore", taken, status=1)


# --- numbers and notices after it ---


def test_after_a_restore_no_number_is_given_twice(lived, taken, type_, tmp_path):
    day = Day(lived, f"{TODAY} 09:00")
    since = {day.report() for _ in range(5)}
    NumbersFile(tmp_path / "var" / "numbers.json").note(lived)
    said = type_(lived, "restore", taken, "--yes")
    assert f"编号：{TODAY} 这天从 0201 起" in said
    lived.file and lived.file.forget()
    lived.dispose()
    assert lived.write(lambda s: next_number(s, TODAY)) == f"SZ-{TODAY:%Y%m%d}-0201"
    assert not since & set(numbers(lived))


def test_without_the_note_beside_it_numbers_go_further(lived, taken, type_):
    lived.write(lambda s: s.execute(update(DayCounter).values(last=330)))
    type_(lived, "backup", taken.parent.parent / "again")
    (again,) = (taken.parent.parent / "again").iterdir()
    assert "这天从 1001 起" in type_(lived, "restore", again, "--yes")


def test_what_may_have_been_sent_since_is_held_and_the_rest_waits(town_db, type_, tmp_path):
    told, later = Notice(text="x", line="x"), NOW + timedelta(hours=3)
    for key, leaves in (("due", NOW), ("later", later)):
        posting = Posting(key, "app", "zhang", told, leaves)
        town_db.write(lambda s, p=posting: put(s, p, NOW))
    type_(town_db, "backup", tmp_path / "backups")
    assert "1 条通知" in type_(town_db, "restore", *(tmp_path / "backups").iterdir(), "--yes")
    town_db.file and town_db.file.forget()
    town_db.dispose()
    with town_db.read() as session:
        states = dict(session.execute(select(Outbox.key, Outbox.state)).all())
        noted = session.scalars(select(Restoration)).one()
    assert states == {"due": "unsure", "later": "waiting"}
    assert (noted.held, noted.source.startswith("sanzhang-")) == (1, True)


def test_an_older_file_put_back_by_hand_is_noticed_at_the_start(town_db, tmp_path):
    noted = NumbersFile(tmp_path / "numbers.json")
    day = Day(town_db, f"{TODAY} 09:00")
    day.report()
    noted.note(town_db)
    transactions = Transactions(day.db, OFFICE)
    assert not restored.look(transactions, noted, day.now)
    ahead = json.loads((tmp_path / "numbers.json").read_text("utf-8"))
    ahead["last"][TODAY.isoformat()] = 57
    (tmp_path / "numbers.json").write_text(json.dumps(ahead), "utf-8")
    assert restored.look(transactions, noted, day.now)
    assert day.report() == f"SZ-{TODAY:%Y%m%d}-0201"
    with town_db.read() as session:
        told = session.scalars(select(Outbox).where(Outbox.target == "guan")).one()
        assert f"{TODAY}：0201" in told.notice["text"]
        assert session.scalars(select(Restoration.source)).one() == ""
        assert session.scalars(select(Outbox.state).where(Outbox.target == "zhang")).first()


def test_a_note_that_nobody_can_read_stops_nothing(town_lite, tmp_path):
    noted = NumbersFile(tmp_path / "numbers.json")
    noted.path.write_text("?", "utf-8")
    assert not restored.look(Transactions(town_lite, OFFICE), noted, NOW)


def test_a_note_that_cannot_be_written_stops_nothing(town_lite, tmp_path):
    (tmp_path / "file").touch()
    NumbersFile(tmp_path / "file" / "numbers.json").note(town_lite)


# --- from one database to another ---


def test_a_database_is_copied_whole_into_the_other_kind(lived, other, type_):
    said = type_(lived, "db", "copy", lived.url, other.url)
    assert "两边一样多" in said
    assert rows(other) == rows(lived)


def test_what_is_copied_goes_on_counting(lived, other, type_):
    type_(lived, "db", "copy", lived.url, other.url)
    other.write(lambda s: s.execute(insert(UnitRow).values(kind="village", name="新", path="新")))
    with other.read() as session:
        assert session.scalar(select(UnitRow.id).where(UnitRow.path == "新")) not in {
            row.id for row in rows(lived)["unit"]
        }


def test_nothing_is_copied_over_what_somebody_has(lived, other, type_):
    type_(lived, "db", "copy", lived.url, other.url)
    assert "已经有数据" in type_(lived, "db", "copy", lived.url, other.url, status=1)
    assert rows(other) == rows(lived)


def test_a_copy_that_is_interrupted_leaves_nothing_and_can_be_done_again(lived, other, type_):
    type_(other, "db", "upgrade")

    def killed(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(lived, other, killed, lambda _: [])
    with other.read() as session:
        assert copying.is_empty(session.connection())
    type_(lived, "db", "copy", lived.url, other.url)
    assert rows(other) == rows(lived)


def test_a_copy_whose_histories_do_not_fit_is_none(lived, other, type_):
    type_(other, "db", "upgrade")
    with pytest.raises(copying.CopyFailed, match="对不上"):
        copying.copy(lived, other, lambda *_: None, lambda _: ["SZ-1：第 1 条经过对不上"])
    with other.read() as session:
        assert copying.is_empty(session.connection())


def test_a_value_that_does_not_fit_is_named_by_its_table(town_lite, postgres, type_):
    long = update(UnitRow).where(UnitRow.id == 1).values(name="长" * 300)
    town_lite.write(lambda s: s.execute(long))
    target = postgres.bare("narrow")
    assert "表 unit 有一行放不进" in type_(town_lite, "db", "copy", town_lite.url, target, status=1)


def test_where_a_database_was_a_new_one_is_made_only_when_it_is_said(lived, other, type_, tmp_path):
    put_in = {"received_at": NOW, "userid": "mao_mou", "message": {}}
    lived.write(lambda s: inbox.store(s, "app", "1", **put_in))
    NumbersFile(tmp_path / "var" / "numbers.json").note(lived)
    said = type_(other, "db", "upgrade", status=1)
    assert f"{TODAY} 的 0003" in said
    assert schema_version.has_nothing(other)
    type_(other, "db", "upgrade", "--new")
    schema_version.ready(other)
