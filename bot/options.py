"""What the commands share: --config before or after the command, and errors fit to read.

Exit status: 0 done, 1 the thing checked is bad, 2 usage (architecture contract).
"""

import getpass
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress

from bot.commands import DEFAULT_CONFIG, chosen_config
from bot.commands import config_option as config_option
from bot.config import Config, ConfigError, load
from files.problem import Problem
from storage import schema_version
from storage.db import Database

#: emoji=False: in what residents wrote, 8:100:20 is no 💯
out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def read_config(path: Path | None) -> Config:
    """The configuration, or its mistakes on stderr and exit status 1."""
    try:
        return load(chosen_config(path))
    except ConfigError as error:
        fail("配置有误：", *error.problems)


def has_config(path: Path | None) -> bool:
    """Whether a configuration was named or lies in the working folder."""
    named = path or click.get_current_context().find_root().params.get("config_path")
    return bool(named) or Path(DEFAULT_CONFIG).exists()


def open_database(config: Config) -> Database:
    """The database with its schema ready, or a clear word and exit status 1."""
    database = Database(config.database_url())
    try:
        schema_version.ready(database)
    except schema_version.SchemaBehind as error:
        fail(str(error))
    return database


def account() -> str:
    """Who types, as the machine knows it; "" in a container without a name for its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def fail(*lines: str | Problem) -> NoReturn:
    """Say what is wrong and end with status 1."""
    for line in lines:
        err.print(str(line), markup=False)
    raise SystemExit(1)


def warn(lines: Iterable[str]) -> None:
    """Say what somebody should look at; the command goes on."""
    for line in lines:
        err.print(line, markup=False)


class Moment(click.ParamType[datetime]):
    """An ISO time; without an offset it is the deployment's local time."""

    name = "ISO-TIME"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} 不是时间，应形如 2026-11-23T09:00+08:00", param, ctx)


def aware(at: datetime | None, zone: str) -> datetime | None:
    """The moment with the deployment's zone, if it has none of its own."""
    return at.replace(tzinfo=ZoneInfo(zone)) if at and at.tzinfo is None else at


class Bar:
    """A rich progress bar in a with statement that is also the callback (done, total)."""

    def __init__(self, title: str) -> None:
        self._progress = Progress(console=err, transient=True)
        self._task = self._progress.add_task(title, total=None)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)
