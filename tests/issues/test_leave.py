"""请假: the delegate holds the issues meanwhile, without one the next level does."""

from datetime import date

import pytest
from sqlalchemy import select

from issues import leave as leaves
from rules.transitions import NotAllowed
from rules.words import Party, State, UnitKind
from storage.tables import Event, Issue, Leave
from tests.town import actor

FRIDAY = date(2026, 6, 5)
TODAY = date(2026, 6, 1)


def take(day, who="zhang", delegate="chen", since=TODAY, until=FRIDAY):
    def act_on(work):
        person = work.town.person(who)
        other = work.town.person(delegate) if delegate else None
        leaves.take(work, person, since, until, other, actor(work, who))

    day.work(act_on)


def back(day, who="zhang"):
    def act_on(work):
        person = work.town.person(who)
        leaves.back(work, person, actor(work, who))

    day.work(act_on)


def tick(day):
    def act_on(work):
        for key in list(work.session.scalars(leaves.due(work.today))):
            leave = work.session.get(Leave, key)
            (leaves.end if leave.to_on < work.now.date() else leaves.begin)(work, leave)

    day.work(act_on)


def test_open_issues_go_to_the_delegate_at_once_with_a_note_to_all(day):
    number = day.report()
    take(day)
    assert (day.holder(number), day.issue(number).level) == ("chen", UnitKind.LIN)
    assert "请假到6月5日，陈某代班" in day.told("zhang")[-1]
    assert "陈某" in day.told("mao_mou")[-1]


def test_a_new_issue_goes_to_the_delegate(day):
    take(day)
    assert day.holder(day.report()) == "chen"


def test_what_the_delegate_does_is_remembered_as_on_behalf_of_the_absent(day):
    take(day)
    number = day.report()
    day.do(number, "chen", "accept")
    with day.db.read() as session:
        event = session.scalars(select(Event).order_by(Event.id)).all()[-1]
    assert (event.actor, event.behalf) == ("chen", "zhang")


def test_the_absent_one_may_still_act_himself(day):
    take(day)
    number = day.report()
    day.do(number, "zhang", "resolve", "换了灯泡")
    assert day.issue(number).state is State.RESOLVED


def test_without_a_delegate_all_goes_straight_to_the_zuzhang(day):
    number = day.report()
    take(day, delegate=None)
    assert (day.holder(number), day.holder(day.report(text="水管漏水"))) == ("peng", "peng")


def test_a_delegate_who_is_away_himself_is_none(day):
    take(day, "chen", None)
    take(day, "zhang", "chen")
    assert day.holder(day.report()) == "peng"


def test_a_leave_that_begins_later_changes_nothing_before(day):
    number = day.report()
    take(day, since=date(2026, 6, 3))
    assert day.holder(number) == "zhang"
    day.go("2026-06-03 00:10")
    tick(day)
    assert day.holder(number) == "chen"


def test_afterwards_what_the_delegate_still_holds_comes_back(day):
    number = day.report()
    take(day)
    day.go("2026-06-06 00:10")
    tick(day)
    tick(day)
    assert (day.holder(number), day.issue(number).behalf_id) == ("zhang", None)


def test_coming_back_earlier_ends_it(day):
    number = day.report()
    take(day)
    back(day)
    assert day.holder(number) == "zhang"
    with pytest.raises(NotAllowed, match="没有请假"):
        back(day)


def test_what_has_risen_meanwhile_stays_where_it_is(day):
    number = day.report()
    take(day)
    day.do(number, "chen", "raise_up", "办不了")
    back(day)
    assert day.holder(number) == "peng"


def test_a_new_leave_takes_the_place_of_the_old_one(day):
    number = day.report()
    take(day, delegate="chen")
    take(day, delegate="peng", until=date(2026, 6, 10))
    assert day.holder(number) == "peng"


@pytest.mark.parametrize(
    ("delegate", "since", "until"),
    [
        ("zhang", TODAY, FRIDAY),
        ("chen", FRIDAY, TODAY),
        ("chen", date(2026, 5, 1), date(2026, 5, 5)),
        ("chen", TODAY, date(2027, 6, 1)),
    ],
)
def test_a_leave_that_cannot_be_is_refused_kindly(day, delegate, since, until):
    with pytest.raises(NotAllowed, match=r"。|例如"):
        take(day, delegate=delegate, since=since, until=until)


def test_the_pending_request_of_the_absent_stays_asked(day):
    number = day.report()
    day.do(number, "zhang", "extend", 3, "等配件")
    take(day)
    day.do(number, "peng", "grant")
    assert day.issue(number).extended == 1


def test_the_delegate_of_somebody_above_may_decide_for_him(day):
    number = day.report()
    take(day, "peng", "chen")
    parties = day.work(
        lambda d: d.parties(d.session.get(Issue, day.issue(number).id), actor(d, "chen"))
    )
    assert Party.ABOVE in parties
