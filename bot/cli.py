"""The command line: one click group, each command a few lines over what the rooms do.

The subcommands of roster, faq and issues are in cli_roster.py, cli_faq.py and cli_issues.py.
"""

import gc
import logging
import signal
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from bot import departments, web, workdays
from bot.cli_faq import faq
from bot.cli_faq_history import COMMANDS as FAQ_HISTORY
from bot.cli_issues import issues
from bot.cli_leave import leave
from bot.cli_ledger import ledger
from bot.cli_rates import rates
from bot.cli_roster import roster
from bot.cli_routing import routing
from bot.cli_texts import texts
from bot.config import ConfigError, load
from bot.demo import demo
from bot.departments import TableError
from bot.doctor import examine
from bot.options import (
    DEFAULT_CONFIG,
    Moment,
    aware,
    config_option,
    err,
    fail,
    open_database,
    out,
    read_config,
)
from bot.server import listening
from bot.service import Service, office
from faq.book import FaqError
from issues import texts_file
from issues.texts_file import TextsError
from scheduler.clockwork import JOBS
from storage import schema
from storage.db import Database


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@config_option
def main(config_path: Path | None) -> None:
    """三长：有事找邻长。居民诉求受理、答复、0211 限时办结。"""


@main.command()
@config_option
def serve(config_path: Path | None) -> None:
    """启动服务：接收企业微信回调，按时提醒。"""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # else three lines a second
    config = read_config(config_path)
    try:
        service = Service(config)
    except FaqError as error:
        fail("常见问题文件有误，没有可用的版本：", *(str(p) for p in error.problems))
    except schema.SchemaBehind as error:
        fail(str(error))
    host, _, port = config.service.listen.rpartition(":")
    server = listening(web.create(service), host, int(port))
    signal.signal(signal.SIGTERM, _terminate)
    service.start()
    # What has been read lives as long as the process. Left to the collector, all of it would be
    # walked through again and again, with every message waiting meanwhile.
    gc.collect()
    gc.freeze()
    err.print(f"{config.service.name} 在 http://{config.service.listen} 等待企业微信的回调")
    try:
        server.run()
    finally:
        server.close()
        service.stop()


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@main.command()
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


@main.group()
def db() -> None:
    """数据库。"""


@db.command()
@config_option
def upgrade(config_path: Path | None) -> None:
    """把数据库升到程序要的版本（先备份）。"""
    before, after = schema.upgrade(Database(read_config(config_path).database_url()))
    out.print(f"数据库版本：{before or '空'} → {after}")


@main.group()
def config() -> None:
    """配置文件。"""


@config.command("check")
@config_option
def config_check(config_path: Path | None) -> None:
    """检查配置文件，一次列出所有问题。"""
    root = click.get_current_context().find_root()
    path = config_path or root.params.get("config_path") or Path(DEFAULT_CONFIG)
    try:
        checked = load(path)
        routing_table = checked.routing_path()
        _ = departments.read(routing_table) if routing_table else ()
        texts_file.load(checked.texts_path())
    except ConfigError as error:
        fail(*error.problems)
    except TextsError as error:
        fail(*error.problems)
    except TableError as error:
        fail(*(str(problem) for problem in error.problems))
    out.print(f"{path}：没有问题。服务名：{checked.service.name}")
    today = office(checked).today(datetime.now(UTC))
    for line in workdays.read(checked.calendar_path()).missing(today):
        out.print(f"! {line}", markup=False)


@main.command()
@config_option
def doctor(config_path: Path | None) -> None:
    """体检：配置、数据库、花名册、常见问题、企业微信接口、时钟和磁盘。"""
    config = read_config(config_path)
    findings = examine(config, open_database(config))
    for finding in findings:
        out.print(f"{finding.sign} {finding.text}", markup=False)
    if any(finding.bad for finding in findings):
        raise SystemExit(1)


main.add_command(roster)
main.add_command(routing)
main.add_command(texts)
main.add_command(faq)
for command in FAQ_HISTORY:
    faq.add_command(command)
main.add_command(issues)
main.add_command(rates)
main.add_command(ledger)
main.add_command(leave)
main.add_command(demo)
