"""The port before the service: bound at once, while the service is still being made behind it.

Callbacks wait for it as long as WeCom does and are 503 after that; /healthz says `starting`.
Needs waitress only, so that nothing has to be loaded before the port is there.
"""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from bot.commands import LISTEN
from bot.listening import ARRIVED

#: Seconds from its arrival that a callback waits for the service: a little less than WeCom does.
PATIENCE = 4.5

Application = Callable[..., Iterable[bytes]]


class Door:
    """The WSGI application of the port; the service's own as soon as there is one."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._app: Application | None = None
        self._elsewhere: Callable[[], float] = lambda: 0.0
        self._opened = Event()

    def open(self, app: Application, elsewhere: Callable[[], float]) -> None:
        """The service is there; whoever waits goes in. ``elsewhere`` as for Lanes."""
        self._app, self._elsewhere = app, elsewhere
        self._opened.set()

    def queued_seconds(self) -> float:
        """The work that waits behind the application; none before there is one."""
        return self._elsewhere()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._app is None:
            self._wait(environ)
        return (self._app or _starting)(environ, start_response)

    def _wait(self, environ: dict[str, Any]) -> None:
        """Callbacks wait, till their sender hangs up; who watches is told at once. Also when many
        wait: nothing is being done, and a 503 would only be sent again in the same second."""
        if environ["PATH_INFO"].startswith("/wecom/"):
            waited = self._clock() - environ.get(ARRIVED, self._clock())
            self._opened.wait(max(0.0, PATIENCE - waited))


def _starting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    headers, body = [("Retry-After", "1")], b""
    if environ["PATH_INFO"] == "/healthz":
        headers, body = [*headers, ("Content-Type", "application/json")], _STARTING
    start_response("503 Service Unavailable", [*headers, ("Content-Length", str(len(body)))])
    return [body]


_STARTING = b'{"ok": false, "starting": true}\n'


def address(config_path: Path) -> tuple[str, int] | None:
    """Host and port from the configuration file, None where it does not say them plainly: then
    the whole file is read and checked first (bot/config.py), which says what is wrong."""
    try:
        service = tomllib.loads(config_path.read_text("utf-8-sig")).get("service", {})
        host, colon, port = str(service.get("listen", LISTEN)).rpartition(":")
        plain = colon and host and 1 <= int(port) <= 65535
        return (host, int(port)) if plain else None
    except (OSError, ValueError, AttributeError):
        return None
