"""sanzhang issues verify: has anybody changed what happened to an issue."""

from pathlib import Path

import click

from bot.chain import unbelievable
from bot.hours import clock_of
from bot.options import Bar, config_option, fail, open_database, out, read_config
from issues import history


@click.command()
@config_option
def verify(config_path: Path | None) -> None:
    """核对每件诉求的经过有没有被改动过（哈希链），表里的和经过里的是不是一样。"""
    config = read_config(config_path)
    with open_database(config).read() as session, Bar("核对") as bar:
        history.one_snapshot(session)
        count = history.count(session)
        bad = unbelievable(session, clock_of(config), bar)
    if bad:
        fail(*bad)
    out.print(f"{count} 件诉求的经过都对得上。")
