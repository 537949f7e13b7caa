"""sanzhang tick: what the running service does by itself, once and as at any moment."""

import logging
from datetime import datetime
from pathlib import Path

import click

from bot import logs
from bot.options import Moment, aware, config_option, fail, out, read_config
from bot.service import Service
from scheduler.clockwork import JOBS
from storage.schema_version import NotReady


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
    moment = aware(at, config.service.timezone) or service.now()
    try:
        done = service.tick(moment)
    finally:
        service.stop()
    out.print(f"时刻 {moment.isoformat()}")
    for job in JOBS:
        out.print(f"{job.chinese}：{done[job.name]}")
