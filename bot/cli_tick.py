"""sanzhang tick: what the running service does by itself, once and as at any moment."""

import logging
from datetime import datetime
from pathlib import Path

import click

from bot import logs
from bot.options import Moment, aware, config_option, fail, out, read_config
from bot.service import Service
from bot.trusted_clock import CLOCK
from scheduler.clockwork import JOBS
from storage import heartbeats
from storage.schema_version import NotReady

DOUBT = "本机时钟跳过，服务还没有照它办，这一次不办。看过时间是对的，先运行 sanzhang clock accept"


@click.command()
@click.option("--at", type=Moment(), help="按这一时刻处理，默认现在")
@config_option
def tick(at: datetime | None, config_path: Path | None) -> None:
    """把到这一刻该办的都办一遍：提醒、升级、发出通知。"""
    logs.set_up(level=logging.WARNING)
    config = read_config(config_path)
    try:
        service = Service(config)
    except NotReady as error:
        fail(str(error))
    other = aware(at, config.service.timezone)
    moment = other or service.now()
    try:
        if other is None and _in_doubt(service):
            fail(DOUBT)
        done = service.tick(other)
    finally:
        service.stop()
    out.print(f"时刻 {moment.isoformat()}")
    for job in JOBS:
        out.print(f"{job.chinese}：{done[job.name]}")


def _in_doubt(service: Service) -> bool:
    """Whether the running service does not believe this machine's clock: nor may we, beside it."""
    with service.database.read() as session:
        mark = heartbeats.known(session).get(CLOCK)
    return mark is not None and mark.failing
