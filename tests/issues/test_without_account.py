"""A resident without WeCom: his 邻长 reports for him, and tells him in person what comes of it."""

import pytest
from sqlalchemy import select

from people.reading import read
from people.town import has_account
from storage.tables import InPerson, Outbox
from tests.town import LIN, TOWN


@pytest.fixture
def old_wang(town):
    """The day, and what the program calls somebody without an account."""
    day = town(*TOWN, f"王奶奶,,居民,{LIN},王家,")
    with day.db.read() as session:
        people = read(session).homes.people.values()
        (userid,) = [person.userid for person in people if not has_account(person.userid)]
    return day, userid


def listed(day):
    with day.db.read() as session:
        return list(session.scalars(select(InPerson)))


def test_a_result_is_told_in_person_by_who_works_on_it_and_sent_to_nobody(old_wang):
    day, userid = old_wang
    number = day.report(userid, "屋后的水沟堵了")
    assert day.holder(number) == "zhang"
    day.do(number, "zhang", "accept")
    assert listed(day) == []  # not worth a walk
    day.do(number, "zhang", "resolve", "沟通好了")
    (row,) = listed(day)
    assert (row.userid, row.told_at) == (userid, None)
    assert "沟通好了" in row.text
    assert any("请当面告知" in text and "王奶奶" in text for text in day.told("zhang"))
    with day.db.read() as session:
        assert session.scalar(select(Outbox).where(Outbox.target == userid)) is None


def test_it_is_closed_without_a_rating_and_nobody_walks_there_twice(old_wang):
    day, userid = old_wang
    number = day.report(userid, "屋后的水沟堵了")
    day.do(number, "zhang", "resolve", "沟通好了")
    before = listed(day)[0].text
    for later in ("2026-06-05 09:00", "2026-06-20 09:00"):
        day.go(later)
        day.clock(number, "ask_again_or_close")
    assert (day.issue(number).state, day.issue(number).rating) == ("closed", None)
    assert [row.text for row in listed(day)] == [before]
