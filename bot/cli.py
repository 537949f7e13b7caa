"""The command line: one click group and the table of its commands.

Each command is a few lines over what the rooms do; it is imported when it is typed.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click

from bot.commands import Commands, ListedGroup, config_option

COMMANDS = {
    "serve": "bot.cli_serve:serve",
    "tick": "bot.cli_tick:tick",
    "db": "bot.cli_db:db",
    "backup": "bot.cli_backup:backup",
    "restore": "bot.cli_backup:restore",
    "config": "bot.cli_config:config",
    "doctor": "bot.cli_doctor:doctor",
    "clock": "bot.cli_clock:clock",
    "roster": "bot.cli_roster:roster",
    "routing": "bot.cli_routing:routing",
    "texts": "bot.cli_texts:texts",
    "faq": "bot.cli_faq:faq",
    "hear": "bot.cli_hear:hear_command",
    "outbox": "bot.cli_outbox:outbox",
    "issues": "bot.cli_issues:issues",
    "rates": "bot.cli_rates:rates",
    "ledger": "bot.cli_ledger:ledger",
    "leave": "bot.cli_leave:leave",
    "visits": "work.visits.cli:visits",
    "demo": "bot.demo:demo",
}


@click.group(
    cls=ListedGroup,
    commands=Commands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@config_option
@click.pass_context
def main(context: click.Context, config_path: Path | None) -> None:
    """三长：有事找邻长。居民诉求受理、答复、0211 限时办结。"""
    context.obj = reading


def reading(config_path: Path | None) -> AbstractContextManager[Any]:
    """What the commands of work/ read with; imported when one of them is typed."""
    opened: AbstractContextManager[Any] = resolve_name("bot.cli_systems:reading")(config_path)
    return opened
