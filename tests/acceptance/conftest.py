"""One running service for most tests (its quiet hours far from now), and folders for the others."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from tests.acceptance.deployment import ZONE, Deployment, sanzhang
from tests.acceptance.fakeapi import FakeApi
from tests.acceptance.town import Lin, lins

Setup = Callable[..., Deployment]


@pytest.fixture(scope="session")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    """Makes deployments with the town's roster and a WeCom each; ends them."""
    made: list[Deployment] = []
    imported = tmp_path_factory.mktemp("imported") / "var"

    def build(**options: str) -> Deployment:
        deployment = Deployment(tmp_path_factory.mktemp("town"), FakeApi(), **options)
        made.append(deployment)
        if "database" in options:
            _import_roster(deployment)
            return deployment
        if not imported.exists():
            _import_roster(deployment)
            shutil.copytree(deployment.home / "var", imported)
        shutil.copytree(imported, deployment.home / "var", dirs_exist_ok=True)
        return deployment

    yield build
    for deployment in made:
        deployment.stop()
        deployment.api.down()


@pytest.fixture(scope="session")
def town(setup: Setup) -> Deployment:
    """The service that most tests share, awake at any hour."""
    return setup(quiet=awake()).start()


@pytest.fixture(scope="session")
def api(town: Deployment) -> FakeApi:
    """The WeCom of the shared service."""
    return town.api


@pytest.fixture(scope="session")
def _fresh() -> Iterator[Lin]:
    return iter([lin for pair in zip(lins(1), lins(2), strict=True) for lin in pair])


@pytest.fixture
def lin(_fresh: Iterator[Lin]) -> Lin:
    """A 邻 that no other test has used."""
    return next(_fresh)


def _import_roster(deployment: Deployment) -> None:
    config, roster = deployment.home / "config.toml", deployment.home / "roster.csv"
    done = sanzhang("roster", "import", str(roster), "--config", str(config))
    assert done.returncode == 0, done.stderr


def awake() -> str:
    """Quiet hours of one minute, hours away from now."""
    return "16:00-16:01" if datetime.now(ZONE).hour < 12 else "04:00-04:01"
