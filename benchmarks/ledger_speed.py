"""Commands over a large county: seconds and peak memory of each, in a process of its own.

Rates, ledger, verification and the list of issues, over issues whose events are chained as real
ones are. Run: python -m benchmarks.ledger_speed [ISSUES]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.county import fill
from benchmarks.figures import Figure, show
from storage.db import Database

COMMANDS = {
    "issues list --json": ["issues", "list", "--json"],
    "issues list --json --state all": ["issues", "list", "--json", "--state", "all"],
    "issues list": ["issues", "list"],
    "rates": ["rates", "--from", "2026-01-01", "--to", "2026-08-23"],
    "ledger export": ["ledger", "export", "--by", "量一量", "out.xlsx"],
    "issues verify": ["issues", "verify"],
}
CONFIG = """
[service]
database_url = "sqlite:///bench.db"
[wecom]
corp_id = "wwbench"
[wecom.app]
agent_id = 1
secret = "bench"
token = "benchToken"
encoding_aes_key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
"""


class Spent(NamedTuple):
    """What one command took: seconds by the wall and of the processor, and megabytes at most."""

    wall: float
    cpu: float
    megabytes: int


#: Starts a command and says what it took. By itself it is small: what the kernel calls the peak of
#: a child begins with the size of the process that started it.
WATCH = """
import json, os, sys, time
start = time.perf_counter()
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
to_file = [(os.POSIX_SPAWN_DUP2, out, 1)]
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=to_file)
_, status, usage = os.wait4(child, 0)
spent = usage.ru_utime + usage.ru_stime
print(json.dumps([status, time.perf_counter() - start, spent, usage.ru_maxrss // 1024]))
"""


def measure(folder: Path, words: list[str]) -> Spent:
    """One command as an admin types it; its output goes to a file. SystemExit if it fails."""
    command = [sys.executable, "-m", "bot", *words, "--config", str(folder / "config.toml")]
    watched = subprocess.run(
        [sys.executable, "-S", "-c", WATCH, str(folder / "out.txt"), *command],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.PIPE,
        check=True,
    )
    status, wall, cpu, megabytes = json.loads(watched.stdout)
    if status:
        raise SystemExit(f"{' '.join(words)} failed")
    return Spent(wall, cpu, megabytes)


def run(count: int, small: bool = False, chosen: str = "") -> list[Figure]:
    """Each command (those that begin with ``chosen``) over ``count`` issues."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        database = Database(f"sqlite:///{folder}/bench.db")
        fill(database, count, small=small)
        database.dispose()
        for title, words in COMMANDS.items():
            if not title.startswith(chosen):
                continue
            there = [str(folder / w) if w.endswith(".xlsx") else w for w in words]
            wall, cpu, megabytes = measure(folder, there)
            what = f"{title}, {count:,} issues"
            figures.append(Figure(what, f"{wall:.1f} s", f"CPU {cpu:.1f} s, {megabytes} MB"))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("issues", nargs="?", type=int, default=100_000)
    parser.add_argument("--small", action="store_true", help="the demo's roster")
    parser.add_argument("--only", default="", help="commands that begin so")
    asked = parser.parse_args()
    show("commands over a county", run(asked.issues, asked.small, asked.only))


if __name__ == "__main__":
    main()
