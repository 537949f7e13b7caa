"""三长接单, 办结 and what residents do: each action changes what it says and tells whom it must."""

import pytest
from sqlalchemy import select

from issues import history
from issues.allowed import NeedsWords
from issues.audit import audit
from issues.registering import Material
from rules.transitions import NotAllowed
from rules.words import Rating, Solved, State, Tier, UnitKind
from storage.tables import Attachment, CoOwner, Issue
from tests.town import at, without


@pytest.fixture
def number(day):
    return day.report(text="路灯不亮")


def co_owners(day):
    with day.db.read() as session:
        return set(session.scalars(select(CoOwner.level)))


# --- accept ---


def test_accepting_tells_the_resident_by_name(day, number):
    day.do(number, "zhang", "accept")
    assert day.issue(number).state is State.ACCEPTED
    assert "邻长张某" in day.told("mao_mou")[-1]


def test_accepting_twice_is_refused_and_says_what_is_possible(day, number):
    day.do(number, "zhang", "accept")
    with pytest.raises(NotAllowed, match=r"已接单.*办结"):
        day.do(number, "zhang", "accept")


def test_a_pianzhang_who_accepts_takes_it_over_and_the_linzhang_stays_on(day, number):
    day.do(number, "tan", "accept")
    assert (day.holder(number), day.issue(number).level) == ("tan", UnitKind.PIAN)
    assert co_owners(day) == {UnitKind.LIN}
    assert "谭某" in day.told("zhang")[-1]


@pytest.mark.parametrize("userid", ["chen", "liu_mou", "wai_di", "mao_mou", "guan"])
def test_neighbours_strangers_and_the_resident_cannot_accept(day, number, userid):
    with pytest.raises(NotAllowed):
        day.do(number, userid, "accept")
    assert day.issue(number).state is State.PENDING


# --- raise ---


def test_raising_gives_it_to_the_next_level_and_keeps_the_old_face(day, number):
    day.do(number, "zhang", "raise_up", "要动公家的线路")
    assert (day.holder(number), day.issue(number).state) == ("peng", State.PENDING)
    assert co_owners(day) == {UnitKind.LIN}


def test_raising_brings_the_new_holder_a_card_and_tells_the_resident(day, number):
    day.do(number, "zhang", "raise_up", "要动公家的线路")
    assert day.notices("peng")[-1].notice["card"]["buttons"][0]["key"] == "accept"
    assert "组长彭某" in day.told("mao_mou")[-1]


def test_raising_is_for_the_holder_alone(day, number):
    for userid in ("tan", "mao_mou", "chen"):
        with pytest.raises(NotAllowed):
            day.do(number, userid, "raise_up", "我来")


def test_at_the_top_of_the_ladder_there_is_nobody_to_raise_to(day, number):
    for userid in ("zhang", "peng", "tan", "xie", "guo"):
        day.do(number, userid, "raise_up", "办不了")
    with pytest.raises(NotAllowed, match="上面没有"):
        day.do(number, "sun", "raise_up", "办不了")
    assert day.holder(number) == "sun"


def test_raising_skips_an_empty_chair(town):
    day = town(*without("peng", "tan"))
    number = day.report()
    day.do(number, "zhang", "raise_up", "办不了")
    assert day.holder(number) == "xie"


def test_raising_skips_a_person_who_sits_on_both_chairs(town):
    day = town(*without("peng"), "张某,zhang,组长,清溪镇/韶山村/一片/长冲组,张家,13800000001")
    number = day.report()
    day.do(number, "zhang", "raise_up", "办不了")
    assert day.holder(number) == "tan"


def test_an_issue_never_rises_to_the_one_who_reported_it(day):
    number = day.report("peng")
    assert day.holder(number) == "tan"
    other = day.report("zhang")
    day.do(other, "peng", "raise_up", "办不了")
    assert day.holder(other) == "tan"


# --- progress ---


def test_progress_is_told_to_the_resident_in_its_own_words(day, number):
    day.do(number, "zhang", "progress", "已联系电力公司")
    assert day.issue(number).state is State.WORKING
    assert "已联系电力公司" in day.told("mao_mou")[-1]


def test_progress_without_words_is_none(day, number):
    with pytest.raises(NeedsWords):
        day.do(number, "zhang", "progress", " ")


def test_a_complex_issues_progress_has_new_content_each_time(day, number):
    make_complex(day, number)
    day.do(number, "zhang", "progress", "正在协调")
    with pytest.raises(NotAllowed, match="新的进展"):
        day.do(number, "zhang", "progress", "正在协调 ")


# --- tiers ---


def make_complex(day, number):
    day.do(number, "zhang", "regrade", Tier.COMPLEX, "要等立项")
    day.do(number, "peng", "grant")


def test_a_harder_tier_needs_the_next_level_and_changes_nothing_before(day, number):
    day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")
    issue = day.issue(number)
    assert (issue.tier, issue.wanted_data["tier"]) == (Tier.ORDINARY, Tier.HARD)
    assert "要换变压器" in day.told("peng")[-1]


def test_a_granted_tier_moves_the_promise_and_the_resident_is_told_why(day, number):
    day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")
    day.do(number, "peng", "grant")
    issue = day.issue(number)
    assert (issue.tier, issue.due_at) == (Tier.HARD, at("2026-06-09 00:00"))
    told = day.told("mao_mou")[-1]
    assert "6月8日" in told
    assert "要换变压器" in told


def test_a_refused_tier_leaves_the_promise_and_the_holder_is_told(day, number):
    day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")
    day.do(number, "peng", "refuse")
    issue = day.issue(number)
    assert (issue.tier, issue.wanted) == (Tier.ORDINARY, None)
    assert "没有同意" in day.told("zhang")[-1]


def test_nobody_grants_the_own_wish(day, number):
    day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")
    with pytest.raises(NotAllowed):
        day.do(number, "zhang", "grant")


def test_nothing_is_granted_that_was_not_asked_for(day, number):
    with pytest.raises(NotAllowed, match="没有等您答复"):
        day.do(number, "peng", "grant")


def test_a_harder_tier_needs_a_reason(day, number):
    with pytest.raises(NeedsWords):
        day.do(number, "zhang", "regrade", Tier.HARD, "")


def test_a_harder_tier_is_asked_for_before_the_promise_runs_out(day, number):
    day.go("2026-06-04 00:00")
    with pytest.raises(NotAllowed, match="已经过了"):
        day.do(number, "zhang", "regrade", Tier.HARD, "要换变压器")


def test_a_lower_tier_is_free_and_its_notice_does_not_call_it_hard(day, number):
    make_complex(day, number)
    day.do(number, "zhang", "regrade", Tier.ORDINARY, "")
    assert day.issue(number).due_at == at("2026-06-04 00:00")
    told = day.told("mao_mou")[-1]
    assert "6月3日" in told
    assert "难办" not in told


def test_the_same_tier_is_no_change(day, number):
    with pytest.raises(NotAllowed, match="就是“一般”"):
        day.do(number, "zhang", "regrade", Tier.ORDINARY, "一般")


# --- resolve, rate, redo ---


@pytest.fixture
def resolved(day, number):
    day.do(number, "zhang", "resolve", "换了灯泡")
    return number


def test_resolving_says_what_was_done_and_asks_for_a_rating(day, resolved):
    issue = day.issue(resolved)
    assert (issue.state, issue.result) == (State.RESOLVED, "换了灯泡")
    asked = day.notices("mao_mou")[-1].notice
    assert "换了灯泡" in asked["text"]
    assert [b["key"] for b in asked["card"]["buttons"]] == [
        "solved:yes",
        "solved:partly",
        "solved:no",
    ]


def test_a_resolved_issue_has_no_marks_to_come(day, resolved):
    assert day.issue(resolved).next_mark_at is None


@pytest.mark.parametrize("words", ["", " ", "好"])
def test_resolving_needs_a_sentence(day, number, words):
    with pytest.raises(NeedsWords):
        day.do(number, "zhang", "resolve", words)


def test_a_former_holder_may_resolve_what_has_risen(day, number):
    day.do(number, "zhang", "raise_up", "办不了")
    day.do(number, "zhang", "resolve", "邻居帮忙修好了")
    assert day.issue(number).state is State.RESOLVED


def test_what_was_finished_by_mistake_goes_on_with_its_date(day, resolved):
    due = day.issue(resolved).due_at
    day.deliver()
    day.do(resolved, "zhang", "unresolve", "点错了")
    issue = day.issue(resolved)
    assert (issue.state, issue.resolved_at, issue.due_at) == (State.WORKING, None, due)
    assert issue.next_mark_at is not None
    assert "还没有办好" in day.told("mao_mou")[-1]


def test_who_has_not_heard_of_the_end_hears_nothing_of_the_mistake(day, resolved):
    day.do(resolved, "zhang", "unresolve")
    day.deliver()
    states = {row.state for row in day.notices("mao_mou") if ":rate" in row.key}
    assert states == {"dropped"}
    assert not any(":unresolved:" in row.key for row in day.notices("mao_mou"))


def test_what_has_been_judged_is_not_taken_back(day, resolved):
    day.do(resolved, "mao_mou", "rate", Solved.YES)
    with pytest.raises(NotAllowed, match="评价过"):
        day.do(resolved, "zhang", "unresolve")


def test_a_mistaken_end_counts_neither_as_contact_nor_as_result(day, number):
    day.do(number, "zhang", "resolve", "换了灯泡")
    day.do(number, "zhang", "unresolve")
    with day.db.read() as session:
        (told,) = history.lives(session, day.office.clock)
        assert (told.contacted_at, told.resolved_at) == (None, None)
        assert [one.problems for one in audit(session, day.office.clock)] == [()]


def test_a_promise_that_ran_out_meanwhile_is_told_at_once(day, resolved):
    day.go("2026-06-05 10:00")
    day.do(resolved, "zhang", "unresolve")
    assert day.issue(resolved).next_mark_at == day.now
    day.clock(resolved)
    assert (day.holder(resolved), day.issue(resolved).state) == ("peng", State.PENDING)


def test_two_good_answers_close_it_and_thank_the_holder(day, resolved):
    day.do(resolved, "mao_mou", "rate", Solved.YES)
    assert day.issue(resolved).state is State.RESOLVED
    day.do(resolved, "mao_mou", "rate", None, Rating.VERY_GOOD)
    issue = day.issue(resolved)
    assert (issue.state, issue.closed_at) == (State.CLOSED, day.now)
    assert "非常满意" in day.told("zhang")[-1]


def test_nobody_else_rates(day, resolved):
    for userid in ("zhang", "liu_mou", "tan"):
        with pytest.raises(NotAllowed, match="反映人本人"):
            day.do(resolved, userid, "rate", None, Rating.VERY_GOOD)


def test_a_rating_is_given_once(day, resolved):
    day.do(resolved, "mao_mou", "rate", Solved.YES, Rating.GOOD)
    with pytest.raises(NotAllowed, match="评过了"):
        day.do(resolved, "mao_mou", "rate", None, Rating.VERY_GOOD)


@pytest.mark.parametrize(
    "answer", [(Solved.NO, None), (None, Rating.BAD), (Solved.PARTLY, Rating.VERY_BAD)]
)
def test_a_bad_answer_reopens_it_one_level_up(day, resolved, answer):
    day.do(resolved, "mao_mou", "rate", *answer)
    issue = day.issue(resolved)
    assert (issue.state, issue.holder.userid, issue.redone) == (State.PENDING, "peng", 1)
    assert day.notices("peng")[-1].notice["card"]


@pytest.mark.parametrize("rating", [Rating.VERY_GOOD, Rating.GOOD, Rating.FAIR])
def test_the_top_three_levels_do_not_reopen(day, resolved, rating):
    day.do(resolved, "mao_mou", "rate", None, rating)
    assert day.issue(resolved).state is State.CLOSED


def test_a_second_bad_answer_does_not_reopen_by_itself(day, resolved):
    day.do(resolved, "mao_mou", "rate", Solved.NO)
    day.do(resolved, "peng", "resolve", "换了整灯")
    day.do(resolved, "mao_mou", "rate", Solved.NO)
    assert day.issue(resolved).state is State.CLOSED


def test_redo_keeps_the_number_and_the_old_clock(day, resolved):
    due = day.issue(resolved).due_at
    day.go("2026-06-02 10:00").do(resolved, "mao_mou", "redo", "又不亮了")
    issue = day.issue(resolved)
    assert (issue.state, issue.due_at, issue.next_mark_at) == (State.PENDING, due, due)
    assert issue.reported_at == at("2026-06-01 09:00")


def test_redo_is_possible_for_fifteen_days(day, resolved):
    day.go("2026-06-16 23:59").do(resolved, "mao_mou", "redo")
    assert day.issue(resolved).state is State.PENDING


def test_after_fifteen_days_it_is_a_new_report(day, resolved):
    day.go("2026-06-17 00:00")
    with pytest.raises(NotAllowed, match="15 天"):
        day.do(resolved, "mao_mou", "redo")


def test_fifteen_days_count_from_the_day_on_which_the_resident_was_told(day, resolved):
    day.go("2026-06-02 07:30").deliver()
    day.go("2026-06-17 23:59").do(resolved, "mao_mou", "redo")
    assert day.issue(resolved).state is State.PENDING


def asks(day):
    return len([text for text in day.told("mao_mou") if "请您评价" in text])


def test_silence_after_two_asks_in_seven_days_closes_it_unrated(day, resolved):
    day.deliver()
    day.go("2026-06-04 08:59").clock(resolved, "pass_nudge")
    assert asks(day) == 1
    day.go("2026-06-04 09:00").clock(resolved, "pass_nudge")
    assert (asks(day), day.issue(resolved).next_nudge_at) == (2, at("2026-06-08 09:00"))
    day.deliver().go("2026-06-08 09:00").clock(resolved, "pass_nudge")
    issue = day.issue(resolved)
    assert (issue.state, issue.rating, issue.solved) == (State.CLOSED, None, None)


def test_the_second_ask_and_silence_count_from_the_delivery_of_the_first(day, resolved):
    """The platform was down for two days: nobody is asked twice within three days."""
    day.go("2026-06-03 10:00").deliver()
    day.go("2026-06-04 09:00").clock(resolved, "pass_nudge")
    assert (asks(day), day.issue(resolved).next_nudge_at) == (1, at("2026-06-06 10:00"))
    day.go("2026-06-06 10:00").clock(resolved, "pass_nudge")
    assert asks(day) == 2
    day.deliver().go("2026-06-10 10:00").clock(resolved, "pass_nudge")
    assert day.issue(resolved).state is State.CLOSED


def test_nobody_is_asked_again_before_the_first_request_has_arrived(day, resolved):
    day.go("2026-06-08 09:00").clock(resolved, "pass_nudge")
    assert (asks(day), day.issue(resolved).state) == (1, State.RESOLVED)


def test_two_requests_to_rate_are_never_one_message(day, resolved):
    other = day.report(text="水沟堵了")
    day.do(other, "zhang", "resolve", "掏干净了")
    rows = [row for row in day.notices("mao_mou") if ":rate" in row.key]
    assert [(row.gather, row.batch == row.key) for row in rows] == [(False, True)] * 2


# --- withdraw, supplement ---


def test_withdrawing_is_the_residents_and_the_holder_is_told(day, number):
    with pytest.raises(NotAllowed):
        day.do(number, "zhang", "withdraw")
    day.do(number, "mao_mou", "withdraw")
    issue = day.issue(number)
    assert (issue.state, issue.next_mark_at, issue.next_nudge_at) == (State.WITHDRAWN, None, None)
    assert "撤回" in day.told("zhang")[-1]


def test_more_words_and_photos_join_the_issue_and_reach_the_holder(day, number):
    photo = Material("image", media_id="M2")
    day.do(number, "mao_mou", "supplement", "在长冲组路口", (photo,))
    assert day.issue(number).content == "路灯不亮\n在长冲组路口"
    assert "在长冲组路口" in day.told("zhang")[-1]
    with day.db.read() as session:
        assert session.scalars(select(Attachment.media_id)).all() == ["M2"]


def test_an_unreachable_holder_is_reported_to_the_level_above(day, number):
    day.work(lambda work: work.undeliverable(work.session.scalar(select(Issue)), "zhang"))
    assert "送不到 张某" in day.told("peng")[-1]
