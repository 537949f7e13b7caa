"""sanzhang doctor: what keeps this deployment from working, and what to do about it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot import alarm, logs
from bot.examine.checks import examine
from bot.examine.examination import Finding, Installation
from bot.options import config_option, out, read_config
from storage.db import Database


@click.command()
@click.option("--tell", "unit", default="", help="告诉管理员：这个 systemd 单元失败了")
@config_option
def doctor(unit: str, config_path: Path | None) -> None:
    """体检：配置、数据库、花名册、常见问题、企业微信接口、时钟、磁盘和备份。"""
    config = read_config(config_path)
    database = Database(config.database_url())
    place = Installation.of(config, database, datetime.now(UTC))
    findings = examine(place)
    for finding in findings:
        out.print(f"{finding.sign} {finding.text}", markup=False)
    if unit:
        logs.set_up()
        out.print(_tell(place, unit, findings), markup=False)
    if any(finding.bad for finding in findings):
        raise SystemExit(1)


def _tell(place: Installation, unit: str, findings: list[Finding]) -> str:
    """Who the admins are stands in the database: without one nobody can be told."""
    if any(finding.bad and finding.name.startswith("database.") for finding in findings):
        return "数据库用不了，不知道管理员是谁，没能告诉"
    told = alarm.tell_failed(place, unit, findings)
    return f"告诉了管理员：{'、'.join(told) or '没有人，或今天说过了'}"
