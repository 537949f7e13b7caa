"""Staff by words and cards: what a number can mean, who sees what, who taps a card too late."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from storage.tables import Dialogue, InPerson, Issue
from tests.bot_room import Room
from tests.town import PIAN, TOWN, ZU, acting, at, settle

LAMP, DITCH = "村口路灯坏了三天没人修", "后山水沟堵了半个月，没人管"
MONDAY = "2026-06-01 09:00"


@pytest.fixture
def wide(lite):
    """The town with a power station of two people, a 联片干部, and a namesake."""
    settle(
        lite,
        *TOWN,
        f"李某,li,驻地单位,{PIAN}/供电所,,",
        f"罗某,luo,驻地单位,{PIAN}/供电所,,",
        f"汤某,tangm,联片干部,{PIAN},,",
        f"陈某,chen2,邻长,{ZU}/三邻,陈二家,",
    )
    return Room(lite, at(MONDAY))


def reported(room, *said):
    for userid, text in said or [("mao_mou", LAMP)]:
        room.say(userid, text)
    room.tick()
    return room


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("mao_mou", "停电了请求转告供电所"),
        ("zhang", "停电了请求转告供电所"),
        ("zhang", "上报 村口路灯坏了三天没人修"),
        ("zhang", "村口路灯修好了又坏"),
        ("peng", "我们组长请假了没人管"),
        ("zhang", "办结了没有？"),
        ("mao_mou", "修好了又坏"),
        ("mao_mou", "转 1 给 陈某"),
        ("mao_mou", "办结 1 我自己修好了"),
        ("mao_mou", "我请假三天"),
        ("zhang", "催一下供电所，停电了"),
    ],
)
def test_a_report_or_a_question_never_becomes_an_order(room, who, said):
    reported(room)
    assert room.handled_by(who, said) not in ("staff", "leave", "dialogue")
    assert room.issues()[0].state == "pending"


def test_a_resident_who_is_asked_for_a_rating_rates_with_the_words_of_staff(room):
    reported(room).say("zhang", "办结 1 换了灯泡")
    room.go("12:15").tick()
    assert room.handled_by("mao_mou", "修好了") == "rating"


def test_a_zhang_who_is_asked_for_a_rating_rates_as_well(room):
    reported(room, ("zhang", LAMP))
    room.say("peng", "办结 1 换了灯泡")
    assert room.handled_by("zhang", "修好了") == "rating"


def test_a_faq_question_after_the_verb_is_no_reason(room):
    reported(room)
    assert room.handled_by("zhang", "上交 医保什么时候交") != "staff"
    assert room.issues()[0].holder.userid == "zhang"


def test_a_name_right_after_the_verb_is_an_order_only_if_there_is_such_a_person(room):
    reported(room)
    assert room.handled_by("zhang", "转给供电所修下线路") != "staff"
    assert "已转给长冲组组长彭某" in room.say("zhang", "转给彭某")


def test_two_of_one_name_are_asked_about_once(wide):
    reported(wide)
    asked = wide.say("zhang", "转 1 给 陈某 离得近")
    assert "1. 二邻邻长陈某" in asked
    assert "2. 三邻邻长陈某" in asked
    assert "已转给三邻邻长陈某" in wide.say("zhang", "2")


def test_a_number_that_is_no_choice_is_a_new_message(wide):
    reported(wide).say("zhang", "转 1 给 陈某")
    assert wide.handled_by("zhang", "7") != "dialogue"
    assert wide.issues()[0].holder.userid == "zhang"


def test_the_choices_are_good_for_ten_minutes(wide):
    reported(wide).say("zhang", "转 1 给 陈某")
    wide.wait(minutes=11).say("zhang", "2")
    assert wide.issues()[0].holder.userid == "zhang"


def test_a_new_wish_is_no_answer_to_the_question_for_words(room):
    reported(room)
    room.tap("zhang", "办结")
    assert "您手上有 1 件" in room.say("zhang", "待办")
    assert "9 月到 12 月" in room.say("zhang", "医保什么时候交？")
    assert room.issues()[0].state == "pending"


def test_the_words_are_still_awaited_after_a_list(room):
    reported(room)
    room.tap("zhang", "办结")
    room.say("zhang", "待办")
    assert "已办结" in room.say("zhang", "修好了")


def test_words_are_asked_for_twice_and_not_for_ever(room):
    reported(room)
    room.say("zhang", "办结 1")
    assert ["做了什么" in room.say("zhang", "好") for _ in range(2)] == [True, True]
    assert room.query(lambda s: s.query(Dialogue).count()) == 0


def test_in_a_group_the_choices_are_told_and_answered_in_private(room):
    reported(room, ("mao_mou", LAMP), ("liu_mou", DITCH))
    said = room.say("zhang", "接单", chat_id="wr-yipian", channel="aibot")
    room.tick()
    assert "路灯" not in said
    assert "路灯" in room.read("zhang")[-1]
    assert "0002 已接单" in room.say("zhang", "2")


def test_in_a_group_nobody_reads_to_whom_it_went(room):
    reported(room)
    said = room.say("zhang", "转 1 给 陈某", chat_id="wr-yipian", channel="aibot")
    room.tick()
    assert (said, "陈某" in room.read("zhang")[-1]) == (
        "SZ-20260601-0001 已办，详情已私信您。",
        True,
    )


def test_a_colleague_of_the_helper_answers_as_well(wide):
    reported(wide).say("zhang", "协办 1 供电所 查线路")
    assert "请您协办 1 件" in wide.say("luo", "待办")
    assert "协办完成" in wide.say("luo", "协办完成 查过了")


def test_a_department_that_leads_lists_and_finishes_it(wide):
    reported(wide).say("zhang", "转 1 给 供电所 是线路的事")
    assert "您手上有 1 件" in wide.say("luo", "待办")
    assert "已办结" in wide.say("luo", "办结 1 换了线")


def test_a_helper_reads_no_name_on_any_card(wide):
    reported(wide).say("zhang", "协办 1 供电所 查线路")
    wide.tick()
    tapped = wide.tap("li", "协办完成").card
    assert "毛某" not in str(tapped)


def test_the_linked_cadre_sees_the_overdue_and_urges(wide):
    reported(wide)
    wide.go("2026-06-04 09:00").tick()
    assert "超期 1 件：\n0001 已超期 1 天 组长彭某" in wide.say("tangm", "逾期")
    assert "告诉组长彭某" in wide.say("tangm", "催办 1")
    assert "要由" in wide.say("tangm", "办结 1 换了灯")


def test_what_lies_in_another_village_is_not_found(wide):
    reported(wide)
    assert "没找到编号 1" in wide.say("chen", "办结 1 换了灯")
    assert "没找到编号" in wide.say("chen", "办结 SZ-20260601-0001 换了灯")


def test_a_complaint_is_neither_listed_nor_found_below(room):
    reported(room, ("hu_mou", "投诉组长彭某收钱不办事"))
    room.go("2026-06-20 09:00").tick()
    seen = [room.say(who, said) for who in ("peng", "chen") for said in ("待办", "逾期", "接单 1")]
    assert not [text for text in seen if "收钱" in text or "投诉" in text]
    assert "没找到编号 1" in seen[2]


def test_a_card_in_strange_hands_shows_nothing_but_the_number(room):
    reported(room)
    card = room.last_card("zhang", "接单")
    reply = room.tap("liu_mou", "接单", card)
    assert (reply.card.title, reply.card.done, reply.card.body) == ("诉求 0001", "待接单", "")


def test_a_second_tap_says_what_is_possible_and_changes_nothing(room):
    reported(room)
    card = room.last_card("zhang", "接单")
    room.tap("zhang", "接单", card)
    again = room.tap("zhang", "接单", card)
    assert "现在可以" in again.text
    assert [b.text for b in again.card.buttons] == ["办结", "上交", "别的办法"]


def test_whoever_comes_second_reads_who_was_first(room):
    reported(room).say("peng", "接单 1")
    said = room.say("tan", "接单 1")
    assert "组长彭某已「接单」" in said
    assert room.issues()[0].holder.userid == "peng"


def test_two_taps_at_the_same_request_are_one_answer(room):
    reported(room).say("zhang", "延期 1 3天 等配件")
    room.go("12:15").tick()
    card = room.last_card("peng", "同意")
    room.tap("peng", "同意", card)
    assert room.tap("peng", "同意", card).card.done
    assert room.issues()[0].extended == 1


def test_what_no_channel_delivers_is_listed_and_ticked_off(room):
    reported(room)

    def lost(work):
        work.undeliverable(work.session.scalar(select(Issue)), "mao_mou", "张某已接单")

    acting(room.database, room.now, room.office, lost)
    assert "请当面告知 1 件：\n0001 张某已接单" in room.say("zhang", "待办")
    assert "谢谢您跑一趟" in room.say("zhang", "已告知 1")
    [row] = room.query(lambda session: session.query(InPerson).all())
    assert (row.told_by, room.say("zhang", "待办").count("当面")) == ("zhang", 0)


def test_of_two_at_the_same_moment_one_accepts_and_the_other_hears_of_it(room_on):
    room_on.say("mao_mou", LAMP)
    start = threading.Barrier(2)

    def accept(who):
        start.wait()
        return room_on.say(who, "接单 1")

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(accept, ("peng", "zhang")), key=len)
    assert "已接单。" in answers[0]
    assert "不能再「接单」" in answers[1]
    assert "已「接单」" in answers[1]


def test_a_second_leave_said_by_an_admin_is_of_the_same_person(room):
    room.say("guan", "张某请假 到周五 陈某代")
    assert "6月1日到6月8日张某请假，由彭某代班" in room.say("guan", "张某请假 到下周一 彭某代")


def test_who_is_away_himself_stands_in_for_nobody(room):
    room.say("chen", "我请假 到周五 彭某代")
    assert "陈某自己也请假了" in room.say("zhang", "我请假 到周五 陈某代")
