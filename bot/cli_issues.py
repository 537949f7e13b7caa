"""sanzhang issues list | show | verify | hand-over: what has become of what was reported."""

import click

from bot.commands import Commands, ListedGroup

ISSUES = {
    "list": "bot.cli_issue_list:list_",
    "show": "bot.cli_issue_show:show",
    "hand-over": "bot.cli_hand_over:hand_over",
    "verify": "bot.cli_issue_verify:verify",
}


@click.group(cls=ListedGroup, commands=Commands(ISSUES))
def issues() -> None:
    """诉求。"""
