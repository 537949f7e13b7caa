"""不是诉求: closed with its reason, told kindly, read one level up; no way out of real work."""

import pytest

from issues import events
from issues.audit import audit
from issues.history import cases, life
from rules.transitions import NotAllowed
from rules.words import State
from tests.town import OFFICE, Day

TALK = "路上看见好多人走来走去"


@pytest.fixture
def day(town_lite):
    return Day(town_lite, "2026-06-01 09:00")


@pytest.fixture
def closed(day):
    number = day.report(text=TALK)
    day.do(number, "zhang", "dismiss", "只是打招呼")
    return number


def test_it_is_closed_with_the_reason_on_its_chain(day, closed):
    last = day.work(lambda work: events.of(work.session, day.issue(closed).id))[-1]
    assert (last.kind, last.reason, last.after) == ("dismiss", "只是打招呼", "declined")
    with day.db.read() as session:
        assert [one.problems for one in audit(session, OFFICE.clock)] == [()]


def test_the_resident_reads_why_and_that_he_may_say_what_he_wants(day, closed):
    [told] = day.told("mao_mou")
    assert f"您说的“{TALK}”" in told
    assert "只是打招呼" in told
    assert "再说一句是什么事、在哪里" in told


def test_the_level_above_reads_it(day, closed):
    assert "不是诉求：只是打招呼" in day.told("peng")[-1]


def test_without_a_reason_there_is_one_all_the_same(day):
    number = day.report(text=TALK)
    day.do(number, "zhang", "dismiss")
    assert "没有说要办什么事" in day.told("mao_mou")[-1]


def test_no_mark_comes_after_it(day, closed):
    day.go("2026-06-05 09:00")
    assert day.clock(closed) is None
    assert day.issue(closed).state is State.DECLINED


@pytest.mark.parametrize(
    "more", [{"emergency": "fire"}, {"emergency": "self", "delicate": True}], ids=str
)
def test_what_is_urgent_is_not_closed_like_that(day, more):
    number = day.report(text="着火了", **more)
    with pytest.raises(NotAllowed, match="不能这样关掉"):
        day.do(number, "zhang", "dismiss", "没事")


def test_a_complaint_is_not_closed_like_that(day):
    number = day.report(text="投诉邻长张某收钱不办事")
    with pytest.raises(NotAllowed, match="不能这样关掉"):
        day.do(number, "peng", "dismiss", "没事")


def test_what_others_have_joined_is_not_closed_like_that(day):
    number = day.report()
    day.do(number, "liu_mou", "endorse", "我家门口也不亮")
    with pytest.raises(NotAllowed, match="不能这样关掉"):
        day.do(number, "zhang", "dismiss", "没事")


def test_what_is_worked_on_is_a_matter(day):
    number = day.report()
    day.do(number, "zhang", "progress", "已约电工")
    with pytest.raises(NotAllowed, match="不能再「不是诉求」"):
        day.do(number, "zhang", "dismiss", "没事")


def test_it_counts_as_an_answer_in_time(day, closed):

    with day.db.read() as session:
        [case] = cases(session)
        assert life(case, OFFICE.clock).contacted_at == day.now
