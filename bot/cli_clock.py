"""sanzhang clock accept: a person says that this machine's clock is right after it has jumped."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.options import config_option, open_database, out, read_config
from bot.trusted_clock import ACCEPTED, CLOCK
from storage import heartbeats
from storage.heartbeats import Beat


@click.group()
def clock() -> None:
    """本机时钟。"""


@clock.command()
@config_option
def accept(config_path: Path | None) -> None:
    """本机时钟跳过以后，人看过是对的：让正在运行的服务照它办。"""
    config = read_config(config_path)
    now = datetime.now(UTC)
    marks = [Beat(ACCEPTED, now), Beat(CLOCK, now)]
    open_database(config).write(lambda session: heartbeats.put(session, marks))
    local = now.astimezone(ZoneInfo(config.service.timezone))
    out.print(f"记下了：{local:%Y-%m-%d %H:%M} 是对的。服务一分钟以内照它办。")
