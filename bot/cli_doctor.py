"""sanzhang doctor: what keeps this deployment from working, and what to do about it."""

from pathlib import Path

import click

from bot.doctor import examine
from bot.options import config_option, open_database, out, read_config


@click.command()
@config_option
def doctor(config_path: Path | None) -> None:
    """体检：配置、数据库、花名册、常见问题、企业微信接口、时钟和磁盘。"""
    config = read_config(config_path)
    findings = examine(config, open_database(config))
    for finding in findings:
        out.print(f"{finding.sign} {finding.text}", markup=False)
    if any(finding.bad for finding in findings):
        raise SystemExit(1)
