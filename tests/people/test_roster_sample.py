"""The samples: the committed files are what the code makes, and they can be imported."""

import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from people.roster import read_roster
from people.roster_plan import compare
from people.roster_state import RosterState
from people.sample import NOTE, chinese_number, write_demo, write_shaoshan
from rules.words import Role

SAMPLES = Path(__file__).parents[2] / "samples"
DEMO = SAMPLES / "demo-roster.csv"
SHAOSHAN = SAMPLES / "shaoshan-size.csv.gz"


@pytest.fixture(scope="module")
def rows():
    """The rows of a file, read once: the big one takes seconds."""
    return cache(read_roster)


@pytest.fixture
def shaoshan(rows):
    return rows(SHAOSHAN)


def test_the_committed_demo_is_what_the_code_makes(tmp_path):
    write_demo(tmp_path / "demo.csv")
    assert (tmp_path / "demo.csv").read_bytes() == DEMO.read_bytes()


def test_the_committed_big_sample_is_what_the_code_makes(tmp_path, shaoshan):
    write_shaoshan(tmp_path / "big.csv")
    made = read_roster(tmp_path / "big.csv")
    assert [r.model_dump(exclude={"file"}) for r in made] == [
        r.model_dump(exclude={"file"}) for r in shaoshan
    ]


def test_the_big_sample_has_the_size_of_shaoshan(shaoshan):
    roles = Counter(row.role for row in shaoshan)
    seats = [roles[role] for role in (Role.PIANZHANG, Role.ZUZHANG, Role.LINZHANG)]
    homes = {(row.unit, row.household) for row in shaoshan if row.role is Role.RESIDENT}
    assert (seats, len(homes)) == ([230, 1040, 2663], 38_000)


@pytest.mark.parametrize("path", [DEMO, SHAOSHAN])
def test_a_sample_has_no_gaps(rows, path):
    assert compare(rows(path), RosterState(), date(2026, 11, 21)).warnings == ()


@pytest.mark.parametrize(
    ("userid", "unit", "chain"),
    [
        ("mao_mou", "清溪镇/韶山村/一片/长冲组/一邻", "linzhang_zhang zuzhang_peng pianzhang_tan"),
        ("liu_mou", "清溪镇/韶山村/一片/长冲组/二邻", "linzhang_chen zuzhang_peng pianzhang_tan"),
        ("hu_mou", "银田镇/平里村/一片/平里组/二邻", "linzhang_li zuzhang_zhou pianzhang_wang"),
    ],
)
def test_the_residents_of_the_story_live_where_it_says(userid, unit, chain):
    rows = read_roster(DEMO)
    holders = {(row.role, row.unit): row.userid for row in rows}
    assert [row.unit for row in rows if row.userid == userid] == [unit]
    zu, pian = unit.rpartition("/")[0], unit.rsplit("/", 2)[0]
    seats = [(Role.LINZHANG, unit), (Role.ZUZHANG, zu), (Role.PIANZHANG, pian)]
    assert " ".join(holders[seat] for seat in seats) == chain


def test_every_line_of_the_demo_is_marked_as_invented():
    lines = DEMO.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert all(line.endswith(f",{NOTE}") and "某," in line for line in lines)


@pytest.mark.parametrize("path", [DEMO, SHAOSHAN])
def test_no_phone_in_a_sample_can_be_called(rows, path):
    assert all(re.fullmatch(r"(0000-\d{7})?", row.phone) for row in rows(path))


@pytest.mark.parametrize(("number", "chinese"), [(1, "一"), (10, "十"), (12, "十二"), (30, "三十")])
def test_units_are_numbered_in_chinese(number, chinese):
    assert chinese_number(number) == chinese
