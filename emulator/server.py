"""The web server of the emulator: one address on loopback for the API, the page and its control.

What people do on it stands in stage.py, what the API answers in api.py.
"""

from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress.server import create_server

from emulator.api import api_blueprint
from emulator.page import page_blueprint
from emulator.stage import FakeWecom
from emulator.world import World

LOOPBACK = "127.0.0.1"
#: How long stop() may have to wait; waking the loop from outside would race with its end.
LOOP_SECONDS = 0.05
MOST_REQUEST_BYTES = 32 * 1024 * 1024


class Emulator(FakeWecom):
    """A fake WeCom; `port` 0 takes a free one. More options: see FakeWecom."""

    def __init__(
        self, world: World, port: int = 0, *, host: str = LOOPBACK, **options: Any
    ) -> None:
        if host != LOOPBACK:
            raise ValueError(f"the emulator binds to loopback only ({LOOPBACK}), not to {host!r}")
        super().__init__(world, **options)
        self._port = port
        self._server: Any = None
        self._thread: Thread | None = None
        self._stopping = Event()

    def start(self) -> "Emulator":
        self._server = create_server(
            self.flask(),
            host=LOOPBACK,
            port=self._port,
            threads=16,
            max_request_body_size=MOST_REQUEST_BYTES,
            clear_untrusted_proxy_headers=True,
        )
        self._port = self._server.effective_port
        self.corp.api_base = self.base_url
        self._stopping.clear()
        self._thread = Thread(target=self._serve, name="emulator", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def api_base(self) -> str:
        """What goes to the configuration of the service as wecom.api_base."""
        return self.base_url

    def flask(self) -> Flask:
        flask = Flask("emulator", static_folder=None)
        flask.json.ensure_ascii = False  # type: ignore[attr-defined]
        flask.register_blueprint(api_blueprint(self.corp))
        flask.register_blueprint(page_blueprint(self))
        return flask

    def _serve(self) -> None:
        server = self._server
        while not self._stopping.is_set():
            server.asyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=server._map, count=1)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        server.asyncore.close_all(server._map, ignore_all=True)
