"""At most one push a person and slot of what is not urgent, besides first cards and answers."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from scheduler import outgoing
from storage.outbox import SendError
from storage.tables import Outbox
from tests.town import OFFICE, at

PLACES = ["村口", "学校门口", "晒谷坪", "渡口", "桥头", "村部后面"]


def slot_of(moment):
    slot = OFFICE.pace.current(moment)
    assert slot is not None  # this office has slots
    return slot


def pushes(room, userid):
    """How many messages that waited for a slot left in each slot."""
    left = select(Outbox).where(Outbox.target == userid, Outbox.state == "sent")
    rows = room.query(lambda s: [r for r in s.scalars(left) if r.gather])
    batches = {row.batch: row.sent_at for row in rows}
    return Counter(slot_of(moment).start for moment in batches.values())


def busy_hour(room, hour):
    """What a hamlet does in an hour: reports, a hand-over upwards, a word of progress, 办结."""
    people = ["mao_mou", "liu_mou", "hu_mou"]
    for n, place in enumerate(PLACES[:3]):
        room.say(people[n], f"{hour} 号{place}路灯坏了三天没人修")
        room.wait(minutes=7).tick()
    held = [i for i in room.issues() if i.holder.userid in ("zhang", "chen", "peng")]
    for issue in held[-2:]:
        room.say(issue.holder.userid, f"上交 {issue.number} 要动线路")
        room.wait(minutes=5).tick()
    mine = [i for i in room.issues() if i.holder.userid == "tan" and i.state == "pending"]
    for issue in mine[:2]:
        room.say("tan", f"接单 {issue.number}")
        room.say("tan", f"办结 {issue.number} 换了灯泡")
        room.wait(minutes=4).tick()


@pytest.mark.parametrize(
    ("days", "least", "quiet"),
    [(2, 3, {"mao_mou", "xie"}), pytest.param(5, 6, set(), marks=pytest.mark.long)],
    ids=["days", "week"],
)
def test_busy_days_of_a_pianzhang_are_three_digests_a_day_at_most(lite_room, days, least, quiet):
    for day in range(1, days + 1):
        for hour in range(8, 20, 3):
            lite_room.go(f"2026-06-0{day} {hour:02}:01").tick()
            busy_hour(lite_room, hour)
        for clock in ("19:00", "19:01", "21:30"):
            lite_room.go(clock).tick()
    counted = {who: pushes(lite_room, who) for who in ("tan", "peng", "zhang", "xie", "mao_mou")}
    assert {most for got in counted.values() for most in got.values()} == {1}
    assert {who for who, got in counted.items() if not got} <= quiet
    assert sum(counted["tan"].values()) >= least


def test_what_becomes_due_after_the_digest_waits_for_the_next(lite_room):
    lite_room.say("mao_mou", "村口路灯坏了三天没人修")
    lite_room.say("liu_mou", "学校门口路灯坏了三天没人修")
    lite_room.say("zhang", "接单 1")
    lite_room.go("12:15").tick()
    lite_room.say("zhang", "进展 1 已买灯泡")  # at the very moment of the slot
    lite_room.wait(seconds=1).tick()
    assert len(lite_room.read("mao_mou")) == 1
    lite_room.go("19:00").tick()
    assert "已买灯泡" in lite_room.read("mao_mou")[1]


def test_after_a_stop_the_missed_slot_is_caught_up_once(lite_room):
    lite_room.say("mao_mou", "村口路灯坏了三天没人修")
    lite_room.say("zhang", "接单 1")
    lite_room.go("13:40").tick()
    lite_room.wait(minutes=1).tick()
    assert len(lite_room.read("mao_mou")) == 1


def test_a_digest_that_has_to_be_repeated_takes_nobody_elses_place(lite_room):
    lite_room.say("mao_mou", "村口路灯坏了三天没人修")
    lite_room.say("zhang", "接单 1")
    lite_room.broken["mao_mou"] = SendError("connection refused")
    lite_room.go("12:15").tick()
    lite_room.say("zhang", "进展 1 已买灯泡")
    del lite_room.broken["mao_mou"]
    lite_room.wait(minutes=1).tick()
    assert [text.count("已买灯泡") for text in lite_room.read("mao_mou")] == [0]
    lite_room.go("19:00").tick()
    assert "已买灯泡" in lite_room.read("mao_mou")[1]


def test_an_urgent_issue_waits_for_no_slot(lite_room):
    lite_room.say("mao_mou", "村口变压器着火了")
    lite_room.say("zhang", "接单 1")
    lite_room.wait(seconds=5).tick()
    assert any("已接单" in text for text in lite_room.read("mao_mou"))


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2026-06-01 07:45", "2026-06-01 07:45", "2026-06-01 12:15"),
        ("2026-06-01 12:14", "2026-06-01 07:45", "2026-06-01 12:15"),
        ("2026-06-01 23:00", "2026-06-01 19:00", "2026-06-02 07:45"),
        ("2026-06-01 03:00", "2026-05-31 19:00", "2026-06-01 07:45"),
    ],
)
def test_a_slot_lasts_until_the_next(moment, start, end):
    slot = slot_of(at(moment))
    assert (slot.start, slot.end) == (at(start), at(end))


def test_silence_after_a_slot_is_no_stuck_notice(lite_room):
    """What was put off is due at the next slot, so that nobody is alarmed by it."""
    lite_room.say("mao_mou", "村口路灯坏了三天没人修")
    lite_room.say("zhang", "接单 1")
    lite_room.go("12:15").tick()
    lite_room.say("zhang", "进展 1 已买灯泡")
    outgoing.send_outbox(lite_room.machine, lite_room.now + timedelta(seconds=1))
    waiting = lite_room.query(lambda s: s.scalar(select(Outbox).where(Outbox.state == "waiting")))
    assert waiting.next_at == at("2026-06-01 19:00")
