"""Issues of the small town, on SQLite and on PostgreSQL."""

import pytest

from tests.town import Day, settle

MONDAY = "2026-06-01 09:00"


@pytest.fixture
def day(town_db):
    """The whole town on a Monday morning."""
    return Day(town_db, MONDAY)


@pytest.fixture
def town(db):
    """Another roster, another moment, another office: town("…", start=…, office=…)."""

    def _town(*lines, start=MONDAY, **more):
        settle(db, *lines)
        return Day(db, start, **more)

    return _town
