"""Weeks of a county at random through the real service; what must hold is looked at from outside.

``COUNTY_SEEDS=7,8 COUNTY_ROUNDS=400 pytest tests/acceptance/test_county.py`` plays longer. A play
that fails says how to play it again, and where what it leaves lies: all that was said
(county.log), the service's own log, the database.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.county import County, Place
from tests.acceptance.county_checks import Watch
from tests.acceptance.county_people import People

SEEDS = [int(seed) for seed in os.environ.get("COUNTY_SEEDS", "1").split(",")]
ROUNDS = int(os.environ.get("COUNTY_ROUNDS", "22"))
FEW = 4
#: As much of the play as a reader of a failure wants to see at once.
LATELY = 25


@pytest.fixture
def county_of(tmp_path: Path) -> Iterator[Callable[[int], County]]:
    """A new county of that seed; its service ends with the test."""
    made: list[Place] = []

    def build(seed: int) -> County:
        people = People()
        made.append(Place(tmp_path, people))
        return County(made[0].start(), people, seed)

    yield build
    for place in made:
        place.stop()
        place.api.down()


def play(county: County, rounds: int) -> set[str]:
    """The states in which an issue has been seen."""
    watch, met, done = Watch(county), set(), 0
    try:
        for _ in range(rounds):
            county.round()
            watch.look()
            met |= {row["state"] for row in county.rows.values()}
            done += 1
        watch.look_at_all()
    except Exception as error:  # also what the client itself cannot read
        (county.place.home / "county.log").write_text("\n".join(county.log), "utf-8")
        told = [*county.log[-LATELY:], again(county, rounds, done), repr(error), str(error)]
        raise AssertionError("\n".join(told)) from error
    return met


def again(county: County, rounds: int, done: int) -> str:
    """How to play it once more, as far as it came."""
    call = f"COUNTY_SEEDS={county.seed} COUNTY_ROUNDS={rounds} pytest -m long {__file__}"
    return (
        f"after {done} rounds, at {county.now.isoformat()} of the county's clock\n"
        f"to play it again: {call}\nwhat it leaves: {county.place.home}"
    )


def test_a_few_rounds_of_a_county_keep_every_promise(county_of):
    county = county_of(1)
    assert "pending" in play(county, FEW)
    assert county.rows


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_county_at_random_keeps_every_promise(county_of, seed):
    county = county_of(seed)
    met = play(county, ROUNDS)
    assert len(county.rows) > ROUNDS // 2
    # which issues are done at the end is chance; that people got on with some of them is not
    assert met >= {"pending", "accepted"}
    assert len(met) > 2, met
