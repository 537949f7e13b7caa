"""Emergencies: whom they ring at first, when again, and for how long."""

from datetime import timedelta

import pytest

from rules import urgent
from rules.ladder import LEVELS, rank
from rules.words import UnitKind
from tests.town import at

REPORTED = at("2026-06-01 23:40")


@pytest.mark.parametrize("holder", LEVELS)
def test_at_first_it_rings_up_to_the_pian_and_at_least_to_its_holder(holder):
    assert rank(urgent.first_level(holder)) == max(rank(UnitKind.PIAN), rank(holder))


def test_it_rings_every_ten_minutes_for_six_hours():
    rings = [REPORTED]
    while again := urgent.next_ring(REPORTED, rings[-1]):
        rings.append(again)
    assert len(rings) == 36


@pytest.mark.parametrize(("hours", "runs"), [(0, True), (5.99, True), (6, False), (48, False)])
def test_six_hours_after_the_report_it_runs_no_longer(hours, runs):
    assert urgent.runs(REPORTED, REPORTED + timedelta(hours=hours)) is runs
