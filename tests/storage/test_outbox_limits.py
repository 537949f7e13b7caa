"""How many messages a minute one target gets, also after `tick --at` has been in the future."""

from datetime import UTC, datetime, timedelta

from storage import outbox
from storage.notice import Notice
from storage.outbox import Posting

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
LIMITS = {"app": 20}


def put(session, name: str, at: datetime = NOW) -> bool:
    return outbox.put(session, Posting(name, "app", "lin", Notice(text=name), at), at)


def send(session, now: datetime) -> int:
    parcels = outbox.claim(session, now, LIMITS, {})
    for parcel in parcels:
        outbox.sent(session, parcel, now, {})
    return len(parcels)


def test_the_rest_waits_when_a_target_is_at_its_limit(lite):
    lite.write(lambda s: [put(s, f"n{n}") for n in range(25)])
    assert lite.write(lambda s: send(s, NOW)) == 20
    assert lite.write(lambda s: send(s, NOW + timedelta(minutes=2))) == 5


def test_what_was_sent_as_at_a_later_time_does_not_use_up_the_present(lite):
    lite.write(lambda s: [put(s, f"n{n}") for n in range(20)])
    lite.write(lambda s: send(s, NOW + timedelta(days=365)))
    lite.write(lambda s: put(s, "today"))
    assert lite.write(lambda s: send(s, NOW)) == 1
