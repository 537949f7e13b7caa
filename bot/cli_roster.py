"""sanzhang roster check | import | vacancies | sample: the people file, with a dry run first."""

import click

from bot.commands import Commands, ListedGroup

ROSTER = {
    "check": "bot.cli_roster_file:check",
    "import": "bot.cli_roster_import:import_",
    "vacancies": "bot.cli_vacancies:vacancies_",
    "sample": "bot.cli_roster_file:sample",
}


@click.group(cls=ListedGroup, commands=Commands(ROSTER))
def roster() -> None:
    """花名册：谁住哪一户、谁是哪一级的长。"""
