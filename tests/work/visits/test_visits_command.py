"""sanzhang visits list, as an admin types it."""

import json

import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.bot.conftest import CONFIG
from tests.town import LIN, NEXT_LIN


@pytest.fixture
def room(lite_room):
    """Two days, two neighbourhoods, one issue."""
    lite_room.say("zhang", "走访 刘家没人在家")
    lite_room.go("2026-06-02 09:00")
    lite_room.say("chen", "走访 3户 胡家药没了")
    lite_room.say("chen", "1")
    return lite_room


@pytest.fixture
def type_(room, tmp_path):
    def _type(*words, status=0):
        path = tmp_path / "config.toml"
        url = room.database.engine.url.render_as_string(False)
        path.write_text(CONFIG.format(url=url), "utf-8")
        done = CliRunner().invoke(main, ["visits", "list", *words, "--config", str(path)])
        assert done.exit_code == status, done.output
        return done.output

    return _type


def test_the_list_has_the_newest_first_with_everything_in_json(type_):
    others, hu, liu = json.loads(type_("--json"))
    assert (others["household"], others["households"]) == (None, 2)
    assert hu == {
        "day": "2026-06-02",
        "visitor": "chen",
        "unit": NEXT_LIN,
        "household": "胡家",
        "known": True,
        "households": 1,
        "nobody_home": False,
        "words": "药没了",
        "issue": "SZ-20260602-0001",
    }
    assert (liu["nobody_home"], liu["issue"]) == (True, None)


def test_a_line_a_visit(type_):
    lines = type_().splitlines()
    assert lines[0] == f"2026-06-02 chen {NEXT_LIN} 2 户"
    assert lines[1] == f"2026-06-02 chen {NEXT_LIN} 胡家 药没了 → SZ-20260602-0001"
    assert lines[2] == f"2026-06-01 zhang {LIN} 刘家（没人在家） 没人在家"


def test_one_unit_and_from_one_day_on(type_):
    assert [one["visitor"] for one in json.loads(type_("--json", "--unit", LIN))] == ["zhang"]
    since = json.loads(type_("--json", "--since", "2026-06-02"))
    assert {one["visitor"] for one in since} == {"chen"}


def test_nothing_noted_is_said_and_an_empty_array_in_json(type_):
    assert type_("--since", "2026-07-01") == "还没有记下走访。\n"
    assert json.loads(type_("--since", "2026-07-01", "--json")) == []


def test_a_unit_that_is_not_there_ends_with_status_1(type_):
    assert "没有（或不止一个）单位“九组”" in type_("--unit", "九组", status=1)
