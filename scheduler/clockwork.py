"""How often each tick runs, by APScheduler; the same table for `serve` and for `tick --at`.

No job store and no job per issue: a tick that is late or missed finds the same rows again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from scheduler import held_notices, leaves, outgoing, posts, ticks
from scheduler.ticks import Machine

log = logging.getLogger(__name__)

Tick = Callable[[Machine, datetime], int]


@dataclass(frozen=True)
class TickJob:
    """A tick, how often it runs (seconds) and what `tick` prints about it; not ``by_clock``: the
    running service has a thread of its own for it."""

    name: str
    run: Tick
    seconds: int
    chinese: str
    by_clock: bool = True


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


def once(machine: Machine, now: datetime) -> dict[str, int]:
    """Run every due tick as at ``now`` until nothing more is due; what each of them did."""
    done = dict.fromkeys((job.name for job in JOBS), 0)
    if ticks.anything_due(machine, now, held_notices.due(machine.office.pace, now)):
        done = {job.name: _until_done(job, machine, now) for job in JOBS}
    ticks.beat(machine.database, "tick", now)
    return done


def start(
    machine: Machine, now: Callable[[], datetime], slowest: float = 60
) -> BackgroundScheduler:
    """Start all ticks in the background, none rarer than every ``slowest`` seconds (the demo, whose
    clock is moved by hand, cannot wait a minute)."""
    scheduler = BackgroundScheduler(
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for job in (job for job in JOBS if job.by_clock):
        seconds = min(job.seconds, slowest)
        scheduler.add_job(_run, "interval", (job, machine, now), seconds=seconds, id=job.name)
    scheduler.add_job(_beat, "interval", (machine, now), seconds=10, id="beat")
    scheduler.add_job(_look_at_town, "interval", (machine,), seconds=2, id="town")
    scheduler.start()
    return scheduler


def _until_done(job: TickJob, machine: Machine, now: datetime) -> int:
    total = 0
    for _ in range(ROUNDS):
        done = job.run(machine, now)
        total += done
        if not done:
            break
    return total


def _run(job: TickJob, machine: Machine, now: Callable[[], datetime]) -> None:
    """One run; an error is logged and the next run finds the same rows."""
    try:
        job.run(machine, now())
    except Exception:
        log.exception("tick %s failed", job.name)


def _look_at_town(machine: Machine) -> None:
    """Who only reads an answer does not look for himself whether people have changed."""
    try:
        machine.dispatcher.transactions.town.refresh()
    except Exception:
        log.exception("the town could not be read")


def _beat(machine: Machine, now: Callable[[], datetime]) -> None:
    try:
        ticks.beat(machine.database, "tick", now())
    except Exception:
        log.exception("heartbeat failed")
