"""What Prometheus reads: counters of this process and gauges read from the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.counters import Counters
from bot.health import Health
from bot.service import Service

#: What of a table is not done, by the name of its count.
OUTSTANDING = {
    "issue": {"open": "open_issues"},
    "outbox": {"waiting": "outbox_waiting", "dead": "outbox_dead"},
    "inbox": {"failed": "inbox_failed"},
}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """One registry per application, so that tests and several services do not share it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answered = Counter(
            "sanzhang_messages", "Messages answered", ["channel", "handler"], registry=self.registry
        )
        self._refused = Counter(
            "sanzhang_refused", "Requests refused", ["status"], registry=self.registry
        )
        self._seconds = Histogram(
            "sanzhang_answer_seconds",
            "Time to an answer",
            ["channel"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._rows = Gauge(
            "sanzhang_rows", "Rows by table and state", ["table", "state"], registry=self.registry
        )
        self._overdue = Gauge(
            "sanzhang_marks_due", "Marks that should have passed", registry=self.registry
        )
        self._healthy = Gauge("sanzhang_healthy", "1 while /healthz is 200", registry=self.registry)
        self._problems = Gauge(
            "sanzhang_problem", "1 for each thing that is wrong", ["name"], registry=self.registry
        )
        self._heartbeat = Gauge(
            "sanzhang_heartbeat_seconds",
            "When the ticks last ran, Unix time",
            registry=self.registry,
        )

    @contextmanager
    def timing(self, channel: str, arrived: float) -> Iterator[None]:
        """Measure one callback, answered or refused, since it came in (monotonic seconds)."""
        try:
            yield
        finally:
            self._seconds.labels(channel).observe(monotonic() - arrived)

    def answered(self, channel: str, handler: str) -> None:
        self._answered.labels(channel, handler).inc()

    def refused(self, status: int) -> None:
        self._refused.labels(str(status)).inc()

    def text(
        self, service: Service, counters: Counters | None = None, health: Health | None = None
    ) -> str:
        """The exposition format; ``counters`` as for Health."""
        counters = counters or Counters(service.database)
        self._tell_health((health or Health(service, counters)).state())
        waiting = counters.outstanding()
        for table, total in counters.totals().items():
            unsettled = {state: waiting[name] for state, name in OUTSTANDING[table].items()}
            for state, count in unsettled.items():
                self._rows.labels(table, state).set(count)
            self._rows.labels(table, "done").set(max(0, total - sum(unsettled.values())))
        self._overdue.set(counters.overdue(service.now()))
        return generate_latest(self.registry).decode()

    def _tell_health(self, state: dict[str, Any]) -> None:
        self._healthy.set(state["ok"])
        self._problems.clear()
        for name in state.get("problems", ()):
            self._problems.labels(name).set(1)
        if last := state.get("last_tick"):
            self._heartbeat.set(datetime.fromisoformat(last).timestamp())
