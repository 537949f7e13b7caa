"""What the events of an issue say: folded from hand-made ones, and from those of the Acting."""

from datetime import timedelta

import pytest

from issues import history
from issues.events import CLOCK, Actor, Change, record
from issues.history import Case, Happened, Window, differences, life
from rules.words import Rating, Solved, State, Tier, UnitKind
from storage.tables import Issue
from tests.town import LIN, NEXT_LIN, OFFICE, PIAN, at, without

OPENED = {
    "reported_at": "2026-06-01T09:00:00+08:00",
    "due_at": "2026-06-04T00:00:00+08:00",
    "unit": LIN,
    "household": 3,
    "tier": "ordinary",
    "holder": "zhang",
    "level": "lin",
}


def told(*happened, opened=OPENED, until=None, **more):
    """The life of an issue of that Monday: (when, kind, after, actor, data[, reason]) each."""
    first = ("2026-06-01 09:00", "opened", "pending", "mao_mou", opened)
    events = [event(*e) for e in (first, *happened)]
    return life(Case(row(**more), LIN, "", events), OFFICE.clock, until)


def event(when, kind, after, actor="", data=None, reason=""):
    role = "linzhang" if actor else "clock"
    return Happened(1, 0, at(when), kind, actor, role, after, data or {}, reason)


ACCEPTED = ("2026-06-01 10:00", "accept", "accepted", "zhang")
RESOLVED = ("2026-06-02 10:00", "resolve", "resolved", "zhang", None, "换了灯泡")
SAID_YES = ("2026-06-02 12:00", "rate", "resolved", "mao_mou", {"solved": "yes", "rating": None})
SAID_GOOD = ("2026-06-03 12:00", "rate", "closed", "mao_mou", {"solved": None, "rating": "good"})


def test_the_first_contact_is_a_persons_and_no_automatic_one():
    nudge = ("2026-06-01 09:30", "nudge", "pending")
    assert told(nudge).contacted_at is None
    assert told(nudge, ACCEPTED).contacted_at == at("2026-06-01 10:00")


def test_the_first_promise_stays_beside_a_longer_one():
    wish = ("2026-06-01 11:00", "regrade", "accepted", "zhang", {"tier": "hard"})
    granted = {"what": "regrade", "tier": "hard", "due_at": "2026-06-09T00:00:00+08:00"}
    asked = told(ACCEPTED, wish)
    given = told(ACCEPTED, wish, ("2026-06-01 12:00", "grant", "accepted", "peng", granted))
    assert (asked.tier, asked.due_at) == (Tier.ORDINARY, at("2026-06-04 00:00"))
    assert (given.tier, given.due_at) == (Tier.HARD, at("2026-06-09 00:00"))
    assert given.promised_at == at("2026-06-04 00:00")


def test_an_extension_moves_the_date_and_not_the_tier():
    data = {"what": "extend", "due_at": "2026-06-07T00:00:00+08:00"}
    given = told(ACCEPTED, ("2026-06-02 09:00", "grant", "accepted", "peng", data))
    assert (given.tier, given.due_at) == (Tier.ORDINARY, at("2026-06-07 00:00"))


def test_two_messages_may_answer_the_two_questions():
    given = told(ACCEPTED, RESOLVED, SAID_YES, SAID_GOOD)
    answer = given.answers["mao_mou"]
    assert (given.solved, given.rating) == (Solved.YES, Rating.GOOD)
    assert (answer.at, given.closed_at) == (at("2026-06-02 12:00"), at("2026-06-03 12:00"))


def test_doing_it_again_voids_what_was_said():
    again = ("2026-06-04 09:00", "redo", "pending", "mao_mou", {"holder": "peng", "level": "zu"})
    given = told(ACCEPTED, RESOLVED, SAID_YES, SAID_GOOD, again)
    assert (given.answers, given.redone, given.closed_at, given.resolved_at) == ({}, 1, None, None)
    assert (given.holder, given.level, given.state) == ("peng", UnitKind.ZU, State.PENDING)


def test_only_the_last_cycle_is_asked_about():
    again = ("2026-06-04 09:00", "redo", "pending", "mao_mou")
    resolved = ("2026-06-05 10:00", "resolve", "resolved", "peng", {"level": "zu"}, "真的换了")
    given = told(ACCEPTED, RESOLVED, SAID_YES, SAID_GOOD, again, resolved)
    assert (given.story.asked, given.story.answers, given.story.level) == (1, (), UnitKind.ZU)


JOINED = ("2026-06-01 11:00", "endorse", "accepted", "hu_mou", {"household": 7})


def test_who_joined_is_asked_and_answers_for_himself():
    rated = {"solved": "no", "rating": "bad"}
    given = told(ACCEPTED, JOINED, RESOLVED, SAID_YES, said_by("hu_mou", rated))
    assert given.endorsers == {"hu_mou": 7}
    assert [(a.own, a.solved) for a in given.story.answers] == [
        (True, Solved.YES),
        (False, Solved.NO),
    ]
    assert (given.story.asked, given.solved) == (2, Solved.YES)


def test_one_person_has_one_answer_the_last():
    first, last = {"solved": "no", "rating": "bad"}, {"solved": "yes", "rating": "good"}
    given = told(ACCEPTED, JOINED, RESOLVED, said_by("hu_mou", first), said_by("hu_mou", last))
    assert [a.solved for a in given.story.answers] == [Solved.YES]


def test_the_reporter_who_joins_his_own_issue_is_still_one_person():
    rated = {"solved": "no", "rating": "bad"}
    joined = ("2026-06-01 11:00", "endorse", "accepted", "mao_mou", {"household": 7})
    given = told(ACCEPTED, joined, RESOLVED, SAID_YES, said_by("mao_mou", rated))
    assert (given.story.asked, [a.solved for a in given.story.answers]) == (1, [Solved.YES])


def said_by(who, data):
    return ("2026-06-02 13:00", "endorse_rate", "resolved", who, data)


def test_a_delicate_matter_is_never_asked_about():
    closed = ("2026-06-02 10:00", "closed", "closed")
    assert told(ACCEPTED, RESOLVED, closed, delicate=True).story.asked == 0


def test_a_unit_that_is_asked_to_help_does_not_move_the_issue():
    helper = ("2026-06-02 09:00", "assist", "accepted", "zhang", {"unit_asked": f"{PIAN}/供电所"})
    moved = ("2026-06-02 10:00", "reassign", "pending", "zhang", {"unit": NEXT_LIN})
    assert told(ACCEPTED, helper).unit == LIN
    assert told(ACCEPTED, helper, moved).unit == NEXT_LIN


def test_a_life_can_be_told_up_to_a_moment():
    given = told(ACCEPTED, RESOLVED, SAID_YES, until=at("2026-06-02 11:00"))
    assert (given.state, given.answers) == (State.RESOLVED, {})


@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_the_side_exits_end_it(end):
    given = told(ACCEPTED, ("2026-06-02 10:00", "x", end, "peng"))
    assert (given.closed_at, given.story.asked) == (at("2026-06-02 10:00"), 0)


# --- what a row may claim ---


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("reported_at", at("2026-06-01 09:01"), "报单时间"),
        ("due_at", at("2026-06-05 00:00"), "答应的时间"),
    ],
)
def test_a_row_that_claims_another_time_differs(column, value, what):
    issue, events = row(), [event("2026-06-01 09:00", "opened", "pending", "mao_mou", OPENED)]
    whole = Case(issue, LIN, "zhang", events)
    assert differences(whole, life(whole, OFFICE.clock)) == []
    setattr(issue, column, value)
    assert [d[0] for d in differences(whole, life(whole, OFFICE.clock))] == [what]


def test_a_row_that_claims_another_unit_or_holder_differs():
    events = [event("2026-06-01 09:00", "opened", "pending", "mao_mou", OPENED)]
    moved = Case(row(), NEXT_LIN, "chen", events)
    assert [d[0] for d in differences(moved, life(moved, OFFICE.clock))] == ["单位", "负责人"]


@pytest.mark.parametrize("kept", [None, Solved.YES])
def test_while_it_is_done_again_the_row_may_still_have_the_void_answer(kept):
    again = event("2026-06-04 09:00", "redo", "pending", "mao_mou")
    happened = [event(*e) for e in (ACCEPTED, RESOLVED, SAID_YES)]
    first = event("2026-06-01 09:00", "opened", "pending", "mao_mou", OPENED)
    whole = Case(row(solved=kept, redone=1), LIN, "zhang", [first, *happened, again])
    assert differences(whole, life(whole, OFFICE.clock)) == []


def row(**more):
    """The issue of that Monday as its row has it."""
    given = {
        "number": "SZ-20260601-0001",
        "reporter": "mao_mou",
        "delicate": False,
        "state": State.PENDING,
        "tier": Tier.ORDINARY,
        "tier_version": 1,
        "level": UnitKind.LIN,
        "reported_at": at("2026-06-01 09:00"),
        "due_at": at("2026-06-04 00:00"),
        "result": "",
        "redone": 0,
    }
    return Issue(**(given | more))


# --- many issues ---


def test_issues_come_in_order_whatever_the_chunk(day):
    numbers = [day.report(text=f"第 {n} 根电杆的路灯不亮") for n in range(7)]
    day.do(numbers[3], "zhang", "accept")
    with day.db.read() as session:
        found = list(history.cases(session, chunk=2))
    assert [case.issue.number for case in found] == numbers
    assert [len(case.events) for case in found] == [1, 1, 1, 2, 1, 1, 1]


def test_a_window_takes_the_first_moment_and_not_the_last(day):
    first = day.report()
    day.go("2026-06-02 09:00").report()
    window = Window(at("2026-06-01 09:00"), at("2026-06-02 09:00"))
    with day.db.read() as session:
        found = [case.issue.number for case in history.cases(session, window)]
        assert (found, history.count(session, window)) == ([first], 1)


def test_a_long_read_sees_one_moment(day):
    """On PostgreSQL as well, where every query would see what was committed last."""
    number = day.report()
    with day.db.read() as session:
        history.one_snapshot(session)
        assert history.count(session) == 1
        day.do(number, "zhang", "accept")
        (case,) = history.cases(session)
        assert (case.issue.state, len(case.events)) == (State.PENDING, 1)


def test_what_the_desk_writes_is_what_the_events_tell(town):
    day = town(*without("peng"))
    number = day.report()
    day.go("10:00").do(number, "tan", "accept")
    day.go("2026-06-02 10:00").do(number, "tan", "resolve", "换了灯泡")
    day.go("11:00").do(number, "mao_mou", "rate", Solved.YES, Rating.FAIR)
    with day.db.read() as session:
        (given,) = history.lives(session, OFFICE.clock)
    assert (given.accepted_by, given.holder, given.resolved_level) == ("tan", "tan", UnitKind.PIAN)
    assert given.contacted_at == at("2026-06-01 10:00")
    assert given.due_at - given.two_days_at == timedelta(0)
    assert (given.solved, given.rating, given.result) == (Solved.YES, Rating.FAIR, "换了灯泡")


def test_events_of_actions_that_are_still_to_come_are_told_too(day):
    number = day.report()

    def lift(work):
        issue = work.session.query(Issue).filter_by(number=number).one()
        by = Actor("hu_mou", "resident", "app")
        record(work, issue, by, Change("endorse", "pending", data={"household": 1}))
        record(work, issue, CLOCK, Change("urge", "pending"))

    day.work(lift)
    with day.db.read() as session:
        (given,) = history.lives(session, OFFICE.clock)
    assert (given.endorsers, given.state) == ({"hu_mou": 1}, State.PENDING)
