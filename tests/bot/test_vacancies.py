"""sanzhang roster vacancies, and what doctor makes of it."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import CHECKOUT, load
from bot.examine.examination import Installation
from bot.examine.filled_roster import complete
from storage.db import Database
from tests.town import NEXT_LIN, settle, without


@pytest.fixture
def config(tmp_path, sqlite_url):
    """A deployment in which the second 邻 has no 邻长."""
    path, example = tmp_path / "config.toml", (CHECKOUT / "config.example.toml").read_text("utf-8")
    path.write_text(example.replace("sqlite:///var/sanzhang.db", sqlite_url), "utf-8")
    database = Database(sqlite_url)
    settle(database, *without("chen"))
    database.dispose()
    return path


def run(config, *options):
    result = CliRunner().invoke(main, ["roster", "vacancies", "--config", str(config), *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_they_are_listed_and_counted(config):
    assert run(config) == f"空缺：{NEXT_LIN} 邻长\n1 个职务空缺\n"


def test_other_programs_read_them_as_json(config):
    (vacancy,) = json.loads(run(config, "--json"))
    assert (vacancy["kind"], vacancy["unit"], vacancy["role"]) == ("vacant", NEXT_LIN, "linzhang")


def test_doctor_names_the_count_and_the_command(config):
    read = load(config, {})
    database = Database(read.database_url())
    told = [
        finding.text for finding in complete(Installation.of(read, database, datetime.now(UTC)))
    ]
    database.dispose()
    assert "1 个职务空缺：sanzhang roster vacancies 逐个列出" in told
