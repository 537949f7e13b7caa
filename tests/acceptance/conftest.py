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
def build(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    """Makes deployments with the town's roster and a WeCom each."""
    imported = tmp_path_factory.mktemp("imported") / "var"

    def build(**options: str) -> Deployment:
        deployment = Deployment(tmp_path_factory.mktemp("town"), FakeApi(), **options)
        if "database" in options:
            _import_roster(deployment)
            return deployment
        if not imported.exists():
            deployment.cli("db", "upgrade")
            deployment.cli("roster", "import", str(deployment.home / "roster.csv"))
            shutil.copytree(deployment.home / "var", imported)
        shutil.copytree(imported, deployment.home / "var", dirs_exist_ok=True)
        return deployment

    return build


@pytest.fixture(scope="module")
def setup(build: Setup) -> Iterator[Setup]:
    """Makes deployments that end with the module: a service that runs for nobody costs too."""
    made: list[Deployment] = []

    def build_and_end(**options: str) -> Deployment:
        made.append(build(**options))
        return made[-1]

    yield build_and_end
    for deployment in made:
        _end(deployment)


@pytest.fixture(scope="session")
def town(build: Setup) -> Iterator[Deployment]:
    """The service that most tests share, awake at any hour."""
    deployment = build(quiet=awake()).start()
    yield deployment
    _end(deployment)


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


def _end(deployment: Deployment) -> None:
    deployment.stop()
    deployment.api.down()


def _import_roster(deployment: Deployment) -> None:
    """As an admin does it, by a process of its own."""
    config, roster = deployment.home / "config.toml", deployment.home / "roster.csv"
    done = sanzhang("roster", "import", str(roster), "--config", str(config))
    assert done.returncode == 0, done.stderr


def awake() -> str:
    """Quiet hours of one minute, hours away from now."""
    return "16:00-16:01" if datetime.now(ZONE).hour < 12 else "04:00-04:01"
