"""Visits over the small town, in which two households are called 龙家."""

import pytest

from tests.bot_room import Room
from tests.town import LIN, NEXT_LIN, at, settle

MONDAY = "2026-06-01 09:00"
TWINS = (f"龙某,long_mou,居民,{LIN},龙家,", f"龙二,long_er,居民,{NEXT_LIN},龙家,")


@pytest.fixture
def room(town_db):
    """On a database of each kind."""
    settle(town_db, *TWINS)
    return Room(town_db, at(MONDAY))


@pytest.fixture
def lite_room(town_lite):
    """On one, for what words mean."""
    settle(town_lite, *TWINS)
    return Room(town_lite, at(MONDAY))
