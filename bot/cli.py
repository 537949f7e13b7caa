"""The command line: one click group and the table of its commands.

Each command is a few lines over what the rooms do; it is imported when it is typed.
"""

from pathlib import Path

import click

from bot.commands import Commands, config_option

COMMANDS = {
    "serve": "bot.cli_serve:serve",
    "tick": "bot.cli_service:tick",
    "db": "bot.cli_service:db",
    "config": "bot.cli_service:config",
    "doctor": "bot.cli_service:doctor",
    "roster": "bot.cli_roster:roster",
    "routing": "bot.cli_routing:routing",
    "texts": "bot.cli_texts:texts",
    "faq": "bot.cli_faq:faq",
    "issues": "bot.cli_issues:issues",
    "rates": "bot.cli_rates:rates",
    "ledger": "bot.cli_ledger:ledger",
    "leave": "bot.cli_leave:leave",
    "demo": "bot.demo:demo",
}


@click.group(commands=Commands(COMMANDS), context_settings={"help_option_names": ["-h", "--help"]})
@config_option
def main(config_path: Path | None) -> None:
    """三长：有事找邻长。居民诉求受理、答复、0211 限时办结。"""
