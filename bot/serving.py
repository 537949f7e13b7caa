"""What `serve` has behind its port: the checked configuration, the service, its web application.

Imported when the port is bound already; mistakes end the command with a word and status 1.
"""

from collections.abc import Callable
from pathlib import Path

from bot import web
from bot.options import err, fail, read_config
from bot.service import Service
from bot.starting import Door
from files.problem import FileError
from storage import schema_version


def checked_address(path: Path) -> tuple[str, int]:
    """Host and port of a configuration that is checked as a whole."""
    host, _, port = read_config(path).service.listen.rpartition(":")
    return host, int(port)


def prepare(path: Path, door: Door) -> Callable[[], None]:
    """Make the service and open the door; what ends the service. Raises SystemExit."""
    config = read_config(path)
    try:
        service = Service(config)
    except FileError as error:
        fail("常见问题文件有误，没有可用的版本：", *(str(p) for p in error.problems))
    except schema_version.NotReady as error:
        fail(str(error))
    service.start()
    door.open(web.create(service), lambda: service.database.queued_seconds)
    err.print(f"{config.service.name} 在 http://{config.service.listen} 等待企业微信的回调")
    return service.stop
