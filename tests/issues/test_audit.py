"""The tables say what the events say: after anything people may do, and not after tampering."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from issues import story
from issues.audit import audit
from issues.desk import NeedsWords
from issues.events import CLOCK, Change, record
from rules.rates import rates
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES, Rating, Solved, State, Tier, UnitKind
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

    def nonsense(desk):
        issue = desk.session.query(Issue).filter_by(number=number).one()
        record(desk.session, issue, CLOCK, Change("lift", data={"level": "moon"}), day.now)

    day.desk(nonsense)
    (problem,) = problems(day)
    assert "经过读不懂" in problem


# --- whatever people do ---


def play(day, dice, steps):
    """Steps at random: everybody tries everything, the clock moves on."""
    numbers = [day.report(dice.choice(RESIDENTS), "水管漏水了")]
    for _ in range(steps):
        day.now += timedelta(minutes=dice.randrange(6 * 60))
        if dice.random() < 0.15:
            numbers.append(day.report(dice.choice(RESIDENTS), f"第 {len(numbers)} 盏路灯不亮"))
        try:
            _anything(day, dice, dice.choice(numbers))
        except (NotAllowed, NeedsWords):
            continue


def _anything(day, dice, number):
    """Half of the time what would come next, else anything by anybody."""
    issue, holder = day.issue(number), day.holder(number)
    if issue.state in (State.RESOLVED, State.CLOSED) and dice.random() < 0.5:
        answer = dice.choice([*Solved, Solved.YES, None]), dice.choice([*Rating, None])
        day.do(number, issue.reporter, "rate", *answer)
    elif dice.random() < 0.2:
        day.clock(number, dice.choice(["pass_mark", "pass_nudge"]))
    else:
        action, *words = dice.choice(
            [
                ("accept",),
                ("raise_up", "办不了"),
                ("progress", f"第 {dice.randrange(99)} 次去看了"),
                ("regrade", dice.choice(list(Tier)), "要等立项"),
                ("grant",),
                ("refuse",),
                ("resolve", "换了"),
                ("resolve", "修好了"),
                ("redo",),
                ("withdraw",),
            ]
        )
        anybody = dice.choice([*STAFF, *RESIDENTS])
        day.do(number, holder if dice.random() < 0.6 else anybody, action, *words)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_whatever_people_do_the_tables_say_what_the_events_say(day, seed):
    play(day, Random(seed), 120)
    assert problems(day) == []


def test_the_rates_from_events_are_those_that_the_tables_tell(day):
    play(day, Random(5), 200)
    with day.db.read() as session:
        from_events = rates((life.story for life in story.lives(session, OFFICE.clock)), day.now)
        issues = list(session.scalars(select(Issue)))
    asked = [i for i in issues if i.state in (State.RESOLVED, State.CLOSED)]
    solved = [i.solved for i in asked if i.solved]
    rated = [i.rating for i in asked if i.rating]
    assert from_events.reported == len(issues) > 10
    assert (from_events.said_solved, from_events.rated) == (len(solved), len(rated))
    assert from_events.solved == solved.count(Solved.YES) > 0
    assert from_events.top_two == rated.count(Rating.GOOD) + rated.count(Rating.VERY_GOOD) > 0
    assert from_events.redone == sum(i.redone for i in issues)
    assert from_events.closed == sum(i.state is State.CLOSED for i in issues)
    assert any(i.state in OPEN_STATES for i in issues)
