"""Who has looked at people by a command: a line in the same record as the exports of the ledger.

Noted where such a command opens the database. What cannot be noted (a full disk, a busy database)
is said, and shown all the same: whoever looks then has a reason.
"""

import getpass
import os
from datetime import UTC, datetime

import click

from storage.db import Database
from storage.tables import Export

#: The commands that show names, accounts or words of people; `ledger export` has a line of its own.
SHOW_PEOPLE = frozenset(
    {
        "issues list",
        "issues show",
        "leave list",
        "roster vacancies",
        "visits list",
    }
)
LONGEST = 200


def account() -> str:
    """Who is at the machine: with sudo, the one who has called it; "" where nobody has a name."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return ""


def note_read(database: Database) -> None:
    """Put the present command on the record, if it shows people."""
    context = click.get_current_context(silent=True)
    if context is None or _words(context) not in SHOW_PEOPLE:
        return
    asked = {k: v for k, v in context.params.items() if v and not k.startswith("config")}
    command = " ".join([_words(context), *(f"{name}={value}" for name, value in asked.items())])
    line = Export(
        at=datetime.now(UTC),
        by=account(),
        account=account(),
        unit="",
        named=True,
        file="",
        issues=0,
        command=command[:LONGEST],
    )
    try:
        database.write(lambda session: session.add(line))
    except Exception as error:
        click.echo(f"这次查看没能记下来（{type(error).__name__}）。", err=True)


def _words(context: click.Context) -> str:
    """As in the table: the command's words without the program's name."""
    return context.command_path.partition(" ")[2]
