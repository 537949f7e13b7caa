"""How every benchmark prints: one table, a line a figure, ratios first.

A figure that is a goal of the project says so beside it, so that who reads it need not look it up.
"""

import platform
from collections.abc import Iterable, Sequence
from os import cpu_count
from statistics import median
from typing import NamedTuple

from rich.cells import cell_len


class Figure(NamedTuple):
    """What was measured, the figure itself, what else belongs to it, and what is wanted."""

    what: str
    value: str
    beside: str = ""
    goal: str = ""


HEAD = Figure("", "measured", "", "goal")


def show(title: str, figures: Iterable[Figure]) -> None:
    """The table, under the title and the machine."""
    lines = [HEAD, *figures]
    widths = [max(cell_len(line[n]) for line in lines) for n in range(len(HEAD))]
    print(f"\n{title} ({machine()})\n")
    for line in lines:
        cells = (cell + " " * (w - cell_len(cell)) for cell, w in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def machine() -> str:
    """What the figures were measured on."""
    return f"{cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def at(seconds: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; 1.0: the largest."""
    return sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)]


def milliseconds(seconds: Sequence[float]) -> str:
    """p50, p99 and the longest, for people."""
    p50, p99, most = (at(seconds, share) * 1000 for share in (0.5, 0.99, 1.0))
    return f"p50 {p50:.0f}, p99 {p99:.0f}, longest {most:.0f} ms"


def middle(values: Iterable[float]) -> float:
    """The median."""
    return median(list(values))
