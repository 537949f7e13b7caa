"""What `serve` has behind its port: the checked configuration, the service, its web application.

Imported when the port is bound already; mistakes end the command with a word and status 1.
"""

from collections.abc import Callable
from pathlib import Path

from bot import config_checks, config_keys, logs, watching, web
from bot.config import Config, ConfigError, load_with_source
from bot.options import err, fail, read_config, warn
from bot.service import Service
from bot.starting import Door
from files.problem import FileError
from storage import schema_version


def checked_address(path: Path) -> tuple[str, int]:
    """Host and port of a configuration that is checked as a whole."""
    host, _, port = read_config(path).service.listen.rpartition(":")
    return host, int(port)


def _trusted(path: Path) -> Config:
    """The configuration, if no stranger knows its keys and what is sent can be kept."""
    try:
        config, source, unused = load_with_source(path)
    except ConfigError as error:
        fail("配置有误：", *error.problems)
    unfit = [*config_keys.mistakes(config, source), *config_checks.unusable(config, source)]
    if unfit:
        fail("这样不能启动（sanzhang config check 列出全部问题）：", *unfit)
    warn(str(problem) for problem in [*config_checks.mistakes(config, source), *unused])
    return config


def prepare(path: Path, door: Door) -> Callable[[], None]:
    """Make the service and open the door; what ends the service. Raises SystemExit."""
    config = _trusted(path)
    try:
        logs.set_up(config.log.format, config.log_path())
    except OSError as error:
        fail(f"[log] file {config.log_path()} 写不进去：{error.strerror}")
    try:
        service = Service(config)
    except FileError as error:
        fail("常见问题文件有误，没有可用的版本：", *(str(p) for p in error.problems))
    except schema_version.NotReady as error:
        fail(str(error))
    service.start(errands=watching.errands(service))
    door.open(web.create(service), lambda: service.database.queued_seconds)
    err.print(f"{config.service.name} 在 http://{config.service.listen} 等待企业微信的回调")
    return service.stop
