"""The ladder 邻长 → 组长 → 片长 → 村 → 乡镇 → 市, with empty chairs and people on two of them."""

import pytest

from rules.ladder import HOLDER, LEVEL_CHINESE, LEVELS, Seat, above, first, rank
from rules.words import UnitKind


def seats(*people):
    """From the 邻 upwards; None is an empty chair."""
    return [Seat(level, n, who) for n, (level, who) in enumerate(zip(LEVELS, people, strict=False))]


def people(seat):
    return seat.person if seat else None


def level(seat):
    return seat.level if seat else None


def test_an_issue_starts_with_the_linzhang():
    assert level(first(seats(1, 2, 3))) is UnitKind.LIN


def test_a_vacant_post_is_skipped_at_once():
    assert level(first(seats(None, None, 3, 4))) is UnitKind.PIAN


def test_nobody_at_all_is_nobody():
    assert first(seats(None, None)) is None


def test_it_rises_one_level():
    assert people(above(seats(1, 2, 3), UnitKind.LIN)) == 2


def test_it_rises_over_an_empty_chair():
    assert people(above(seats(1, None, None, 4), UnitKind.LIN)) == 4


def test_the_same_person_on_two_chairs_is_passed_over():
    assert people(above(seats(1, 1, 3), UnitKind.LIN, excluded={1})) == 3


def test_the_reporter_never_judges_himself():
    assert people(first(seats(1, 2, 3), excluded={1})) == 2


def test_the_ladder_ends_with_the_city():
    assert above(seats(1, 2, 3, 4, 5, 6), UnitKind.CITY) is None


@pytest.mark.parametrize("kind", [UnitKind.DEPARTMENT, UnitKind.RESIDENT_UNIT])
def test_departments_stand_beside_the_ladder(kind):
    with pytest.raises(ValueError, match="not in"):
        rank(kind)


def test_every_level_has_somebody_who_answers_and_a_word():
    assert set(LEVELS) == set(HOLDER) == set(LEVEL_CHINESE)
