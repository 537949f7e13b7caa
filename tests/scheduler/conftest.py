"""The service without its edge, on a database of each kind."""

import pytest

from tests.bot_room import Room
from tests.town import at

MONDAY = "2026-06-01 09:00"


@pytest.fixture
def room(town_db):
    return Room(town_db, at(MONDAY))


@pytest.fixture
def lite_room(town_lite):
    """For what does not depend on the kind of database."""
    return Room(town_lite, at(MONDAY))
