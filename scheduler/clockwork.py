"""How often each tick runs, by APScheduler; the same table for `serve` and for `tick --at`.

No job store and no job per issue: a tick that is late or missed finds the same rows again.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from scheduler import held_notices, leaves, outgoing, posts, ticks
from scheduler.outgoing import Around, Outgoing
from scheduler.steady import Every, SteadyTime
from scheduler.ticks import Machine
from storage import heartbeats
from storage.heartbeats import Beat

log = logging.getLogger(__name__)

Tick = Callable[[Machine, datetime], int]

#: The mark of the heartbeat; a tick's own is "tick:<name>".
TICK = "tick"
#: The tick that has a thread of its own in a running service.
SENDING = "send_outbox"


@dataclass(frozen=True)
class TickJob:
    """A tick, how often it runs (seconds) and what `tick` prints about it; not ``by_clock``: the
    running service has a thread of its own for it."""

    name: str
    run: Tick
    seconds: int
    chinese: str
    by_clock: bool = True


@dataclass(frozen=True)
class Errand:
    """What the edge has to do again and again, besides the ticks, every so many seconds."""

    name: str
    run: Callable[[datetime], None]
    seconds: int


class Runs:
    """What each tick did last; written down with the heartbeat."""

    def __init__(self, started: datetime) -> None:
        names = (*(job.name for job in JOBS), SENDING)
        self._beats = {name: Beat(f"{TICK}:{name}", started) for name in names}

    def ended(self, name: str, now: datetime) -> None:
        """It came to its end; its last error is kept."""
        self._beats[name] = self._beats[name]._replace(at=now)

    def failed(self, name: str, now: datetime, error: Exception) -> None:
        """It raised, and will run again."""
        said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        self._beats[name] = self._beats[name]._replace(error=said, failed_at=now)

    def beats(self) -> list[Beat]:
        return list(self._beats.values())


#: In the order in which one round runs them: what is due first, what leaves because of it last.
JOBS: tuple[TickJob, ...] = (
    TickJob("sweep_failed", ticks.sweep_failed, 20, "重试失败的消息"),
    TickJob("expire_dialogues", ticks.expire_dialogues, 15, "过时未答的提问转诉求"),
    TickJob("change_leaves", leaves.change_leaves, 60, "请假和销假"),
    TickJob("hand_over_ended", posts.hand_over_ended, 60, "职务到期的交接"),
    TickJob("ring_due", ticks.ring_due, 10, "急事没人应再通知"),
    TickJob("remind_due", ticks.remind_due, 60, "到期提醒和升级"),
    TickJob("nudge_due", ticks.nudge_due, 60, "临期提醒和催评"),
    TickJob("tell_held", held_notices.tell_held, 300, "没送到的告诉管理员"),
    TickJob("fetch_media", ticks.fetch_media, 3, "取回照片和语音"),
    TickJob("flush_hits", ticks.flush_hits, 1, "记录常见问题"),
    TickJob("set_outbox_right", outgoing.set_right, 300, "时钟拨回以后放出通知"),
    TickJob("send_outbox", outgoing.send_outbox, 1, "发出通知", by_clock=False),
)
#: A stop of any length is caught up in this many rounds at most, then the next tick goes on.
ROUNDS = 200
#: Seconds for which a run by hand waits for its turn to write, beside a busy service.
PATIENT = 60.0


def once(machine: Machine, now: datetime, *, travels: bool = False) -> dict[str, int]:
    """Run every due tick as at ``now`` until nothing more is due; what each of them did.

    ``travels``: as at another moment than the present, which is no sign of life.
    """
    machine = replace(machine, patience=PATIENT)  # no next run would find what is left
    done = dict.fromkeys((job.name for job in JOBS), 0)
    if ticks.anything_due(machine, now, held_notices.due(machine.office.pace, now)):
        done = {job.name: _until_done(job, machine, now) for job in JOBS}
    if not travels:
        ticks.beat(machine.database, TICK, now)
    return done


def start(
    machine: Machine,
    now: Callable[[], datetime],
    leaving: Outgoing,
    slowest: float = 60,
    *,
    errands: Iterable[Errand] = (),
    around: Around = nullcontext,
) -> BackgroundScheduler:
    """Start all ticks in the background, none rarer than every ``slowest`` seconds (the demo, whose
    clock is moved by hand, cannot wait a minute)."""
    scheduler = BackgroundScheduler(
        timezone=SteadyTime(),
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    runs = Runs(now())
    by_clock = [job for job in JOBS if job.by_clock]
    jobs = [
        (j.name, min(j.seconds, slowest), partial(_run, j, machine, now, runs)) for j in by_clock
    ]
    jobs += [(one.name, one.seconds, partial(_run_errand, one, now)) for one in errands]
    jobs.append(("beat", 10, partial(_beat, machine, now, runs)))
    jobs.append(("town", 2, partial(_look_at_town, machine)))
    for name, seconds, act in jobs:
        scheduler.add_job(partial(_inside, around, name, act), Every(seconds), id=name, name=name)
    scheduler.start()
    leaving.start(partial(_looked, SENDING, now, runs))
    return scheduler


def _until_done(job: TickJob, machine: Machine, now: datetime) -> int:
    total = 0
    for _ in range(ROUNDS):
        done = job.run(machine, now)
        total += done
        if not done:
            break
    return total


def _looked(name: str, now: Callable[[], datetime], runs: Runs, error: Exception | None) -> None:
    """What has a thread of its own is on record as the ticks are."""
    if error is None:
        runs.ended(name, now())
    else:
        runs.failed(name, now(), error)


def _inside(around: Around, name: str, act: Callable[[], None]) -> None:
    with around(name):
        act()


def _run(job: TickJob, machine: Machine, now: Callable[[], datetime], runs: Runs) -> None:
    """One run; an error is logged and the next run finds the same rows."""
    try:
        job.run(machine, now())
        runs.ended(job.name, now())
    except Exception as error:
        runs.failed(job.name, now(), error)
        log.exception("tick %s failed", job.name)


def _run_errand(errand: Errand, now: Callable[[], datetime]) -> None:
    try:
        errand.run(now())
    except Exception:
        log.exception("errand %s failed", errand.name)


def _look_at_town(machine: Machine) -> None:
    """Who only reads an answer does not look for himself whether people have changed."""
    try:
        machine.dispatcher.transactions.town.refresh()
    except Exception:
        log.exception("the town could not be read")


def _beat(machine: Machine, now: Callable[[], datetime], runs: Runs) -> None:
    beats = [Beat(TICK, now()), *runs.beats()]
    try:
        machine.store(lambda session: heartbeats.put(session, beats))
    except Exception:
        log.exception("heartbeat failed")
