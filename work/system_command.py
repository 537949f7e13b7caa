"""What the commands of all systems share: --config, and what they read with.

The edge puts into click's context what opens the database (bot/cli.py); no system knows how.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from people.town import Town

#: --config's path, None for the default -> a session over one snapshot, and the town in it.
Opens = Callable[[Path | None], AbstractContextManager[tuple[Session, Town]]]


def reads(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose first two arguments are a session, in which it changes nothing, and the
    town."""

    @click.option(
        "--config",
        "config_path",
        type=click.Path(dir_okay=False, path_type=Path),
        help="配置文件，默认 config.toml",
    )
    @wraps(command)
    def run(config_path: Path | None, **given: Any) -> None:
        opens: Opens = click.get_current_context().obj
        with opens(config_path) as (session, town):
            command(session, town, **given)

    return run
