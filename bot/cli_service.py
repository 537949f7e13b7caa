"""sanzhang tick | db | config | doctor: what whoever runs the service needs besides `serve`."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import click

from bot import departments, workdays
from bot.commands import chosen_config, config_option
from bot.config import ConfigError, load
from bot.configured import office
from bot.doctor import examine
from bot.options import Moment, aware, fail, open_database, out, read_config
from bot.service import Service
from files.problem import FileError
from issues import texts_file
from scheduler.clockwork import JOBS
from storage import schema
from storage.db import Database


@click.command()
@click.option("--at", type=Moment(), help="按这一时刻处理，默认现在")
@config_option
def tick(at: datetime | None, config_path: Path | None) -> None:
    """把到这一刻该办的都办一遍：提醒、升级、发出通知。"""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    config = read_config(config_path)
    service = Service(config)
    moment = aware(at, config.service.timezone) or service.now()
    try:
        done = service.tick(moment)
    finally:
        service.stop()
    out.print(f"时刻 {moment.isoformat()}")
    for job in JOBS:
        out.print(f"{job.chinese}：{done[job.name]}")


@click.group()
def db() -> None:
    """数据库。"""


@db.command()
@config_option
def upgrade(config_path: Path | None) -> None:
    """把数据库升到程序要的版本（先备份）。"""
    before, after = schema.upgrade(Database(read_config(config_path).database_url()))
    out.print(f"数据库版本：{before or '空'} → {after}")


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
    today = office(checked).today(datetime.now(UTC))
    for line in workdays.read(checked.calendar_path()).missing(today):
        out.print(f"! {line}", markup=False)


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
