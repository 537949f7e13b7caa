"""sanzhang config check: all that is wrong with the configuration and with the files it names."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot import config_checks, config_keys, workdays
from bot.commands import chosen_config, config_option
from bot.config import ConfigError, load_with_source
from bot.hours import clock_of
from bot.options import fail, out


@click.group()
def config() -> None:
    """配置文件。"""


@config.command("check")
@config_option
def config_check(config_path: Path | None) -> None:
    """检查配置文件，一次列出所有问题。"""
    path = chosen_config(config_path)
    try:
        checked, source, unused = load_with_source(path)
    except ConfigError as error:
        fail(*error.problems)
    found = [
        *config_keys.mistakes(checked, source),
        *config_checks.mistakes(checked, source),
        *config_checks.port(checked, source),
        *unused,
    ]
    if found:
        fail(*sorted(found, key=lambda problem: (problem.file, problem.line)))
    out.print(f"{path}：没有问题。服务名：{checked.service.name}", markup=False)
    today = datetime.now(UTC).astimezone(clock_of(checked).zone).date()
    years = workdays.read(checked.calendar_path()).missing(today)
    for line in [*years, *config_checks.notes(checked)]:
        out.print(f"! {line}", markup=False)
