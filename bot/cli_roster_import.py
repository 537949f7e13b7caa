"""sanzhang roster import: the people file goes in; the same one again costs next to nothing."""

from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from zoneinfo import ZoneInfo

import click

from bot.options import config_option, open_database, out, read_config, warn
from people import roster_known
from people.roster_known import Known

#: What an import does that has to read the file.
READ, OPTIONS = "bot.roster_import:run", "bot.roster_import:ImportOptions"
DRY, DONE = "以上是试算，没有写入。", "导入完成。"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只看会改什么，不写入")
@click.option("--full", is_flag=True, help="文件是完整名册：文件里没有的职务到昨天为止")
@click.option("--yes", is_flag=True, help="和 --full 一起：结束的超过十分之一也写入")
@config_option
def import_(file: Path, dry_run: bool, full: bool, yes: bool, config_path: Path | None) -> None:
    """导入花名册；重复导入不会重复登记。"""
    config = read_config(config_path)
    database = open_database(config)
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(config.service.timezone)).date()
    digest = roster_known.digest_of(file, today, full=full)
    with database.read() as session:
        known = roster_known.recall(session, digest)
    end = DRY if dry_run else DONE
    if known:
        _tell_known(known, end)
    else:
        asked = resolve_name(OPTIONS)(dry_run=dry_run, full=full, yes=yes, end=end)
        resolve_name(READ)(config, database, file, digest, now, asked)


def _tell_known(known: Known, end: str) -> None:
    """The same file on the same people: what was said of it is still so."""
    warn(known.warnings)
    for line in known.summary:
        out.print(line, markup=False)
    out.print(end)
