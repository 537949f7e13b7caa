"""Commands that are imported when they are typed: each costs only what it needs itself.

The table of them is cli.py; what they share that is costly is options.py.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_CONFIG = "config.toml"


def config_option(command: Command) -> Command:
    """--config of one command; the group's own is the default."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(dir_okay=False, path_type=Path),
        help="配置文件，默认 config.toml",
    )(command)


def chosen_config(path: Path | None) -> Path:
    """The configuration file of this call: the command's, else the group's, else the default."""
    named = path or click.get_current_context().find_root().params.get("config_path")
    return named or Path(DEFAULT_CONFIG)


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, made from ``module:attribute`` when they are asked for.

    click's own way to spare the import of what is not typed is a group like this one.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places: dict[str, str | click.Command] = dict(places)

    def __getitem__(self, name: str) -> click.Command:
        found = self._places[name]
        if isinstance(found, str):
            self._places[name] = found = resolve_name(found)
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
