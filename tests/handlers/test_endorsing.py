"""附议: who is asked, what nobody ever reads, and what becomes of the report that waits."""

import pytest
from sqlalchemy import select

from storage.tables import Attachment, Endorsement, Event
from tests.town import at

LAMP = "村口路灯坏了三天没人修"
SECRET = "村口路灯坏了，毛家阿婆天天摸黑回来"


@pytest.fixture
def reported(room):
    room.say("mao_mou", LAMP)
    return room


def joined(room):
    return room.query(lambda s: [e.userid for e in s.scalars(select(Endorsement))])


def kinds(room):
    return room.query(lambda s: [e.kind for e in s.scalars(select(Event).order_by(Event.id))])


def test_the_own_issue_has_the_time_of_the_message(reported):
    reported.say("hu_mou", LAMP)
    reported.wait(minutes=10).tick()
    assert [issue.reported_at for issue in reported.issues()] == [at("2026-06-01 09:00")] * 2


def test_a_report_by_night_is_asked_back_and_opened_in_time(reported):
    reported.go("23:55").say("hu_mou", LAMP)
    reported.wait(minutes=10).tick()
    assert reported.issues()[1].due_at == at("2026-06-04 00:00")
    assert reported.read("hu_mou") == []  # the receipt waits for the morning
    reported.go("2026-06-02 07:31").tick()
    assert "单独给您登记" in reported.read("hu_mou")[0]


def test_a_resident_never_reads_a_neighbours_words(room):
    room.say("mao_mou", SECRET)
    said = [room.say("hu_mou", "村口路灯不亮"), room.say("hu_mou", "1"), room.say("hu_mou", "进度")]
    room.say("zhang", "办结 1 换了灯泡")
    room.go("12:15").tick()
    shown = "\n".join([*said, *room.read("hu_mou"), str(room.last_card("hu_mou", "已解决"))])
    assert "毛家" not in shown
    assert "阿婆" not in shown


def test_the_reporter_never_reads_the_neighbours_words(reported):
    reported.say("hu_mou", SECRET)
    reported.say("hu_mou", "1")
    reported.go("12:15").tick()
    assert "毛家阿婆" not in reported.say("mao_mou", "进度")
    assert "毛家阿婆" in "\n".join(reported.read("zhang"))


def test_when_the_reporter_withdraws_the_next_goes_on_with_the_own_words(reported):
    reported.say("hu_mou", "村口的路灯一闪一闪")
    reported.say("hu_mou", "1")
    reported.say("mao_mou", "撤回 1")
    assert reported.issues()[0].reporter == "hu_mou"
    assert "一闪一闪" in reported.say("hu_mou", "进度")


def test_who_holds_the_issue_is_not_asked_to_join_it(reported):
    assert "新的一件" in reported.say("zhang", LAMP)
    assert "0002" in reported.say("zhang", "1")


def test_the_same_person_is_not_asked(reported):
    reported.go("2026-06-02 09:00")
    assert "替您催 SZ-20260601-0001" in reported.say("mao_mou", "村口路灯还是不亮没人修")
    assert len(reported.issues()) == 1


def test_a_stranger_and_another_zu_are_not_asked(reported):
    assert "0002" in reported.say("wai_di", LAMP)


def test_what_is_finished_or_long_ago_is_another_thing(reported):
    reported.say("zhang", "办结 1 换了灯泡")
    assert "0002" in reported.say("hu_mou", LAMP)


def test_what_cannot_be_joined_any_more_becomes_an_own_issue(reported):
    reported.say("hu_mou", LAMP)
    reported.say("zhang", "办结 1 换了灯泡")
    assert "收到了，编号 SZ-20260601-0002" in reported.say("hu_mou", "1")


def test_another_member_of_the_household_is_told_that_it_is_there(reported):
    reported.say("hu_mou", LAMP)
    reported.say("hu_mou", "1")
    assert joined(reported) == ["hu_mou"]
    assert "您家报过" in reported.say("hu_mou", "村口的路灯到现在都不亮")


def test_asked_twice_in_a_row_the_question_stands(reported):
    reported.say("hu_mou", LAMP)
    assert "是不是同一件" in reported.say("hu_mou", LAMP)
    reported.wait(minutes=10).tick()
    assert len(reported.issues()) == 2


def test_a_place_that_cannot_be_the_same_ends_the_question(reported):
    reported.say("hu_mou", "路灯坏了没人修")
    assert "SZ-20260601-0002" in reported.say("hu_mou", "是村部后面那盏")


def test_photos_go_along_when_nobody_answers(reported):
    reported.say("hu_mou", LAMP)
    reported.photo("hu_mou", "P7")
    reported.wait(minutes=10).tick()
    found = reported.query(
        lambda s: [(a.issue_id, a.media_id) for a in s.scalars(select(Attachment))]
    )
    assert found == [(reported.issues()[1].id, "P7")]


def test_a_number_after_an_answer_of_the_faq_is_no_yes(reported):
    reported.say("hu_mou", LAMP)
    reported.wait(minutes=1).say("hu_mou", "医保什么时候交")
    reported.say("hu_mou", "1")
    assert joined(reported) == []


def test_leaving_is_remembered_and_ends_the_notices(reported):
    reported.say("hu_mou", LAMP)
    reported.say("hu_mou", "1")
    reported.say("zhang", "接单 1")
    reported.say("hu_mou", "撤回 1")
    reported.go("12:15").tick()
    assert "endorse_withdrawn" in kinds(reported)
    assert reported.read("hu_mou") == []


def test_it_is_too_late_to_leave_what_is_done(reported):
    reported.say("hu_mou", LAMP)
    reported.say("hu_mou", "1")
    reported.say("zhang", "办结 1 换了灯泡")
    assert "待评单" in reported.say("hu_mou", "撤回 1")


def test_who_joined_may_still_rate_badly_after_the_reporter_has_closed_it(reported):
    reported.say("hu_mou", LAMP)
    reported.say("hu_mou", "1")
    reported.say("zhang", "办结 1 换了灯泡")
    reported.go("12:15").tick()
    reported.say("mao_mou", "1")
    reported.say("hu_mou", "5")
    assert reported.issues()[0].state == "pending"


def test_an_answer_is_not_given_twice(reported):
    reported.say("hu_mou", LAMP)
    reported.say("hu_mou", "1")
    reported.say("zhang", "办结 1 换了灯泡")
    reported.go("12:15").tick()
    reported.say("hu_mou", "1 满意")
    assert "已经评过" in reported.say("hu_mou", "1 满意")


def test_words_while_it_is_suspended_reach_the_holder_and_resume_it(room):
    room.say("mao_mou", "我家水管漏水没人修")
    room.say("zhang", "接单 1")
    room.say("zhang", "挂起 1 2天 等老人回家")
    assert "接着办" in room.say("mao_mou", "我女儿回来了，明天上午可以来")
    room.go("12:15").tick()
    assert room.issues()[0].state == "working"
    assert "明天上午可以来" in "\n".join(room.read("zhang"))


def test_nothing_is_resumed_that_does_not_wait(reported):
    assert reported.handled_by("mao_mou", "我回来了") != "progress"
