"""What Prometheus reads: counters of this process and gauges read from the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from bot.service import Service
from storage.tables import Inbox, Issue, Outbox

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

    @contextmanager
    def timing(self, channel: str) -> Iterator[None]:
        """Measure one callback, answered or refused."""
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds.labels(channel).observe(perf_counter() - start)

    def answered(self, channel: str, handler: str) -> None:
        self._answered.labels(channel, handler).inc()

    def refused(self, status: int) -> None:
        self._refused.labels(str(status)).inc()

    def text(self, service: Service) -> str:
        """The exposition format, with fresh gauges."""
        self._rows.clear()  # a state that nothing is in any more must not keep its last count
        with service.database.read() as session:
            for name, table in (("issue", Issue), ("outbox", Outbox), ("inbox", Inbox)):
                counted = select(table.state, func.count()).group_by(table.state)
                for state, count in session.execute(counted):
                    self._rows.labels(name, str(state)).set(count)
            due = select(func.count()).where(Issue.next_mark_at <= service.now())
            self._overdue.set(session.scalar(due) or 0)
        return generate_latest(self.registry).decode()
