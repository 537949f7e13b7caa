"""The 三单式台账: what stands in a row, what is masked, who may not read which complaint."""

from datetime import date, datetime

import pytest
from sqlalchemy import update

from issues.events import Actor, Change, record
from issues.ledger import COLUMNS, LedgerPart, hidden_from, rows
from issues.rate_board import Days
from people.reading import Part, changed, read
from people.town import Unit
from rules.words import Rating, Solved, UnitKind
from storage.tables import Issue, PersonRow
from tests.town import CHAT, LIN, NEXT_LIN, OFFICE, PIAN, ZU

wall = datetime.fromisoformat
ALL = Days(None, date(2030, 1, 1))


def ledger(day, path="", named=False, period=ALL):
    """The rows as {column: cell}."""
    with day.db.read() as session:
        unit = read(session).unit_at(path)
        assert unit is not None
        wanted = LedgerPart(unit, period, day.now, named)
        return [dict(zip(COLUMNS, row, strict=True)) for row in rows(session, wanted, OFFICE.clock)]


@pytest.fixture
def day(day):
    """Its people have telephones."""
    day.db.write(lambda session: _phone(session, "mao_mou", "13800001234"))
    return day


def _phone(session, userid, phone):
    session.execute(update(PersonRow).where(PersonRow.userid == userid).values(phone=phone))
    changed(session, Part.HOMES)


@pytest.fixture
def done(day):
    """Reported, accepted, raised, worked on, done and rated."""
    number = day.report(text="我是毛某，路灯不亮，打我13800001234", chat_id=CHAT)
    day.go("10:00").do(number, "zhang", "accept")
    day.go("10:30").do(number, "zhang", "raise_up", "要动公家的线路")
    day.go("11:00").do(number, "peng", "progress", "已联系供电所")
    day.go("2026-06-02 09:00").do(number, "peng", "resolve", "换了灯泡，毛某看过")
    day.go("12:00").do(number, "mao_mou", "rate", Solved.YES, Rating.GOOD)
    return number


def test_a_row_tells_the_three_slips(day, done):
    (row,) = ledger(day)
    assert (row["编号"], row["报单时间"]) == (done, wall("2026-06-01 09:00"))
    assert (row["接单人"], row["接单时间"]) == ("张某", wall("2026-06-01 10:00"))
    assert row["首次联系"] == wall("2026-06-01 10:00")
    assert (row["承诺时限"], row["办结时间"]) == (
        wall("2026-06-03 23:59"),
        wall("2026-06-02 09:00"),
    )
    assert (row["办结层级"], row["是否超期"], row["状态"]) == ("组长", "否", "已办结")
    assert (row["解决"], row["满意"], row["回访"]) == ("已解决", "满意", "已评")


def test_the_lines_of_a_row_say_who_did_what_when(day, done):
    (row,) = ledger(day)
    assert row["上交转办经过"] == "06-01 10:30 张某 上交 → 彭某：要动公家的线路"
    assert row["办理情况"].splitlines() == [
        "06-01 11:00 彭某 进展：已联系供电所",
        "06-02 09:00 彭某 办结：换了灯泡，毛*看过",
    ]


def test_it_is_masked_unless_it_is_asked_for_with_names(day, done):
    (masked,), (named,) = ledger(day), ledger(day, named=True)
    shown = ("反映人", "户", "电话", "内容")
    assert [masked[c] for c in shown] == [
        "毛*", "毛*", "138****1234", "我是毛*，路灯不亮，打我138****1234",
    ]  # fmt: skip
    assert [named[c] for c in shown] == [
        "毛某", "毛家", "13800001234", "我是毛某，路灯不亮，打我13800001234",
    ]  # fmt: skip


def test_no_cell_of_a_masked_row_holds_a_number_or_a_residents_name(day, done):
    day.do(day.report(text="门口积水"), "mao_mou", "supplement", "毛某 138 0000 1234")
    everything = "".join(str(cell) for row in ledger(day) for cell in row.values())
    assert "13800001234" not in everything
    assert "138 0000 1234" not in everything
    assert "毛某" not in everything


def test_the_source_says_where_it_was_said(day, done):
    day.report("hu_mou", "门口积水")
    assert [row["来源"] for row in ledger(day)] == ["应用私聊（群里）", "应用私聊"]


@pytest.mark.parametrize(("path", "count"), [("", 2), (PIAN, 2), (ZU, 2), (LIN, 1), (NEXT_LIN, 1)])
def test_a_unit_gets_its_own_and_what_is_below_it(day, path, count):
    day.report("mao_mou", "门口积水")
    day.report("hu_mou", "路灯不亮")
    assert len(ledger(day, path)) == count


def test_the_period_is_by_the_day_of_the_report(day):
    day.report("mao_mou", "门口积水")
    day.go("2026-06-02 09:00").report("hu_mou", "路灯不亮")
    only = Days(date(2026, 6, 2), date(2026, 6, 2))
    assert [row["内容"] for row in ledger(day, period=only)] == ["路灯不亮"]


# --- complaints and delicate matters ---

COMPLAINT = "投诉组长彭某收钱不办事"


def test_a_complaint_is_not_in_the_ledger_of_those_it_is_about(day):
    day.report("mao_mou", COMPLAINT)
    seen = {path: len(ledger(day, path)) for path in (LIN, ZU, PIAN, "清溪镇", "")}
    assert seen == {LIN: 0, ZU: 0, PIAN: 1, "清溪镇": 1, "": 1}


def test_with_names_the_whole_ledger_is_exported(day):
    day.report("mao_mou", COMPLAINT)
    assert [row["内容"] for row in ledger(day, ZU, named=True)] == [COMPLAINT]


def test_a_unit_beside_the_ladder_gets_no_complaint():
    unit = Unit(1, UnitKind.RESIDENT_UNIT, "供电所", f"{PIAN}/供电所")
    assert hidden_from(UnitKind.LIN, unit)
    assert not hidden_from(None, unit)


def test_a_delicate_matter_names_neither_person_nor_house_nor_words(day):
    number = day.report("mao_mou", "我不想活了", emergency="轻生", delicate=True)
    day.do(number, "zhang", "resolve", "陪了一夜，家人来了")
    (row,) = ledger(day)
    assert [row[c] for c in ("反映人", "户", "电话", "内容", "办理情况")] == ["（不公开）"] * 5
    assert (row["单位"], row["回访"]) == ("清溪镇/韶山村", "不请评价")
    (named,) = ledger(day, named=True)
    assert (named["内容"], named["单位"]) == ("我不想活了", LIN)


# --- late, silent, done again ---


def test_a_broken_promise_is_said(day):
    number = day.report()
    assert ledger(day)[0]["是否超期"] == "未到期"
    day.go("2026-06-04 08:00").clock(number)
    assert ledger(day)[0]["是否超期"] == "是"
    assert "到期升级 → 彭某" in ledger(day)[0]["上交转办经过"]


def test_done_after_the_promise_is_late_even_if_the_clock_has_not_been_there(day):
    number = day.report()
    day.go("2026-06-04 08:00").do(number, "zhang", "resolve", "换了灯泡")
    assert ledger(day)[0]["是否超期"] == "是"


def test_a_promise_kept_only_by_a_longer_one_says_so(day):
    number = day.report()
    day.do(number, "zhang", "regrade", "hard", "要等配件")
    day.do(number, "peng", "grant")
    day.go("2026-06-06 09:00").do(number, "zhang", "resolve", "换了灯泡")
    (row,) = ledger(day)
    assert (row["是否超期"], row["难度"]) == ("否（延期后）", "较难")
    assert (row["承诺时限"], row["现在的时限"]) == (
        wall("2026-06-03 23:59"),
        wall("2026-06-08 23:59"),
    )
    assert "张某 难度改为较难：要等配件" in row["延期、挂起、改难度"]


def test_silence_is_unrated_and_not_satisfied(day):
    number = day.report()
    day.do(number, "zhang", "resolve", "换了灯泡")
    assert ledger(day)[0]["回访"] == "等评价"
    day.deliver().go("2026-06-05 09:00").clock(number, "pass_nudge")
    day.deliver().go("2026-06-09 09:00").clock(number, "pass_nudge")
    (row,) = ledger(day)
    assert (row["回访"], row["满意"], row["状态"]) == ("未评", "", "已办结")


def test_done_again_is_counted_and_the_first_verdict_is_void(day):
    number = day.report()
    day.do(number, "zhang", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "rate", Solved.NO, Rating.BAD)
    (row,) = ledger(day)
    assert (row["重办次数"], row["解决"], row["办结时间"]) == (1, "", None)


def test_who_joined_is_counted_and_named_by_nobody(day):
    number = day.report()

    def join(work):
        issue = work.session.query(Issue).filter_by(number=number).one()
        by = Actor("hu_mou", "resident", "app")
        for kind, data in (("endorse", {"household": 2}), ("assist", {"unit": "供电所"})):
            record(work, issue, by, Change(kind, "pending", "胡某也看见了", data))

    day.work(join)
    (row,) = ledger(day)
    assert row["附议数"] == 1
    assert row["协办"] == "06-01 09:00 附议人 请协办 供电所：胡*也看见了"


def test_an_unknown_sender_has_no_name_to_mask(day):
    day.report("wai_di", "桥上的栏杆断了")
    day.db.write(lambda session: session.execute(update(Issue).values(unit_id=None)))
    (row,) = ledger(day)
    assert (row["反映人"], row["户"], row["电话"]) == ("未登记居民", "", "")


def test_progress_ends_at_all_of_them(day):
    day.report()
    seen = []
    with day.db.read() as session:
        unit = read(session).unit_at("")
        assert unit is not None
        wanted = LedgerPart(unit, ALL, day.now)
        list(rows(session, wanted, OFFICE.clock, lambda *n: seen.append(n)))
    assert seen == [(1, 1)]
