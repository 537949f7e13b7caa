"""What leaves first, at the same cost whatever waits; what may have arrived; ways that are shut."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from issues import guards
from rules.quiet import Slot
from storage import circuits, outbox
from storage.notice import Notice
from storage.outbox import LEASE, NO_DUPLICATES, Posting, Precedence, SendError
from storage.tables import Outbox
from tests.storage.test_plans import read_whole, statements
from tests.town import at

NOON = at("2026-06-01 12:15")
SLOT = Slot(NOON - timedelta(minutes=1), NOON + timedelta(hours=7))
REFUSED = SendError("message/send: ConnectionError", blocks=(5, 30))
SILENT = SendError("message/send: ReadTimeout", unknown=True)
MANY = 30_000


def posting(key, target="zhang", **more):
    values = {"channel": "app", "notice": Notice("话"), "not_before": NOON}
    return Posting(key=key, target=target, **{**values, **more})


def put(db, *postings):
    db.write(lambda s: outbox.put_all(s, postings, NOON))


def claim(db, now=NOON, **more):
    return db.write(lambda s: outbox.claim(s, now, {"app": 20}, guards.GUARDS, **more))


def mark(db, act, parcel, *given):
    db.write(lambda s: act(s, parcel, *given) and None)


def row(db, key):
    with db.read() as session:
        return session.scalars(select(Outbox).where(Outbox.key == key)).one()


def fill(db, rows):
    """Digest lines of hundreds of people, five for each, all due."""
    many = [posting(f"old{n}", f"p{n // 5}", gather=True) for n in range(rows)]
    for start in range(0, rows, 5000):
        put(db, *many[start : start + 5000])


def steps(db, act):
    """What SQLite's machine does meanwhile, in hundreds of instructions."""
    counted = [0]

    def step():
        counted[0] += 1

    def watched(session):
        driver = session.connection().connection.dbapi_connection
        driver.set_progress_handler(step, 100)
        try:
            return act(session)
        finally:
            driver.set_progress_handler(None, 0)

    return db.write(watched), counted[0]


# --- precedence ---


def test_what_is_urgent_leaves_first_however_long_the_others_have_waited(db):
    early = NOON - timedelta(hours=1)
    put(db, *(posting(f"{p.name}", f"t{p}", precedence=p, not_before=early) for p in Precedence))
    put(db, posting("now", "t9", precedence=Precedence.URGENT))
    assert [p.batch for p in claim(db)] == ["URGENT", "now", "ANSWER", "CARD", "OTHER"]


def test_no_more_are_taken_than_asked_for_and_the_most_urgent_of_them(db):
    put(db, *(posting(f"o{n}", f"t{n}") for n in range(5)))
    put(db, *(posting(f"u{n}", f"t{n}", precedence=Precedence.URGENT) for n in range(2)))
    assert [p.batch for p in claim(db, most=3)] == ["u0", "u1", "o0"]
    assert [p.batch for p in claim(db, urgent_only=True)] == []


def test_what_is_gathered_has_no_precedence(db):
    put(db, posting("g", gather=True, precedence=Precedence.URGENT))
    assert row(db, "g").precedence == Precedence.OTHER


def test_something_urgent_is_due_exactly_when_there_is(db):
    put(db, posting("o"))
    with db.read() as session:
        assert (outbox.due(session, NOON), outbox.due(session, NOON, urgent_only=True)) == (
            True,
            False,
        )
    put(db, posting("u", precedence=Precedence.URGENT))
    with db.read() as session:
        assert outbox.due(session, NOON, urgent_only=True)


def test_a_claim_of_an_emergency_costs_the_same_behind_30_000_lines(lite):
    """Statements, and what the database does for them."""
    urgent = [posting(f"u{n}", f"h{n}", precedence=Precedence.URGENT) for n in range(10)]

    def taken(session):
        return outbox.claim(session, NOON, {}, guards.GUARDS, most=5, slot=SLOT)

    def cost(first):
        put(lite, urgent[first])
        with statements(lite) as ran:
            parcels, done = steps(lite, taken)
        assert parcels[0].batch == f"u{first}"
        return len(ran), done

    fill(lite, 2_000)
    cost(0)
    few = cost(1)
    fill(lite, MANY)
    many = cost(2)
    assert many[0] <= few[0] + 2
    assert many[1] <= 1.2 * few[1]


def test_a_claim_at_night_costs_the_same_behind_30_000_lines(lite):
    wake = NOON + timedelta(hours=8)

    def cost():
        return steps(lite, lambda s: outbox.claim(s, NOON, {}, guards.GUARDS, wake=wake))[1]

    fill(lite, 2_000)
    few = cost()
    fill(lite, MANY)
    assert cost() <= 1.2 * few


def test_one_person_with_more_lines_than_fit_gets_the_rest_with_the_next_digest(db, monkeypatch):
    monkeypatch.setattr(outbox, "DIGEST_ROWS", 3)
    put(db, *(posting(f"g{n}", gather=True) for n in range(5)))
    assert [len(p.notices) for p in claim(db)] == [3]
    assert [len(p.notices) for p in claim(db)] == [2]


def test_a_digest_is_never_cut_where_several_people_wait(db, monkeypatch):
    monkeypatch.setattr(outbox, "DIGEST_ROWS", 5)
    put(db, *(posting(f"g{n}", f"t{n % 2}", gather=True) for n in range(8)))
    assert [len(p.notices) for p in claim(db)] == [4]
    assert [len(p.notices) for p in claim(db)] == [4]


def test_no_part_of_a_claim_reads_a_growing_table(db):
    fill(db, 2_000)
    put(db, posting("u", precedence=Precedence.URGENT), posting("o", "u2"))
    with statements(db) as ran:
        with db.read() as session:
            outbox.due(session, NOON)
            outbox.due(session, NOON, urgent_only=True)
        taken = claim(db, most=5, slot=SLOT)
        mark(db, outbox.failed, taken[0], NOON, REFUSED)
        claim(db, NOON + timedelta(minutes=1), most=5)
        mark(db, outbox.give_back, taken[1], NOON)
        claim(db, wake=NOON + timedelta(hours=8))
    assert read_whole(db, ran) == {}


# --- what may have arrived ---


def test_what_was_half_sent_is_repeated_as_long_as_the_platform_knows_it(db):
    put(db, posting("a"))
    claim(db)
    [again] = claim(db, NOON + NO_DUPLICATES)
    assert (again.half_sent_at, again.tries) == (NOON, 2)


def test_what_was_half_sent_too_long_ago_waits_for_a_person(db):
    put(db, posting("a", gather=True), posting("b", gather=True))
    claim(db)
    late = NOON + NO_DUPLICATES + timedelta(seconds=1)
    assert claim(db, late) == []
    assert [row(db, key).state for key in "ab"] == ["unsure", "unsure"]


def test_an_office_may_want_it_sent_again(db):
    put(db, posting("a"))
    claim(db)
    assert len(claim(db, NOON + timedelta(days=1), hold_unsure=False)) == 1


def test_no_answer_leaves_the_doubt_and_a_refusal_ends_it(db):
    put(db, posting("a"), posting("b", "peng"))
    silent, refused = claim(db)
    mark(db, outbox.failed, silent, NOON, SILENT)
    mark(db, outbox.failed, refused, NOON, SendError("errcode -1: busy"))
    assert [row(db, key).half_sent_at for key in "ab"] == [NOON, None]
    assert [p.batch for p in claim(db, NOON + timedelta(days=1))] == ["b"]


def test_a_refusal_after_a_silence_does_not_end_the_doubt(db):
    put(db, posting("a"))
    mark(db, outbox.failed, claim(db)[0], NOON, SILENT)
    later = NOON + timedelta(minutes=1)
    mark(db, outbox.failed, claim(db, later)[0], later, SendError("errcode -1: busy"))
    assert row(db, "a").half_sent_at == NOON


def test_a_repeat_of_what_may_have_arrived_has_the_very_same_lines(db):
    put(db, *(posting(key, gather=True, guard="open", subject="issue:1") for key in "ab"))
    [first] = claim(db)
    mark(db, outbox.failed, first, NOON, SILENT)
    over = {"open": lambda session, doubts: doubts}
    later = NOON + timedelta(minutes=1)
    [again] = db.write(lambda s: outbox.claim(s, later, {}, over))
    assert (again.notices, again.number) == (first.notices, first.number)


def test_what_its_channel_has_made_is_used_again_until_nothing_can_have_arrived(db):
    put(db, posting("a"))
    [first] = claim(db)
    mark(db, outbox.prepared, first, {"media_id": "m1"})
    mark(db, outbox.failed, first, NOON, SILENT)
    later = NOON + timedelta(minutes=1)
    [again] = claim(db, later)
    assert (first.prepared, again.prepared) == ({}, {"media_id": "m1"})


# --- ways that are shut ---


def ten(db):
    put(db, *(posting(f"n{n}", f"t{n}") for n in range(10)))


def test_a_way_that_is_shut_is_tried_by_one_message_at_a_time_with_growing_waits(db):
    ten(db)
    [first] = claim(db, most=1)
    mark(db, outbox.failed, first, NOON, REFUSED)
    now, tried = NOON, []
    for wait in (5, 30, 30):
        assert claim(db, now + timedelta(seconds=wait - 1)) == []
        now += timedelta(seconds=wait)
        [parcel] = claim(db, now)
        assert claim(db, now) == []
        tried.append((parcel.batch, parcel.trial, parcel.tries))
        mark(db, outbox.failed, parcel, now, REFUSED)
    assert tried == [("n0", True, 1)] * 3


def test_those_that_fail_together_count_once(db):
    ten(db)
    for parcel in claim(db, most=5):
        mark(db, outbox.failed, parcel, NOON, REFUSED)
    with db.read() as session:
        [shut] = circuits.open_circuits(session)
    assert (shut.channel, shut.failures, shut.until - NOON) == ("app", 1, timedelta(seconds=5))


def test_when_one_has_arrived_the_way_is_open_and_the_order_is_the_old_one(db):
    ten(db)
    for parcel in claim(db, most=3):
        mark(db, outbox.failed, parcel, NOON, REFUSED)
    later = NOON + timedelta(seconds=5)
    [first] = claim(db, later)
    mark(db, outbox.sent, first, later, {})
    assert [p.batch for p in claim(db, later)] == [f"n{n}" for n in range(1, 10)]


def test_an_error_of_its_own_opens_the_way_for_the_others(db):
    ten(db)
    mark(db, outbox.failed, claim(db, most=1)[0], NOON, REFUSED)
    later = NOON + timedelta(seconds=5)
    mark(db, outbox.failed, claim(db, later)[0], later, SendError("81013", permanent=True))
    assert len(claim(db, later)) == 9


def test_a_trial_that_was_killed_is_taken_over(db):
    ten(db)
    mark(db, outbox.failed, claim(db, most=1)[0], NOON, REFUSED)
    later = NOON + timedelta(seconds=5)
    claim(db, later)
    assert claim(db, later + LEASE - timedelta(seconds=1)) == []
    assert len(claim(db, later + LEASE)) == 1


def test_what_has_failed_at_a_later_time_says_nothing_of_the_present(db):
    """A clock that was a year ahead for a moment, and was set back."""
    put(db, posting("a"), posting("b", "peng"))
    ahead = NOON + timedelta(days=365)
    failed, _ = claim(db, ahead)
    mark(db, outbox.failed, failed, ahead, REFUSED)
    assert [p.batch for p in claim(db)] == ["a"]
    with db.read() as session:
        assert outbox.astray(session, NOON)
    db.write(lambda s: outbox.set_right(s, NOON) and None)
    assert row(db, "b").next_at == NOON
    with db.read() as session:
        assert not outbox.astray(session, NOON)


def test_an_emergency_tries_a_shut_way_every_minute_and_nothing_else_does(db):
    ten(db)
    put(db, *(posting(f"u{n}", "peng", precedence=Precedence.URGENT) for n in range(2)))
    hour = SendError("errcode 45009: too often", blocks=(3600,))
    mark(db, outbox.failed, claim(db, most=1)[0], NOON, hour)

    def due(moment):
        with db.read() as session:
            return [outbox.due(session, moment), outbox.due(session, moment, urgent_only=True)]

    soon, later = NOON + timedelta(seconds=59), NOON + timedelta(seconds=60)
    assert (claim(db, soon), due(soon), due(later)) == ([], [False, False], [True, True])
    [tried] = claim(db, later)
    assert (tried.batch, tried.trial) == ("u0", True)
    mark(db, outbox.sent, tried, later, {})
    assert len(claim(db, later)) == 11


def test_another_channel_leaves_meanwhile_and_something_is_due_only_then(db):
    ten(db)
    mark(db, outbox.failed, claim(db, most=1)[0], NOON, REFUSED)
    with db.read() as session:
        assert not outbox.due(session, NOON)
    put(db, posting("board", "韶山村", channel="webhook"))
    with db.read() as session:
        assert outbox.due(session, NOON)
    assert [p.batch for p in claim(db)] == ["board"]


def test_a_gathered_line_of_a_shut_channel_waits_as_well(db):
    ten(db)
    mark(db, outbox.failed, claim(db, most=1)[0], NOON, REFUSED)
    put(db, posting("g", gather=True))
    with db.read() as session:
        assert not outbox.due(session, NOON)
    assert claim(db) == []


def test_what_a_shut_channel_keeps_has_not_been_delivered(db):
    put(db, posting("a:rate:", subject="issue:1"), posting("b", "peng"))
    to = outbox.Addressee("app", "zhang")

    def delivered():
        with db.read() as session:
            return outbox.delivered(session, to, ":rate:", NOON - timedelta(days=1), NOON)

    assert delivered() == {"issue:1": NOON}
    mark(db, outbox.failed, claim(db)[1], NOON, REFUSED)
    db.write(lambda s: s.execute(update(Outbox).values(state="waiting", tries=0)) and None)
    assert delivered() == {}


def test_what_was_given_back_has_not_been_tried(db):
    put(db, posting("a"))
    mark(db, outbox.give_back, claim(db)[0], NOON)
    one = row(db, "a")
    assert (one.state, one.tries, one.half_sent_at, one.next_at) == ("waiting", 0, None, NOON)


@pytest.mark.parametrize("error", [SendError("busy"), REFUSED])
def test_how_late_it_is_counts_from_when_it_might_have_left(db, error):
    put(db, posting("a"))
    mark(db, outbox.failed, claim(db)[0], NOON, error)
    assert row(db, "a").due_at == NOON
