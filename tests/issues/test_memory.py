"""The append-only memory of an issue, and the numbers people call it by."""

import pytest
from sqlalchemy import select, update

from issues import events
from issues.short_numbers import by_number, matching, short
from rules.words import Rating, Solved
from storage.tables import DayCounter, Event, Issue


@pytest.fixture
def lived(day):
    """An issue with a whole life behind it."""
    number = day.report()
    day.do(number, "zhang", "accept")
    day.do(number, "zhang", "progress", "已联系电力公司")
    day.go("2026-06-02 10:00").do(number, "zhang", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "rate", Solved.YES, Rating.VERY_GOOD)
    return number


def memory(day, number):
    with day.db.read() as session:
        return events.of(session, day.issue(number).id)


def broken(day, number):
    with day.db.read() as session:
        issue = by_number(session, number)
        assert issue is not None
        return events.broken_link(session, issue)


def change(day, number, row, **values):
    issue = day.issue(number).id
    one = update(Event).where(Event.issue_id == issue, Event.seq == row)
    day.db.write(lambda session: session.execute(one.values(**values)) and None)


def test_every_step_is_remembered_with_who_did_it_and_what_changed(day, lived):
    found = [(e.seq, e.kind, e.actor, e.role, e.before, e.after) for e in memory(day, lived)]
    assert found == [
        (1, "opened", "mao_mou", "resident", "", "pending"),
        (2, "accept", "zhang", "linzhang", "pending", "accepted"),
        (3, "progress", "zhang", "linzhang", "accepted", "working"),
        (4, "resolve", "zhang", "linzhang", "working", "resolved"),
        (5, "rate", "mao_mou", "resident", "resolved", "closed"),
    ]


def test_the_chain_holds(day, lived):
    assert broken(day, lived) is None


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "什么也没做"},
        {"actor": "tan"},
        {"after": "closed"},
        {"data": {"late": 0}},
        {"hash": "0" * 64},
        {"seq": 40},
    ],
)
def test_a_changed_row_is_found(day, lived, values):
    change(day, lived, 3, **values)
    assert broken(day, lived) == 3


def test_a_deleted_row_is_found(day, lived):
    gone = memory(day, lived)[1].id
    day.db.write(lambda session: session.delete(session.get(Event, gone)))
    assert broken(day, lived) == 2


def test_rows_of_another_issue_do_not_fit_in(day, lived):
    other = day.report("hu_mou")
    row = memory(day, lived)[0]
    change(day, other, 1, hash=row.hash, at=row.at, actor=row.actor, data=row.data)
    assert broken(day, other) == 1


@pytest.mark.parametrize(
    "said", ["1", "0001", "#1", "1号", "20260601-1", "SZ-20260601-0001", "sz-20260601-1", " 0001 "]
)
def test_a_number_is_understood_as_people_write_it(day, said):
    number = day.report()
    with day.db.read() as session:
        found = matching(said, session.scalars(select(Issue)))
    assert [issue.number for issue in found] == [number]


@pytest.mark.parametrize("said", ["2", "20260602-1", "一号", "", "1 2", "SZ-"])
def test_what_is_no_number_of_ours_finds_nothing(day, said):
    day.report()
    with day.db.read() as session:
        assert matching(said, session.scalars(select(Issue))) == []


def test_the_newest_of_two_with_the_same_short_number_comes_first(day):
    old = day.report()
    new = day.go("2026-06-02 09:00").report("hu_mou")
    with day.db.read() as session:
        found = matching(short(new), session.scalars(select(Issue)))
    assert [issue.number for issue in found] == [new, old]


def test_the_daily_sequence_goes_on_beyond_four_digits(day):
    day.report()
    with day.db.read() as session:
        counter = session.scalar(select(DayCounter))
    counter.last = 9999
    day.db.write(lambda session: session.merge(counter) and None)
    assert day.report("hu_mou") == "SZ-20260601-10000"
