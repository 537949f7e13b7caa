"""The outbox: every notice once, to the right target, at its time, whatever happens in between."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from issues import guards
from rules.quiet import Slot
from rules.words import State
from storage import outbox
from storage.notice import Button, Card, Notice
from storage.outbox import LEASE, Addressee, Posting, SendError
from storage.tables import Issue, Outbox
from tests.town import at

NOON = at("2026-06-01 12:15")


@pytest.fixture
def put(db):
    """put("zhang", "一句话", gather=True): a row that is due at noon."""
    count = iter(range(10_000))

    def _put(target="zhang", words="有新诉求", **more):
        key = more.pop("key", f"k{next(count):04}")
        notice = more.pop("notice", Notice(words, line=words))
        values = {"channel": "app", "not_before": NOON, **more}
        posting = Posting(key=key, target=target, notice=notice, **values)
        return db.write(lambda session: outbox.put(session, posting, NOON))

    return _put


@pytest.fixture
def claim(db):
    def _claim(now=NOON, limit=20, **more):
        return db.write(
            lambda session: outbox.claim(session, now, {"app": limit}, guards.GUARDS, **more)
        )

    return _claim


@pytest.fixture
def sent(db):
    def _sent(parcels, now=NOON):
        for parcel in parcels:
            db.write(lambda s, p=parcel: outbox.sent(s, p, now, {"msgid": "m1"}))

    return _sent


@pytest.fixture
def failed(db):
    def _failed(parcel, now=NOON, **error):
        return db.write(lambda s: outbox.failed(s, parcel, now, SendError("down", **error)))

    return _failed


@pytest.fixture
def states(db):
    def _states():
        with db.read() as session:
            return list(session.scalars(select(Outbox.state).order_by(Outbox.id)))

    return _states


def words(parcels):
    return [[notice.text for notice in parcel.notices] for parcel in parcels]


def open_issue(db, state=State.PENDING):
    issue = Issue(
        number="SZ-20260601-0001",
        state=state,
        tier="ordinary",
        tier_version=1,
        content="路灯不亮",
        reporter="mao_mou",
        channel="app",
        level="lin",
        reported_at=NOON,
        due_at=NOON,
        promised_at=NOON,
        held_since=NOON,
        marked_until=NOON,
    )

    def add(session):
        session.add(issue)
        session.flush()
        return issue.id

    return db.write(add)


# --- putting ---


def test_a_key_is_stored_once(put):
    assert [put(key="issue:1:e1:new:zhang"), put(key="issue:1:e1:new:zhang")] == [True, False]


def test_a_notice_comes_back_as_it_was_stored(put, claim):
    card = Card("t1", "标题", fields=(("编号", "1"),), buttons=(Button("接单", "accept"),))
    notice = Notice("文字", line="一行", card=card, again=True)
    put(notice=notice)
    assert claim()[0].notices == (notice,)


# --- claiming ---


def test_nothing_leaves_before_its_time(put, claim):
    put()
    assert claim(NOON - timedelta(seconds=1)) == []


def test_a_claimed_parcel_is_not_claimed_again(put, claim):
    put()
    assert (len(claim()), claim()) == (1, [])


def test_gathered_rows_of_one_person_are_one_parcel(put, claim):
    put(words="一", gather=True)
    put("peng", "二", gather=True)
    put(words="三", gather=True)
    assert words(claim()) == [["一", "三"], ["二"]]


def test_a_row_that_is_not_gathered_leaves_alone(put, claim):
    put(words="一", gather=True)
    put(words="马上")
    assert sorted(words(claim())) == [["一"], ["马上"]]


def test_a_gathered_row_that_is_not_due_waits_for_its_own_slot(put, claim):
    put(words="中午", gather=True)
    put(words="晚上", gather=True, not_before=NOON + timedelta(hours=7))
    assert words(claim()) == [["中午"]]


def test_a_digest_holds_all_that_is_due_even_beyond_the_page(put, claim, monkeypatch):
    monkeypatch.setattr(outbox, "CLAIM_ROWS", 3)
    for n in range(7):
        put(words=f"{n}", gather=True)
    assert words(claim()) == [[f"{n}" for n in range(7)]]


def test_a_digest_waits_until_the_marks_of_the_same_moment_are_passed(db, put, claim):
    issue = open_issue(db)
    db.write(lambda s: setattr(s.get(Issue, issue), "next_mark_at", NOON))
    put(words="摘要", gather=True)
    put(words="马上")
    due = db.write(lambda s: guards.marks_are_due(s, NOON))
    assert words(claim(hold_gathered=due)) == [["马上"]]


def test_a_group_and_a_person_of_the_same_name_are_two_targets(put, claim):
    put("一片", "给人", gather=True)
    put("一片", "给群", gather=True, channel="webhook")
    assert sorted(words(claim())) == [["给人"], ["给群"]]


# --- leases and repeats ---


def test_a_sender_that_died_is_taken_over_after_the_lease_with_the_same_notices(put, claim):
    put(words="一", gather=True)
    put(words="二", gather=True)
    [first] = claim()
    put(words="三", gather=True)
    [again] = [p for p in claim(NOON + LEASE) if p.batch == first.batch]
    assert (again.notices, again.tries) == (first.notices, 2)


def test_within_the_lease_nobody_else_takes_it(put, claim):
    put()
    claim()
    assert claim(NOON + LEASE - timedelta(seconds=1)) == []


def test_what_was_sent_never_leaves_again(put, claim, sent, states):
    put()
    sent(claim())
    assert claim(NOON + timedelta(days=1)) == []
    assert states() == ["sent"]


def test_the_receipt_of_the_platform_is_kept(db, put, claim, sent):
    put()
    sent(claim())
    with db.read() as session:
        row = session.scalars(select(Outbox)).one()
    assert (row.receipt, row.sent_at) == ({"msgid": "m1"}, NOON)


def test_a_failure_is_tried_again_later_and_later(db, put, claim, failed):
    put()
    now, waits = NOON, []
    for _ in range(6):
        [parcel] = claim(now)
        assert failed(parcel, now) is False
        with db.read() as session:
            due = session.scalars(select(Outbox.next_at)).one()
        waits.append((due - now).seconds)
        now = due
    assert waits == [5, 30, 120, 600, 600, 600]


def test_the_platform_says_when(put, claim, failed):
    put()
    failed(claim()[0], retry_after=60)
    assert claim(NOON + timedelta(seconds=59)) == []
    assert len(claim(NOON + timedelta(seconds=60))) == 1


def test_a_permanent_failure_is_dead_and_says_why(db, put, claim, failed, states):
    put()
    assert failed(claim()[0], permanent=True) is True
    assert states() == ["dead"]
    with db.read() as session:
        assert session.scalars(select(Outbox.error)).one() == "down"


# --- limits ---


def test_a_target_gets_no_more_than_its_limit_in_a_minute(put, claim, sent):
    for n in range(5):
        put(words=f"{n}")
    first = claim(limit=3)
    sent(first)
    rested = NOON + timedelta(seconds=30)
    assert (len(first), claim(rested, 3)) == (3, [])
    assert len(claim(NOON + timedelta(seconds=61), 3)) == 2


def test_a_target_at_its_limit_holds_nobody_else_up(put, claim):
    for n in range(5):
        put(words=f"{n}")
    put("peng", "别人的")
    assert sorted(p.target for p in claim(limit=1)) == ["peng", "zhang"]


def test_waiting_at_the_limit_is_no_failed_attempt(put, claim, sent):
    put(words="一")
    put(words="二")
    sent(claim(limit=1))
    later = claim(NOON + timedelta(minutes=2), 1)
    assert [parcel.tries for parcel in later] == [1]


def test_messages_on_their_way_count_for_the_limit(put, claim):
    for n in range(3):
        put(words=f"{n}")
    first = claim(limit=3)
    put(words="3")
    assert (len(first), claim(limit=3)) == (3, [])


def test_what_is_due_first_leaves_first(put, claim):
    put(words="后", key="a", not_before=NOON)
    put(words="先", key="b", not_before=NOON - timedelta(minutes=1))
    assert words(claim(limit=1)) == [["先"]]


def test_what_was_dropped_is_not_counted_as_sent(db, put, claim, sent, states):
    done = open_issue(db, State.RESOLVED)
    put(words="催办", subject=guards.about(done), guard=guards.OPEN, gather=True)
    put(words="请评价", subject=guards.about(done), gather=True)
    sent(claim())
    assert states() == ["dropped", "sent"]


# --- dropped ---


@pytest.mark.parametrize("gather", [True, False])
def test_a_reminder_of_what_is_done_is_dropped_at_the_last_moment(db, put, claim, states, gather):
    done = open_issue(db, State.RESOLVED)
    put(words="催办", subject=guards.about(done), guard=guards.OPEN, gather=gather)
    put(words="请评价", subject=guards.about(done), gather=gather)
    assert words(claim()) == [["请评价"]]
    assert states() == ["dropped", "sending"]


def test_what_has_been_tried_is_not_changed_by_what_happens_later(db, put, claim):
    issue = open_issue(db)
    put(words="催办", subject=guards.about(issue), guard=guards.OPEN, gather=True)
    put(words="别的", gather=True)
    [first] = claim()
    db.write(lambda s: setattr(s.get(Issue, issue), "state", State.RESOLVED))
    [again] = claim(NOON + LEASE)
    assert again.notices == first.notices


@pytest.mark.parametrize("gather", [False, True])
def test_a_row_with_a_guard_that_nobody_knows_is_dead_and_keeps_nobody(
    db, put, claim, states, gather
):
    put(subject="visit:3", guard="planned", gather=gather)
    put("li", "催办", gather=gather)
    assert [parcel.target for parcel in claim()] == ["li"]
    assert states() == ["dead", "sending"]
    with db.read() as session:
        assert "unknown guard planned" in session.scalars(select(Outbox.error)).first()


def test_another_systems_guard_is_asked_about_its_own_subjects_only(db, put, claim, states):
    asked = []

    def over(_session, doubts):
        asked.append({doubt.subject for doubt in doubts})
        return {doubt for doubt in doubts if doubt.subject == "visit:3"}

    put(words="走访", subject="visit:3", guard="planned")
    put(words="走访", subject="visit:4", guard="planned")
    put(words="催办", subject=guards.about(open_issue(db)), guard=guards.OPEN)
    parcels = db.write(lambda s: outbox.claim(s, NOON, {}, {**guards.GUARDS, "planned": over}))
    assert (len(parcels), asked) == (2, [{"visit:3", "visit:4"}])
    assert states() == ["dropped", "sending", "sending"]


# --- what becomes of what waits ---


def test_news_of_his_own_issues_outlives_a_departure(db, put, states):
    mine = guards.about(open_issue(db))
    put("mao_mou", "已接单", subject=mine, gather=True)
    put("mao_mou", "别人的事", subject="visit:3", gather=True)
    put("mao_mou", "没有事的话")
    put("mao_mou", "同名的群", channel="webhook")
    db.write(lambda s: outbox.forget(s, "app", "mao_mou", guards.own))
    assert states() == ["waiting", "dropped", "dropped", "waiting"]


def test_something_newer_says_it_all(db, put, claim, states):
    put(words="已接单", subject="issue:1", gather=True)
    put(words="别的事", subject="issue:2", gather=True)
    put("peng", "给别人", subject="issue:1", gather=True)
    put(words="马上", subject="issue:1")
    db.write(lambda s: outbox.supersede(s, "issue:1", ["zhang"]))
    assert states() == ["dropped", "waiting", "waiting", "waiting"]


def test_what_has_been_made_into_a_digest_is_not_superseded(db, put, claim, states):
    put(words="已接单", subject="issue:1", gather=True)
    claim()
    db.write(lambda s: outbox.supersede(s, "issue:1", ["zhang"]))
    assert states() == ["sending"]


def test_what_could_not_be_told_is_found_by_what_it_was_about(db, put, claim, failed):
    for said, subject in (("一", "issue:1"), ("二", "issue:2"), ("三", "issue:1"), ("四", "")):
        put(words=said, subject=subject, gather=True)
    [parcel] = claim()
    failed(parcel, permanent=True)
    with db.read() as session:
        assert outbox.texts(session, parcel) == {"issue:1": "一\n三", "issue:2": "二"}


def test_many_notices_are_put_at_once_and_the_known_ones_are_left(db, put, claim):
    put(key="k1", words="早先的")
    many = [Posting(f"k{n}", "app", "zhang", Notice(f"{n}"), NOON) for n in range(3)]
    db.write(lambda s: outbox.put_all(s, many, NOON))
    assert sorted(words(claim())) == [["0"], ["2"], ["早先的"]]


def test_counting_what_was_put_lately_stops_at_what_is_asked_for(db, put):
    for n in range(5):
        put(key=f"issue:{n}:new:zhang")
    put(key="issue:9:e1:urged:zhang")
    count = partial(outbox.put_since, to=Addressee("app", "zhang"), part=":new:", most=3)
    an_hour_ago = NOON - timedelta(hours=1)
    assert db.write(lambda s: count(s, since=an_hour_ago)) == 3
    assert db.write(lambda s: count(s, since=NOON)) == 0


@pytest.mark.parametrize("gather", [True, False])
def test_something_is_due_exactly_when_a_claim_finds_it(db, put, claim, gather):
    put(gather=gather)
    early = NOON - timedelta(seconds=1)
    with db.read() as session:
        assert [outbox.due(session, moment) for moment in (early, NOON)] == [False, True]
    claim()
    with db.read() as session:
        assert outbox.due(session, NOON) is False


def test_a_page_of_people_who_had_their_digest_keeps_nobody_waiting(db, put, claim, monkeypatch):
    monkeypatch.setattr(outbox, "CLAIM_ROWS", 2)
    slot = Slot(NOON, NOON + timedelta(hours=7))
    early = {f"target{n}" for n in range(6)}
    for target in sorted(early):
        put(target, "早", gather=True)
    while claim(slot=slot):
        pass
    for target in sorted(early):
        put(target, "晚", gather=True)
    put("target9", "第一次", gather=True)
    assert words(claim(NOON + timedelta(minutes=1), slot=slot)) == [["第一次"]]


# --- several senders ---


@pytest.mark.parametrize("gather", [True, False])
def test_two_senders_at_once_never_take_the_same_parcel(db, put, claim, monkeypatch, gather):
    monkeypatch.setattr(outbox, "CLAIM_ROWS", 10)
    for n in range(60):
        put(f"target{n % 6}", f"{n}", gather=gather)
    start = threading.Barrier(4)

    def sender(_):
        start.wait()
        return [parcel for _ in range(12) for parcel in claim(limit=100)]

    with ThreadPoolExecutor(4) as pool:
        parcels = [parcel for found in pool.map(sender, range(4)) for parcel in found]
    told = [text for texts in words(parcels) for text in texts]
    assert len(told) == len(set(told))
    assert sorted(told, key=int) == [str(n) for n in range(60)]


def test_two_senders_at_once_take_over_a_dead_ones_parcels_once(db, put, claim, monkeypatch):
    monkeypatch.setattr(outbox, "CLAIM_ROWS", 10)
    for n in range(40):
        put(f"target{n % 4}", f"{n}", gather=True)
    for _ in range(8):
        claim(limit=100)
    start = threading.Barrier(4)

    def sender(_):
        start.wait()
        return [p for _ in range(8) for p in claim(NOON + LEASE, limit=100)]

    with ThreadPoolExecutor(4) as pool:
        parcels = [parcel for found in pool.map(sender, range(4)) for parcel in found]
    told = [text for texts in words(parcels) for text in texts]
    assert sorted(told, key=int) == [str(n) for n in range(40)]
