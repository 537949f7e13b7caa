"""The ticks run on whatever is done to the machine's clock; what was missed is caught up once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers import base
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.steady import Every, SteadyTime

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


class Driven(BaseScheduler):  # type: ignore[misc]  # apscheduler has no types
    """APScheduler itself, woken by the test."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def wakeup(self) -> None:
        """The test does it."""


class Machine:
    """A machine with a clock that can be set, and one that cannot."""

    def __init__(self, monkeypatch: Any) -> None:
        self.wall, self.elapsed, self.runs = START, 0.0, 0
        machine = self

        class Watched(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return tz.fromutc(machine.wall.replace(tzinfo=tz))

        monkeypatch.setattr(base, "datetime", Watched)

    def start(self, timezone: Any, trigger: Any) -> BaseScheduler:
        self.scheduler = Driven(
            timezone=timezone,
            executors={"default": DebugExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self.scheduler.add_job(self._run, trigger)
        self.scheduler.start()
        return self.scheduler

    def pass_seconds(self, seconds: int) -> int:
        """How often the job ran in that time, the scheduler being woken every second."""
        before = self.runs
        for _ in range(seconds):
            self.wall += timedelta(seconds=1)
            self.elapsed += 1
            self.scheduler._process_jobs()
        return self.runs - before

    def _run(self) -> None:
        self.runs += 1


@pytest.fixture
def machine(monkeypatch) -> Machine:
    return Machine(monkeypatch)


@pytest.fixture
def steady(machine):
    machine.start(SteadyTime(lambda: machine.elapsed), Every(10))
    assert machine.pass_seconds(100) == 10
    return machine


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEAR, -YEAR], ids=str)
def test_a_clock_that_is_set_changes_nothing(steady, jump):
    steady.wall += jump
    assert steady.pass_seconds(100) == 10


def test_as_it_comes_apscheduler_stands_still_for_the_hour(machine):
    """What all this is for; when it fails, the library has mended it."""
    machine.start(UTC, IntervalTrigger(seconds=10, timezone=UTC, start_date=START))
    assert machine.pass_seconds(100) > 0
    machine.wall -= HOUR
    assert machine.pass_seconds(3000) == 0


def test_a_long_pause_is_caught_up_once(steady):
    steady.elapsed += 10 * 86400
    assert steady.pass_seconds(1) == 1
    assert steady.pass_seconds(100) == 10


def test_nobody_counts_what_was_missed():
    now = START + timedelta(days=10)
    assert Every(1).get_next_fire_time(START, now) == now + timedelta(seconds=1)


def test_a_run_in_time_keeps_its_rhythm():
    late = START + timedelta(seconds=12)
    assert Every(10).get_next_fire_time(START + timedelta(seconds=10), late) == START + timedelta(
        seconds=20
    )
