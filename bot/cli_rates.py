"""sanzhang rates: 三率 by unit, each with the n it rests on; 2 天解决同比 and 小事不出村.

Units stand in roster order and are never sorted by how good they are.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bot.configured import office
from bot.options import Bar, Moment, aware, config_option, open_database, out, read_config
from bot.period import find_unit, period, period_options
from issues import history
from issues.rate_board import Board, Days, RateLine, board
from rules.ladder import LEVEL_CHINESE, LEVELS
from rules.rates import FEW, Share, Year
from rules.words import UnitKind

#: No line of either table is cut, however narrow the window.
WIDTH = 240
NONE, TOO_FEW = "—", "样本不足"
#: 小事不出村: the short names of the levels.
SHORT = {level: text.partition("(")[0].removesuffix("长") for level, text in LEVEL_CHINESE.items()}
BESIDE = {UnitKind.DEPARTMENT: "部门", UnitKind.RESIDENT_UNIT: "驻地单位"}


@click.command()
@period_options
@click.option("--at", "moment", type=Moment(), help="算到哪一刻为止，默认现在")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@config_option
def rates(
    unit_path: str,
    first: date | None,
    last: date | None,
    moment: datetime | None,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """响应率、解决率、满意率，按单位，每个率旁边都有件数。"""
    config = read_config(config_path)
    clock = office(config).clock
    with open_database(config).read() as session, Bar("统计") as bar:
        history.one_snapshot(session)
        at = aware(moment, config.service.timezone) or _now(history.latest(session))
        days = period(first, last, at.astimezone(clock.zone).date())
        unit = find_unit(session, unit_path)
        found = board(session, unit, days, clock=clock, at=at, progress=bar)
    local = at.astimezone(clock.zone)
    if as_json:
        click.echo(json.dumps(as_dict(found, days, local), ensure_ascii=False, indent=1))
    else:
        _print(found, days, local)


def _now(latest: datetime | None) -> datetime:
    """A clock that was set back does not hide what has happened."""
    now = datetime.now(UTC)
    return max(now, latest) if latest else now


# --- JSON ---


def as_dict(found: Board, days: Days, at: datetime) -> dict[str, Any]:
    """Everything that was counted; a rate of a small sample is null."""
    return {
        "from": days.first and days.first.isoformat(),
        "to": days.last and days.last.isoformat(),
        "at": at.isoformat(),
        "total": _line_dict(found.total),
        "units": [_line_dict(line) for line in found.lines],
    }


def _line_dict(line: RateLine) -> dict[str, Any]:
    r = line.rates
    shares = {
        "response": r.response,
        "resolution": r.resolution,
        "satisfaction": r.satisfaction,
        "top_two": r.really_satisfied,
        "rating": r.rating,
        "two_days": r.quick,
        "in_village": r.in_village,
    }
    return {
        "unit": line.path,
        "name": line.name,
        "reported": r.reported,
        **{name: _share_dict(share) for name, share in shares.items()},
        "composite": r.composite(),
        "partly": r.partly,
        "unrated": r.unrated,
        "redone": r.redone,
        "declined": r.declined,
        "withdrawn": r.withdrawn,
        "two_days_confirmed_later": r.two_days_later,
        "closed": r.closed,
        "closed_at": {str(level): n for level, n in r.closed_at.items()},
        "year": _year_dict(line.year),
    }


def _share_dict(share: Share) -> dict[str, Any]:
    return {"rate": share.value, "part": share.part, "n": share.n}


def _year_dict(year: Year | None) -> dict[str, Any] | None:
    if year is None:
        return None
    return {
        "two_days_before": _share_dict(year.before.quick),
        "count_growth": year.count_growth,
        "share_growth": year.share_growth,
    }


# --- for people ---


def _print(found: Board, days: Days, at: datetime) -> None:
    since = f"{days.first} 至 {days.last}" if days.first else f"到 {days.last} 为止"
    out.print(f"{found.total.name}，{since}报的诉求，算到 {at:%Y-%m-%d %H:%M}。", markup=False)
    lines = [line for line in found.lines if line.rates.reported]
    silent = [line.name for line in found.lines if not line.rates.reported]
    _print_wide(_rates_table([*lines, found.total]))
    _print_wide(_levels_table([*lines, found.total]))
    if silent:
        out.print(f"这段时间没有诉求的单位：{'、'.join(silent)}", markup=False)
    out.print(_footnote(found.total), markup=False)


def _rates_table(lines: list[RateLine]) -> Table:
    table = _table("报单", "响应率", "解决率", "满意率", "其中前两档", "评价率", "未评", "综合")
    for line in lines:
        r = line.rates
        shares = (r.response, r.resolution, r.satisfaction, r.really_satisfied, r.rating)
        told = [_share(share) for share in shares]
        table.add_row(line.name, str(r.reported), *told, str(r.unrated), _percent(r.composite()))
    return table


def _levels_table(lines: list[RateLine]) -> Table:
    """Closed on which level, and what else there is to say of the unit."""
    others = [level for level in BESIDE if any(line.rates.closed_at.get(level) for line in lines)]
    names = [*(SHORT[level] for level in LEVELS), *(BESIDE[level] for level in others)]
    table = _table(
        "办结", *(f"在{name}" for name in names), "不出村", "2天解决到位", "重办", "不受理", "撤回"
    )
    for line in lines:
        r = line.rates
        levels = [str(r.closed_at.get(level, 0)) for level in [*LEVELS, *others]]
        side = [str(n) for n in (r.redone, r.declined, r.withdrawn)]
        table.add_row(
            line.name, str(r.closed), *levels, _share(r.in_village), _share(r.quick), *side
        )
    return table


def _print_wide(table: Table) -> None:
    wide = Console(width=WIDTH, highlight=False)
    with wide.capture() as lines:
        wide.print(table, markup=False)
    click.echo("\n".join(line.rstrip() for line in lines.get().splitlines()) + "\n")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("单位", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _share(share: Share) -> str:
    """91.7% (11/12), never a rate of a handful."""
    if share.n == 0:
        return NONE
    rate = _percent(share.value) if share.value is not None else TOO_FEW
    return f"{rate} ({share.part}/{share.n})"


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"


def _footnote(total: RateLine) -> str:
    later = total.rates.two_days_later
    lines = [
        f"2 天解决到位：居民 2 天内就说已解决的；另有 {later} 件 2 天内办结、居民后来才说已解决。",
        _year(total.year),
        f"括号里是件数（评价按人）。不足 {FEW} 的写“{TOO_FEW}”，没有的写“{NONE}”。未评不算满意。"
        "单位按花名册排列，不排名。",
    ]
    return "\n".join(line for line in lines if line)


def _year(year: Year | None) -> str:
    if year is None:
        return "写上 --from，就和去年同期比。"
    now, before = year.now.quick, year.before.quick
    return (
        f"2 天解决到位同比：件数 {before.part} → {now.part}，{_growth(year.count_growth)}；"
        f"占比 {_share(before)} → {_share(now)}，{_growth(year.share_growth)}。"
    )


def _growth(value: float | None) -> str:
    if value is None:
        return "去年太少，不比"
    return f"{'下降' if value < 0 else '增长'} {abs(value):.1%}"
