"""sanzhang issues verify: has anybody changed what happened to an issue."""

from pathlib import Path

import click

from bot.hours import clock_of
from bot.options import Bar, config_option, fail, open_database, out, read_config
from issues import history
from issues.audit import audit


@click.command()
@config_option
def verify(config_path: Path | None) -> None:
    """核对每件诉求的经过有没有被改动过（哈希链），表里的和经过里的是不是一样。"""
    config = read_config(config_path)
    bad: list[str] = []
    count = 0
    with open_database(config).read() as session, Bar("核对") as bar:
        history.one_snapshot(session)
        total = history.count(session)
        for count, found in enumerate(audit(session, clock_of(config)), start=1):
            bad += [f"{found.number}：{problem}" for problem in found.problems]
            bar(count, total)
    if bad:
        fail(*bad)
    out.print(f"{count} 件诉求的经过都对得上。")
