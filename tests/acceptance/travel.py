"""The real service, but for its clock: a file says the time, a line on stdin asks for a tick.

Runs as a process of its own (``python -m tests.acceptance.travel CONFIG CLOCK``), the only place
of the county where the application is imported; what is due is done when the client says so.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from bot import web
from bot.config import load
from bot.listening import listening
from bot.service import Service


def main(config: Path, clock: Path) -> None:
    """Serve until stdin ends; ``tick`` on stdin is answered with ``done`` or ``failed …``."""
    service = Service(load(config, {}), clock=_reader(clock))
    host, _, port = service.config.service.listen.rpartition(":")
    server = listening(
        web.create(service), host, int(port), lambda: service.database.queued_seconds
    )
    Thread(target=server.run, daemon=True).start()
    for _ in sys.stdin:
        sys.stdout.write(f"{_tick(service)}\n")
        sys.stdout.flush()
    service.stop()


def _reader(clock: Path) -> Callable[[], datetime]:
    return lambda: datetime.fromtimestamp(float(clock.read_text()), UTC)


def _tick(service: Service) -> str:
    try:
        service.tick()
    except Exception as error:  # the client shall read it, not the process end
        return f"failed {error!r}"
    return "done"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
