"""How waitress serves: the settings that `serve`, the demo and the benchmark share.

Requests are buffered before a thread sees them, so slow clients hold none; the body limit is a
backstop, the small one with the empty answer is channels/request.py's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress import create_server

SERVER = {
    "threads": 16,
    "connection_limit": 500,
    "channel_timeout": 30,
    "max_request_body_size": 8 * 1024 * 1024,
    "max_request_header_size": 32 * 1024,
    "ident": None,
}


def listening(app: Flask, host: str, port: int) -> Any:
    """A waitress server on that address; port 0 takes a free one."""
    return create_server(app, host=host, port=port, **SERVER)


@contextmanager
def in_background(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Serve in a thread while the block runs; gives the port.

    The thread that reads the sockets also closes them: closed from outside, a descriptor could
    belong to somebody else by the time the loop looks at it.
    """
    server, stop = listening(app, host, port), Event()
    thread = Thread(target=_loop, args=(server, stop), name="sanzhang-http", daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        stop.set()
        server.pull_trigger()
        thread.join(timeout=10)


def _loop(server: Any, stop: Event) -> None:
    while not stop.is_set():
        server.asyncore.loop(timeout=0.5, use_poll=True, map=server._map, count=1)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    server.asyncore.close_all(server._map, ignore_all=True)
