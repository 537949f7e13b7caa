"""sanzhang faq gaps | stats | export | import: learning from the log, and the way by XLSX."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.table import Table

from bot import faq_history
from bot.cli_faq_file import PATH, configured, open_book
from bot.options import Bar, config_option, err, fail, open_database, out, read_config
from faq.gaps import EntryStats, draft, group, stats
from faq.xlsx import export as write_xlsx
from faq.xlsx import import_ as read_xlsx
from files.problem import FileError

DAYS = click.option("--days", default=90, show_default=True, help="看最近多少天")


@click.command()
@DAYS
@click.option("--draft", "with_draft", is_flag=True, help="同时给出可以改成条目的草稿（YAML）")
@config_option
def gaps(days: int, with_draft: bool, config_path: Path | None) -> None:
    """问了没答上来的：归成一类一类，最多的在前，附后来登记的诉求。"""
    config = read_config(config_path)
    with open_database(config).read() as session:
        asked = faq_history.unanswered(session, _since(days))
    book = open_book(config.faq_path(), config_path)
    with Bar("归类") as bar:
        found = group(asked, book, bar)
    for gap in found:
        near = f"，最接近的条目 {gap.nearest}" if gap.nearest else ""
        followed = f"，诉求 {'、'.join(gap.issues[:5])}" if gap.issues else ""
        out.print(f"{gap.count} 次  {gap.sample}{near}{followed}", markup=False)
        for text in gap.texts[1:6]:
            out.print(f"      {text}", markup=False)
        if with_draft:
            out.print(draft(gap), markup=False)
    out.print(f"共 {len(found)} 类，{sum(gap.count for gap in found)} 次。")


@click.command("stats")
@DAYS
@config_option
def stats_(days: int, config_path: Path | None) -> None:
    """每条答了多少次、多少人说没解决、24 小时内又报诉求的有多少。"""
    with open_database(read_config(config_path)).read() as session:
        rows = faq_history.per_entry(session, _since(days))
    table = Table("条目", "答了", "没解决", "24 小时内有诉求", "")
    for one in stats(rows):
        table.add_row(*_row(one))
    out.print(table)


def _row(one: EntryStats) -> tuple[str, str, str, str, str]:
    small = "样本不足" if one.small else ""
    return one.entry, str(one.hits), _rate(one.unsolved_rate), _rate(one.issue_rate), small


def _rate(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.0%}"


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@PATH
@config_option
def export(file: Path, path: Path | None, config_path: Path | None) -> None:
    """导出成 XLSX，给不想碰 YAML 的人改。"""
    try:
        with Bar("导出") as bar:
            written = write_xlsx(path or configured(config_path), file, bar)
    except FileError as error:
        fail(*error.problems)
    out.print(f"{file}：{sum(written.values())} 条，{len(written)} 张表。", markup=False)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PATH
@click.option("--dry-run", is_flag=True, help="只看会改什么，不写入")
@config_option
def import_(file: Path, path: Path | None, dry_run: bool, config_path: Path | None) -> None:
    """把改好的 XLSX 写回 YAML；有一处错就什么都不写。"""
    result = read_xlsx(file, path or configured(config_path), dry_run=dry_run)
    for problem in result.problems:
        err.print(problem.marked, markup=False)
    for change in result.changes:
        out.print(str(change), markup=False)
    if not result.ok:
        fail("有错误，没有写入任何内容。")
    out.print("以上是试算，没有写入。" if dry_run else f"写入 {len(result.written)} 个文件。")


def _since(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)
