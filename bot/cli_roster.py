"""sanzhang roster …: the people file, with a dry run first, and what is done without a file."""

import click

from bot.commands import Commands, ListedGroup

ROSTER = {
    "check": "bot.cli_roster_file:check",
    "import": "bot.cli_roster_import:import_",
    "undo": "bot.cli_roster_undo:undo",
    "rename": "bot.cli_roster_units:rename",
    "merge": "bot.cli_roster_units:merge",
    "split": "bot.cli_roster_units:split",
    "move": "bot.cli_roster_units:move",
    "account": "bot.cli_roster_units:account",
    "vacancies": "bot.cli_vacancies:vacancies_",
    "sample": "bot.cli_roster_file:sample",
}


@click.group(cls=ListedGroup, commands=Commands(ROSTER))
def roster() -> None:
    """花名册：谁住哪一户、谁是哪一级的长。"""
