"""The founding story, played through real callbacks on both databases, as `make demo` does."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from bot.demo import started
from bot.story import SCENES, Stage, StoryBroken, play
from issues import events
from storage.tables import Issue, Outbox


@pytest.fixture
def told(db_url: str, tmp_path: Path):
    """The stage after the last scene, the service still running."""
    with started(home=tmp_path / "demo", database_url=db_url) as (emulator, service):
        stage = Stage(emulator, service, Console(file=StringIO()))
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
