"""A visit noted in one message, its trouble offered as an issue, the list of who waits longest."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event, select

from issues.registering import Material
from storage.tables import Dialogue
from tests.bot_room import Room
from tests.town import CHAT, LIN, settle
from work.visits.tables import Visit


def visits(room):
    return room.query(lambda session: list(session.scalars(select(Visit).order_by(Visit.id))))


def noted(room):
    """(household as said, how many, nobody at home) of every row."""
    return [(v.said_of, v.households, v.nobody_home) for v in visits(room)]


def open_questions(room):
    return room.query(lambda session: list(session.scalars(select(Dialogue.kind))))


def test_one_message_notes_the_visit_and_offers_the_trouble(room):
    said = room.say("peng", "走访 3户 刘家屋漏")
    assert "刘家说屋漏。要替刘家报成诉求吗？回复 1 报，不回就只记走访。" in said
    assert noted(room) == [("刘家", 1, False), ("", 2, False)]


def test_the_issue_is_the_households_and_goes_to_its_own_neighbour(room):
    room.say("peng", "走访 刘家屋漏")
    assert "邻长张某负责" in room.say("peng", "1")
    (issue,) = room.issues()
    assert (issue.reporter, issue.content, issue.holder.userid) == ("liu_mou", "屋漏", "zhang")
    assert visits(room)[0].issue == issue.number


def test_the_resident_reads_the_number_and_who_reported_for_him(room):
    room.say("peng", "走访 刘家屋漏")
    room.say("peng", "1")
    room.tick()
    (told,) = room.read("liu_mou")
    assert told.startswith("彭某走访时，替您家报了一件事：屋漏\n收到了，编号 SZ-20260601-0001")


def test_for_who_has_no_account_it_is_not_said_that_he_has_got_the_number(lite_room):
    settle(lite_room.database, f"王奶奶,,居民,{LIN},王家,")
    lite_room.say("zhang", "走访 王家屋漏")
    said = lite_room.say("zhang", "1")
    assert "编号也发给" not in said
    assert "没有企业微信，请您说一声" in said
    (issue,) = lite_room.issues()
    assert (issue.reporter[0], issue.holder.userid) == ("~", "zhang")


def test_who_lives_there_himself_does_not_hold_what_he_has_reported(room):
    room.say("zhang", "走访 张家屋漏")
    said = room.say("zhang", "1")
    (issue,) = room.issues()
    assert (issue.reporter, issue.holder.userid) == ("zhang", "peng")
    assert "编号也发给" not in said


def test_a_household_that_nobody_knows_is_reported_by_the_visitor(room):
    room.say("chen", "走访 王家 腿摔了")
    room.say("chen", "1")
    (issue,) = room.issues()
    assert (issue.reporter, issue.content, issue.holder.userid) == ("chen", "王家腿摔了", "peng")


def test_silence_leaves_the_visit_and_no_issue(lite_room):
    lite_room.say("peng", "走访 刘家屋漏")
    lite_room.go("09:11")
    lite_room.tick()
    lite_room.say("peng", "1")
    assert (lite_room.issues(), open_questions(lite_room)) == ([], [])
    assert noted(lite_room) == [("刘家", 1, False)]


def test_no_leaves_the_visit_and_no_issue(lite_room):
    lite_room.say("peng", "走访 刘家屋漏")
    assert lite_room.say("peng", "不用") == "好的，只记走访。"
    assert (lite_room.issues(), noted(lite_room)) == ([], [("刘家", 1, False)])


def test_nobody_at_home_is_a_result_and_asks_nothing(lite_room):
    said = lite_room.say("zhang", "走访了刘家，没人在家")
    assert said == "记下了：走访刘家（没人在家）。"
    assert (noted(lite_room), open_questions(lite_room)) == ([("刘家", 1, True)], [])


@pytest.mark.parametrize("said", ["走访 刘家", "走访 刘家 都好", "走访3户"])
def test_nothing_is_asked_for_besides(lite_room, said):
    assert "\n" not in lite_room.say("zhang", said)
    assert open_questions(lite_room) == []


def test_what_is_said_twice_is_one_visit_and_one_issue(lite_room):
    lite_room.say("peng", "走访 刘家屋漏")
    lite_room.say("peng", "1")
    assert lite_room.say("peng", "走访 刘家屋漏") == "今天已经记过了：走访刘家。"
    assert (len(visits(lite_room)), len(lite_room.issues())) == (1, 1)


def test_trouble_in_several_households_is_one_question(lite_room):
    said = lite_room.say("peng", "走访 刘家屋漏，毛家药没了")
    assert "刘家：屋漏\n毛家：药没了\n回复 1 都报" in said
    lite_room.say("peng", "1")
    assert [i.reporter for i in lite_room.issues()] == ["liu_mou", "mao_mou"]


def test_of_several_households_of_one_name_one_is_chosen_and_then_the_trouble_asked(room):
    assert "1. 长冲组一邻 龙家\n2. 长冲组二邻 龙家" in room.say("peng", "走访 龙家屋漏")
    assert visits(room)[0].household_id is None
    assert "要替龙家报成诉求吗" in room.say("peng", "2")
    assert "邻长陈某负责" in room.say("peng", "1")
    assert room.issues()[0].reporter == "long_er"


def test_a_choice_that_is_not_made_leaves_the_visit(lite_room):
    lite_room.say("peng", "走访 龙家")
    assert lite_room.handled_by("peng", "待办") == "staff"
    assert noted(lite_room) == [("龙家", 1, False)]


def test_an_older_question_takes_no_answer_from_a_newer_one(lite_room):
    lite_room.say("mao_mou", "路灯不亮")
    lite_room.say("zhang", "走访 刘家屋漏")
    lite_room.say("zhang", "办结 1")  # asks for a sentence
    assert lite_room.handled_by("zhang", "1") == "dialogue"


def test_a_sentence_that_is_waited_for_may_tell_of_a_visit(lite_room):
    lite_room.say("mao_mou", "路灯不亮")
    lite_room.say("zhang", "办结 1")
    lite_room.say("zhang", "上门看望毛家，灯修好了")
    assert lite_room.issues()[0].result == "上门看望毛家，灯修好了"
    assert visits(lite_room) == []


def test_a_number_after_a_later_request_for_a_rating_rates(lite_room):
    lite_room.say("zhang", "路灯不亮")
    lite_room.say("peng", "办结 1 换了灯泡")
    lite_room.go("12:10").say("zhang", "走访 刘家屋漏")
    lite_room.go("12:15").tick()  # the request is delivered at the slot
    assert lite_room.handled_by("zhang", "1") == "rating"
    assert len(lite_room.issues()) == 1


def test_an_emergency_goes_first(lite_room):
    assert lite_room.handled_by("zhang", "走访 毛家 着火了") == "emergency"


def test_a_report_of_a_resident_stays_a_report(lite_room):
    lite_room.say("mao_mou", "走访 张家屋漏")
    assert ([i.reporter for i in lite_room.issues()], visits(lite_room)) == (["mao_mou"], [])


# --- in a group ---


def test_in_a_group_nobody_reads_where_somebody_was(lite_room):
    said = lite_room.say("zhang", "@三长助手 走访 刘家屋漏", chat_id=CHAT, channel="aibot")
    assert said == "记下了。"
    lite_room.tick()
    assert "要替刘家报成诉求吗" in lite_room.read("zhang")[-1]
    assert "负责" in lite_room.say("zhang", "1")


def test_not_even_in_one_with_open_replies(lite_room):
    office = replace(lite_room.office, open_chats=frozenset({CHAT}))
    open_room = Room(lite_room.database, lite_room.now, office)
    said = open_room.say("zhang", "@三长助手 走访 刘家屋漏", chat_id=CHAT, channel="aibot")
    assert said == "记下了。"


# --- who waits longest ---


def names(said):
    return [line.partition("（")[0] for line in said.splitlines()[1:-1]]


def test_the_list_begins_with_who_was_never_seen_and_then_longest_ago(room):
    room.go("2026-05-20 10:00")
    room.say("zhang", "走访 刘家")
    room.go("2026-05-10 10:00")
    room.say("zhang", "走访 毛家")
    room.go("2026-06-01 09:00")
    said = room.say("zhang", "走访")
    assert names(said) == ["龙家", "毛家", "刘家"]
    assert said.splitlines()[1:3] == ["龙家（一邻）还没记过", "毛家（一邻）上次 5月10日"]


def test_who_was_not_at_home_was_not_seen_and_who_was_seen_today_is_not_listed(lite_room):
    lite_room.say("zhang", "走访 刘家没人在家")
    lite_room.say("zhang", "走访 毛家")
    assert names(lite_room.say("zhang", "走访")) == ["刘家", "龙家"]


def test_another_ones_visit_is_not_ones_own(lite_room):
    lite_room.say("peng", "走访 毛家")
    assert "毛家" in names(lite_room.say("zhang", "走访"))


def test_a_list_is_ten_long_and_has_no_number_of_what_is_missing(lite_room):
    said = lite_room.say("tan", "走访")
    assert len(names(said)) <= 10
    assert not [sign for sign in ("%", "还差", "期限", "名次", "共") if sign in said]


def test_who_has_no_households_reads_so(lite_room):
    lite_room.say("zhang", "走访 刘家、毛家、龙家")
    assert lite_room.say("zhang", "走访") == "您这里的住户，今天都走访过了。辛苦了！"


# --- who may read it ---


@pytest.mark.parametrize(
    ("reader", "reads"),
    [("zhang", True), ("peng", True), ("tan", True), ("xie", True), ("chen", False)],
)
def test_a_visit_is_read_by_who_was_there_and_those_above_him(lite_room, reader, reads):
    lite_room.say("zhang", "走访 刘家 腿疼")
    assert ("腿疼" in lite_room.say(reader, "走访记录 刘家")) is reads


def test_what_somebody_above_has_noted_is_not_read_from_below(lite_room):
    lite_room.say("tan", "走访 刘家 腿疼")
    assert "没有您能看的" in lite_room.say("zhang", "刘家走访记录")


def test_a_photo_with_the_words_is_no_duty_and_no_obstacle(lite_room):
    photo = (Material("image", media_id="P1"),)
    assert lite_room.handled_by("zhang", "走访 刘家", materials=photo) == "systems"
    assert visits(lite_room)[0].visited_on == date(2026, 6, 1)


# --- what it costs ---


def test_a_visit_costs_few_statements_also_after_many(lite_room):
    lite_room.say("zhang", "走访")  # the town has been read
    first = _cost(lite_room, "走访 刘家 都好")
    for day in range(1, 9):
        lite_room.go(f"2026-06-0{day} 10:00")
        lite_room.say("peng", "走访 毛家 都好")
    assert (first <= 8, _cost(lite_room, "走访 刘家 身体好") <= 8) == (True, True)


def _cost(room, said):
    """Statements of one message, without those that begin a transaction."""
    counted = []

    def count(*executed):
        counted.append(executed[2])

    event.listen(room.database.engine, "before_cursor_execute", count)
    try:
        room.say("zhang", said)
    finally:
        event.remove(room.database.engine, "before_cursor_execute", count)
    return len([one for one in counted if not one.startswith("BEGIN")])
