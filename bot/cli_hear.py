"""sanzhang hear: what the bot takes a sentence for, in whatever somebody is in the middle of.

For one sentence in plain words; ``hear --json -`` is the contract of architecture.md §7.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from bot.cli_faq_file import BANDS, configured, open_book
from bot.options import config_option, err, fail, out
from faq.book import Book, Match
from files.decode import guessed
from files.problem import FileError, Problem
from handlers.hints import hints_of, taken_up
from rules.actions import ACTION_CHINESE
from speech import accusing
from speech.acts import ACT_CHINESE, Act, Understanding
from speech.read import read
from speech.situation import Situation, read_situation
from speech.understanding import Hints, hear

STDIN = "标准输入"


@dataclass(frozen=True)
class HeardLine:
    """One sentence in its situation, and what was made of it."""

    text: str
    understood: Understanding
    match: Match
    emergency: str
    accuses: list[str]
    ms: float


@click.command("hear")
@click.argument("sentence")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON；“-”从标准输入逐行读 JSON")
@click.option("--situation", default="", help="说这句话时的情形，一个 JSON，写法见 architecture.md")
@click.option("--faq", "path", type=click.Path(exists=True, path_type=Path), help="文件或文件夹")
@config_option
def hear_command(
    sentence: str, as_json: bool, situation: str, path: Path | None, config_path: Path | None
) -> None:
    """说一句，看机器人听成什么：报事、补充、催、撤回、评价、下单、提问……"""
    book = open_book(path or configured(config_path), config_path)
    if sentence == "-":
        raise SystemExit(_all_lines(book, sys.stdin.buffer))
    try:
        around = read_situation({**_object(situation or "{}", 1), "text": sentence}, "--situation")
    except FileError as error:
        fail(*error.problems)
    spoken = _understood(book, sentence, around)
    if as_json:
        click.echo(json.dumps(as_object(spoken), ensure_ascii=False))
        return
    for line in told(spoken):
        out.print(line, markup=False)


def _all_lines(book: Book, lines: Iterable[bytes]) -> int:
    """Answer every line; a wrong one is told with its number and answered with its error."""
    status = 0
    for number, line in enumerate(lines, start=1):
        said = guessed(line)
        text = line.decode("utf-8", errors="replace") if said is None else said
        if not text.strip():
            continue
        try:
            answer = as_object(_one_line(book, text, number))
        except FileError as error:
            for problem in error.problems:
                err.print(str(problem), markup=False)
            answer = {"line": number, "error": str(error)}
            status = 1
        click.echo(json.dumps(answer, ensure_ascii=False))
    return status


def _one_line(book: Book, line: str, number: int) -> HeardLine:
    data = _object(line, number)
    text = data.get("text")
    if not isinstance(text, str):
        raise FileError([Problem(STDIN, number, "text", "没有写说了什么", '写成 "text": "…"')])
    return _understood(book, text, read_situation(data, STDIN, number))


def _object(line: str, number: int) -> Mapping[str, Any]:
    remedy = "每行写一个 {…}，里面至少有 text"
    try:
        data = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        what = f"不是 JSON：{error}"
        raise FileError([Problem(STDIN, number, "", what, remedy)]) from error
    if not isinstance(data, dict):
        raise FileError([Problem(STDIN, number, "", "不是一个 JSON 对象", remedy)])
    return data


# --- hearing ---


def _understood(book: Book, text: str, situation: Situation) -> HeardLine:
    start = perf_counter()
    now = datetime.now(UTC).astimezone().date()
    said = read(text, book.names[0] if book.names else "", today=now)
    match = book.match(text, channel="群" if situation.in_group else "私", today=now)
    emergency = match.emergency.id if match.emergency else ""
    understood = hear(said, situation, hints_of(match))
    quoted = taken_up(book, situation.quote, understood.act) if not emergency else None
    if quoted:
        emergency = quoted.id
        understood = hear(said, situation, Hints(emergency=emergency))
    ladder = [(one.role, one.name) for one in situation.ladder]
    accuses = accusing.accused(f"{text}\n{situation.quote}" if situation.quote else text, ladder)
    elapsed = (perf_counter() - start) * 1000
    return HeardLine(text, understood, match, emergency, accuses, elapsed)


def as_object(spoken: HeardLine) -> dict[str, Any]:
    """One line of the contract."""
    found, match = spoken.understood, spoken.match
    asks = found.act is Act.QUESTION
    best = match.entry or (match.candidates[0].entry if match.candidates else None)
    return {
        "act": found.act,
        "matters": list(found.matters),
        "order": found.order,
        "emergency": spoken.emergency or None,
        "accuses": spoken.accuses,
        "sure": found.sure,
        "second": found.second,
        "ask": found.ask,
        "band": BANDS.get(match.band, match.band) if asks else None,
        "entry": best.id if asks and best else None,
        "ms": round(spoken.ms, 3),
    }


def told(spoken: HeardLine) -> Iterator[str]:
    """The same for people."""
    found = spoken.understood
    order = f"（{ACTION_CHINESE[found.order]}）" if found.order else ""
    second = ACT_CHINESE[found.second]
    yield f"听成：{ACT_CHINESE[found.act]}{order}，把握 {found.sure:.2f}，其次像 {second}"
    if found.matters:
        yield f"说的是：{'、'.join(found.matters)}"
    if spoken.emergency:
        yield f"紧急：{spoken.emergency}"
    if spoken.accuses:
        yield f"告的是：{'、'.join(spoken.accuses)}"
    yield "会先问一句再办" if found.ask else "不用再问"
    if found.act is Act.QUESTION:
        best = as_object(spoken)["entry"]
        yield f"常见问题：{spoken.match.band} {best or '没有相近的条目'}"
