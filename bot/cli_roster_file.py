"""sanzhang roster check | sample: the people file by itself, without a database."""

from pathlib import Path

import click

from bot.options import out
from bot.roster_import import read_file
from people.sample import write_demo, write_shaoshan

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command()
@FILE
def check(file: Path) -> None:
    """只检查文件，不碰数据库。"""
    rows = read_file(file)
    out.print(f"{file}：{len(rows)} 行，没有错误。", markup=False)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--demo", is_flag=True, help="小样例（演示用）；默认是韶山规模")
def sample(file: Path, demo: bool) -> None:
    """生成一份虚构的样例花名册。"""
    (write_demo if demo else write_shaoshan)(file)
    out.print(f"已生成 {file}（虚构样例）", markup=False)
