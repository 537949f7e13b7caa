"""sanzhang ledger export: the file, who is written down for it, and what is refused."""

import getpass
import stat

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from storage.tables import Export
from tests.town import PIAN, Day


@pytest.fixture
def day(town_lite):
    day = Day(town_lite, "2026-06-01 09:00")
    day.report("mao_mou", "路灯不亮，打我13800001234")
    return day


def exports(day):
    with day.db.read() as session:
        return list(session.scalars(select(Export)))


def cells(path):
    return [cell.value for row in load_workbook(path).worksheets[0] for cell in row]


def test_the_masked_ledger_says_who_made_it_and_is_logged(day, type_, tmp_path):
    out = tmp_path / "台账.xlsx"
    assert "已导出 1 件" in type_(day.db, "ledger", "export", "--unit", "一片", out)
    assert "路灯不亮，打我138****1234" in cells(out)
    assert f"{getpass.getuser()}" in cells(out)[0]
    (log,) = exports(day)
    assert (log.by, log.unit, log.named, log.issues) == (getpass.getuser(), PIAN, False, 1)


def test_names_are_for_somebody_who_says_who_he_is(day, type_, tmp_path):
    out = tmp_path / "台账.xlsx"
    said = type_(day.db, "ledger", "export", "--named", out, status=2)
    assert "--by 姓名" in said
    assert not out.exists()
    type_(day.db, "ledger", "export", "--named", "--by", "李某", out)
    assert "毛某" in cells(out)
    (log,) = exports(day)
    assert (log.by, log.account, log.named, log.file) == ("李某", getpass.getuser(), True, str(out))


def test_the_named_ledger_is_marked_and_for_its_owner_only(day, type_, tmp_path):
    out = tmp_path / "台账.xlsx"
    type_(day.db, "ledger", "export", "--named", "--by", "李某", out)
    sheet = load_workbook(out).worksheets[0]
    assert "李某" in sheet["A1"].value
    assert "含个人信息" in sheet["A1"].value
    assert sheet.oddHeader is not None
    assert sheet.oddHeader.center.text == sheet["A1"].value
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_only_the_days_asked_for_are_in_it(day, type_, tmp_path):
    out = tmp_path / "台账.xlsx"
    words = ("--from", "2026-06-02", "--to", "2026-06-30")
    assert "已导出 0 件" in type_(day.db, "ledger", "export", *words, out)
    assert "2026-06-02至2026-06-30" in cells(out)[0]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("台账.csv",), 2, "要以 .xlsx 结尾"),
        (("nowhere/台账.xlsx",), 1, "没有文件夹"),
        (("--from", "2026-02-30", "a.xlsx"), 2, "不是日期"),
        (("--unit", "火星", "a.xlsx"), 1, "没有单位“火星”"),
    ],
)
def test_what_is_written_wrongly_gets_a_kind_word(
    day, type_, tmp_path, monkeypatch, words, status, said
):
    monkeypatch.chdir(tmp_path)
    assert said in type_(day.db, "ledger", "export", *words, status=status)
    assert not list(tmp_path.glob("*.xlsx"))


def test_no_file_is_ever_overwritten(day, type_, tmp_path):
    out = tmp_path / "台账.xlsx"
    out.write_text("去年的")
    assert "不覆盖" in type_(day.db, "ledger", "export", out, status=1)
    assert out.read_text() == "去年的"


def test_what_cannot_be_logged_leaves_no_file(day, type_, tmp_path):
    out = tmp_path / "台账.xlsx"
    with day.db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE export")
    type_(day.db, "ledger", "export", "--named", "--by", "李某", out, status=1)
    assert not [path for path in tmp_path.iterdir() if "xlsx" in path.name]
