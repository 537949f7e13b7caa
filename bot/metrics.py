"""What Prometheus reads: counters of this process and gauges read from the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.service import Service
from storage.tables import Inbox, Issue, Outbox, state_is

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
            for name, states in _counted(session).items():
                for state, count in states.items():
                    self._rows.labels(name, state).set(count)
            due = select(func.count()).where(Issue.next_mark_at <= service.now())
            self._overdue.set(session.scalar(due) or 0)
        return generate_latest(self.registry).decode()


def _counted(session: Session) -> dict[str, dict[str, int]]:
    """Rows by table and state. What is unsettled is counted one by one, what is settled is the rest
    of all: then no row of the big tables has to be looked at, only their smallest index."""
    issues = select(Issue.state, func.count()).group_by(Issue.state)
    undone = _by_state(session, Inbox.state, state_is(Inbox.state, "failed", "dead"))
    waiting = _by_state(session, Outbox.state, state_is(Outbox.state, "waiting", "sending"))
    dead = _by_state(session, Outbox.state, state_is(Outbox.state, "dead"))
    left = select(func.count()).where(Outbox.sent_at.is_not(None))
    told = {**waiting, **dead, "sent": session.scalar(left) or 0}
    return {
        "issue": {str(state): count for state, count in session.execute(issues)},
        "outbox": _with_rest(told, "dropped", session.scalar(select(func.count(Outbox.id)))),
        "inbox": _with_rest(undone, "done", session.scalar(select(func.count(Inbox.id)))),
    }


def _by_state(
    session: Session, state: InstrumentedAttribute[str], which: ColumnElement[bool]
) -> dict[str, int]:
    found = session.execute(select(state, func.count()).where(which).group_by(state))
    return dict(found.all())


def _with_rest(counts: dict[str, int], rest: str, total: int | None) -> dict[str, int]:
    named = {**counts, rest: (total or 0) - sum(counts.values())}
    return {state: count for state, count in named.items() if count}
