"""空缺: where nobody sits, who is away without a delegate, whose post ends soon."""

from datetime import date, datetime

import pytest

from people import vacancies
from people.reading import read
from storage.tables import Leave
from tests.town import LIN, NEXT_LIN, PIAN, TOWN, ZONE, settle, without

TODAY = date(2026, 6, 1)
HEAD = "姓名,账号,角色,单位,户,手机号,起,止"


def found(db, today=TODAY):
    with db.read() as session:
        return vacancies.find(read(session), today)


def told(db, today=TODAY):
    return [str(one) for one in found(db, today)]


@pytest.fixture
def leave(lite):
    """Puts somebody on leave from the first to the fifth of June."""

    def _leave(userid, delegate=""):
        def write(session):
            person, other = read(session).person(userid), read(session).person(delegate)
            assert person
            said_at = datetime(2026, 5, 30, tzinfo=ZONE)
            row = Leave(
                person_id=person.id,
                delegate_id=other.id if other else None,
                from_on=TODAY,
                to_on=date(2026, 6, 5),
                said_by=userid,
                said_at=said_at,
            )
            session.add(row)

        lite.write(write)

    return _leave


def test_a_town_in_which_every_seat_is_taken_has_none(lite):
    settle(lite)
    assert (told(lite), vacancies.counted([])) == ([], "")


def test_every_empty_seat_is_named(db):
    settle(db, *without("chen", "xie"))
    assert told(db) == ["空缺：清溪镇/韶山村 村干部", f"空缺：{NEXT_LIN} 邻长"]


def test_a_department_that_nobody_sits_in_any_more_is_one(lite):
    settle(
        lite, *[f"{line},," for line in TOWN], "城某,cheng,部门,市城管局,,,,2026-05-31", head=HEAD
    )
    assert told(lite) == ["空缺：市城管局 部门"]


def test_who_is_away_without_a_delegate_is_named_with_the_post(lite, leave):
    settle(lite)
    leave("zhang")
    leave("tan", "peng")
    assert told(lite) == [f"请假没有代班：{LIN} 邻长 张某，到 2026-06-05"]


def test_a_delegate_who_is_away_as_well_is_none(lite, leave):
    settle(lite)
    leave("zhang", "chen")
    leave("chen")
    assert [one.userid for one in found(lite)] == ["zhang", "chen"]


def test_a_post_that_ends_within_two_weeks_is_named_with_its_successor(db):
    days = {"tan": "2026-06-15", "zhang": "2026-06-14", "peng": "2026-06-16"}
    lines = [f"{line},,{days.get(line.split(',')[1], '')}" for line in TOWN]
    settle(db, *lines, f"新某,xin,片长,{PIAN},,,2026-06-16,", head=HEAD)
    assert told(db) == [
        f"快到期：{LIN} 邻长 张某，到 2026-06-14，还没有接任的人",
        f"快到期：{PIAN} 片长 谭某，到 2026-06-15，由 新某 接任",
    ]


def test_the_counts_leave_out_what_is_well(lite, leave):
    settle(lite, *without("chen"))
    leave("zhang")
    assert vacancies.counted(found(lite)) == "1 个职务空缺，1 人请假没有代班"
