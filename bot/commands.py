"""Commands that are imported when they are typed: each costs only what it needs itself.

The tables of them are cli.py and, of a group of commands, its own; what they share that is costly
is options.py.
"""

import ast
import gc
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_CONFIG = "config.toml"
#: Where the service listens when the configuration does not say it.
LISTEN = "127.0.0.1:8211"


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
            self._places[name] = found = _imported(found)
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def sentence(self, name: str) -> str:
        """What its help says, read from its file where the command has not been imported yet."""
        found = self._places[name]
        return (_docstring(found) if isinstance(found, str) else found.help) or ""


class ListedGroup(click.Group):
    """A group over Commands whose help lists them all and imports none."""

    commands: Commands

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name and sentence of each, as click does it."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._short(name, limit)) for name in names])

    def _short(self, name: str, limit: int) -> str:
        return click.Command(name, help=self.commands.sentence(name)).get_short_help_str(limit)


def _imported(place: str) -> click.Command:
    """What is loaded now stays as long as the command runs: left to the collector, all of it would
    be walked through again and again, a tenth of a start."""
    gc.disable()
    try:
        command: click.Command = resolve_name(place)
        gc.freeze()
    finally:
        gc.enable()
    return command


def _docstring(place: str) -> str | None:
    """Of the function behind ``module:function``."""
    module, _, function = place.partition(":")
    found = find_spec(module)
    tree = ast.parse(Path(str(found and found.origin)).read_text("utf-8"))
    defined = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
    return next(map(ast.get_docstring, defined), None)
