"""How soon an emergency's card leaves behind a crowd of other notices, and 10,000 of them at once.

The platform is a function that takes as long as it is told: what is measured is ours. Seconds are
wall time, the claims' cost is time of the processor.
Run: python -m benchmarks.emergency_speed [--waiting N] [--cards N] [--call SECONDS] [--small]
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Condition
from time import perf_counter, process_time, sleep

from benchmarks.county import take_roster
from benchmarks.figures import Figure, milliseconds, show
from benchmarks.service_speed import CONFIG
from bot.config import load
from bot.service import Service
from people.sample import write_demo
from rules.quiet import Slot
from scheduler.outgoing import SENDERS, Outgoing
from storage import outbox, schema
from storage.db import Database
from storage.notice import Notice
from storage.outbox import Parcel, Posting, Precedence

#: A working day's noon just after a slot, so that digests leave.
NOON = datetime(2026, 8, 24, 4, 16, tzinfo=UTC)
#: Lines of one person's digest.
LINES = 10
CHUNK = 5000


@dataclass
class CountedPlatform:
    """Takes every message after ``call`` seconds, and knows which came when."""

    call: float
    came: list[tuple[str, float]] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def post(self, parcel: Parcel) -> dict[str, str]:
        if self.call:
            sleep(self.call)
        with self.changed:
            self.came.append((parcel.batch, perf_counter()))
            self.changed.notify_all()
        return {"msgid": parcel.batch}

    def arrived(self, batch: str, seconds: float) -> float:
        """When that message came; waits for it."""
        with self.changed:
            self.changed.wait_for(lambda: batch in dict(self.came), seconds)
            return dict(self.came)[batch]


@contextmanager
def _service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "config.toml"
        path.write_text(CONFIG, "utf-8")
        config = load(path, {})
        schema.upgrade(Database(config.database_url()))
        service = Service(config, lambda: NOON)
        take_roster(service.database, write_demo)
        try:
            yield service
        finally:
            service.stop()


def _fill(service: Service, rows: int) -> None:
    """Lines of digests, all due."""
    _put(service, [_line(n) for n in range(rows)])


def _put(service: Service, postings: list[Posting]) -> None:
    for start in range(0, len(postings), CHUNK):
        some = postings[start : start + CHUNK]
        service.database.write(partial(outbox.put_all, postings=some, now=NOON))


def _line(n: int) -> Posting:
    return Posting(f"line{n}", "app", f"p{n // LINES}", Notice("一行", "一行"), NOON, gather=True)


def _card(n: int) -> Posting:
    notice = Notice(f"急事 {n}", f"急事 {n}")
    first = Precedence.URGENT
    return Posting(f"card{n}", "app", f"h{n}", notice, NOON, by_night=True, precedence=first)


def behind(waiting: int, call: float, cards: int) -> list[Figure]:
    """Emergencies, one after the other, while the crowd leaves."""
    with _service() as service:
        _fill(service, waiting)
        platform = CountedPlatform(call)
        side = Outgoing(replace(service.machine, post=platform.post), lambda: NOON)
        side.start()
        seconds = []
        for n in range(cards):
            sleep(0.3)
            begun = perf_counter()
            _put(service, [_card(n)])
            seconds.append(platform.arrived(f"card{n}", 60) - begun)
        side.stop()
    what = f"emergency behind {waiting:,} waiting lines, calls of {call * 1000:.0f} ms"
    return [Figure(what, f"{max(seconds):.2f} s at the most", milliseconds(seconds), "≤ 2 s")]


def claims(waiting: int) -> list[Figure]:
    """What one claim costs the writer, among few and among many."""
    costs = []
    for rows in (waiting // 10, waiting):
        with _service() as service:
            _fill(service, rows)
            costs.append(_claim_cost(service, 40))
    few, many = costs
    return [
        Figure(
            f"claim of {SENDERS} behind {waiting:,} lines",
            f"{many * 1000:.1f} ms CPU",
            f"{few * 1000:.1f} ms behind {waiting // 10:,}",
            "the same",
        )
    ]


def _claim_cost(service: Service, times: int) -> float:
    slot, limits = Slot(NOON, NOON.replace(hour=11)), service.machine.limits
    claim = partial(outbox.claim, now=NOON, limits=limits, guards={}, slot=slot, most=SENDERS)
    spent = 0.0
    for number in range(times):
        _put(service, [_card(number)])
        begun = process_time()
        service.database.write(claim)
        spent += process_time() - begun
    return spent / times


def crowd(cards: int, call: float) -> list[Figure]:
    """The cards of one emergency, in which order and how fast."""
    with _service() as service:
        _put(service, [_card(n) for n in range(cards)])
        platform = CountedPlatform(call)
        side = Outgoing(replace(service.machine, post=platform.post), lambda: NOON)
        begun = perf_counter()
        sent = side.run_out()
        spent = perf_counter() - begun
        side.stop()
    places = [int(batch.removeprefix("card")) for batch, _ in platform.came]
    moved = max(abs(place - n) for n, place in enumerate(places))
    once = len(set(places)) == sent == cards
    beside = f"{spent:.1f} s, {'each once' if once else 'NOT each once'}, out of order by ≤ {moved}"
    return [Figure(f"{cards:,} cards of one emergency", f"{sent / spent:.0f} a second", beside)]


def run(waiting: int, cards: int, call: float, emergencies: int = 20) -> list[Figure]:
    """All figures."""
    return [
        *behind(waiting, call, emergencies),
        *claims(waiting),
        *crowd(cards, call),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=30_000)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--call", type=float, default=0.02, help="seconds that one call takes")
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    asked = parser.parse_args()
    numbers = (200, 50, 0.0, 2) if asked.small else (asked.waiting, asked.cards, asked.call, 20)
    show("Urgent first", run(*numbers))


if __name__ == "__main__":
    main()
