"""The ticks: what is due is done once, by however many schedulers, and nobody stops the others."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from handlers import hits, report
from handlers.hits import Hit
from issues.guards import GUARDS
from rules.words import State
from scheduler import clockwork, outgoing, ticks
from scheduler.outgoing import Outgoing
from storage import inbox, outbox
from storage.notice import Notice
from storage.outbox import LEASE, Posting, SendError
from storage.tables import Attachment, Dialogue, FaqHit, Heartbeat, Inbox, Issue, Outbox
from tests.town import at

LAMP = "村口路灯坏了三天没人修"
TWO_DAYS_LATER = "2026-06-04 08:00"
DEAD = SendError("81013 no such user", permanent=True)
DOWN = SendError("connection refused")


def rows(room, table):
    return room.query(lambda session: list(session.scalars(select(table).order_by(table.id))))


def together(*jobs):
    """Run them at the same moment; what each gave."""
    start = threading.Barrier(len(jobs))

    def run(job):
        start.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def reports(room, how_many):
    people = ["mao_mou", "liu_mou", "hu_mou"]
    for n in range(how_many):
        room.say(people[n % 3], f"{n} 号{LAMP}")


# --- marks ---


def test_a_second_tick_at_the_same_moment_does_nothing(room):
    room.say("mao_mou", LAMP)
    room.go(TWO_DAYS_LATER).tick()
    before = {who: list(got) for who, got in room.phones.items()}
    assert set(room.tick().values()) == {0}
    assert room.phones == before


def test_two_schedulers_at_once_tell_everybody_once(room):
    reports(room, 6)
    room.go(TWO_DAYS_LATER)
    together(room.tick, room.tick, room.tick)
    room.tick()
    levels = [issue.holder.userid for issue in room.issues()]
    assert levels == ["peng"] * 6
    assert [len(room.phones[who]) for who in ("peng", "tan")] == [1, 1]


def spoil(room, number, level="nowhere"):
    """A row that no rule can make sense of."""
    bad = text("UPDATE issue SET level = :level WHERE number = :number")
    values = {"level": level, "number": number}
    room.database.write(lambda s: s.execute(bad, values) and None)


def test_a_bad_issue_is_set_aside_and_stops_nobody(room):
    reports(room, 3)
    spoil(room, "SZ-20260601-0002")
    room.go(TWO_DAYS_LATER).tick()
    spoil(room, "SZ-20260601-0002", "lin")  # so that it can be read again
    held = {issue.number[-4:]: issue.holder.userid for issue in room.issues()}
    assert held == {"0001": "peng", "0002": "zhang", "0003": "peng"}
    assert room.issues()[1].next_mark_at == room.now + timedelta(hours=1)


def test_what_was_set_aside_is_done_an_hour_later(room):
    room.say("mao_mou", LAMP)
    spoil(room, "SZ-20260601-0001")
    room.go(TWO_DAYS_LATER).tick()
    spoil(room, "SZ-20260601-0001", "lin")
    room.wait(hours=1).tick()
    assert room.issues()[0].holder.userid == "peng"


def test_after_a_month_without_power_everybody_gets_one_message(lite_room):
    reports(lite_room, 9)
    lite_room.tick()
    before = {who: len(got) for who, got in lite_room.phones.items()}
    lite_room.go("2026-07-10 10:00").tick()
    got = {who: len(p) - before.get(who, 0) for who, p in lite_room.phones.items()}
    assert set(got.values()) == {1}
    assert {issue.holder.userid for issue in lite_room.issues()} == {"peng"}


def test_a_year_in_one_tick_is_like_any_other(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.go("2027-06-10 10:00").tick()
    assert lite_room.issues()[0].next_mark_at == at("2027-07-02 00:00")


def test_silence_is_asked_twice_and_then_closed_unrated(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.say("zhang", "办结 1 换了灯泡")
    for morning in range(2, 10):
        lite_room.go(f"2026-06-{morning:02} 08:00").tick()
    [issue] = lite_room.issues()
    assert (issue.state, issue.rating) == (State.CLOSED, None)
    assert len([text for text in lite_room.read("mao_mou") if "请您评价" in text]) == 2


# --- sending ---


def test_a_sender_that_is_killed_after_its_claim_is_repeated_once_after_the_lease(room):
    room.say("mao_mou", LAMP)
    [killed] = room.database.write(lambda s: outbox.claim(s, room.now, {}, GUARDS))
    assert room.tick()["send_outbox"] == 0
    room.now += LEASE
    assert [room.tick()["send_outbox"] for _ in range(2)] == [1, 0]
    [sent] = room.phones["zhang"]
    assert (sent.batch, sent.notices, sent.tries) == (killed.batch, killed.notices, 2)


def test_two_senders_at_once_send_everything_once(room):
    reports(room, 12)
    together(*[lambda: outgoing.send_outbox(room.machine, room.now)] * 3)
    sent = [p.batch for got in room.phones.values() for p in got]
    assert len(sent) == len(set(sent)) == len([r for r in rows(room, Outbox) if not r.gather])


def test_a_second_in_which_nothing_is_due_takes_nobodys_turn_to_write(lite_room, monkeypatch):
    lite_room.say("mao_mou", LAMP)
    lite_room.tick()
    monkeypatch.setattr(lite_room.database, "write", None)
    assert outgoing.send_outbox(lite_room.machine, lite_room.now) == 0


def test_what_is_about_no_issue_and_never_arrives_stops_nobody(lite_room):
    lost = Posting("v1", "app", "zhang", Notice("走访"), lite_room.now, subject="visit:3")
    lite_room.database.write(lambda s: outbox.put(s, lost, lite_room.now))
    lite_room.broken["zhang"] = DEAD
    lite_room.tick()
    assert [(row.subject, row.state) for row in rows(lite_room, Outbox)] == [("visit:3", "dead")]


def test_while_the_platform_is_down_nothing_is_dropped(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.broken["zhang"] = DOWN
    for _ in range(20):
        lite_room.wait(minutes=11).tick()
    lite_room.broken.clear()
    lite_room.wait(minutes=11).tick()
    assert LAMP in lite_room.read("zhang")[0]


def test_one_who_cannot_be_reached_holds_nobody_up_and_the_next_level_hears(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.broken["zhang"] = DEAD
    lite_room.tick()
    lite_room.go("12:15").tick()
    assert "送不到 张某" in lite_room.read("peng")[0]


def test_an_unreachable_resident_is_no_ones_alarm(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.say("zhang", "接单 1")
    lite_room.broken["mao_mou"] = DEAD
    lite_room.go("12:15").tick()
    assert "peng" not in lite_room.phones


def test_a_group_post_goes_into_the_units_group(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.go(TWO_DAYS_LATER).tick()
    [post] = lite_room.read("韶山村/一片")
    assert "SZ-20260601-0001 已满 2 天" in post


# --- messages that stumbled ---


@pytest.fixture
def stumbling(monkeypatch):
    """Reports raise until the test says otherwise."""
    with monkeypatch.context() as broken:
        broken.setattr(report, "run", lambda ctx, match: 1 / 0)
        yield broken


def test_a_stumbled_message_is_done_by_the_sweep_and_its_sender_hears(room, stumbling):
    room.say("mao_mou", LAMP)
    stumbling.undo()
    room.wait(minutes=1).tick()
    assert (len(room.issues()), rows(room, Inbox)[0].state) == (1, "done")
    assert "SZ-20260601-0001" in room.read("mao_mou")[0]


def test_two_sweeps_at_once_open_one_issue(room, stumbling):
    reports(room, 4)
    stumbling.undo()
    sweep = lambda: ticks.sweep_failed(room.machine, room.now)  # noqa: E731
    together(sweep, sweep, sweep)
    assert len(room.issues()) == 4


def test_after_three_more_tries_the_admins_are_told(room, stumbling):
    room.say("mao_mou", LAMP)
    for _ in range(4):
        room.wait(minutes=1).tick()
    assert rows(room, Inbox)[0].state == "dead"
    assert ["没能处理" in text for text in room.read("guan")] == [True]


def test_a_message_that_stumbles_stops_no_other(room, monkeypatch):
    run = report.run

    def stumbles(ctx, match):
        return 1 / 0 if ctx.incoming.userid == "mao_mou" else run(ctx, match)

    monkeypatch.setattr(report, "run", stumbles)
    reports(room, 3)
    room.wait(minutes=1).tick()
    assert [issue.reporter for issue in room.issues()] == ["liu_mou", "hu_mou"]


# --- suggestions ---


def suggested(room, userid="mao_mou"):
    assert "您是不是想问" in room.say(userid, "交医保")


def test_a_suggestion_nobody_picks_becomes_an_issue_after_ten_minutes(room):
    suggested(room)
    room.wait(minutes=9, seconds=59).tick()
    assert room.issues() == []
    room.wait(seconds=1).tick()
    [issue] = room.issues()
    assert (issue.content, issue.reported_at) == ("交医保", at("2026-06-01 09:00"))
    assert issue.number in room.read("mao_mou")[-1]


def test_two_schedulers_open_it_once(room):
    for userid in ("mao_mou", "liu_mou", "hu_mou"):
        suggested(room, userid)
    room.wait(minutes=10)
    expire = lambda: ticks.expire_dialogues(room.machine, room.now)  # noqa: E731
    together(expire, expire, expire)
    assert sorted(issue.reporter for issue in room.issues()) == ["hu_mou", "liu_mou", "mao_mou"]


def test_one_bad_suggestion_stops_no_other(room):
    suggested(room)
    suggested(room, "liu_mou")
    spoil = select(Dialogue).where(Dialogue.userid == "mao_mou")
    room.database.write(lambda s: setattr(s.scalars(spoil).one(), "data", {"text": "坏"}))
    room.wait(minutes=10).tick()
    assert [issue.reporter for issue in room.issues()] == ["liu_mou"]


def test_a_picked_suggestion_does_not_become_an_issue(lite_room):
    suggested(lite_room)
    assert "9 月到 12 月" in lite_room.say("mao_mou", "1")
    lite_room.wait(minutes=11).tick()
    assert lite_room.issues() == []


def test_the_sentence_after_a_tapped_button_may_be_forgotten_without_harm(lite_room):
    lite_room.say("mao_mou", LAMP)
    lite_room.tick()
    lite_room.tap("zhang", "办结")
    lite_room.wait(hours=3).tick()
    assert rows(lite_room, Dialogue) == []
    assert lite_room.issues()[0].state == State.PENDING


# --- photos ---


def test_a_photo_is_brought_home(room):
    room.photo("mao_mou", "P1")
    room.tick()
    [photo] = rows(room, Attachment)
    assert (photo.path, photo.fetch_at, photo.tries) == ("P1.jpg", None, 1)


def test_a_photo_that_does_not_come_is_asked_for_again(lite_room):
    lite_room.fetched["P1"] = DOWN
    lite_room.photo("mao_mou", "P1")
    lite_room.tick()
    lite_room.fetched["P1"] = "P1.jpg"
    lite_room.wait(seconds=20).tick()
    assert rows(lite_room, Attachment)[0].path == "P1.jpg"


def test_a_photo_outlives_an_outage_of_two_days(lite_room):
    lite_room.fetched["P1"] = DOWN
    lite_room.photo("mao_mou", "P1")
    for _ in range(24):
        lite_room.wait(hours=2).tick()
    lite_room.fetched["P1"] = "P1.jpg"
    lite_room.wait(hours=2).tick()
    assert rows(lite_room, Attachment)[0].path == "P1.jpg"


def test_after_three_days_a_photo_is_given_up_and_the_issue_stays(lite_room):
    lite_room.fetched["P1"] = DOWN
    lite_room.photo("mao_mou", "P1")
    for _ in range(8):
        lite_room.wait(hours=12).tick()
    [photo] = rows(lite_room, Attachment)
    assert (photo.fetch_at, photo.path) == (None, "")
    assert len(rows(lite_room, Issue)) == 1


def test_a_photo_that_is_gone_for_good_is_not_asked_for_again(lite_room):
    lite_room.fetched["P1"] = DEAD
    lite_room.photo("mao_mou", "P1")
    lite_room.tick()
    assert rows(lite_room, Attachment)[0].fetch_at is None


# --- the rest ---


def test_questions_are_written_in_one_batch_and_given_back_when_that_fails(lite_room, monkeypatch):
    lite_room.say("mao_mou", "医保什么时候交")
    with monkeypatch.context() as broken:
        broken.setattr(hits, "store", lambda session, batch: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ticks.flush_hits(lite_room.machine, lite_room.now)
    assert ticks.flush_hits(lite_room.machine, lite_room.now) == 1
    assert len(rows(lite_room, FaqHit)) == 1


@pytest.mark.parametrize("bad", [{"userid": "u" * 300}, {"confidence": float("nan")}])
def test_a_question_that_cannot_be_stored_blocks_no_other(room, bad):
    good = Hit(room.now, "mao_mou", "", "医保什么时候交", "answer", "a", 1.0)
    for hit in (good, replace(good, **bad), good):
        room.dispatcher.hits.add(hit)
    room.tick()
    assert not room.dispatcher.hits.any()
    stored = rows(room, FaqHit)
    assert [hit.question for hit in stored if hit.userid == "mao_mou"][:2] == [good.question] * 2


def test_a_message_that_nobody_can_read_stops_no_other(room, stumbling):
    row = {"received_at": room.now, "userid": "x", "state": "failed", "message": {"what": "?"}}
    room.database.write(lambda s: inbox.store(s, "app", "unreadable", **row))
    room.say("mao_mou", LAMP)
    stumbling.undo()
    room.wait(minutes=1).tick()
    assert len(room.issues()) == 1


def test_the_heartbeat_goes_on(room):
    room.tick()
    room.wait(minutes=1).tick()
    with room.database.read() as session:
        assert session.scalars(select(Heartbeat.at)).one() == room.now


def test_the_ticks_run_by_themselves_and_a_bad_one_does_not_end_them(lite_room, monkeypatch):
    ran = threading.Event()

    def good(machine, now):
        ran.set()
        return 1

    once = (
        clockwork.TickJob("bad", lambda machine, now: 1 // 0, 1, "坏的"),
        clockwork.TickJob("good", good, 1, "好的"),
    )
    monkeypatch.setattr(clockwork, "JOBS", once)
    leaving = Outgoing(lite_room.machine, lambda: lite_room.now)
    scheduler = clockwork.start(lite_room.machine, lambda: lite_room.now, leaving)
    assert ran.wait(60)
    options = {
        (job.misfire_grace_time, job.coalesce, job.max_instances) for job in scheduler.get_jobs()
    }
    scheduler.shutdown()
    leaving.stop()
    assert options == {(None, True, 1)}
