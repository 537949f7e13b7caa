"""A county is never made out of nothing: what is missing, empty or pulled away is said."""

import pytest
import requests

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import eventually, sanzhang

LAMP = "渡口的电表箱坏了没人修"


@pytest.fixture(scope="module")
def place(setup):
    return setup(quiet=awake())


@pytest.fixture
def database(place):
    """Its file; back in its place afterwards."""
    path = place.home / "var" / "test.db"
    kept = path.read_bytes()
    yield path
    path.write_bytes(kept)


@pytest.mark.parametrize("command", ["serve", "tick"])
@pytest.mark.parametrize("left", [None, b""], ids=["no file", "no bytes"])
def test_what_is_missing_is_refused_with_the_command_and_not_made(place, database, command, left):
    database.unlink()
    if left is not None:
        database.write_bytes(left)
    done = sanzhang(command, "--config", str(place.config_file))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "sanzhang db upgrade" in done.stderr
    assert database.exists() == (left is not None)
    assert left is None or database.stat().st_size == 0


@pytest.mark.parametrize("command", ["serve", "tick"])
def test_a_postgresql_without_tables_is_refused_with_the_command(
    place, postgres, tmp_path, command
):
    url = postgres.bare("nothing")
    config = place.config_file.read_text("utf-8").replace("sqlite:///var/test.db", url)
    (tmp_path / "config.toml").write_text(config, "utf-8")
    (tmp_path / "faq.yaml").write_bytes((place.home / "faq.yaml").read_bytes())
    done = sanzhang(command, "--config", str(tmp_path / "config.toml"))
    assert (done.returncode, "sanzhang db upgrade" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
def test_a_file_that_is_pulled_away_is_503_and_unhealthy_until_it_is_back(place, replaced):
    place.start()
    path, aside = place.home / "var" / "test.db", place.home / "aside.db"
    path.rename(aside)
    if replaced:
        path.write_bytes(aside.read_bytes())
    place.app.sendings = 1
    assert place.app.text("res_1_1", LAMP).status == 503
    assert requests.get(f"{place.url}/healthz", timeout=60).status_code == 503
    assert path.exists() == replaced
    aside.replace(path)
    assert "编号 SZ-" in eventually(lambda: place.app.text("res_1_1", LAMP).text)
    place.stop()
