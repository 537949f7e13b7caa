"""What the commands of work/ read with: this deployment's database, and the town in it.

Which commands there are is said in cli.py; a system's own is its cli.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from bot.options import open_database, read_config
from people.reading import read
from people.town import Town


@contextmanager
def reading(config_path: Path | None) -> Iterator[tuple[Session, Town]]:
    """One snapshot, in which nothing is changed."""
    with open_database(read_config(config_path)).read() as session:
        yield session, read(session)
