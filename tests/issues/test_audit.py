"""The tables say what the events say: after anything people may do, and not after tampering."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from issues.audit import audit
from issues.events import CLOCK, Change, record
from rules.words import Rating, Solved, State, Tier, UnitKind
from storage.tables import Event, Issue
from tests.town import OFFICE

STAFF = ("zhang", "chen", "peng", "tan", "xie", "guo")
RESIDENTS = ("mao_mou", "liu_mou", "hu_mou")


def problems(day):
    with day.db.read() as session:
        return [p for found in audit(session, OFFICE.clock) for p in found.problems]


@pytest.fixture
def number(day):
    """One that has gone all the way."""
    number = day.report()
    day.go("10:00").do(number, "zhang", "accept")
    day.do(number, "zhang", "raise_up", "要动公家的线路")
    day.go("2026-06-02 09:00").do(number, "peng", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "rate", Solved.YES, Rating.GOOD)
    return number


def test_what_nobody_touched_is_as_the_events_tell(day, number):
    assert problems(day) == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("state", State.WITHDRAWN, "状态"),
        ("tier", Tier.HARD, "难度"),
        ("due_at", "later", "答应的时间"),
        ("holder_id", None, "负责人"),
        ("level", UnitKind.VILLAGE, "层级"),
        ("solved", Solved.NO, "解决"),
        ("rating", Rating.VERY_GOOD, "评价"),
        ("result", "换了两只灯泡", "办理结果"),
        ("resolved_at", "later", "办结时间"),
        ("closed_at", None, "结案时间"),
        ("reporter", "liu_mou", "反映人"),
        ("redone", 1, "重办次数"),
    ],
)
def test_a_row_that_was_changed_is_found(day, number, column, value, said):
    def tamper(session):
        new = day.now + timedelta(hours=5) if value == "later" else value
        session.execute(update(Issue).values({column: new}))

    day.db.write(tamper)
    found = problems(day)
    assert any(f"{said}对不上" in problem for problem in found), found


@pytest.mark.parametrize(
    ("change", "seq"),
    [({"reason": "另一句"}, 4), ({"data": {"solved": "no"}}, 5), ({"actor": "chen"}, 2)],
)
def test_an_event_that_was_changed_is_found(day, number, change, seq):
    day.db.write(lambda session: session.execute(
        update(Event).where(Event.seq == seq).values(change)
    ))  # fmt: skip
    assert problems(day) == [f"第 {seq} 条经过对不上"]


def test_an_issue_without_events_is_found(day, number):
    day.db.write(lambda session: session.query(Event).delete())
    assert problems(day) == ["第 1 条经过对不上"]


def test_a_whole_chain_that_makes_no_sense_is_found(day):
    number = day.report()

    def nonsense(work):
        issue = work.session.query(Issue).filter_by(number=number).one()
        record(work, issue, CLOCK, Change("lift", data={"level": "moon"}))

    day.work(nonsense)
    (problem,) = problems(day)
    assert "经过读不懂" in problem
