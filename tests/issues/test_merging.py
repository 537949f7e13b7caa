"""合并: several reports of one thing go on as one; nobody loses a word, a date or a rating."""

import pytest
from sqlalchemy import select

from issues import events
from issues.audit import audit
from issues.moving import Target
from issues.registering import Material
from issues.short_numbers import by_number
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES, Action, Rating, Solved, State
from storage.tables import Attachment, Endorsement
from tests.town import OFFICE, Day, actor, local

LAMP, DARK = "村口路灯不亮", "大樟树那里一片漆黑"


@pytest.fixture
def day(town_lite):
    return Day(town_lite, "2026-06-01 09:00")


@pytest.fixture
def two(day):
    """The lamp of 毛某, and the same lamp of 刘某 an hour later."""
    first = day.report("mao_mou", LAMP)
    second = day.go("10:00").report("liu_mou", DARK)
    return day, first, second


def merge(day, number, into, who="zhang"):
    def act(work):
        one, other = by_number(work.session, number), by_number(work.session, into)
        work.merge(one, actor(work, who), other)

    day.work(act)


def chain(day, number):
    return day.work(lambda work: events.of(work.session, day.issue(number).id))


def joined(day, number):
    with day.db.read() as session:
        found = select(Endorsement).where(Endorsement.issue_id == day.issue(number).id)
        return {one.userid: one.content for one in session.scalars(found)}


def is_refused(day, number, into, who="zhang"):
    with pytest.raises(NotAllowed) as refused:
        merge(day, number, into, who)
    assert day.issue(number).state in OPEN_STATES
    return str(refused.value)


def test_who_has_reported_it_has_joined_the_other_with_the_own_words(two):
    day, first, second = two
    merge(day, second, first)
    assert day.issue(second).state is State.MERGED
    assert joined(day, first) == {"liu_mou": DARK}
    assert day.issue(first).content == LAMP


def test_both_chains_tell_of_it_and_can_be_believed(two):
    day, first, second = two
    merge(day, second, first)
    assert chain(day, second)[-1].data["into"] == first
    last = chain(day, first)[-1]
    assert (last.kind, last.actor, last.data["joined"]) == (Action.ENDORSE, "zhang", "liu_mou")
    with day.db.read() as session:
        assert [one.problems for one in audit(session, OFFICE.clock)] == [(), ()]


def test_everybody_is_asked_and_rates_for_himself(two):
    day, first, second = two
    merge(day, second, first)
    day.do(first, "zhang", "resolve", "换了灯泡")
    day.do(first, "liu_mou", "rate", Solved.YES, Rating.GOOD)
    assert day.issue(first).rating is None
    assert "请您评价" in day.told("liu_mou")[-1]
    assert "请您评价" in day.told("mao_mou")[-1]


def test_the_earliest_promise_stands(two):
    day, first, _ = two
    later = day.go("2026-06-02 09:00").report("hu_mou", "村口黑灯瞎火")
    day.do(later, "chen", "reassign", day.work(_to_zhang))
    merge(day, first, later)
    assert local(day.issue(later).due_at) == local(day.issue(first).due_at) == "06-04 00:00"


def _to_zhang(work):
    return Target(work.town.person("zhang"), work.town.unit_at("清溪镇/韶山村/一片/长冲组/一邻"))


def test_the_resident_is_told_kindly_and_nothing_else_of_the_old_number(two):
    day, first, second = two
    day.do(second, "zhang", "accept")
    merge(day, second, first)
    waiting = [row for row in day.notices("liu_mou") if row.state == "waiting"]
    assert [row.notice["text"][:19] for row in waiting] == [f"{first} 和您"]
    assert DARK not in str(waiting[0].notice)


def test_who_reported_it_twice_has_not_joined_himself(day):
    first, second = day.report("mao_mou", LAMP), day.report("mao_mou", "灯还是不亮")
    merge(day, second, first)
    assert joined(day, first) == {}
    assert day.issue(first).content == f"{LAMP}\n灯还是不亮"


def test_who_has_joined_both_has_joined_once(two):
    day, first, second = two
    day.do(second, "hu_mou", "endorse", "我家门口也黑")
    day.do(first, "hu_mou", "endorse", "灯不亮")
    merge(day, second, first)
    assert joined(day, first) == {"hu_mou": "灯不亮\n我家门口也黑", "liu_mou": DARK}


def test_photos_go_along_and_stay_whose_they_were(day):
    first = day.report("mao_mou", LAMP)
    second = day.report("liu_mou", DARK, materials=(Material("image", media_id="P1"),))
    merge(day, second, first)

    def seen(who):
        def look(work):
            issue = by_number(work.session, first)
            return len(work.own_materials(issue, actor(work, who)))

        return day.work(look)

    assert {who: seen(who) for who in ("zhang", "liu_mou", "mao_mou")} == {
        "zhang": 1,
        "liu_mou": 1,
        "mao_mou": 0,
    }


def test_what_has_been_merged_is_merged_on(two):
    day, first, second = two
    third = day.report("hu_mou", "村口黑灯瞎火")
    day.do(third, "chen", "reassign", day.work(_to_zhang))
    merge(day, second, third)
    merge(day, third, first)
    assert set(joined(day, first)) == {"hu_mou", "liu_mou"}


def test_who_stands_above_may_and_a_neighbouring_zhang_may_not(two):
    day, first, second = two
    assert "要由" in is_refused(day, second, first, "chen")
    merge(day, second, first, "peng")
    assert "合进来" in day.told("zhang")[-1]


def test_a_complaint_and_what_is_spoken_of_in_private_never_merge(two):
    day, first, _ = two
    complaint = day.report("hu_mou", "投诉组长彭某收钱不办事")
    delicate = day.report("hu_mou", "不想活了", emergency="self", delicate=True)
    for number in (complaint, delicate):
        assert "不能和别的合并" in is_refused(day, number, first, "tan")
        assert "不能和别的合并" in is_refused(day, first, number, "tan")


def test_an_urgent_one_goes_into_no_other(two):
    day, first, _ = two
    urgent = day.report("liu_mou", "着火了", emergency="fire")
    assert "急事" in is_refused(day, urgent, first)
    merge(day, first, urgent)
    assert day.issue(first).state is State.MERGED


def test_what_has_risen_does_not_sink_by_a_merge(two):
    day, first, second = two
    day.do(second, "zhang", "raise_up", "太难了")
    assert "请反过来说" in is_refused(day, second, first, "peng")


def test_what_is_done_takes_nothing_in_and_nothing_goes_into_itself(two):
    day, first, second = two
    assert "它自己" in is_refused(day, second, second)
    day.do(first, "zhang", "resolve", "换了灯泡")
    assert "不在办了" in is_refused(day, second, first)


# --- 拆开 ---


def split(day, number, who="zhang"):
    return day.do(number, who, "split")


def test_what_was_merged_by_mistake_goes_on_by_itself_with_its_own_dates(two):
    day, first, second = two
    due = day.issue(second).due_at
    merge(day, second, first)
    split(day, second)
    issue = day.issue(second)
    assert (issue.state, issue.due_at, issue.closed_at) == (State.PENDING, due, None)
    assert issue.next_mark_at is not None
    assert joined(day, first) == {}
    assert "分开办" in day.told("liu_mou")[-1]
    assert not any("拆" in told or "分开" in told for told in day.told("mao_mou"))
    with day.db.read() as session:
        assert [one.problems for one in audit(session, OFFICE.clock)] == [(), ()]


def test_the_other_one_has_its_own_promise_again(day):
    first = day.report("mao_mou", LAMP)
    second = day.go("2026-06-02 10:00").report("liu_mou", DARK)
    own, earlier = day.issue(second).due_at, day.issue(first).due_at
    merge(day, first, second)
    assert day.issue(second).due_at == earlier
    split(day, first)
    assert day.issue(second).due_at == own
    assert day.issue(second).promised_at == own
    with day.db.read() as session:
        assert [one.problems for one in audit(session, OFFICE.clock)] == [(), ()]


def test_words_and_photos_that_came_since_go_with_whoever_brought_them(two):
    day, first, second = two
    merge(day, second, first)
    photo = Material(media_id="m1", kind="image")
    day.do(first, "liu_mou", "supplement", "是靠塘边那盏", (photo,))
    day.do(first, "mao_mou", "supplement", "晚上更黑")
    split(day, second)
    assert day.issue(second).content == f"{DARK}\n是靠塘边那盏"
    assert day.issue(first).content == f"{LAMP}\n晚上更黑"
    with day.db.read() as session:
        assert [one.issue_id for one in session.scalars(select(Attachment))] == [
            day.issue(second).id
        ]


def test_who_reported_both_has_his_words_apart_again(day):
    first = day.report("mao_mou", LAMP)
    second = day.go("10:00").report("mao_mou", DARK)
    merge(day, second, first)
    split(day, second)
    assert (day.issue(first).content, day.issue(second).content) == (LAMP, DARK)


def test_a_promise_that_ran_out_while_it_was_merged_is_told_at_once(two):
    day, first, second = two
    merge(day, second, first)
    day.go("2026-06-05 09:00")
    split(day, second)
    assert day.issue(second).next_mark_at == day.now
    day.clock(second)
    assert day.holder(second) == "peng"


@pytest.mark.parametrize("who", ["chen", "liu_mou"])
def test_only_who_may_merge_may_take_it_out(two, who):
    day, first, second = two
    merge(day, second, first)
    with pytest.raises(NotAllowed):
        split(day, second, who)
    assert day.issue(second).state is State.MERGED


def test_what_is_done_is_not_taken_apart_any_more(two):
    day, first, second = two
    merge(day, second, first)
    day.do(first, "zhang", "resolve", "换了灯泡")
    with pytest.raises(NotAllowed, match="没修好"):
        split(day, second)


def test_who_has_withdrawn_meanwhile_has_nothing_to_go_on(two):
    day, first, second = two
    merge(day, second, first)
    day.do(first, "liu_mou", "leave_endorsement")
    with pytest.raises(NotAllowed, match="撤回"):
        split(day, second)


def test_of_two_that_brought_earlier_promises_each_takes_its_own_away(day):
    first = day.report("mao_mou", LAMP)
    second = day.go("2026-06-02 10:00").report("liu_mou", DARK)
    third = day.go("2026-06-03 10:00").report("mao_mou", "水沟堵了")
    own = day.issue(third).due_at
    merge(day, second, third)
    merge(day, first, third)
    assert day.issue(third).due_at == day.issue(first).due_at
    split(day, first)
    assert day.issue(third).due_at == day.issue(second).due_at
    split(day, second)
    assert day.issue(third).due_at == own
    merge(day, first, third)
    split(day, first)
    assert (day.issue(third).due_at, joined(day, third)) == (own, {})
