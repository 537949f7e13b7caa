"""The founding story, played through real callbacks on both databases, as `make demo` does."""

from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from bot import demo
from bot.demo import started
from bot.demo_story import SCENES, Stage, StoryBroken, play
from emulator.server import Emulator
from issues import events
from storage.tables import Issue, Outbox

#: Seconds for what takes a moment: the machine may have other things to do.
PATIENCE = 300.0
URLS = ["sqlite_url", pytest.param("fresh_postgres", marks=pytest.mark.long)]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeCom does not cut after five seconds here: that is for the emulator's own tests."""
    with_patience = partial(Emulator, answer_seconds=PATIENCE, verify_seconds=PATIENCE)
    monkeypatch.setattr(demo, "Emulator", with_patience)


@pytest.fixture(params=URLS, ids=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path: Path):
    """The stage after the last scene, the service still running."""
    url = str(request.getfixturevalue(request.param))
    with started(home=tmp_path / "demo", database_url=url) as (emulator, service):
        stage = Stage(emulator, service, Console(file=StringIO()), PATIENCE)
        scenes = [scene.title for scene in play(stage)]
        yield stage, scenes


def test_every_scene_happens_and_every_issue_can_prove_its_events(told) -> None:
    stage, scenes = told
    with stage.service.database.read() as session:
        issues = list(session.scalars(select(Issue).order_by(Issue.id)))
        broken = [events.broken_link(session, issue) for issue in issues]
        lost = session.scalars(select(Outbox.key).where(Outbox.state == "dead")).all()
    assert scenes == [scene.title for scene in SCENES]
    assert [(i.state, i.rating) for i in issues] == [
        ("closed", "very_good"),
        ("closed", "good"),
        ("working", None),
        ("closed", "good"),
    ]
    assert (broken, lost) == ([None] * 4, [])


def test_a_step_that_does_not_happen_ends_the_story(tmp_path: Path) -> None:
    with started(home=tmp_path / "demo") as (emulator, service):
        stage = Stage(emulator, service, Console(file=StringIO()), patience=1.0)
        emulator.faults.api("message/send", errcode=-1, times=1000)
        with pytest.raises(StoryBroken, match="没有收到"):
            stage.hears("linzhang_zhang", "新诉求")


def test_two_demos_in_one_checkout_leave_each_other_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with started() as (first, one), started() as (second, other):
        assert first.base_url != second.base_url
        assert one.config.service.listen != other.config.service.listen
        first.say("mao_mou", "村口路灯坏了三天没人修")
        with one.database.read() as session, other.database.read() as elsewhere:
            assert len(list(session.scalars(select(Issue)))) == 1
            assert list(elsewhere.scalars(select(Issue))) == []
    assert list((tmp_path / "var" / "demo").iterdir()) == []
