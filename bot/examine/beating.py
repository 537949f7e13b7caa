"""Whether the ticks run, each of them: a service that answers and reminds nobody looks well."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.examine.examination import Finding, Installation, bad, good, note
from bot.examine.spans import span
from scheduler.clockwork import JOBS, TICK
from storage import heartbeats
from storage.heartbeats import Beat

#: The clockwork beats every ten seconds; silence this long means that no reminder leaves.
SILENT = timedelta(minutes=3)
#: A tick that has not come to its end for this long; the rarest runs every minute.
STALLED = timedelta(minutes=10)


def alive(beat: Beat | None, now: datetime) -> bool:
    """Neither silent for long nor in the future: a clock was set back, or somebody ran
    `tick --at`, and nobody knows whether anything runs now."""
    return beat is not None and abs(now - beat.at) < SILENT


def ticks(place: Installation) -> Iterator[Finding]:
    """The heartbeat first; of those that run, each by itself."""
    with place.database.read() as session:
        beats = heartbeats.known(session)
    beat = beats.get(TICK)
    if beat is None:
        told = "服务还没有跑过：sudo systemctl start sanzhang（或 sanzhang serve）"
        yield Finding("ticks.never", "!", told, urgent=True)
    elif not alive(beat, place.now):
        yield _silent(place, beat)
    else:
        stalled = list(_stalled(place, beats))
        yield from stalled or [good("ticks", "提醒在按时跑")]


def _silent(place: Installation, beat: Beat) -> Finding:
    shown = beat.at.astimezone(place.office.clock.zone)
    if beat.at > place.now:
        told = (
            f"上一次心跳记在将来（{shown:%Y-%m-%d %H:%M}）：本机时钟被拨回去过。"
            "请先校时，再看服务在不在跑"
        )
        return bad("ticks.future", told, urgent=True)
    told = f"提醒已停：上一次是 {shown:%m-%d %H:%M}。看 systemctl status sanzhang 和日志，重启服务"
    return bad("ticks.silent", told, urgent=True)


def _stalled(place: Installation, beats: dict[str, Beat]) -> Iterator[Finding]:
    for job in JOBS:
        beat = beats.get(f"{TICK}:{job.name}")
        if beat is None:
            continue
        since = place.now - beat.at
        if since > STALLED:
            why = beat.error or "一直没有做完"
            told = f"“{job.chinese}”已经 {span(since)}没有做成：{why}。看日志，重启服务"
            yield bad(f"ticks.{job.name}", told, urgent=True)
        elif beat.failing:
            told = f"“{job.chinese}”刚才出错，会自己再做：{beat.error}"
            yield note(f"ticks.{job.name}", told)
