"""sanzhang faq …: what admins need around the questions and answers."""

import click

from bot.commands import Commands, ListedGroup

FAQ = {
    "check": "bot.cli_faq_file:check",
    "test": "bot.cli_faq_file:test",
    "ask": "bot.cli_faq_file:ask",
    "accept": "bot.cli_faq_file:accept",
    "gaps": "bot.cli_faq_history:gaps",
    "stats": "bot.cli_faq_history:stats_",
    "export": "bot.cli_faq_history:export",
    "import": "bot.cli_faq_history:import_",
}


@click.group(cls=ListedGroup, commands=Commands(FAQ))
def faq() -> None:
    """常见问题。"""
