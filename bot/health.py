"""Whether the service does what it is for, as /healthz tells it: the quick checks of doctor.

The findings stand in bot/examine/; here they are looked at again after a few seconds, for however
many ask, and what is urgent among them makes the answer.
"""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from bot.counters import FRESH, Counters
from bot.examine.checks import examine
from bot.examine.examination import Finding, Installation, bad
from bot.service import Service
from scheduler.clockwork import TICK
from storage import heartbeats

log = logging.getLogger(__name__)

NO_DATABASE = bad("database.broken", "数据库没有回应：请看数据库服务、磁盘和日志", urgent=True)


class Health:
    """Of one process. ``clock`` is in monotonic seconds."""

    def __init__(
        self,
        service: Service,
        counters: Counters | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._service = service
        self._counters = counters or Counters(service.database)
        self._clock = clock
        self._looked: tuple[float, dict[str, Any]] | None = None
        self._looking = Lock()

    def state(self) -> dict[str, Any]:
        """What an operator looks at first; ``ok`` is false when something urgent is wrong. At the
        most FRESH seconds old, or as old as it takes whoever is looking at this moment."""
        looked = self._looked
        if looked and self._clock() - looked[0] < FRESH and not self._lost:
            return looked[1]
        if not self._looking.acquire(blocking=looked is None):
            return looked[1] if looked else {"ok": False}
        try:
            state = self._look()
            self._looked = (self._clock(), state)
        finally:
            self._looking.release()
        return state

    @property
    def _lost(self) -> bool:
        """Whether the database's file was taken away: seen at once, for it costs nothing."""
        file = self._service.database.file
        return file is not None and file.lost

    def _look(self) -> dict[str, Any]:
        found = quick_findings(self._service)
        urgent = [finding.name for finding in found if finding.urgent]
        state = {
            "ok": not urgent,
            "database": not _any(urgent, "database."),
            "problems": [finding.name for finding in found if finding.urgent or finding.bad],
        }
        return {**state, **self._more(urgent)} if state["database"] else state

    def _more(self, urgent: list[str]) -> dict[str, Any]:
        with self._service.database.read() as session:
            beat = heartbeats.known(session).get(TICK)
        return {
            "ticks": not _any(urgent, "ticks."),
            "last_tick": beat.at.isoformat() if beat else None,
            "outbox_stuck": _any(urgent, "outbox."),
            "faq_entries": len(self._service.faq.book.entries),
            **self._counters.outstanding(),
        }


def quick_findings(service: Service) -> list[Finding]:
    """What the quick checks find; that the database does not answer is a finding too."""
    place = Installation(service.config, service.database, service.now(), service.office)
    try:
        return examine(place, quick=True)
    except Exception:
        log.exception("the database does not answer")
        return [NO_DATABASE]


def _any(names: list[str], kind: str) -> bool:
    return any(name.startswith(kind) for name in names)
