"""What runs every second or with every message looks things up, however much has gathered.

Every statement is taken from the code while it runs on a grown database, and the database is asked
how it would find the rows: nothing may read one of the growing tables from end to end.
"""

import re
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event, func, insert, or_, select, text

from issues import guards
from rules.quiet import Slot
from rules.words import OPEN_STATES, State
from storage import inbox, outbox
from storage.notice import Notice
from storage.outbox import Addressee, Doubt, Posting, SendError
from storage.tables import (
    HAS_DANGER,
    STILL_OPEN,
    Assist,
    Attachment,
    Endorsement,
    Event,
    HouseholdRow,
    Inbox,
    InPerson,
    Issue,
    Outbox,
    PersonRow,
    UnitRow,
    state_is,
)
from tests.town import at

NOON = at("2026-06-01 12:15")
LONG_AGO = at("2026-01-01 12:15")
SLOT = Slot(NOON, NOON + timedelta(hours=7))
GROWN = 20_000
GROWING = ("issue", "outbox", "event", "inbox", "endorsement", "in_person", "attachment", "assist")


def grow(db, rows=GROWN):
    """Years of issues and notices, all settled but for the newest hundred of each."""
    issues = [_issue(n, "pending" if n > rows - 100 else "closed") for n in range(1, rows + 1)]
    some = range(1, rows + 1, 10)
    joined = [{"issue_id": n, "userid": f"u{n % 500}", "household_id": n % 50 + 1} for n in some]
    with db.engine.connect() as plain, plain.execution_options(writes=True).begin() as begun:
        run = begun.connection.execute
        run(insert(UnitRow), [_unit(n) for n in range(1, 51)])
        run(insert(PersonRow), [{"id": n, "userid": f"u{n}", "name": "某"} for n in range(1, 501)])
        run(insert(HouseholdRow), [{"id": n, "lin_id": n, "name": f"{n}"} for n in range(1, 51)])
        run(insert(Issue), issues)
        run(insert(Event), [_event(n) for n in range(1, rows + 1)])
        run(insert(Endorsement), [{**row, "content": "", "joined_at": LONG_AGO} for row in joined])
        run(insert(Outbox), [_sent(n) for n in range(rows)])
        run(insert(Inbox), [_message(n) for n in range(rows)])
        run(insert(InPerson), [_told(n) for n in some])
        run(insert(Assist), [_helped(n) for n in some])
        run(insert(Attachment), [_fetched(n) for n in some])
    if not db.is_sqlite:  # PostgreSQL does that by itself every now and then, SQLite never
        with db.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def _unit(n):
    return {"id": n, "kind": "lin", "name": f"{n}", "path": f"镇/村/{n}"}


def _issue(n, state):
    when = NOON - timedelta(hours=1) if state == "pending" else LONG_AGO
    moments = ("reported_at", "due_at", "promised_at", "held_since", "marked_until")
    return {
        **dict.fromkeys(moments, when),
        "id": n,
        "number": f"SZ-20260101-{n:06}",
        "state": state,
        "tier": "ordinary",
        "tier_version": 1,
        "content": "路灯不亮",
        "reporter": f"u{n % 500}",
        "household_id": n % 50 + 1,
        "unit_id": n % 50 + 1,
        "holder_id": n % 500 + 1,
        "channel": "app",
        "level": "lin",
        "next_mark_at": NOON + timedelta(days=1) if state == "pending" else None,
        "version": 1,
    }


def _event(n):
    said = {"kind": "opened", "actor": "u1", "role": "resident", "channel": "app"}
    return {**said, "issue_id": n, "seq": 1, "at": LONG_AGO, "after": "", "data": {}, **CHAIN}


CHAIN = {"previous": "", "hash": ""}


def _sent(n):
    return {
        "key": f"old{n}",
        "channel": "app",
        "target": f"u{n % 500}",
        "subject": guards.about(n),
        "gather": n % 2 == 0,
        "notice": {},
        "state": "sent",
        "batch": f"old{n}",
        "next_at": LONG_AGO,
        "created_at": LONG_AGO,
        "sent_at": LONG_AGO + timedelta(minutes=n),
        "receipt": {},
    }


def _message(n):
    said = {"received_at": LONG_AGO, "userid": f"u{n % 500}", "message": {}, "reply": {}}
    return {**said, "channel": "app", "key": f"m{n}", "state": "done"}


def _told(n):
    moments = {"since": LONG_AGO, "told_at": LONG_AGO}
    return {"issue_id": n, "userid": f"u{n % 500}", "text": "", **moments}


def _helped(n):
    said = {"person_id": n % 500 + 1, "request": "", "asked_at": LONG_AGO, "due_at": LONG_AGO}
    return {"issue_id": n, "unit_id": n % 50 + 1, **said}


def _fetched(n):
    return {"issue_id": n, "kind": "image", "channel": "app", "added_at": LONG_AGO}


@contextmanager
def statements(db):
    """What is executed meanwhile: SQL and parameters, of many rows at once the first ones."""
    ran = []

    def note(_connection, _cursor, statement, parameters, _context, many):
        ran.append((statement, parameters[0] if many else parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    yield ran
    event.remove(db.engine, "before_cursor_execute", note)


def planned(db, statement, parameters):
    """How the database would find the rows, a line a step."""
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(explain + statement, parameters).fetchall()
    return [str(row[-1]).strip() for row in rows]


def read_whole(db, ran):
    """The statements that read a growing table from end to end, with their plans."""
    looked_at = [pair for pair in ran if pair[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    plans = {sql: planned(db, sql, parameters) for sql, parameters in looked_at}
    return {sql: plan for sql, plan in plans.items() if any(map(_is_scan, plan))}


def _is_scan(line):
    """SQLite: SCAN outbox; PostgreSQL: Seq Scan on outbox. An index over a few rows may be read."""
    found = re.match(r"(?:->\s*)?(?:SCAN|Seq Scan on) (\w+)(.*)", line)
    if not found or not found[1].startswith(GROWING):
        return False
    return not any(index in found[2] for index in PARTIAL)


PARTIAL = {
    index.name
    for table in Issue.metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


def posting(n, target="u1", **more):
    values = {"key": f"n{n}", "channel": "app", "notice": Notice("话"), "not_before": NOON}
    return Posting(target=target, **{**values, **more})


def put_some(session):
    """Of every kind something that is due: told at once or gathered, guarded or not, too much."""
    newest = guards.about(1_950)
    outbox.put(session, posting("first"), NOON)
    many = [posting(n, "u2") for n in range(25)]
    gathered = [posting(100 + n, f"u{n}", gather=True, subject=newest) for n in range(6)]
    guarded = [posting(200 + n, f"u{n}", subject=newest, guard="open") for n in range(3)]
    outbox.put(session, posting("done", subject=guards.about(5), guard="open"), NOON)
    both = [posting(300 + n, gather=True, subject=newest, guard="open") for n in range(3)]
    outbox.put_all(session, [*many, *gathered, *guarded, *both], NOON)


def send_all(session):
    assert outbox.due(session, NOON)
    hold = guards.marks_are_due(session, NOON)
    limits = {"app": 3}
    parcels = outbox.claim(session, NOON, limits, guards.GUARDS, hold_gathered=hold, slot=SLOT)
    for parcel in parcels[:-2]:
        outbox.sent(session, parcel, NOON, {"msgid": "1"})
    outbox.failed(session, parcels[-2], NOON, SendError("no", permanent=True))
    outbox.texts(session, parcels[-2])
    outbox.failed(session, parcels[-1], NOON, SendError("down"))
    outbox.put(session, posting("late", "u3", gather=True), NOON)
    outbox.claim(session, NOON, limits, guards.GUARDS, slot=SLOT)
    outbox.claim(session, NOON, limits, guards.GUARDS, slot=SLOT, wake=NOON + timedelta(hours=7))


def change_what_waits(session):
    outbox.supersede(session, guards.about(7), ["u1"])
    outbox.forget(session, "app", "u1", guards.own)
    outbox.readdress(session, "app", "u1", "u501")
    outbox.drop_waiting(session, guards.about(7), "app", ["u1", "u2"], ":ring:")
    outbox.put_since(session, Addressee("app", "u1"), ":new:", NOON - timedelta(hours=1), 10)


def take_messages(session):
    inbox.store(session, "app", "new", received_at=NOON, userid="u1", message={})
    inbox.find(session, "app", "new")
    inbox.failed(session)


def look_up_issues(session):
    month = NOON - timedelta(days=30)
    helping = select(Assist.issue_id).where(Assist.unit_id.in_([5, 6]))
    joined = select(Endorsement.issue_id).where(Endorsement.household_id == 5)
    for asked in (
        (Issue.unit_id.in_([1, 2, 3]), STILL_OPEN, Issue.reported_at >= month),
        (Issue.household_id == 5, Issue.reported_at >= month),
        (Issue.id.in_(joined), STILL_OPEN),
        (Issue.reporter == "u1", Issue.state.in_(OPEN_STATES), Issue.reported_at >= month),
        (Issue.holder_id == 5, STILL_OPEN),
        (or_(Issue.holder_id == 5, Issue.behalf_id == 5),),
        (or_(Issue.lead_unit_id.in_([5, 6]), Issue.id.in_(helping)), STILL_OPEN),
    ):
        session.scalars(select(Issue).where(*asked).order_by(Issue.id.desc())).all()
    due = select(Issue.id).where(Issue.next_mark_at <= NOON).order_by(Issue.next_mark_at)
    session.scalars(due.limit(500)).all()
    rings = select(Issue.id).where(Issue.ring_at <= NOON).order_by(Issue.ring_at)
    session.scalars(rings.limit(500)).all()
    since = Issue.reported_at > NOON - timedelta(hours=6)
    emergencies = select(Issue).where(HAS_DANGER, STILL_OPEN, since)
    session.scalars(emergencies.order_by(Issue.reported_at)).all()
    doubt = Doubt(guards.about(5), "u1", "h5,p")
    guards.not_so(session, {doubt})
    guards.not_done(session, {doubt})
    outbox.deliveries(session, "app", ["u1"], guards.about(5), LONG_AGO)
    outbox.delivered(session, Addressee("app", "u1"), ":rate:", NOON - timedelta(days=7), NOON)
    outbox.delivery(session, "first", "u1")
    outbox.overtake(session, guards.about(7), ["u1"])
    guards.own(session, "u1", {guards.about(5)})


def count_what_is_unsettled(session):
    for asked in (
        STILL_OPEN,
        state_is(Outbox.state, "dead"),
        state_is(Outbox.state, "waiting", "sending"),
        state_is(Inbox.state, "failed", "dead"),
        InPerson.told_at.is_(None),
        Attachment.fetch_at <= NOON,
    ):
        session.scalar(select(func.count()).where(asked))


def test_nothing_that_runs_all_the_time_reads_a_growing_table(db):
    grow(db, 2_000 if db.is_sqlite else GROWN)  # SQLite plans without looking at the numbers
    with statements(db) as ran:
        for work in (
            put_some,
            send_all,
            change_what_waits,
            take_messages,
            look_up_issues,
            count_what_is_unsettled,
        ):
            db.write(work)
    assert len(ran) > 30
    assert read_whole(db, ran) == {}


def test_a_query_that_reads_a_whole_table_is_noticed(db):
    grow(db, 2_000)
    with statements(db) as ran:
        db.write(lambda s: s.scalars(select(Outbox).where(Outbox.error == "down")).all())
        db.write(lambda s: s.scalars(select(Issue).where(Issue.content == "路灯")).all())
    assert len(read_whole(db, ran)) == 2


def test_a_claim_costs_the_same_whatever_has_been_sent(lite):
    def claims():
        with statements(lite) as ran:
            lite.write(put_some)
            lite.write(send_all)
        lite.write(lambda s: s.execute(text("DELETE FROM outbox WHERE key NOT LIKE 'old%'")))
        return [sql for sql, _ in ran if "SAVEPOINT" not in sql and "outbox" in sql]

    before = claims()
    years = [_sent(n) for n in range(GROWN)]
    lite.write(lambda s: s.connection().execute(insert(Outbox), years) and None)
    assert claims() == before


def test_a_claim_costs_the_same_for_one_person_and_for_a_page_of_people(lite):
    def claim(first, people):
        rows = [posting(first + n, f"p{n}", gather=n % 2 == 0) for n in range(people)]
        lite.write(lambda s: outbox.put_all(s, rows, NOON))
        with statements(lite) as ran:
            parcels = lite.write(lambda s: outbox.claim(s, NOON, {}, {}, slot=SLOT))
        assert len(parcels) == people
        lite.write(lambda s: s.execute(text("DELETE FROM outbox")))
        return [sql.partition(" IN ")[0] for sql, _ in ran]

    assert claim(0, 2) == claim(1000, 200)


def test_the_open_states_of_the_indexes_are_those_of_the_rules(lite):
    words = set(re.findall(r"'(\w+)'", str(STILL_OPEN.compile(lite.engine))))
    assert {State(word) for word in words} == OPEN_STATES
