"""sanzhang ledger export: the 三单式台账 as a spreadsheet, masked unless asked with names.

Every export is written into the log before the file gets its name; a file is never overwritten.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from bot.configured import office
from bot.options import Bar, account, config_option, fail, open_database, out, read_config
from bot.period import find_unit, period, period_options
from issues import history
from issues.deployment import Deployment
from issues.ledger import COLUMNS, LedgerPart, rows
from issues.ledger_file import write
from storage.db import Database
from storage.tables import Export

#: What one sheet can hold, less the rows above.
MOST_ROWS = 1_048_000


@dataclass(frozen=True)
class Exporter:
    """Who exports: the name given, and the account on this machine."""

    by: str
    account: str

    def __str__(self) -> str:
        return self.by if self.by == self.account else f"{self.by}（账号 {self.account}）"


@click.group()
def ledger() -> None:
    """三单式台账。"""


@ledger.command()
@click.argument("file", metavar="OUT.xlsx", type=click.Path(dir_okay=False, path_type=Path))
@period_options
@click.option("--named", is_flag=True, help="不打码：含姓名、电话和全部内容；要写 --by，会留记录")
@click.option("--by", "by", default="", help="谁导出的（姓名），印在表头和每页上")
@config_option
def export(
    file: Path,
    unit_path: str,
    first: date | None,
    last: date | None,
    named: bool,
    by: str,
    config_path: Path | None,
) -> None:
    """导出台账（一件一行），默认打码。"""
    config = read_config(config_path)
    who = _exporter(by.strip(), named)
    _usable(file)
    database, desk = open_database(config), office(config)
    now = datetime.now(UTC)
    days = period(first, last, desk.today(now))
    with database.read() as session:
        history.one_snapshot(session)
        at = max(now, history.latest(session) or now)
        wanted = LedgerPart(find_unit(session, unit_path), days, at, named)
        count = _save(session, database, file, wanted, desk, who)
    out.print(f"已导出 {count} 件到 {file}。{_care(named)}", markup=False)


def _exporter(by: str, named: bool) -> Exporter:
    typed_by = account()
    if named and not by:
        raise click.UsageError("--named 含个人信息，要写明谁导出：--by 姓名")
    if not by and not typed_by:
        raise click.UsageError("不知道是谁在导出，请写 --by 姓名")
    return Exporter(by or typed_by, typed_by)


def _usable(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{file} 要以 .xlsx 结尾。")
    if file.exists():
        fail(f"{file} 已经有了，不覆盖。请换个名字，或先把它移走。")
    if not file.absolute().parent.is_dir():
        fail(f"没有文件夹 {file.absolute().parent}，请先建好。")


def _save(
    session: Session,
    database: Database,
    file: Path,
    wanted: LedgerPart,
    desk: Deployment,
    who: Exporter,
) -> int:
    """Write beside, log, then give the file its name: no named file without a line in the log."""
    if history.count(session, wanted.period.window(desk.clock)) > MOST_ROWS:
        fail(f"超过 {MOST_ROWS} 件，一张表放不下。请用 --from、--to 分段导出。")
    unfinished = file.with_name(f".{file.name}.part")
    try:
        unfinished.touch(mode=0o600)
        with Bar("导出") as bar:
            lines = rows(session, wanted, desk.clock, bar)
            mark = _mark(wanted, desk, who)
            count = write(unfinished, COLUMNS, lines, mark=mark, red=wanted.named)
        database.write(lambda log: log.add(_logged(wanted, file, who, count)))
        unfinished.rename(file)
    except OSError as error:
        fail(f"{file} 写不进去：{error.strerror}")
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _logged(wanted: LedgerPart, file: Path, who: Exporter, count: int) -> Export:
    return Export(
        at=wanted.at,
        by=who.by,
        account=who.account,
        unit=wanted.unit.path,
        first_day=wanted.period.first,
        last_day=wanted.period.last,
        named=wanted.named,
        file=str(file),
        issues=count,
    )


def _mark(wanted: LedgerPart, desk: Deployment, who: Exporter) -> str:
    """谁 何时 导出, and what is in it: the first row, and on top and bottom of every page."""
    at = wanted.at.astimezone(desk.clock.zone)
    days = f"{wanted.period.first or '开始'}至{wanted.period.last}报的"
    kind = "含个人信息，不得外传" if wanted.named else "已打码"
    complaint = "" if wanted.named else "；投诉本级和上级三长的不在此表"
    unit = wanted.unit.path or wanted.unit.name
    return f"{unit} 三单式台账（{days}） {who} {at:%Y-%m-%d %H:%M} 导出 {kind}{complaint}"


def _care(named: bool) -> str:
    return "表里有个人信息，用完请删，不要放网盘。" if named else ""
