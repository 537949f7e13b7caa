"""sanzhang roster vacancies: which posts nobody holds, and which will soon be so."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.hours import clock_of
from bot.options import config_option, open_database, out, read_config
from people import vacancies
from people.reading import read


@click.command("vacancies")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def vacancies_(as_json: bool, config_path: Path | None) -> None:
    """哪里没有人：空缺的职务、请假没有代班的、两周内到期的。"""
    config = read_config(config_path)
    with open_database(config).read() as session:
        town = read(session)
    today = datetime.now(UTC).astimezone(clock_of(config).zone).date()
    found = vacancies.find(town, today)
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        out.print(str(one), markup=False)
    out.print(vacancies.counted(found) or "每个职务都有人。")
