"""sanzhang serve: the port first, then everything else behind it.

What is costly is imported by its name once the port is bound: interpreter to port is a matter of
click and waitress, the rest takes seconds (docs/adr/0012-start.md).
"""

import gc
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from threading import Event, Thread
from types import FrameType
from typing import Any

import click

from bot import logs
from bot.commands import chosen_config, config_option
from bot.listening import listening, loop
from bot.starting import Door, address

log = logging.getLogger(__name__)

#: Makes the service of a configuration, or ends the command with a word (bot/serving.py).
PREPARE = "bot.serving:prepare"
#: Seconds that a stop waits for a service that is still being made.
LONGEST_START = 30


@click.command()
@config_option
def serve(config_path: Path | None) -> None:
    """启动服务：接收企业微信回调，按时提醒。"""
    logs.set_up()  # what [log] says is known when the configuration has been read (serving.py)
    path = chosen_config(config_path)
    host, port = address(path) or resolve_name("bot.serving:checked_address")(path)
    door = Door()
    try:
        server = listening(door, host, port, door.queued_seconds)
    except OSError as error:
        click.echo(f"{host}:{port} 不能用：{error.strerror or error}", err=True)
        raise SystemExit(1) from error
    signal.signal(signal.SIGTERM, _terminate)
    behind = Behind(path, door, server)
    try:
        loop(server, behind.failed)
    except (SystemExit, KeyboardInterrupt):
        log.info("stopping")
    finally:
        server.close()
        behind.stop()
    raise SystemExit(behind.status)


class Behind:
    """The service behind the port, made in a thread while the main one reads the sockets."""

    def __init__(self, path: Path, door: Door, server: Any) -> None:
        self.failed = Event()
        self.status = 0
        self._server = server
        self._close: Callable[[], None] | None = None
        self._thread = Thread(target=self._make, args=(path, door), name="start", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the service, once it is there."""
        self._thread.join(LONGEST_START)
        if self._close is not None:
            self._close()

    def _make(self, path: Path, door: Door) -> None:
        # What is read now lives as long as the process. Left to the collector, all of it would be
        # walked through again and again: an eighth of the start, and every message later.
        gc.disable()
        try:
            self._close = resolve_name(PREPARE)(path, door)
            self._server.task_dispatcher.forget_costs()
            gc.freeze()
        except SystemExit as said:
            self._fail(int(said.code or 0))
        except BaseException:
            log.exception("the service cannot start")
            self._fail(1)
        finally:
            gc.enable()

    def _fail(self, status: int) -> None:
        self.status = status
        self.failed.set()
        self._server.pull_trigger()


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
