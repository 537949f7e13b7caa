"""For any sequence of actions: nothing is lost, no clock restarts, no mark fires twice, no secret
is told. The short plays shrink when they fail, the long ones go on for months.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.db import Database
from tests.county.play import ROSTER, County
from tests.town import at, settle

MONDAY = at("2026-06-01 09:00")
NUMBERS = st.integers(0, 10**30)
WEEK, MONTHS = 40, 250


@pytest.fixture(scope="module")
def county_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The county's people and no issues, in a SQLite file; plays copy it."""
    path = tmp_path_factory.mktemp("county") / "county.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    settle(database, *ROSTER)
    database.dispose()
    return path


@pytest.fixture
def stage(county_file: Path, tmp_path: Path) -> Iterator["Stage"]:
    stage = Stage(county_file, tmp_path)
    yield stage
    stage.end()


class Stage:
    """A new county for every play."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.template, self.path = template, folder / "play.db"
        self.databases: list[Database] = []

    def county(self) -> County:
        self.end()
        for leftover in self.path.parent.glob("play.db*"):
            leftover.unlink()
        self.path.write_bytes(self.template.read_bytes())
        self.databases.append(Database(f"sqlite:///{self.path}"))
        return County(self.databases[-1], MONDAY)

    def end(self) -> None:
        while self.databases:
            self.databases.pop().dispose()


@settings(max_examples=settings().max_examples // 4, suppress_health_check=list(HealthCheck))
@given(numbers=st.lists(NUMBERS, min_size=3, max_size=25))
def test_any_short_sequence_of_actions_keeps_every_promise(stage, numbers):
    county = stage.county()
    county.step(0)  # a first report
    for number in numbers:
        county.step(number)
    county.check_all()


def play(county, steps, seed):
    dice = Random(seed)
    for _ in range(steps):
        county.step(dice.randrange(10**30))
    county.check_all()


def test_a_week_of_a_county_keeps_every_promise(stage):
    play(stage.county(), WEEK, seed=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_months_of_a_county_keep_every_promise(stage, seed):
    play(stage.county(), MONTHS, seed)
