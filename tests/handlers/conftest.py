"""The service without its edge, over the small town."""

import pytest

from tests.bot_room import Room
from tests.town import at

MONDAY = "2026-06-01 09:00"


@pytest.fixture
def room(town_lite):
    """On one SQLite database: most of what a handler does is the same on both."""
    return Room(town_lite, at(MONDAY))


@pytest.fixture
def room_on(town_db):
    """On a database of each kind, for what happens at the same moment."""
    return Room(town_db, at(MONDAY))
