"""Told when it is so: what is said to whom, when, and what is dropped because it is so no more."""

from dataclasses import replace

import pytest

from rules.words import State, Tier
from storage.outbox import SendError
from tests.town import at

LAMP, DITCH, WELL = "村口路灯坏了三天没人修", "学校门口水沟堵了一个月", "自来水龙头坏了三天没水"
RISEN = "2026-06-04 00:00"


@pytest.fixture
def told(lite_room):
    """A lamp that has been reported, with its card on the phone of its 邻长."""
    lite_room.say("mao_mou", LAMP)
    lite_room.tick()
    return lite_room


def say(room, userid, *words):
    """Several things one after the other; the last answer."""
    answers = [room.say(userid, one) for one in words]
    room.tick()
    return answers[-1]


def last(room, userid):
    return room.read(userid)[-1]


# --- residents: results at once ---


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ([("zhang", "办结 1 换了灯泡")], "已办结：换了灯泡"),
        ([("zhang", "延期 1 3天 等配件"), ("peng", "同意 1")], "改到 6月6日"),
        ([("zhang", "不受理 1 是法院管的事，请找县法院"), ("peng", "同意 1")], "请您找：县法院"),
        ([("zhang", "难度 1 较难 要换变压器"), ("peng", "同意 1")], "改到 6月8日"),
        ([("zhang", "接单 1"), ("zhang", "挂起 1 2天 等老人回家")], "最晚改到 6月5日"),
    ],
)
def test_a_result_is_told_at_once_and_on_its_own(told, orders, words):
    for who, order in orders:
        say(told, who, order)
    [result] = told.phones["mao_mou"]
    assert words in told.read("mao_mou")[0]
    assert len(result.notices) == 1


def test_a_result_of_the_night_is_told_in_the_morning_and_nobody_says_otherwise(told):
    told.go("22:30")
    assert "明天 07:30 告诉居民" in say(told, "zhang", "办结 1 换了灯泡")
    assert "mao_mou" not in told.phones
    told.go("2026-06-02 07:30").tick()
    assert "请您评价" in last(told, "mao_mou")


def test_a_result_overtakes_what_waits_for_the_slot(told):
    say(told, "zhang", "接单 1", "延期 1 3天 等配件")
    say(told, "peng", "同意 1")
    told.go("12:15").tick()
    assert [text for text in told.read("mao_mou") if "接单" in text] == []


def test_accepting_is_dropped_when_somebody_else_has_it_before_the_slot(told):
    say(told, "zhang", "接单 1", "上交 1 要动线路")
    told.go("12:15").tick()
    [text] = told.read("mao_mou")
    assert "现在由组长彭某负责" in text


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ("转办 1 陈某", "12:15 告诉居民"),
        ("进展 1 已联系电工", "12:15 告诉居民"),
        ("办结 1 换了灯泡", "马上告诉居民"),
    ],
)
def test_nobody_is_said_to_know_before_he_was_told(told, order, answer):
    assert answer in say(told, "zhang", order)


# --- done again ---


def test_the_former_holder_reads_what_was_said_and_not_by_whom(told):
    say(told, "zhang", "办结 1 换了灯泡")
    say(told, "mao_mou", "不满意，毛某家门口的灯又灭了")
    told.go("12:15").tick()
    text = last(told, "zhang")
    assert "居民说没有办好" in text
    assert "灯又灭了" in text
    assert "毛某" not in text


@pytest.mark.parametrize("words", ["不满意", "没修好 1 又灭了"])
def test_who_has_rated_is_answered_and_not_told_again(told, words):
    say(told, "zhang", "办结 1 换了灯泡")
    assert "重新办理" in say(told, "mao_mou", words)
    told.go("19:00").tick()
    assert [text for text in told.read("mao_mou") if "重新办理" in text] == []


def test_a_neighbour_who_has_joined_hears_of_it_at_once(told):
    assert "是不是同一件" in say(told, "liu_mou", "村口路灯坏了，一直没人修")
    say(told, "liu_mou", "1")
    say(told, "zhang", "办结 1 换了灯泡")
    say(told, "mao_mou", "不满意")
    assert "重新办理，由组长彭某负责" in last(told, "liu_mou")


# --- a number or a word is a rating ---


def rated(room):
    return [issue.rating for issue in room.issues()]


def test_a_stray_number_rates_nothing_that_nobody_was_asked_about(told):
    told.go("22:30")
    say(told, "zhang", "办结 1 换了灯泡")  # the request waits for the morning
    say(told, "mao_mou", "1", "满意")
    assert rated(told) == [None]


@pytest.mark.parametrize("words", ["2", "满意"])
def test_what_was_asked_after_the_request_comes_first(told, words):
    say(told, "zhang", "办结 1 换了灯泡")
    told.wait(minutes=5)
    assert "9 月到 12 月" in say(told, "mao_mou", "医保什么时候交")
    assert "您是给 SZ-20260601-0001 打分吗" in told.wait(minutes=1).say("mao_mou", words)
    assert rated(told) == [None]
    say(told, "mao_mou", "1 满意")
    assert rated(told) == ["good"]


def two_results(room):
    """Two matters of one household, finished within a minute."""
    say(room, "mao_mou", DITCH)
    say(room, "zhang", "办结 1 换了灯泡", "办结 2 掏干净了")


def test_each_request_is_a_message_of_its_own(told):
    two_results(told)
    assert [text.count("请您评价") for text in told.read("mao_mou")] == [1, 1]


@pytest.mark.parametrize(
    "words", ["0001 满意，0002 不满意", "1号满意 2号不满意", "0001满意。0002：不满意"]
)
def test_several_results_are_rated_one_by_one(told, words):
    two_results(told)
    answer = say(told, "mao_mou", words)
    assert rated(told) == ["good", "bad"]
    assert "SZ-20260601-0001 已办结" in answer
    assert "SZ-20260601-0002 重新办理" in answer


def test_all_of_them_at_once(told):
    two_results(told)
    say(told, "mao_mou", "都满意")
    assert rated(told) == ["good", "good"]


def test_of_two_asked_at_one_moment_it_is_asked_which(told):
    two_results(told)
    assert "请带上编号" in say(told, "mao_mou", "满意")
    assert rated(told) == [None, None]


# --- digests ---


def test_a_digest_says_what_there_is_and_what_presses_comes_first(lite_room):
    room = lite_room
    for n, text in enumerate((LAMP, DITCH, WELL)):
        room.wait(minutes=11).say(("mao_mou", "liu_mou")[n % 2], text)
    say(room, "zhang", "上交 1 太难了", "接单 2", "接单 3")
    say(room, "peng", "接单 1")
    room.go("2026-06-02 20:00")
    say(room, "zhang", "难度 2 较难 要挖开")
    say(room, "zhang", "难度 3 较难 要换水管")
    say(room, "mao_mou", "催一下 1")
    room.go("2026-06-03 07:45").tick()
    lines = last(room, "peng").split("\n")
    assert lines[0] == "【三长】3 件：等您同意 2、今天要办 1"
    assert [line[:4] for line in lines[1:4]] == ["0002", "0003", "0001"]
    assert "居民催办" in lines[3]
    assert lines[-1] == "回复：同意 0003，或 不同意 0003 原因"


def test_one_line_an_issue_with_its_last_state_and_nothing_lost(told):
    say(told, "zhang", "接单 1", "进展 1 已联系电工", "上交 1 要动线路")
    say(told, "peng", "进展 1 电工明天来")
    told.go("12:15").tick()
    [line] = [one for one in last(told, "mao_mou").split("\n") if one.startswith("0001")]
    assert line == "0001 现在由组长彭某负责；进展：已联系电工；进展：电工明天来"


def test_equal_short_numbers_carry_their_day(told):
    say(told, "zhang", "接单 1")
    told.go("2026-06-02 09:00")
    say(told, "mao_mou", DITCH)
    say(told, "zhang", "上交 20260601-1 要动线路", "上交 20260602-1 要挖开")
    told.go("12:15").tick()
    lines = last(told, "mao_mou").split("\n")
    assert [line.split(" ")[0] for line in lines[1:3]] == ["20260601-0001", "20260602-0001"]


def test_after_a_stop_of_days_only_the_last_is_told(told):
    told.go("2026-07-20 10:00").tick()
    assert [issue.holder.userid for issue in told.issues()] == ["peng"]
    assert ["满 1 个月" in text for text in told.read("peng")] == [True]


# --- not so any more when it leaves ---


def test_a_card_of_the_night_does_not_go_to_who_has_it_no_more(lite_room):
    room = lite_room.go("22:30")
    say(room, "mao_mou", LAMP)
    say(room, "zhang", "转办 1 陈某")
    room.go("2026-06-02 07:30").tick()
    assert "新诉求" in last(room, "chen") or "转办" in last(room, "chen")
    assert not [text for text in room.read("zhang") if "新诉求" in text]


def test_a_supplement_is_not_told_after_the_end(told):
    say(told, "zhang", "接单 1")
    say(told, "mao_mou", "补充 1 在学校门口左边")
    say(told, "mao_mou", "撤回 1")
    told.go("12:15").tick()
    assert not [text for text in told.read("zhang") if "居民补充" in text]


def test_due_today_is_not_told_of_what_has_been_given_more_time(told):
    say(told, "zhang", "接单 1", "延期 1 3天 等配件")
    told.go("2026-06-03 07:40").tick()
    say(told, "peng", "同意 1")
    told.go("2026-06-03 07:45").tick()
    assert not [text for text in told.read("zhang") if "今天到期" in text]


def test_a_household_is_pointed_out_once_and_by_its_name(lite_room):
    for n in range(5):
        lite_room.wait(minutes=11).say("mao_mou", f"第{n + 1}根电杆歪了要倒了")
    lite_room.go("12:15").tick()
    text = "\n".join(lite_room.read("tan"))
    assert (text.count("90 天内报了"), "毛家" in text) == (1, True)


# --- what is asked for ---


def test_a_request_is_delivered_at_once_when_the_promise_is_due_before_the_slot(told):
    told.go("2026-06-03 20:00").tick()
    say(told, "zhang", "延期 1 3天 等配件")
    assert "请您同意" in last(told, "peng")
    say(told, "peng", "同意 1")
    told.go(RISEN).tick()
    assert told.issues()[0].holder.userid == "zhang"


def test_the_rise_waits_for_a_request_that_could_not_be_delivered(told):
    told.go("2026-06-03 22:30").tick()
    say(told, "zhang", "延期 1 3天 等配件")
    told.go(RISEN).tick()
    told.go("2026-06-04 07:45").tick()
    assert told.issues()[0].holder.userid == "zhang"
    assert "请您同意" in "\n".join(told.read("peng"))
    say(told.go("2026-06-04 09:00"), "peng", "同意 1")
    told.go("2026-06-04 13:00").tick()
    assert told.issues()[0].holder.userid == "zhang"


def test_when_nobody_answers_it_rises_after_the_slot_and_the_asker_is_told(told):
    told.go("2026-06-03 22:30").tick()
    say(told, "zhang", "延期 1 3天 等配件")
    told.go("2026-06-04 07:45").tick()
    told.go("2026-06-04 12:15").tick()
    assert told.issues()[0].holder.userid == "peng"
    assert "申请的延期没" in "\n".join(told.read("zhang"))


def test_a_request_asked_in_good_time_lapses_at_the_promise(told):
    say(told, "zhang", "延期 1 3天 等配件")
    told.go("2026-06-04 07:45").tick()
    assert told.issues()[0].holder.userid == "peng"
    assert "申请的延期没" in "\n".join(told.read("zhang"))


# --- by night ---


def test_a_retry_of_the_evening_does_not_ring_at_night(lite_room):
    room = lite_room.go("21:58")
    room.broken["zhang"] = SendError("connection refused")
    say(room, "mao_mou", LAMP)
    del room.broken["zhang"]
    for moment in ("22:05", "23:00", "2026-06-02 03:00"):
        room.go(moment).tick()
    assert "zhang" not in room.phones
    room.go("2026-06-02 07:30").tick()
    assert LAMP in last(room, "zhang")


def test_after_a_stop_that_ends_at_night_nothing_leaves_before_the_morning(lite_room):
    room = lite_room.go("21:50")
    room.say("mao_mou", LAMP)  # and then the power went
    room.go("2026-06-02 03:00").tick()
    assert room.phones == {}
    room.go("2026-06-02 07:30").tick()
    assert LAMP in last(room, "zhang")


def test_at_night_a_second_look_finds_nothing_to_do(lite_room):
    room = lite_room.go("21:50")
    room.say("mao_mou", LAMP)
    room.go("2026-06-02 03:00").tick()
    assert room.wait(minutes=1).tick()["send_outbox"] == 0


def test_only_the_ring_of_an_urgent_matter_leaves_at_night(lite_room):
    room = lite_room.go("23:00")
    say(room, "mao_mou", "村口变压器着火了")
    assert {"zhang", "peng", "tan"} <= set(room.phones)
    for _ in range(40):
        room.wait(minutes=10).tick()  # it rings for six hours
    before = {who: len(got) for who, got in room.phones.items()}
    room.go(RISEN).tick()  # its mark
    assert {who: len(got) for who, got in room.phones.items()} == before


def test_whoever_writes_at_night_is_answered_at_night(lite_room):
    room = lite_room.go("23:30")
    room.say("mao_mou", LAMP, chat_id="wr-yipian", channel="aibot")
    room.tick()
    assert "SZ-20260601-0001" in last(room, "mao_mou")


# --- 复杂 ---


@pytest.fixture
def complex_one(told):
    say(told, "zhang", "接单 1", "难度 1 复杂 要等立项")
    say(told, "peng", "同意 1")
    return told


def test_late_progress_renews_the_promise_for_the_month_that_runs(complex_one):
    room = complex_one
    for moment in ("2026-06-04 08:00", "2026-06-09 08:00", "2026-07-02 08:00"):
        room.go(moment).tick()
    [issue] = room.issues()
    assert (issue.holder.userid, issue.tier) == ("peng", Tier.COMPLEX)
    say(room.go("2026-07-05 09:00"), "peng", "进展 1 已立项")
    [issue] = room.issues()
    assert issue.due_at == issue.promised_at == at("2026-08-02 00:00")
    room.go("2026-08-02 08:00").tick()
    assert [i.holder.userid for i in room.issues()] == ["peng"]


@pytest.mark.parametrize("moment", ["2026-06-20 09:00", "2026-07-05 09:00", "2026-09-20 09:00"])
def test_the_resident_reads_the_last_progress_and_a_date_to_come(complex_one, moment):
    room = complex_one
    say(room.go("2026-06-19 09:00"), "zhang", "进展 1 已报县里")
    room.go(moment).tick()
    status = room.say("mao_mou", "进度 1")
    day = {"06": "7月1日", "07": "8月1日", "09": "10月1日"}[moment[5:7]]
    assert "最近进展（6月19日 09:00）：已报县里" in status
    assert f"下次给您进展：最晚 {day}" in status


def test_what_is_late_shows_no_date_that_has_gone_by(told):
    told.go("2026-06-05 09:00").tick()
    status = told.say("mao_mou", "进度 1")
    assert "6月3日" not in status
    assert "已经过了答应的时间" in status


def test_an_office_without_slots_tells_everything_by_day(lite_room):
    lite_room.office = replace(lite_room.office, pace=replace(lite_room.office.pace, slots=()))
    lite_room.__post_init__()
    say(lite_room, "mao_mou", LAMP)
    say(lite_room, "zhang", "接单 1")
    assert "已接单" in last(lite_room, "mao_mou")
    assert [issue.state for issue in lite_room.issues()] == [State.ACCEPTED]
