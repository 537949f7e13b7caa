"""Whether the service does what it is for, as /healthz tells it: reminders beat, notices leave."""

import logging
from datetime import timedelta
from typing import Any

from bot.counters import Counters, earliest
from bot.service import Service
from storage.tables import Heartbeat

log = logging.getLogger(__name__)

#: The clockwork beats every ten seconds; silence this long means that no reminder leaves.
SILENT = timedelta(minutes=3)
#: A notice that should have left this long ago.
STUCK = timedelta(hours=1)


def health(service: Service, counters: Counters | None = None) -> dict[str, Any]:
    """What an operator looks at first; ``ok`` is false when reminders do not leave.

    ``counters`` are the process's own, so that not every look counts again.
    """
    now = service.now()
    try:
        with service.database.read() as session:
            beat = session.get(Heartbeat, "tick")
            oldest = earliest(session)
        counts = (counters or Counters(service.database)).outstanding()
    except Exception:
        log.exception("the database does not answer")
        return {"ok": False, "database": False}
    alive = beat is not None and now - beat.at < SILENT
    stuck = oldest is not None and now - oldest > STUCK
    return {
        "ok": alive and not stuck,
        "database": True,
        "ticks": alive,
        "last_tick": beat.at.isoformat() if beat else None,
        "outbox_stuck": stuck,
        "faq_entries": len(service.faq.book.entries),
        **counts,
    }
