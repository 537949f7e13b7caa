"""sanzhang faq check | test | ask: what admins need before and after they save a YAML file."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import click

from bot.config import CHECKOUT
from bot.explain import all_numbers, explain
from bot.faq_thresholds import thresholds
from bot.options import Bar, config_option, fail, has_config, out, read_config
from faq import shrunk
from faq.book import Book, Match, Thresholds
from faq.entries import Channel, load_entries
from faq.lint import check as lint
from faq.prepared import Prepared
from faq.selftest import run_tests
from files.decode import guessed
from files.problem import FileError, Problem

PATH = click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
#: How a band is called outside: a report opens an issue like everything that is not answered.
BANDS = {"report": "issue"}


@click.command()
@PATH
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def check(path: Path | None, as_json: bool, config_path: Path | None) -> None:
    """检查常见问题文件：写法、重复、过期、太长、没填的地方、没过的测试。"""
    chosen = configured(config_path)
    limits = thresholds(read_config(config_path)) if has_config(config_path) else None
    with Bar("检查") as bar:
        problems = lint(path or chosen, _today(), thresholds=limits, progress=bar)
    if as_json:
        click.echo(json.dumps([p.as_dict() for p in problems], ensure_ascii=False, indent=1))
    else:
        _print(problems)
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)


@click.command()
@config_option
def accept(config_path: Path | None) -> None:
    """问答一下少了很多，是有意删的：照现在的文件用。"""
    config = read_config(config_path)
    try:
        entries = [one.entry.id for one in load_entries(config.faq_path())]
    except FileError as error:
        fail(*error.problems, "先改好再来。")
    if not shrunk.accept(Prepared(config.cache_path()), entries):
        fail(f"{config.cache_path()} 写不进去：请用运行服务的账号执行。")
    out.print(f"好的，就用现在的 {len(entries)} 条。服务开着的，几秒后换上。")


@click.command()
@PATH
@config_option
def test(path: Path | None, config_path: Path | None) -> None:
    """跑一遍条目里写的测试（应中、不应中）。"""
    book = open_book(path or configured(config_path), config_path)
    with Bar("测试") as bar:
        failures = run_tests(book, _today(), bar)
    for failure in failures:
        out.print(str(failure), markup=False)
    if failures:
        fail(f"{len(failures)} 句没有按写的走。")
    out.print("测试都通过了。")


@click.command()
@click.argument("question")
@click.option("--faq", "path", type=click.Path(exists=True, path_type=Path), help="文件或文件夹")
@click.option("--json", "as_json", is_flag=True, help="每行输出一个 JSON")
@click.option(
    "--intent", type=click.Choice(["auto", "question"]), default="auto", help="question：不判断诉求"
)
@click.option("--unit", default="", help="问的人住在哪个单位，如 清溪镇/韶山村/一片/长冲组/一邻")
@click.option("--group", "in_group", is_flag=True, help="当作在群里问")
@click.option("--features", is_flag=True, help="把每个候选的全部数字也列出来")
@config_option
def ask(
    question: str,
    path: Path | None,
    as_json: bool,
    intent: Literal["auto", "question"],
    unit: str,
    in_group: bool,
    features: bool,
    config_path: Path | None,
) -> None:
    """问一句，看机器人会怎么答、为什么；“-”从标准输入逐行读。"""
    book = open_book(path or configured(config_path), config_path)
    scope, today = (unit,) if unit else (), _today()
    channel: Channel = "群" if in_group else "私"
    for text in _questions(question):
        start = perf_counter()
        match = book.match(text, scope, channel=channel, intent=intent, today=today, detailed=True)
        elapsed = (perf_counter() - start) * 1000
        if as_json:
            click.echo(json.dumps(decision(text, match, elapsed), ensure_ascii=False))
            continue
        for line in explain(text, match, book.thresholds, elapsed):
            out.print(line, markup=False)
        for line in all_numbers(match) if features else ():
            out.print(line, markup=False)


def decision(text: str, match: Match, elapsed: float) -> dict[str, Any]:
    """One line of the batch contract; ``ms`` is the time in the matcher."""
    best = match.candidates[0].entry.id if match.candidates else None
    return {
        "question": text,
        "band": BANDS.get(match.band, match.band),
        "entry": match.entry.id if match.entry else best,
        "confidence": round(match.confidence, 6),
        "candidates": [{"entry": c.entry.id, "score": round(c.score, 6)} for c in match.candidates],
        "ms": round(elapsed, 3),
    }


def _questions(question: str) -> Iterator[str]:
    if question != "-":
        yield question
        return
    for line in sys.stdin.buffer:
        # From whatever console or file: one answer a line, also to nonsense.
        said = guessed(line)
        yield (line.decode("utf-8", errors="replace") if said is None else said).rstrip("\r\n")


def configured(config_path: Path | None) -> Path:
    """The FAQ of the configuration, else the shipped one."""
    if has_config(config_path):
        config = read_config(config_path)
        return config.faq_path()
    return CHECKOUT / "faq"


def open_book(path: Path, config_path: Path | None) -> Book:
    """The FAQ with the thresholds of the configuration; its mistakes end the command."""
    chosen, names = Thresholds(), list[str]()
    if has_config(config_path):
        config = read_config(config_path)
        chosen = thresholds(config)
        names = [config.wecom.aibot.name] if config.wecom.aibot else []
    try:
        return Book.load(path, thresholds=chosen, names=names)
    except FileError as error:
        fail(*error.problems)


def _print(problems: list[Problem]) -> None:
    for problem in problems:
        out.print(problem.marked, markup=False)
    errors = sum(problem.severity == "error" for problem in problems)
    out.print(f"{errors} 个错误，{len(problems) - errors} 处请留意。")


def _today() -> Any:
    return datetime.now(UTC).astimezone().date()
