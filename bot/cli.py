"""The command line: one click group and the table of its commands.

A command's module is imported when somebody asks for it: `issues list` reads a table and does not
wait for the matcher's dictionaries. What the commands do is in the modules that are named here.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from pathlib import Path

import click

from bot.options import config_option

#: What is typed -> where it is: module and name.
COMMANDS = {
    "serve": ("bot.cli_service", "serve"),
    "tick": ("bot.cli_service", "tick"),
    "db": ("bot.cli_service", "db"),
    "config": ("bot.cli_service", "config"),
    "doctor": ("bot.cli_service", "doctor"),
    "roster": ("bot.cli_roster", "roster"),
    "routing": ("bot.cli_routing", "routing"),
    "texts": ("bot.cli_texts", "texts"),
    "faq": ("bot.cli_faq_history", "faq"),
    "issues": ("bot.cli_issues", "issues"),
    "rates": ("bot.cli_rates", "rates"),
    "ledger": ("bot.cli_ledger", "ledger"),
    "leave": ("bot.cli_leave", "leave"),
    "demo": ("bot.demo", "demo"),
}


class ImportedWhenAsked(MutableMapping[str, click.Command]):
    """Commands by name, as click wants them; the module behind a name is imported at the look-up.

    KeyError for a name that is not in the table.
    """

    def __init__(self, places: dict[str, tuple[str, str]]) -> None:
        self._places = dict(places)
        self._found: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._found:
            module, attribute = self._places[name]
            self._found[name] = getattr(import_module(module), attribute)
        return self._found[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        self._found.pop(name, None)
        del self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places | self._found)

    def __len__(self) -> int:
        return len(self._places | self._found)


@click.group(
    commands=ImportedWhenAsked(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@config_option
def main(config_path: Path | None) -> None:
    """三长：有事找邻长。居民诉求受理、答复、0211 限时办结。"""
