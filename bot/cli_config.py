"""sanzhang config check: all that is wrong with the configuration and with the files it names."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot import departments, workdays
from bot.commands import chosen_config, config_option
from bot.config import ConfigError, load
from bot.hours import clock_of
from bot.options import fail, out
from files.problem import FileError
from issues import texts_file


@click.group()
def config() -> None:
    """配置文件。"""


@config.command("check")
@config_option
def config_check(config_path: Path | None) -> None:
    """检查配置文件，一次列出所有问题。"""
    path = chosen_config(config_path)
    try:
        checked = load(path)
        routing_table = checked.routing_path()
        _ = departments.read(routing_table) if routing_table else ()
        texts_file.load(checked.texts_path())
    except (ConfigError, FileError) as error:
        fail(*error.problems)
    out.print(f"{path}：没有问题。服务名：{checked.service.name}")
    today = datetime.now(UTC).astimezone(clock_of(checked).zone).date()
    for line in workdays.read(checked.calendar_path()).missing(today):
        out.print(f"! {line}", markup=False)
